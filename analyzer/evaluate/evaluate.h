// Decides claims at memory speed: column programs over batches, hash joins, sorted
// runs. No solver. Each claim form has one file, and one function that decides it.
#pragma once

#include <vector>

#include "evaluate/outcome.h"
#include "walk/world.h"

namespace khover::evaluate {

// Every rule, in the model's order. A claim says the same in every phase; `phases`, those
// that the image may be in, only decide which failing rules make others not judged.
std::vector<Outcome> evaluate(const walk::World& world, const std::vector<pack::Phase>& phases);

// A claim that belongs to no rule, such as the sign of a phase.
Verdict decide(const walk::World& world, const pack::Claim& claim);

}  // namespace khover::evaluate
