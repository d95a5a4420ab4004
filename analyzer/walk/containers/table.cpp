#include <algorithm>

#include "walk/containers/container.h"

namespace khover::walk {
namespace {

using pack::Integer;

// Level by level. Each page is read once, wherever entries point, so that the work is bounded by the pages
// that are present.
class Tables {
 public:
  Tables(Family& family, RecordSet& entries)
      : family_(family),
        world_(family.world()),
        entries_(entries),
        plan_(std::get<pack::plans::Entries>(entries.type->plan)) {}

  void descend(uint64_t start, uint32_t top) {
    std::vector<uint64_t> here = {start};
    for (uint32_t level = top;; --level) {
      std::vector<uint64_t> below;
      for (const uint64_t address : here) read(address, level, below);
      if (level == 0 || below.empty()) return;
      here = std::move(below);
    }
  }

 private:
  // Of the pages that are absent or used twice, the first is named.
  void read(uint64_t address, uint32_t level, std::vector<uint64_t>& below) {
    const uint64_t size = world_.model->page_size;
    const uint64_t present = family_.present_bytes(address, static_cast<Integer>(size));
    if (present < size) {
      if (!has_hole_) family_.hole(address + present);
      has_hole_ = true;
      return;
    }
    if (!family_.visit(address)) {
      if (!is_shared_)
        family_.broken(address, fmt::format("the {} {:#x} is used twice", family_.type().singular, address));
      is_shared_ = true;
      return;
    }
    const uint32_t row = family_.append(address, 1, index_++, {level});
    add_entries(address, row, level > 0 ? &below : nullptr);
  }

  // Most tables are sparse: runs of entries whose bytes are not all 0.
  void append_used(Family& entries, uint64_t address, uint32_t count) {
    const uint64_t stride = entries.type().stride;
    std::vector<std::byte> bytes(count * stride);
    if (!world_.memory->read(address, bytes)) return;
    const auto used = [&](uint32_t i) {
      const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(i * stride);
      return std::any_of(begin, begin + static_cast<std::ptrdiff_t>(stride),
                         [](std::byte b) { return b != std::byte{0}; });
    };
    for (uint32_t i = 0; i < count;) {
      uint32_t end = i;
      while (end < count && used(end)) ++end;
      if (end > i) entries.append(address + i * stride, end - i, i);
      i = end + 1;
    }
  }

  // The entries of one table, and where they lead to.
  void add_entries(uint64_t address, uint32_t table, std::vector<uint64_t>* below) {
    Family entries(family_.walk(), entries_, table);
    const auto wanted = entries.value(plan_.count);
    const uint64_t capacity = world_.model->page_size / entries.type().stride;
    if (!wanted || *wanted <= 0) return;
    const auto count = static_cast<uint32_t>(std::min<Integer>(*wanted, static_cast<Integer>(capacity)));
    if (uint64_t{entries_.rows} + count > kMaxRows) return;
    const uint32_t first = entries_.rows;
    append_used(entries, address, count);
    if (!below) return;
    bool broken = false;
    for (uint32_t row = first; row < entries_.rows; ++row) {
      const auto next = family_.walk().columns.column(entries_.index, plan_.next.index, row);
      if (!next.known || next.value == 0) continue;  // its bytes are there: it is known
      if (entries.pass_gates(row) && next.value > 0 && next.value >> 64 == 0)
        below->push_back(static_cast<uint64_t>(next.value));
      else
        broken = true;
    }
    if (broken) family_.broken(address, fmt::format("an entry of {:#x} cannot be followed", address));
  }

  Family& family_;
  World& world_;
  RecordSet& entries_;
  const pack::plans::Entries& plan_;
  uint32_t index_ = 0;
  bool has_hole_ = false;
  bool is_shared_ = false;
};

}  // namespace

void follow(const pack::plans::Table& plan, Family& family) {
  RecordSet* entries = family.along<pack::plans::Entries>();
  if (!entries) return;
  const auto start = family.start(plan.at);
  const auto top = family.value(plan.level);
  if (!start || !top) return;
  if (*top < 0 || *top > pack::plans::kMaxTableLevel)
    return family.broken(*start, "a table with more levels than any hardware has");
  Tables(family, *entries).descend(*start, static_cast<uint32_t>(*top));
}

}  // namespace khover::walk
