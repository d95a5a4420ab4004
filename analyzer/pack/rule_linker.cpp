#include "pack/rule_linker.h"

#include <algorithm>
#include <functional>
#include <set>

#include "pack/abi_has.h"
#include "pack/did_you_mean.h"
#include "pack/masking.h"
#include "pack/owners.h"

namespace khover::pack {
namespace {

void split(const ExprPtr& expr, std::vector<ExprPtr>& conjuncts) {
  if (expr->op == Op::logical_and) {
    for (const ExprPtr& arg : expr->args) split(arg, conjuncts);
  } else {
    conjuncts.push_back(expr);
  }
}

}  // namespace

Result<void> RuleLinker::rules() {
  Definitions by_id;
  std::vector<std::string> order;
  for (const PackFile* pack : applying_) {
    for (const RuleDefinition& rule : pack->rules) {
      const auto has = [&](const std::string& name) { return abi_has(snapshot_, name); };
      if (!std::all_of(rule.has.begin(), rule.has.end(), has) ||
          std::any_of(rule.lacks.begin(), rule.lacks.end(), has))
        continue;
      if (by_id.emplace(rule.id, std::pair{pack, &rule}).second) {
        order.push_back(rule.id);
        continue;
      }
      const Result<void> twice = fail(to_string(rule.at), "duplicate rule id '" + rule.id + "'",
                                      "rule ids are permanent and unique");
      if (!failures_.go_on(twice)) return twice;
    }
  }
  for (const std::string& id : order) {
    for (const std::string& later : by_id[id].second->precedes) preceding_[later].push_back(id);
  }
  std::set<std::string> linked, open;
  std::function<Result<void>(const std::string&, const Position&)> visit =
      [&](const std::string& id, const Position& from) -> Result<void> {
    if (linked.count(id) != 0) return {};
    const auto found = by_id.find(id);
    if (found == by_id.end())
      return fail(to_string(from), "unknown rule in 'needs': '" + id + "'", did_you_mean(id, order));
    if (!open.insert(id).second) return fail(to_string(from), "cyclic 'needs': '" + id + "'");
    for (const std::string& need : needs_of(*found->second.second)) {
      const Result<void> done = visit(need, found->second.second->at);
      if (!failures_.go_on(done)) return done;
    }
    open.erase(id);
    linked.insert(id);
    return link_rule(*found->second.first, *found->second.second);
  };
  for (const std::string& id : order) {
    const Result<void> done = visit(id, by_id[id].second->at);
    if (!failures_.go_on(done)) return done;
  }
  if (!failures_.none()) return {};  // what follows takes the rules for complete
  if (auto done = link_implications(by_id); !done) return done;
  if (auto done = check_masking(by_id); !done) return done;
  return check_closure();
}

std::vector<std::string> RuleLinker::needs_of(const RuleDefinition& definition) const {
  std::vector<std::string> needs = definition.needs;
  if (const auto earlier = preceding_.find(definition.id); earlier != preceding_.end()) {
    needs.insert(needs.end(), earlier->second.begin(), earlier->second.end());
  }
  return needs;
}

Result<void> RuleLinker::link_implications(const Definitions& by_id) {
  std::set<std::string> all_ids;
  for (const PackFile& pack : packs_) {
    for (const RuleDefinition& rule : pack.rules) all_ids.insert(rule.id);
  }
  for (Rule& rule : model_.rules) {
    const RuleDefinition& definition = *by_id.at(rule.id).second;
    for (const std::string& id : definition.implied_by) {
      if (all_ids.count(id) == 0)
        return fail(to_string(definition.at), "unknown rule in 'implied-by': '" + id + "'");
      const uint32_t index = model_.find_rule(id);
      if (index == kNone) {
        rule.implied_by.clear();
        break;
      }
      rule.implied_by.push_back(index);
    }
  }
  return {};
}

// What no kernel trips over must not hide what it does trip over, unless the pack says why.
Result<void> RuleLinker::check_masking(const Definitions& by_id) const {
  for (const Masking& pair : maskings(model_)) {
    const Rule& milder = model_.rules[pair.milder];
    if (milder.severity != Severity::hygiene || !milder.masks_because.empty()) continue;
    const Rule& severer = model_.rules[pair.severer];
    return fail(to_string(by_id.at(milder.id).second->at),
                "the hygiene rule '" + milder.id + "' keeps '" + severer.id + "' (" +
                    to_string(severer.severity) + ") from being asked, and does not say why",
                "give it 'masks-because', or drop the dependence");
  }
  return {};
}

// Memory that a pack says was allocated must be claimed to be preserved by some rule.
Result<void> RuleLinker::check_closure() const {
  for (uint32_t i = 0; i < model_.sets.size(); ++i) {
    if (!model_.sets[i].allocation || model_.sets[i].allocation->as == PreservedAs::unpreserved) continue;
    const bool claimed = std::any_of(model_.rules.begin(), model_.rules.end(), [&](const Rule& rule) {
      return rule.claim.form == Form::preserved && rule.claim.set.set == i;
    });
    if (!claimed) {
      return fail("pack " + model_.sets[i].pack,
                  "no rule claims that the allocations of '" + model_.sets[i].name + "' are preserved",
                  "add a rule 'for SET: [address, +SIZE) preserved as …'");
    }
  }
  return {};
}

Result<void> RuleLinker::link_rule(const PackFile& pack, const RuleDefinition& definition) {
  typing_.in_pack(pack.name);
  Rule rule;
  rule.id = definition.id;
  rule.pack = pack.name;
  rule.severity = definition.severity;
  rule.phases = definition.phases;
  rule.inputs = definition.inputs;
  rule.gate = definition.gate;
  rule.claim_text = definition.claim_text;
  rule.because = definition.because;
  rule.masks_because = definition.masks_because;
  rule.evidence = definition.evidence;
  rule.advice = definition.advice;
  for (const std::string& need : needs_of(definition)) rule.needs.push_back(model_.find_rule(need));
  needed_ = rule.needs;
  auto linked = claim(definition.claim);
  if (!linked) return tl::unexpected(linked.error());
  rule.claim = std::move(*linked);
  if (auto done = link_gate(definition, rule); !done) return done;
  model_.rules.push_back(std::move(rule));
  return {};
}

Result<void> RuleLinker::link_gate(const RuleDefinition& definition, const Rule& rule) {
  if (rule.gate == Gate::none) return {};
  const uint32_t index = static_cast<uint32_t>(model_.rules.size());
  const uint32_t set = rule.claim.set.set;
  if (rule.claim.form != Form::row || !rule.claim.terms.empty()) {
    return fail(to_string(definition.at), "a gate must be a condition on single records",
                "remove 'gate' or the aggregate");
  }
  if (rule.gate == Gate::record) model_.sets[set].gates.push_back(index);
  if (rule.gate == Gate::children) {
    for (SetType& type : model_.sets) {
      if (type.parent == set) type.entry_gates.push_back(index);
    }
  }
  for (const std::string& name : definition.gate_sets) {
    auto child = typing_.set(name, definition.at);
    if (!child) return tl::unexpected(child.error());
    if (model_.sets[*child].parent != set) {
      return fail(to_string(definition.at), "'" + name + "' is not below the records of the claim");
    }
    model_.sets[*child].entry_gates.push_back(index);
  }
  return {};
}

Result<std::pair<ExprPtr, ExprPtr>> RuleLinker::link_range(const RangeSyntax& syntax, uint32_t set) {
  auto start = typing_.integer(syntax.start, set);
  if (!start) return tl::unexpected(start.error());
  if (syntax.length) {
    auto length = typing_.integer(syntax.length, set);
    if (!length) return tl::unexpected(length.error());
    return std::pair{*start, *length};
  }
  auto end = typing_.integer(syntax.end, set);
  if (!end) return tl::unexpected(end.error());
  ExprPtr length = arithmetic(Op::subtract, *end, *start);
  if (!length) return fail(to_string(syntax.at), "the range is not bounded");
  return std::pair{*start, length};
}

// `exact`: the bytes asked for instead of the pages they take. Two reserve_mem regions may share a page.
Result<std::vector<RangeOver>> RuleLinker::link_ranges(const std::vector<RangeSource>& sources, bool exact) {
  std::vector<RangeOver> ranges;
  for (const RangeSource& source : sources) {
    if (!source.range) {
      const bool structures = source.set.name == "walk.structures";
      const bool data = source.set.name == "walk.data";
      if (source.set.name != "walk.allocations" && !structures && !data) {
        return fail(to_string(source.set.at), "a range is missing before 'in " + source.set.name + "'",
                    "write '[start, +length) in SET', walk.allocations, walk.structures or walk.data");
      }
      for (uint32_t i = 0; i < model_.sets.size(); ++i) {
        const auto& allocation = model_.sets[i].allocation;
        if (allocation && !(allocation->is_data ? structures : data)) {
          const bool bytes = exact && allocation->as == PreservedAs::natural_keys;
          ranges.push_back({SetRef{i, allocation->when}, bytes ? allocation->start : allocation->at,
                            bytes ? allocation->size : allocation->length});
        }
      }
      continue;
    }
    auto ref = typing_.set(source.set);
    if (!ref) return tl::unexpected(ref.error());
    auto range = link_range(*source.range, ref->set);
    if (!range) return tl::unexpected(range.error());
    ranges.push_back({*ref, range->first, range->second});
  }
  return ranges;
}

// Ranges of different groups never meet if each group has 2^64 addresses of its own: its number is the
// address of the record that makes the group, which no machine has beyond 2^52.
ExprPtr RuleLinker::in_group(const ExprPtr& start, const std::string& group, uint32_t set) const {
  uint32_t hops = 0;
  for (uint32_t in = set; in != kNone; in = model_.sets[in].parent, ++hops) {
    if (model_.sets[in].singular != group) continue;
    auto address = std::make_shared<Expr>(*start);
    address->op = Op::column;
    address->hops = hops;
    address->set = in;
    address->column = model_.sets[in].find("_addr");
    address->range = model_.sets[in].columns[address->column].range;
    address->args.clear();
    Node here;
    here.at = start->at;
    here.source = start->source;
    const ExprPtr number = arithmetic(Op::modulo, address, constant(Integer{1} << 52, here));
    return arithmetic(Op::add, arithmetic(Op::shift_left, number, constant(64, here)), start);
  }
  return nullptr;
}

Result<void> RuleLinker::link_group(const ClaimSyntax& syntax, Claim& claim) const {
  if (syntax.group.empty()) return {};
  claim.group = syntax.group;
  std::replace(claim.group.begin(), claim.group.end(), '_', ' ');
  claim.start = in_group(claim.start, claim.group, claim.set.set);
  if (!claim.start)
    return fail(to_string(syntax.set.at),
                "'" + syntax.group + "' does not enclose the records of '" + syntax.set.name + "'");
  std::vector<RangeOver> inside;
  for (RangeOver& over : claim.ranges) {  // what is in no group is in none of theirs
    over.start = in_group(over.start, claim.group, over.set.set);
    if (over.start) inside.push_back(std::move(over));
  }
  claim.ranges = std::move(inside);
  return {};
}

Result<Claim> RuleLinker::claim(const ClaimSyntax& syntax) {
  Claim claim;
  claim.form = syntax.form;
  claim.preserved_as = syntax.preserved_as;
  claim.overshoot = syntax.overshoot;
  claim.within_one = syntax.within_one;
  claim.all_allocations =
      syntax.form == Form::within && !syntax.ranges.empty() &&
      (syntax.ranges[0].set.name == "walk.allocations" || syntax.ranges[0].set.name == "walk.data");
  if (!syntax.set.name.empty()) {
    auto set = typing_.set(syntax.set);
    if (!set) return tl::unexpected(set.error());
    claim.set = *set;
  }
  if (syntax.predicate) {
    auto predicate = typing_.boolean(syntax.predicate, claim.set.set, &claim.terms);
    if (!predicate) return tl::unexpected(predicate.error());
    claim.predicate = *predicate;
    split(claim.predicate, claim.conjuncts);
  }
  for (const TupleSource& source : syntax.tuples) {
    if (source.tuple.empty()) {
      if (source.set.name != "walk.owners" || source.set.where) {
        return fail(to_string(source.set.at), "a tuple is missing before 'in " + source.set.name + "'",
                    "write '(E, …) in SET', or walk.owners");
      }
      claim.tuples = owners(model_, needed_);
      continue;
    }
    auto set = typing_.set(source.set);
    if (!set) return tl::unexpected(set.error());
    auto tuple = typing_.tuple(source.tuple, set->set);
    if (!tuple) return tl::unexpected(tuple.error());
    claim.tuples.push_back({*set, std::move(*tuple)});
    const auto& first = claim.tuples.front().tuple;
    const auto& last = claim.tuples.back().tuple;
    if (first.size() != last.size()) return fail(to_string(source.set.at), "the tuples differ in length");
  }
  auto right = typing_.tuple(syntax.right, claim.set.set);
  if (!right) return tl::unexpected(right.error());
  claim.right = std::move(*right);
  if (syntax.range) {
    auto range = link_range(*syntax.range, claim.set.set);
    if (!range) return tl::unexpected(range.error());
    std::tie(claim.start, claim.length) = *range;
  }
  auto ranges = link_ranges(syntax.ranges, syntax.form == Form::disjoint);
  if (!ranges) return tl::unexpected(ranges.error());
  claim.ranges = std::move(*ranges);
  if (auto done = link_group(syntax, claim); !done) return tl::unexpected(done.error());
  auto others = link_ranges(syntax.others, false);
  if (!others) return tl::unexpected(others.error());
  claim.others = std::move(*others);
  if (claim.form == Form::tiles) {
    claim.tile_hops = model_.hops_to(claim.ranges[0].set.set, claim.set.set);
    if (claim.tile_hops == kNone || claim.tile_hops == 0) {
      return fail(to_string(syntax.set.at), "the tiles must be below the records that they tile");
    }
  }
  if (claim.form == Form::acyclic && !std::holds_alternative<plans::Chain>(model_.sets[claim.set.set].plan)) {
    return fail(to_string(syntax.set.at), "'" + syntax.set.name + "' is not a chain");
  }
  return claim;
}

}  // namespace khover::pack
