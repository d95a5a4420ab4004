// Claims and rules of the packs that apply, in an order in which a rule comes after those it needs.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "pack/failures.h"
#include "pack/typing.h"

namespace khover::pack {

struct Packs {
  const std::vector<PackFile>& all;
  const std::vector<const PackFile*>& applying;
};

class RuleLinker {
 public:
  // All must outlive it; the model's sets are complete.
  RuleLinker(const abi::Snapshot& snapshot, const Packs& packs, Model& model, Typing& typing,
             Failures& failures)
      : snapshot_(snapshot),
        packs_(packs.all),
        applying_(packs.applying),
        model_(model),
        typing_(typing),
        failures_(failures) {}

  Result<void> rules();
  Result<Claim> claim(const ClaimSyntax& syntax);

 private:
  using Definitions = std::map<std::string, std::pair<const PackFile*, const RuleDefinition*>>;  // by id
  std::vector<std::string> needs_of(const RuleDefinition& definition) const;
  Result<void> link_implications(const Definitions& by_id);
  Result<void> check_masking(const Definitions& by_id) const;
  Result<void> check_closure() const;
  Result<void> link_rule(const PackFile& pack, const RuleDefinition& definition);
  Result<void> link_gate(const RuleDefinition& definition, const Rule& rule);
  Result<std::pair<ExprPtr, ExprPtr>> link_range(const RangeSyntax& syntax, uint32_t set);
  Result<std::vector<RangeOver>> link_ranges(const std::vector<RangeSource>& sources, bool exact);
  ExprPtr in_group(const ExprPtr& start, const std::string& group, uint32_t set) const;
  Result<void> link_group(const ClaimSyntax& syntax, Claim& claim) const;

  const abi::Snapshot& snapshot_;
  const std::vector<PackFile>& packs_;
  const std::vector<const PackFile*>& applying_;
  Model& model_;
  Typing& typing_;
  Failures& failures_;
  std::vector<uint32_t> needed_;                               // by the rule that is being linked
  std::map<std::string, std::vector<std::string>> preceding_;  // rule id → rules that say they precede it
};

}  // namespace khover::pack
