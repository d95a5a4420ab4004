#include "prove/certify/ground_facts.h"

#include <fmt/format.h>

#include <unordered_set>

#include "prove/formula/bitvector.h"
#include "prove/solver/smt.h"

namespace khover::prove {
namespace {

constexpr size_t kBatch = 2000;          // facts in one query
constexpr size_t kWorthABox = 16;        // below so many facts one by one is quicker
constexpr unsigned kBoxSteps = 50'000;   // solver steps: a box that is not proved at once is given up
constexpr size_t kRemembered = 200'000;  // distinct facts that are recognised when they come again

struct ValuesHash {
  size_t operator()(const std::vector<Value>& values) const {
    uint64_t hash = 0x9e3779b97f4a7c15;
    for (const Value& one : values) {
      for (const uint64_t word :
           {static_cast<uint64_t>(one.value), static_cast<uint64_t>(one.value >> 64), uint64_t{one.known}}) {
        hash = (hash ^ word) * 0xff51afd7ed558ccd;
        hash ^= hash >> 32;
      }
    }
    return hash;
  }
};
struct ValuesEqual {
  bool operator()(const std::vector<Value>& a, const std::vector<Value>& b) const {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Value& x, const Value& y) {
      return x.value == y.value && x.known == y.known;
    });
  }
};

bool inside(const std::vector<Interval>& box, const std::vector<Value>& values) {
  for (size_t i = 0; i < box.size(); ++i) {
    if (!values[i].known || values[i].value < box[i].low || values[i].value > box[i].high) return false;
  }
  return !box.empty();
}

}  // namespace

bool all_known(const Check& check, const std::vector<Value>& values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values[i].known && check.variables[i].kind != Variable::Kind::free) return false;
  }
  return true;
}

std::string fact_text(const Check& check, const std::vector<Value>& values,
                      const std::vector<Subject>& subjects) {
  std::string text = fmt::format("{} at", check.name);
  for (const Subject& one : subjects) text += fmt::format(" {:#x}", one.address);
  for (size_t i = 0; i < values.size(); ++i)
    text += fmt::format(", {} = {}", check.variables[i].name,
                        values[i].known ? to_text(*number(values[i].value)) : "unknown");
  return text;
}

struct GroundFacts::Impl {
  Impl(const Check& of, Smt& solver, std::string named)
      : check(of), smt(solver), name(std::move(named)), body(smt.context()), sources(smt.context()) {
    for (size_t i = 0; i < check.variables.size(); ++i) {
      variables.push_back(variable(smt.context(), fmt::format("v{}", i), check.variables[i].range,
                                   check.variables[i].boolean));
      sources.push_back(variables.back());
    }
    body = meaning(smt.context(), *check.body(), variables);
  }

  const Check& check;
  Smt& smt;
  std::string name;
  std::vector<z3::expr> variables;
  z3::expr body;
  z3::expr_vector sources;
  std::unordered_set<std::vector<Value>, ValuesHash, ValuesEqual> seen;
  std::vector<std::vector<Value>> waiting;
  std::vector<std::vector<Subject>> subjects;
  // For all values in these intervals, one for each variable, the check is proved. Empty: nothing yet.
  std::vector<Interval> box;
  bool tries_boxes = true;
  uint64_t fresh = 0;

  z3::expr negated(const std::vector<Value>& values) {
    z3::expr_vector targets(smt.context());
    z3::expr types = smt.context().bool_val(true);  // of what is not known
    for (size_t i = 0; i < values.size(); ++i) {
      const Variable& of = check.variables[i];
      if (!values[i].known) {
        const z3::expr any = variable(smt.context(), fmt::format("unknown{}", fresh++), of.range, of.boolean);
        if (!of.boolean) types = types && lies_in(any, of.range);
        targets.push_back(any);
      } else if (of.boolean) {
        targets.push_back(smt.context().bool_val(values[i].value != 0));
      } else {
        targets.push_back(constant(smt.context(), values[i].value, width_of(of.range)));
      }
    }
    z3::expr copy = body;
    return types && !copy.substitute(sources, targets);
  }

  // One query for all that waits: the check holds for all values between the least and the greatest
  // of each variable. That says more than the facts do, so it may be false though they are true.
  bool proved_as_box(Tally& tally) {
    if (!tries_boxes || waiting.size() < kWorthABox) return false;
    std::vector<Interval> wider = box;
    for (const auto& values : waiting) {
      const bool first = wider.empty();
      if (first) wider.resize(values.size());
      for (size_t i = 0; i < values.size(); ++i) {
        const Interval& type = check.variables[i].range;
        const Interval own = values[i].known ? Interval{values[i].value, values[i].value} : type;
        wider[i] = first ? own : hull(wider[i], own);
      }
    }
    z3::expr claim = body;
    for (size_t i = 0; i < wider.size(); ++i) {
      if (!check.variables[i].boolean) {
        claim = z3::implies(lies_in(variables[i], wider[i]), claim);
      } else if (wider[i].low == wider[i].high) {
        claim = z3::implies(variables[i] == smt.context().bool_val(wider[i].low != 0), claim);
      }
    }
    const std::string query = fmt::format("{}.{}.box", name, tally.queries++);
    tries_boxes = smt.holds_if_easy(query, claim, kBoxSteps).answer == Answer::proved;
    if (tries_boxes) box = std::move(wider);
    return tries_boxes;
  }

  Reply ask(Tally& tally) {
    if (waiting.empty() || proved_as_box(tally)) return {Answer::proved, ""};
    try {
      z3::expr_vector any(smt.context());
      for (const auto& values : waiting) any.push_back(negated(values));
      const Reply answer = smt.holds_ground(fmt::format("{}.{}", name, tally.queries++), z3::mk_or(any));
      return answer.answer == Answer::refuted ? explain() : answer;
    } catch (const z3::exception& error) {
      return {Answer::unknown, error.msg()};
    }
  }

  // Which fact it is: one query each.
  Reply explain() {
    for (size_t i = 0; i < waiting.size(); ++i) {
      if (smt.holds_ground(fmt::format("{}.explain{}", name, i), negated(waiting[i])).answer !=
          Answer::refuted)
        continue;
      // With bytes absent, the claim may be false: that is no disagreement.
      return {all_known(check, waiting[i]) ? Answer::refuted : Answer::unknown,
              fact_text(check, waiting[i], subjects[i])};
    }
    return {Answer::refuted, check.name};
  }
};

GroundFacts::GroundFacts(const Check& check, Smt& solver, std::string name)
    : impl_(std::make_unique<Impl>(check, solver, std::move(name))) {}
GroundFacts::~GroundFacts() = default;

Reply GroundFacts::add(const std::vector<Value>& values, const std::vector<Subject>& subjects, Tally& tally) {
  if (inside(impl_->box, values) ||
      (impl_->seen.size() < kRemembered && !impl_->seen.insert(values).second)) {
    ++tally.repeated;
    return {Answer::proved, ""};
  }
  impl_->waiting.push_back(values);
  impl_->subjects.push_back(subjects);
  return impl_->waiting.size() < kBatch ? Reply{Answer::proved, ""} : flush(tally);
}

Reply GroundFacts::flush(Tally& tally) {
  const Reply reply = impl_->ask(tally);
  impl_->waiting.clear();
  impl_->subjects.clear();
  return reply;
}

}  // namespace khover::prove
