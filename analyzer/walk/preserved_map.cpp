#include "walk/preserved_map.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace khover::walk {

void PreservedMap::add_leaf(uint64_t first_key, const std::byte* bitmap) {
  leaves_[first_key >> bitmap_bits_] = bitmap;
  const uint64_t last_key = first_key + ((uint64_t{1} << bitmap_bits_) - 1);
  for (int order = decode(last_key).order; order <= max_order(); ++order) {
    if (order >= 0) orders_ |= uint64_t{1} << order;
    if (order >= decode(first_key == 0 ? 1 : first_key).order) break;
  }
}

void PreservedMap::add_hole(uint64_t first_key, uint64_t last_key, uint64_t address) {
  if (!hole_address_) hole_address_ = address;
  auto next = holes_.upper_bound(first_key);
  if (next != holes_.begin() && std::prev(next)->second >= first_key) --next;
  while (next != holes_.end() && next->first <= last_key) {
    first_key = std::min(first_key, next->first);
    last_key = std::max(last_key, next->second);
    next = holes_.erase(next);
  }
  holes_[first_key] = last_key;
}

Key PreservedMap::decode(uint64_t key) const {
  if (key == 0) return {0, max_order() + 1};
  const int order_bit = 63 - std::countl_zero(key);
  const int order = max_order() - order_bit;
  const uint32_t shift = page_shift_ + static_cast<uint32_t>(order < 0 ? 0 : order);
  return {shift >= 64 ? 0 : key << shift, order};  // the order bit falls off the top
}

std::optional<uint64_t> PreservedMap::encode(uint64_t phys, int order) const {
  if (order < 0 || order > max_order()) return std::nullopt;
  const uint32_t shift = page_shift_ + static_cast<uint32_t>(order);
  if (shift >= 64) return phys == 0 ? std::optional<uint64_t>(1) : std::nullopt;
  if ((phys & ((uint64_t{1} << shift) - 1)) != 0) return std::nullopt;
  return (uint64_t{1} << (64 - shift)) | (phys >> shift);
}

Answer PreservedMap::test(uint64_t key) const {
  const auto leaf = leaves_.find(key >> bitmap_bits_);
  if (leaf != leaves_.end()) {
    const uint64_t bit = key & ((uint64_t{1} << bitmap_bits_) - 1);
    const auto byte = std::to_integer<unsigned>(leaf->second[bit / 8]);
    return (byte >> (bit % 8) & 1) != 0 ? Answer::yes : Answer::no;
  }
  const auto after = holes_.upper_bound(key);
  return after != holes_.begin() && key <= std::prev(after)->second ? Answer::unknown : Answer::no;
}

Answer PreservedMap::contains(uint64_t phys, int order) const {
  const auto key = encode(phys, order);
  return key ? test(*key) : Answer::no;
}

std::optional<int> PreservedMap::order_at(uint64_t phys) const {
  for (int order = 0; order <= max_order(); ++order) {
    if (holes_.empty()) {
      const uint64_t left = order < 64 ? orders_ >> order : 0;
      if (left == 0) break;
      order += std::countr_zero(left);
    }
    const Answer answer = contains(phys, order);
    if (answer == Answer::yes) return order;
    if (answer == Answer::unknown) return std::nullopt;
  }
  return -1;
}

Answer PreservedMap::covering(uint64_t phys, Key* key) const {
  bool unknown = false;
  for (int order = 0; order <= max_order(); ++order) {
    if (holes_.empty()) {
      const uint64_t left = order < 64 ? orders_ >> order : 0;
      if (left == 0) break;
      order += std::countr_zero(left);
    }
    const uint32_t shift = page_shift_ + static_cast<uint32_t>(order);
    const uint64_t base = shift >= 64 ? 0 : phys >> shift << shift;
    const Answer answer = contains(base, order);
    if (answer == Answer::yes) {
      *key = {base, order};
      return Answer::yes;
    }
    unknown = unknown || answer == Answer::unknown;
  }
  return unknown ? Answer::unknown : Answer::no;
}

std::optional<uint64_t> PreservedMap::hole_address() const { return hole_address_; }

}  // namespace khover::walk
