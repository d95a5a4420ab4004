// Where a claim could be broken: some of the records, or pairs of records, that it speaks of.
#pragma once

#include <optional>
#include <vector>

#include "evaluate/outcome.h"
#include "walk/world.h"

namespace khover::prove {

struct Place {
  evaluate::RecordRef record;
  std::optional<evaluate::RecordRef> other;
};

// Those for which the claim counts, the first, the last and one in the middle of each set; for pairs,
// neighbours before distant ones. At most `most`; what the image lacks records for has none.
std::vector<Place> places(const walk::World& world, const pack::Claim& claim, size_t most);

// What a row claim that fails for a record asks to be zero, and is not.
std::vector<image::Range> must_be_zero(const walk::World& world, const pack::Claim& claim,
                                       evaluate::RecordRef record);

}  // namespace khover::prove
