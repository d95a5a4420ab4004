#include "walk/content/read.h"

namespace khover::walk {

bool Source::read(uint64_t address, std::span<std::byte> out) const {
  const auto whole = world_.memory->read(address, out);
  if (!whole) hole_at(whole.error().address);
  return whole.has_value();
}

Place place_of(const World& world, const RecordSet& set, const pack::Column& column, uint32_t row) {
  return std::visit([&](const auto& content) { return place_of(world, set, content, column, row); },
                    set.content);
}

}  // namespace khover::walk
