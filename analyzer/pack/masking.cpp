#include "pack/masking.h"

#include <algorithm>

namespace khover::pack {
namespace {

// The sets whose records a claim is about.
std::vector<uint32_t> subjects(const Claim& claim) {
  std::vector<uint32_t> sets;
  if (claim.set.set != kNone) sets.push_back(claim.set.set);
  for (const TupleOver& over : claim.tuples) sets.push_back(over.set.set);
  if (claim.form != Form::within)
    for (const RangeOver& over : claim.ranges) sets.push_back(over.set.set);
  for (const RangeOver& over : claim.others) sets.push_back(over.set.set);
  return sets;
}

// The sets of which nothing is read, or nothing else asked, where a gate fails.
std::vector<uint32_t> gated(const Model& model, uint32_t rule) {
  std::vector<uint32_t> sets;
  for (uint32_t i = 0; i < model.sets.size(); ++i) {
    const SetType& type = model.sets[i];
    const auto is_among = [&](const std::vector<uint32_t>& gates) {
      return std::find(gates.begin(), gates.end(), rule) != gates.end();
    };
    if (is_among(type.gates) || is_among(type.entry_gates)) sets.push_back(i);
  }
  return sets;
}

bool hides(const Model& model, const std::vector<uint32_t>& gates, const Rule& rule) {
  const std::vector<uint32_t> sets = subjects(rule.claim);
  return std::any_of(sets.begin(), sets.end(), [&](uint32_t set) {
    return std::any_of(gates.begin(), gates.end(),
                       [&](uint32_t gate) { return model.hops_to(set, gate) != kNone; });
  });
}

}  // namespace

std::vector<Masking> maskings(const Model& model) {
  std::vector<Masking> found;
  for (uint32_t milder = 0; milder < model.rules.size(); ++milder) {
    const std::vector<uint32_t> gates = gated(model, milder);
    for (uint32_t severer = 0; severer < model.rules.size(); ++severer) {
      const Rule& rule = model.rules[severer];
      if (severer == milder || rule.severity >= model.rules[milder].severity) continue;
      if (std::find(rule.needs.begin(), rule.needs.end(), milder) != rule.needs.end())
        found.push_back({Masking::By::needs, milder, severer});
      else if (hides(model, gates, rule))
        found.push_back({Masking::By::gate, milder, severer});
    }
  }
  return found;
}

}  // namespace khover::pack
