#include <algorithm>

#include "walk/containers/container.h"

namespace khover::walk {

using pack::Integer;

namespace {

// Entries before the first one that is 0, or that is absent.
Integer first_zero(const image::Memory& memory, uint64_t address, uint64_t count, uint64_t stride) {
  std::vector<std::byte> bytes(stride);
  for (uint64_t i = 0; i < count; ++i) {
    const auto is_zero = [](std::byte b) { return b == std::byte{0}; };
    if (!memory.read(address + i * stride, bytes) || std::all_of(bytes.begin(), bytes.end(), is_zero))
      return static_cast<Integer>(i);
  }
  return static_cast<Integer>(count);
}

}  // namespace

void follow(const pack::plans::Array& plan, Family& family) {
  const auto at = family.start(plan.at);
  if (!at) return;
  const auto wanted = family.value(plan.count);
  if (!wanted || *wanted <= 0) return;
  Integer count = *wanted;
  if (plan.capacity.expr) {
    const auto capacity = family.value(plan.capacity);
    if (!capacity) return;
    if (count > *capacity) {
      family.broken(*at, fmt::format("a count above the {} that fit", static_cast<uint64_t>(*capacity)));
      count = *capacity;
    }
  }
  if (!family.visit(*at))
    return family.broken(*at, fmt::format("the records at {:#x} already belong to another", *at));
  const uint64_t stride = family.type().stride;
  const Integer bytes = count * static_cast<Integer>(stride);
  const uint64_t present = family.claim(*at, bytes);
  if (static_cast<Integer>(present) < bytes) count = static_cast<Integer>(present / stride);
  if (plan.until_zero) count = first_zero(*family.world().memory, *at, static_cast<uint64_t>(count), stride);
  if (count <= 0 || static_cast<Integer>(family.set().rows) + count > static_cast<Integer>(kMaxRows)) return;
  family.pass_gates_from(family.append(*at, static_cast<uint32_t>(count), 0));
}

}  // namespace khover::walk
