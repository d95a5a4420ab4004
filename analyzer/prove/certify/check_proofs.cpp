#include "prove/certify/check_proofs.h"

#include "prove/certify/certify.h"
#include "walk/walker.h"

namespace khover::prove {
namespace {

// An image of which nothing was captured: every set is empty, and every certificate has its checks.
class NoMemory : public image::Memory {
 public:
  std::span<const std::byte> run(uint64_t) const override { return {}; }
  const std::vector<image::Range>& present() const override { return none_; }

 private:
  std::vector<image::Range> none_;
};

constexpr unsigned kSteps = 5'000'000;

}  // namespace

std::vector<ModelProofs::Rule> ModelProofs::prove(const pack::Model& model) {
  const NoMemory memory;
  const walk::World world = walk::walk(model, memory, {});
  CheckProofs& proofs = proofs_.try_emplace(model.page_size, model.page_size, nullptr, smt2_).first->second;
  std::vector<Rule> rules;
  for (uint32_t rule = 0; rule < model.rules.size(); ++rule) {
    Solver unused(kSteps, "");
    FactsOptions options;
    options.proofs = &proofs;
    options.every_check = true;
    Facts facts(options, unused, model.rules[rule].id);
    Certifier certifier(world, model.rules[rule].claim, facts);
    certifier.run();
    rules.push_back({rule, facts.programs()});
  }
  return rules;
}

std::set<std::string> ModelProofs::proved() const {
  std::set<std::string> contents;
  for (const auto& [page_size, proofs] : proofs_) contents.merge(proofs.translation().proved());
  return contents;
}

Tally ModelProofs::tally() const {
  Tally tally;
  for (const auto& [page_size, proofs] : proofs_) tally.add(proofs.translation().tally());
  return tally;
}

}  // namespace khover::prove
