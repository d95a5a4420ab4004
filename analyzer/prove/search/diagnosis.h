// What most likely went wrong: the smallest changes of the bytes that would make a failing record
// satisfy its rule, and would break no other rule of the records around it. That is MaxSAT with equal
// weights, asked one set of changes after the other: z3::optimize (4.8.12) keeps to no limit of steps.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "evaluate/outcome.h"
#include "prove/search/change.h"
#include "walk/world.h"

namespace khover::prove {

struct Repair {
  std::vector<Change> changes;
  int doubt = 0;  // the likelier, the less
};

// All repairs of the least number of changes, at most kRepairs, the likeliest first. Empty where the
// claim is about more records than a neighbourhood holds, or the solver gives up.
constexpr size_t kRepairs = 8;
std::vector<Repair> diagnose(const walk::World& world, const pack::Rule& rule,
                             const evaluate::Instance& instance);

}  // namespace khover::prove
