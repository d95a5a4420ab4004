// The pointer, or the count, by which the walk came to a record.
#pragma once

#include <optional>
#include <string>

#include "evaluate/outcome.h"
#include "walk/world.h"

namespace khover::session {

struct Step {
  evaluate::RecordRef holder;
  std::string pointer;  // its field, as the pack writes it
};

// Nullopt: the record is not found by a pointer of another one.
std::optional<Step> step_to(const walk::World& world, evaluate::RecordRef record);

}  // namespace khover::session
