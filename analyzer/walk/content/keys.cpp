#include <bit>
#include <cstring>

#include "walk/content/read.h"

namespace khover::walk {

using pack::Integer;
using pack::KeyColumn;

namespace {

// The keys of ascending rows: each word of a bitmap is scanned once.
class Scan {
 public:
  explicit Scan(const Keys& keys) : keys_(keys) {}

  uint64_t key_of(uint32_t row) {
    if (leaf_ == nullptr || row >= leaf_->first_row + leaf_->count) {
      leaf_ = &keys_.leaf_of(row);
      ordinal_ = 0;
      index_ = 0;
      word_ = word_at(0);
    }
    const uint32_t wanted = row - leaf_->first_row;
    for (;;) {
      const auto bits = static_cast<uint32_t>(std::popcount(word_));
      if (ordinal_ + bits > wanted) break;
      ordinal_ += bits;
      word_ = word_at(++index_);
    }
    while (ordinal_ < wanted) {
      word_ &= word_ - 1;
      ++ordinal_;
    }
    return leaf_->first_key + index_ * 64 + static_cast<uint64_t>(std::countr_zero(word_));
  }

 private:
  uint64_t word_at(size_t i) const {
    uint64_t value;
    std::memcpy(&value, leaf_->bytes + i * 8, sizeof value);
    return value;
  }

  const Keys& keys_;
  const Leaf* leaf_ = nullptr;
  uint32_t ordinal_ = 0;  // of the next set bit in the leaf
  size_t index_ = 0;      // of the word being scanned
  uint64_t word_ = 0;
};

}  // namespace

void read_own(const Reading& reading, const Keys& keys, std::span<const uint32_t> rows, Lane& out) {
  const World& world = reading.world;
  Scan scan(keys);
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint64_t key = scan.key_of(rows[i]);
    const Key decoded = world.map.decode(key);
    switch (static_cast<KeyColumn>(reading.column.which)) {
      case KeyColumn::key:
        out.values[i] = static_cast<Integer>(key);
        break;
      case KeyColumn::phys:
        out.values[i] = static_cast<Integer>(decoded.phys);
        break;
      case KeyColumn::order:
        out.values[i] = decoded.order;
        break;
      case KeyColumn::length:
        out.values[i] = decoded.order > 60 || decoded.order < 0
                            ? 0
                            : static_cast<Integer>(world.model->page_size) << decoded.order;
        break;
    }
  }
}

bool read_text(const Reading&, const Keys&, uint32_t, std::vector<std::byte>&) {
  return false;  // keys have no texts
}

Place place_of(const Reading&, const Keys&, uint32_t) { return {}; }

}  // namespace khover::walk
