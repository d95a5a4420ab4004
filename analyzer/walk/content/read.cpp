#include "walk/content/read.h"

namespace khover::walk {

bool Reading::read(uint64_t address, std::span<std::byte> out) const {
  const auto whole = world.memory->read(address, out);
  if (!whole && holes) holes->push_back(whole.error().address);
  return whole.has_value();
}

Place place_of(const World& world, const RecordSet& set, const pack::Column& column, uint32_t row) {
  const Reading reading{world, set, column};
  return std::visit([&](const auto& content) { return place_of(reading, content, row); }, set.content);
}

}  // namespace khover::walk
