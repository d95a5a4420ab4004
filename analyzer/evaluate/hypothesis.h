// Which phases an image can be in, and what that makes of the outcomes. Phase and layout
// bundle cannot be read off the bytes: each (phase, bundle) that fits is a hypothesis, and
// a verdict stands only where they agree.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "evaluate/evaluate.h"

namespace khover::evaluate {

struct Judgement {
  std::vector<pack::Phase> phases;  // that fit, as the packs' signs say, or the one that was stated
  std::string phase_origin;         // "given", "note", "evidence"
  std::vector<std::string> warnings;
  std::vector<Outcome> outcomes;  // every rule, phases taken into account
};

Judgement judge(const walk::World& world);

// Takes in the judgement of the same image under another layout bundle that fits as well:
// a verdict on which the two differ is undetermined.
void merge(Judgement& judgement, const pack::Model& model, const Judgement& other,
           const pack::Model& other_model);

// How badly a layout bundle fits: versions in the image that it does not know, then violated rules.
struct Misfit {
  uint32_t strangers = 0;   // gates that ask for a known version, and do not hold
  uint32_t unreadable = 0;  // violated gates
  uint32_t violated = 0;

  // A gate hides the rules on what it keeps from being read: a wrong layout stops early and violates
  // little. But one damaged pointer is less of a misfit than a dozen rules.
  static constexpr uint32_t kHidden = 8;
  std::array<uint32_t, 3> badness() const { return {strangers, violated + kHidden * unreadable, unreadable}; }
  friend bool operator==(const Misfit& a, const Misfit& b) { return a.badness() == b.badness(); }
  friend auto operator<=>(const Misfit& a, const Misfit& b) { return a.badness() <=> b.badness(); }
};
Misfit misfit(const walk::World& world, const Judgement& judgement);

}  // namespace khover::evaluate
