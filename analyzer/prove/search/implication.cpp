#include "prove/search/implication.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "prove/formula/bitvector.h"
#include "prove/formula/local_check.h"
#include "prove/search/consistency.h"
#include "prove/solver/smt.h"

namespace khover::prove {
namespace {

using pack::Claim;
using pack::ExprPtr;
using pack::Form;
using pack::Rule;
using pack::Term;

constexpr size_t kRecords = 32;    // of one proof
constexpr unsigned kNumber = 128;  // bits that hold every value of a claim
constexpr const char* kLogic = "QF_UFBV";
constexpr size_t kDepth = 2;  // of records that exist since others do

bool alike(const ExprPtr& a, const ExprPtr& b) { return a && b && a->source == b->source; }

// The same records of a set.
bool same_records(const pack::SetRef& a, const pack::SetRef& b) {
  return a.set == b.set && ((!a.where && !b.where) || alike(a.where, b.where));
}

// What the rules say of some records, as one conjunction.
class Hypotheses {
 public:
  Hypotheses(const pack::Model& model, z3::context& context, std::vector<uint32_t> rules)
      : model_(model), context_(context), rules_(std::move(rules)), facts_(context.bool_val(true)) {}

  // That `rule` holds for one more record.
  z3::expr goal(const Rule& rule) {
    const size_t record = add(rule.claim.set.set, 0);
    return says(rule.claim, record);
  }
  z3::expr facts() {
    size_t told = 0, denied = 0;
    for (;;) {
      for (; told < records_.size(); ++told) {
        for (const uint32_t index : rules_) {
          const Claim& claim = model_.rules[index].claim;
          if (claim.form == Form::row && claim.set.set == records_[told].set) require(says(claim, told));
        }
      }
      // A membership that is denied is denied of every record.
      if (denied == memberships_.size()) break;
      for (; denied < memberships_.size(); ++denied) {
        const Membership one = memberships_[denied];
        for (size_t record = 0; record < records_.size(); ++record) {
          if (records_[record].set == one.term->set.set)
            require(z3::implies(matches(*one.claim, *one.term, record, one.outer), one.value));
        }
      }
    }
    return facts_;
  }

 private:
  struct Record {
    uint32_t set = pack::kNone;
    size_t depth = 0;
    std::optional<size_t> parent;
    std::map<uint32_t, z3::expr> cells;  // by column
  };
  struct Membership {
    const Claim* claim;
    const Term* term;
    size_t outer;
    z3::expr value;
  };

  void require(const z3::expr& fact) { facts_ = facts_ && fact; }

  z3::expr fresh(const Interval& range, bool boolean) {
    const z3::expr value = variable(context_, "v" + std::to_string(names_++), range, boolean);
    if (!boolean) require(lies_in(value, range));
    return value;
  }

  size_t add(uint32_t set, size_t depth) {
    records_.push_back({set, depth, std::nullopt, {}});
    return records_.size() - 1;
  }

  size_t ancestor(size_t record, uint32_t hops) {
    for (; hops > 0; --hops) {
      if (!records_[record].parent) {
        const size_t parent = add(model_.sets[records_[record].set].parent, records_[record].depth);
        records_[record].parent = parent;
      }
      record = *records_[record].parent;
    }
    return record;
  }

  z3::expr cell(size_t record, uint32_t column, const Variable& like) {
    const auto found = records_[record].cells.find(column);
    if (found != records_[record].cells.end()) return found->second;
    const z3::expr value = fresh(like.range, like.boolean);
    records_[record].cells.emplace(column, value);
    return value;
  }

  // The same string, or the same fact, is the same number wherever it is.
  z3::expr fact(const Variable& one) {
    if (one.expr->type == pack::Type::text) return resized(number_of(one.expr->text), width_of(one.range));
    const auto found = named_.find(one.name);
    if (found != named_.end()) return found->second;
    const z3::expr value = fresh(one.range, one.boolean);
    named_.emplace(one.name, value);
    return value;
  }

  z3::expr number_of(const std::string& text) {
    const auto found = named_.find("\"" + text + "\"");
    if (found != named_.end()) return found->second;
    const z3::expr value = constant(context_, ++texts_, kNumber);
    named_.emplace("\"" + text + "\"", value);
    return value;
  }

  // The same answer to the same question. What is known is what a pack serves.
  z3::expr function(const Variable& one, const std::vector<z3::expr>& arguments) {
    const bool known =
        one.expr->function == pack::Function::known || one.expr->function == pack::Function::served;
    z3::sort_vector domain(context_);
    z3::expr_vector values(context_);
    for (const z3::expr& argument : arguments) {
      values.push_back(resized(argument, kNumber));
      domain.push_back(values.back().get_sort());
    }
    const std::string name =
        fmt::format("f{} {}", static_cast<int>(one.expr->function), known ? one.expr->text : "");
    const z3::sort sort = one.boolean ? context_.bool_sort() : context_.bv_sort(kNumber);
    const z3::expr answer = context_.function(name.c_str(), domain, sort)(values);
    if (known) {
      z3::expr served = context_.bool_val(false);
      if (const auto registry = model_.served.find(one.expr->text); registry != model_.served.end()) {
        for (const pack::Served& entry : registry->second)
          served = served || values[0] == number_of(entry.name);
      }
      require(answer == served);
    }
    if (one.boolean) return answer;
    const z3::expr value = fresh(one.range, false);
    require(resized(value, kNumber) == answer);
    return value;
  }

  z3::expr matches(const Claim& claim, const Term& term, size_t record, size_t outer) {
    Check check(model_, "match");
    FormulaPtr match = term.set.where ? check.read(term.set.where, 0, term.set.set) : truth(true);
    if (!term.key.empty())
      match =
          both(match, same(check.read(term.key, 0, term.set.set), check.read(term.outer, 1, claim.set.set)));
    return say(check, match, {record, outer}, nullptr);
  }

  z3::expr term(const Claim& claim, uint32_t index, size_t record, const Variable& like) {
    const auto place = std::make_tuple(&claim, index, record);
    if (const auto found = terms_.find(place); found != terms_.end()) return found->second;
    const Term& term = claim.terms[index];
    const z3::expr value = fresh(like.range, like.boolean);
    terms_.emplace(place, value);
    if (term.is_membership) memberships_.push_back({&claim, &term, record, value});
    if ((term.is_membership || term.function == "count") && records_[record].depth < kDepth &&
        records_.size() < kRecords) {
      const size_t witness = add(term.set.set, records_[record].depth + 1);
      const z3::expr exists =
          term.is_membership ? value : value != constant(context_, 0, width_of(like.range));
      require(z3::implies(exists, matches(claim, term, witness, record)));
    }
    if (term.is_membership) return value;
    // Nothing is below a null pointer.
    uint32_t below = term.set.set;
    for (uint32_t hops = 1; term.group_hops != pack::kNone && hops < term.group_hops; ++hops)
      below = model_.sets[below].parent;
    const pack::SetType& set = model_.sets[below];
    const pack::plans::Value* start = pack::start_of(set.plan);
    if (term.group_hops != pack::kNone && term.group_hops > 0 && start) {
      Check check(model_, "start");
      const FormulaPtr none = equal(check.read(start->expr, 0, claim.set.set), number(0));
      require(z3::implies(say(check, none, {record}, nullptr),
                          value == constant(context_, 0, width_of(like.range))));
    }
    for (uint32_t other = 0; other < claim.terms.size(); ++other) {
      const auto known = terms_.find(std::make_tuple(&claim, other, record));
      if (known == terms_.end() || other == index) continue;
      if (measures(term, claim.terms[other])) require(ordered(value, known->second));
      if (measures(claim.terms[other], term)) require(ordered(known->second, value));
    }
    return value;
  }

  static z3::expr ordered(const z3::expr& a, const z3::expr& b) {
    const unsigned width = std::max(a.get_sort().bv_size(), b.get_sort().bv_size());
    return resized(a, width) <= resized(b, width);
  }

  // Ranges that are disjoint and are inside others are no longer than those together (lemma "measure").
  bool measures(const Term& part, const Term& whole) const {
    const auto total = [](const Term& one) {
      return one.function == "sum" && one.key.empty() && one.group_hops == pack::kNone;
    };
    if (!total(part) || !total(whole)) return false;
    const auto covers = [&](const pack::RangeOver& range, const Term& term) {
      return same_records(range.set, term.set) && alike(range.length, term.value);
    };
    bool inside = false, apart = false;
    for (const uint32_t index : rules_) {
      const Claim& claim = model_.rules[index].claim;
      if (claim.form == Form::within && same_records(claim.set, part.set) &&
          alike(claim.length, part.value) && claim.ranges.size() == 1)
        inside = inside || covers(claim.ranges[0], whole);
      if (claim.form == Form::disjoint)
        apart = apart || std::any_of(claim.ranges.begin(), claim.ranges.end(),
                                     [&](const pack::RangeOver& one) { return covers(one, part); });
    }
    return inside && apart;
  }

  z3::expr says(const Claim& claim, size_t record) {
    Check check(model_, "row");
    const FormulaPtr where = claim.set.where ? check.read(claim.set.where, 0, claim.set.set) : truth(true);
    const FormulaPtr row = either(negation(where), check.read(claim.predicate, 0, claim.set.set));
    return say(check, row, {record}, &claim);
  }

  z3::expr say(const Check& check, const FormulaPtr& formula, const std::vector<size_t>& sides,
               const Claim* claim) {
    std::vector<z3::expr> variables, arguments;
    for (const Variable& one : check.variables) {
      switch (one.kind) {
        case Variable::Kind::column:
          variables.push_back(cell(ancestor(sides[one.side], one.hops), one.column, one));
          break;
        case Variable::Kind::fact:
          variables.push_back(fact(one));
          break;
        case Variable::Kind::term:
          variables.push_back(claim ? term(*claim, one.expr->term, sides[0], one)
                                    : fresh(one.range, one.boolean));
          break;
        case Variable::Kind::argument:
          variables.push_back(one.boolean ? context_.bool_val(true) : fresh(one.range, false));
          if (!one.boolean) arguments.push_back(variables.back());
          break;
        case Variable::Kind::function:
          variables.push_back(function(one, arguments));
          arguments.clear();
          break;
        case Variable::Kind::stated:
        case Variable::Kind::free:
          variables.push_back(fresh(one.range, one.boolean));
          break;
      }
    }
    require(meaning(context_, *check.body(), variables));
    return meaning(context_, *formula, variables);
  }

  const pack::Model& model_;
  z3::context& context_;
  std::vector<uint32_t> rules_;
  z3::expr facts_;
  std::vector<Record> records_;
  std::vector<Membership> memberships_;
  std::map<std::tuple<const Claim*, uint32_t, size_t>, z3::expr> terms_;
  std::map<std::string, z3::expr> named_;
  Integer texts_ = 0;
  unsigned names_ = 0;
};

template <typename T>
bool includes(const std::vector<T>& all, const std::vector<T>& some) {
  return std::all_of(some.begin(), some.end(),
                     [&](const T& one) { return std::find(all.begin(), all.end(), one) != all.end(); });
}

// Why a rule that is judged where `rule` fails cannot be relied on to be `by`; empty: it can.
std::string not_judged(const pack::Model& model, uint32_t rule, uint32_t by) {
  const Rule &one = model.rules[rule], &other = model.rules[by];
  if (leans_on(model, by, rule)) return fmt::format("{} is not judged where it fails", other.id);
  if (!includes(other.phases, one.phases)) return fmt::format("{} is judged in fewer phases", other.id);
  if (!includes(one.inputs, other.inputs))
    return fmt::format("{} needs inputs that it does not need", other.id);
  return "";
}

}  // namespace

Implications implications(const pack::Model& model, const std::string& smt2) {
  Implications result;
  for (uint32_t i = 0; i < model.rules.size(); ++i) {
    const Rule& rule = model.rules[i];
    if (rule.implied_by.empty()) continue;
    Implication one{i, Answer::unknown, ""};
    for (const uint32_t by : rule.implied_by) {
      if (one.reason.empty()) one.reason = not_judged(model, i, by);
    }
    if (!one.reason.empty()) {
      one.answer = Answer::refuted;
    } else if (rule.claim.form != Form::row) {
      one.reason = "only claims on single records can be proved to follow";
    } else {
      Smt smt({20'000'000, smt2});
      Hypotheses hypotheses(model, smt.context(), rule.implied_by);
      const z3::expr goal = hypotheses.goal(rule);
      const z3::expr facts = hypotheses.facts();
      const Reply reply = smt.holds("implied." + rule.id, z3::implies(facts, goal), kLogic);
      one.answer = reply.answer;
      one.reason = reply.reason;
      // From a contradiction anything would follow.
      if (one.answer == Answer::proved) {
        one.answer = smt.possible("implied." + rule.id + ".premise", facts, kLogic).answer;
        if (one.answer != Answer::proved) one.reason = "no records satisfy the rules that imply it";
      }
      result.tally.add(smt.tally());
    }
    result.rules.push_back(std::move(one));
  }
  return result;
}

}  // namespace khover::prove
