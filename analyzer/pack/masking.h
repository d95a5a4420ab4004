// Rules that are not asked of a record since a milder rule fails for it.
#pragma once

#include <vector>

#include "pack/model.h"

namespace khover::pack {

struct Masking {
  enum class By { needs, gate };
  By by = By::needs;        // `precedes` is `needs`, said by the other rule
  uint32_t milder = kNone;  // rule
  uint32_t severer = kNone;
};

// All pairs, in the order of the milder rules.
std::vector<Masking> maskings(const Model& model);

}  // namespace khover::pack
