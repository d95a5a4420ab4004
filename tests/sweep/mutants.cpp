// Rule mutation: each claim with one small fault. Some image of the corpus must notice it: a broken one that
// is no longer found, or a good one that is found fault with.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>

#include "evaluate/forms.h"
#include "ground.h"

namespace khover::sweep {
namespace {

using pack::Claim;
using pack::Expr;
using pack::ExprPtr;
using pack::Op;

struct Mutant {
  std::string what;
  Claim claim;
};

// Every expression of a claim, by reference, in a fixed order.
void each_slot(Claim& claim, const std::function<void(ExprPtr&)>& visit) {
  const auto one = [&](ExprPtr& slot) {
    if (slot) visit(slot);
  };
  const auto all = [&](std::vector<ExprPtr>& slots) { std::for_each(slots.begin(), slots.end(), one); };
  one(claim.set.where);
  one(claim.predicate);
  one(claim.start);
  one(claim.length);
  all(claim.right);
  for (pack::TupleOver& over : claim.tuples) {
    one(over.set.where);
    all(over.tuple);
  }
  for (auto* ranges : {&claim.ranges, &claim.others}) {
    for (pack::RangeOver& over : *ranges) {
      one(over.set.where);
      one(over.start);
      one(over.length);
    }
  }
  for (pack::Term& term : claim.terms) {
    one(term.set.where);
    one(term.value);
    all(term.key);
    all(term.outer);
  }
}

// `root` with `target` exchanged. What encloses it may take values beyond those that were inferred.
ExprPtr exchanged(const ExprPtr& root, const Expr* target, const ExprPtr& replacement) {
  if (root.get() == target) return replacement;
  for (size_t i = 0; i < root->args.size(); ++i) {
    ExprPtr arg = exchanged(root->args[i], target, replacement);
    if (arg == root->args[i]) continue;
    auto copy = std::make_shared<Expr>(*root);
    copy->args[i] = std::move(arg);
    if (copy->type == pack::Type::integer) {
      const pack::Integer width = copy->range.high - copy->range.low + 2;
      const pack::Integer limit = pack::Integer{1} << 121;
      copy->range.low = std::max(copy->range.low - width, -limit);
      copy->range.high = std::min(copy->range.high + width, limit);
    }
    return copy;
  }
  return root;
}

ExprPtr constant(const Expr& like, pack::Integer value) {
  auto expr = std::make_shared<Expr>(like);
  expr->op = Op::constant;
  expr->args.clear();
  expr->value = value;
  expr->range = {value, value};
  return expr;
}

ExprPtr negated(const ExprPtr& of) {
  auto expr = std::make_shared<Expr>(*of);
  expr->op = Op::logical_not;
  expr->args = {of};
  return expr;
}

ExprPtr with_op(const Expr& of, Op op) {
  auto expr = std::make_shared<Expr>(of);
  expr->op = op;
  return expr;
}

// Of values within their ranges, a < b, a == b or a > b is possible.
struct Possible {
  bool less, equal, greater;
  Possible(const pack::Interval& a, const pack::Interval& b)
      : less(a.low < b.high), equal(a.low <= b.high && b.low <= a.high), greater(a.high > b.low) {}
};

// Comparisons that can differ for some values of the operands' ranges.
void comparison_faults(const ExprPtr& node, std::vector<std::pair<std::string, ExprPtr>>& found) {
  if (node->args[0]->type != pack::Type::integer) return;
  const Possible possible(node->args[0]->range, node->args[1]->range);
  if (node->op == Op::less && possible.equal) found.emplace_back("<=", with_op(*node, Op::less_equal));
  if (node->op == Op::less_equal && possible.equal) found.emplace_back("<", with_op(*node, Op::less));
  if (node->op != Op::equal) return;
  if (possible.less) found.emplace_back("<=", with_op(*node, Op::less_equal));
  if (possible.greater) {
    auto turned = std::make_shared<Expr>(*with_op(*node, Op::less_equal));
    std::swap(turned->args[0], turned->args[1]);
    found.emplace_back(">=", turned);
  }
}

// A number that stands in the pack itself; names and sizes come from the ABI.
bool is_literal(const Expr& expr) {
  return expr.op == Op::constant && expr.type == pack::Type::integer && !expr.source.empty() &&
         expr.source[0] >= '0' && expr.source[0] <= '9' &&
         expr.source.find_first_not_of("0123456789abcdefx") == std::string::npos;
}

// What may stand in place of one node.
std::vector<std::pair<std::string, ExprPtr>> faults(const ExprPtr& node) {
  std::vector<std::pair<std::string, ExprPtr>> found;
  switch (node->op) {
    case Op::less:
    case Op::less_equal:
    case Op::equal:
      comparison_faults(node, found);
      break;
    case Op::logical_and:
    case Op::logical_or:
      found.emplace_back("only " + node->args[0]->source, node->args[0]);
      found.emplace_back("only " + node->args[1]->source, node->args[1]);
      break;
    case Op::implies:
      found.emplace_back("without its guard", node->args[1]);
      break;
    case Op::constant:
      if (!is_literal(*node)) break;
      found.emplace_back(fmt::format("{} + 1", node->source), constant(*node, node->value + 1));
      if (node->value > 0)
        found.emplace_back(fmt::format("{} - 1", node->source), constant(*node, node->value - 1));
      break;
    default:
      break;
  }
  if (node->type == pack::Type::boolean && node->op != Op::constant) found.emplace_back("not", negated(node));
  return found;
}

void each_node(const ExprPtr& root, const std::function<void(const ExprPtr&)>& visit) {
  visit(root);
  for (const ExprPtr& arg : root->args) each_node(arg, visit);
}

// One fault in one expression of the claim.
void mutate_expressions(const Claim& claim, std::vector<Mutant>& out) {
  size_t slots = 0;
  Claim counted = claim;
  each_slot(counted, [&](ExprPtr&) { ++slots; });
  for (size_t at = 0; at < slots; ++at) {
    size_t number = 0;
    ExprPtr root;
    each_slot(counted, [&](ExprPtr& slot) {
      if (number++ == at) root = slot;
    });
    std::set<const Expr*> seen;
    each_node(root, [&](const ExprPtr& node) {
      if (!seen.insert(node.get()).second) return;
      for (const auto& [what, replacement] : faults(node)) {
        Mutant mutant{fmt::format("{}: {}", node->source, what), claim};
        size_t place = 0;
        each_slot(mutant.claim, [&](ExprPtr& slot) {
          if (place++ == at) slot = exchanged(slot, node.get(), replacement);
        });
        out.push_back(std::move(mutant));
      }
    });
  }
}

// Guards dropped, and the words of the form.
void mutate_form(const Claim& claim, std::vector<Mutant>& out) {
  const auto add = [&](std::string what, const std::function<void(Claim&)>& change) {
    out.push_back({std::move(what), claim});
    change(out.back().claim);
  };
  if (claim.set.where)
    add("without where " + claim.set.where->source, [](Claim& c) { c.set.where = nullptr; });
  for (size_t i = 0; i < claim.tuples.size(); ++i) {
    if (claim.tuples[i].set.where)
      add(fmt::format("without where {} of source {}", claim.tuples[i].set.where->source, i + 1),
          [&](Claim& c) { c.tuples[i].set.where = nullptr; });
    if (claim.tuples.size() > 1)
      add(fmt::format("without source {}", i + 1),
          [&](Claim& c) { c.tuples.erase(c.tuples.begin() + static_cast<std::ptrdiff_t>(i)); });
  }
  for (size_t part = 0; !claim.tuples.empty() && claim.form == pack::Form::unique &&
                        claim.tuples[0].tuple.size() > 1 && part < claim.tuples[0].tuple.size();
       ++part) {
    add("without " + claim.tuples[0].tuple[part]->source, [&](Claim& c) {
      for (auto& over : c.tuples) over.tuple.erase(over.tuple.begin() + static_cast<std::ptrdiff_t>(part));
    });
  }
  for (size_t i = 0; i < claim.terms.size(); ++i) {
    if (claim.terms[i].set.where)
      add("term without where " + claim.terms[i].set.where->source,
          [&](Claim& c) { c.terms[i].set.where = nullptr; });
  }
  for (auto member : {&Claim::ranges, &Claim::others}) {
    for (size_t i = 0; i < (claim.*member).size(); ++i) {
      if ((claim.*member)[i].set.where && !claim.all_allocations)
        add("ranges without where " + (claim.*member)[i].set.where->source,
            [&](Claim& c) { (c.*member)[i].set.where = nullptr; });
    }
  }
  if (claim.form == pack::Form::preserved && claim.preserved_as != pack::PreservedAs::covered)
    add("preserved by any keys", [](Claim& c) { c.preserved_as = pack::PreservedAs::covered; });
  if (claim.within_one) add("within several", [](Claim& c) { c.within_one = false; });
  if (claim.form == pack::Form::tiles) add("overshoot turned", [](Claim& c) { c.overshoot = !c.overshoot; });
}

void decide(evaluate::Judge& judge) {
  switch (judge.claim.form) {
    case pack::Form::row:
      return evaluate::decide_row(judge);
    case pack::Form::unique:
      return evaluate::decide_unique(judge);
    case pack::Form::determines:
      return evaluate::decide_determines(judge);
    case pack::Form::tiles:
      return evaluate::decide_tiles(judge);
    case pack::Form::disjoint:
      return evaluate::decide_disjoint(judge);
    case pack::Form::apart:
      return evaluate::decide_apart(judge);
    case pack::Form::within:
      return evaluate::decide_within(judge);
    case pack::Form::preserved:
      return evaluate::decide_preserved(judge);
    case pack::Form::acyclic:
      return evaluate::decide_acyclic(judge);
  }
}

bool is_gate(const pack::Model& model, uint32_t rule) {
  return std::any_of(model.sets.begin(), model.sets.end(), [&](const pack::SetType& set) {
    return std::count(set.gates.begin(), set.gates.end(), rule) +
               std::count(set.entry_gates.begin(), set.entry_gates.end(), rule) >
           0;
  });
}

// The verdict of one rule with another claim. A gate decides what is read at all.
evaluate::Verdict verdict(const Ground& ground, uint32_t rule, const Claim& claim) {
  const session::Analysis& analysis = ground.analysis();
  if (is_gate(ground.model(), rule)) {
    pack::Model model = ground.model();
    model.rules[rule].claim = claim;
    return ground.read(ground.memory(), &model).judgement.outcomes[rule].verdict;
  }
  std::vector<const evaluate::Outcome*> needed;
  for (const uint32_t need : ground.model().rules[rule].needs) {
    const auto& phases = ground.model().rules[need].phases;
    if (std::find_first_of(phases.begin(), phases.end(), analysis.judgement.phases.begin(),
                           analysis.judgement.phases.end()) != phases.end())
      needed.push_back(&analysis.judgement.outcomes[need]);
  }
  evaluate::Outcome outcome;
  const evaluate::Question question{claim, rule, needed, {}};
  evaluate::Judge judge(analysis.world, question, outcome);
  decide(judge);
  return outcome.verdict;
}

struct Case {
  std::string rule;  // empty: a good image
  std::string path;
};

class Mutation {
 public:
  Mutation(const std::string& rules, const std::vector<std::vector<std::string>>& cases) : rules_(rules) {
    for (const auto& row : cases) (row.at(0) == "-" ? good_ : broken_[row[0]]).push_back(row.at(1));
  }

  std::vector<std::string> rules() const {
    std::vector<std::string> ids;
    for (const auto& [rule, paths] : broken_) ids.push_back(rule);
    return ids;
  }

  // Survivors of one rule.
  std::vector<std::string> survivors(const std::string& id, size_t& tried) {
    struct Image {
      const Ground* ground;
      uint32_t rule;
      bool broken;
    };
    std::vector<Image> images;
    for (const std::string& path : broken_[id]) add(path, id, true, images);
    for (const std::string& path : good_) add(path, id, false, images);
    std::vector<std::string> alive;
    const auto first =
        std::find_if(images.begin(), images.end(), [](const Image& one) { return one.broken; });
    if (first == images.end()) return alive;
    std::vector<Mutant> mutants;
    const Claim& claim = first->ground->model().rules[first->rule].claim;
    mutate_expressions(claim, mutants);
    mutate_form(claim, mutants);
    std::set<std::string> seen;
    for (const Mutant& mutant : mutants) {
      if (!seen.insert(mutant.what).second) continue;
      ++tried;
      const bool noticed = std::any_of(images.begin(), images.end(), [&](const Image& one) {
        if (one.ground->model().abi_name != first->ground->model().abi_name)
          return false;  // its claim may differ
        const evaluate::Verdict found = verdict(*one.ground, one.rule, mutant.claim);
        return one.broken ? found != evaluate::Verdict::violated : found != evaluate::Verdict::holds;
      });
      if (!noticed) alive.push_back(mutant.what);
    }
    return alive;
  }

 private:
  template <typename Images>
  void add(const std::string& path, const std::string& id, bool broken, Images& images) {
    auto& ground = grounds_[path];
    if (!ground) {
      auto opened = Ground::open(path, rules_);
      if (!opened) return;
      ground = std::move(*opened);
    }
    const uint32_t rule = ground->model().find_rule(id);
    if (rule == pack::kNone) return;
    const evaluate::Outcome& outcome = ground->analysis().judgement.outcomes[rule];
    if (broken ? outcome.verdict != evaluate::Verdict::violated
               : outcome.verdict != evaluate::Verdict::holds || outcome.records == 0)
      return;
    images.push_back({ground.get(), rule, broken});
  }

  std::string rules_;
  std::map<std::string, std::vector<std::string>> broken_;
  std::vector<std::string> good_;
  std::map<std::string, std::unique_ptr<Ground>> grounds_;
};

}  // namespace

int mutants(const std::string& rules, const std::vector<std::string>& arguments) {
  bool write = false;
  size_t every = 1;
  std::string cases;
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] == "--write")
      write = true;
    else if (arguments[i] == "--every")
      every = std::stoul(arguments.at(++i));
    else
      cases = arguments[i];
  }
  std::map<std::string, std::set<std::string>> known;
  for (const auto& row : read_table(arguments.at(0))) known[row.at(0)].insert(row.at(1));
  Mutation mutation(rules, read_table(cases));
  const std::vector<std::string> ids = mutation.rules();
  size_t tried = 0, survived = 0, failures = 0;
  std::ofstream file;
  if (write) {
    file.open(arguments.at(0));
    file << "# Faults in claims that no image of the corpus notices: rule, fault.\n";
  }
  for (size_t i = 0; i < ids.size(); i += every) {
    const std::vector<std::string> alive = mutation.survivors(ids[i], tried);
    survived += alive.size();
    for (const std::string& what : alive) {
      if (write) file << ids[i] << '\t' << what << '\n';
      if (write || known[ids[i]].count(what) != 0) continue;
      ++failures;
      fmt::print("FAILED {}: nothing notices the fault \"{}\"\n", ids[i], what);
    }
    for (const std::string& what : known[ids[i]]) {
      if (write || std::find(alive.begin(), alive.end(), what) != alive.end()) continue;
      ++failures;
      fmt::print("FAILED {}: the fault \"{}\" is noticed now: take it from the list\n", ids[i], what);
    }
  }
  fmt::print("{} faults in claims, {} noticed ({:.1f} %); {} failures\n", tried, tried - survived,
             100.0 * static_cast<double>(tried - survived) / static_cast<double>(std::max<size_t>(tried, 1)),
             failures);
  return failures != 0 || tried == 0;
}

}  // namespace khover::sweep
