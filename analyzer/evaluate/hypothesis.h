// Which phases an image can be in, and what that makes of the outcomes. Phase and layout
// bundle cannot be read off the bytes: each (phase, bundle) that fits is a hypothesis, and
// a verdict holds only where they agree.
#pragma once

#include <string>
#include <vector>

#include "evaluate/evaluate.h"

namespace khover::evaluate {

struct Judgement {
  std::vector<pack::Phase> phases;   // that fit, as the packs' signs say, or the one that was stated
  std::string phase_origin;          // "given", "note", "evidence"
  std::vector<pack::Phase> fitting;  // as the packs' signs say, whatever was stated
  bool phase_contradicted = false;   // the stated phase is none of them
  std::vector<Outcome> outcomes;     // every rule, phases taken into account
};

Judgement judge(const walk::World& world);

// After model->target was set: what the kernel that reads the image knows. Rules on which layouts that fit
// equally well disagreed stay undetermined.
void ask_target(const walk::World& world, Judgement& judgement);

// Whether the image says that nothing is handed over but the structures of the handover themselves.
bool nothing_preserved(const walk::World& world);

// How badly a layout bundle fits: versions in the image that it does not know, then violated rules. One that
// stops the reading hides others, and counts for several: but not for any number, or a layout under which
// everything is wrong would fit better than the right one with one bad pointer.
struct Misfit {
  uint32_t strangers = 0;  // gates that ask for a known version, and do not hold
  uint32_t violated = 0;
  friend auto operator<=>(const Misfit&, const Misfit&) = default;
};
Misfit misfit(const walk::World& world, const Judgement& judgement);

}  // namespace khover::evaluate
