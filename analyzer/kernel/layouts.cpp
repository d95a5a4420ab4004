#include "kernel/layouts.h"

namespace khover::kernel {
namespace {

constexpr uint64_t kMaxBtf = uint64_t{64} << 20;  // bytes; a distribution's kernel has 6 MiB

}  // namespace

std::optional<btf::Types> read_btf(const AddressSpace& space, const Symbols& symbols) {
  const auto start = symbols.find(kBtfStart), end = symbols.find(kBtfEnd);
  if (start == symbols.end() || end == symbols.end()) return std::nullopt;
  if (start->second.size() != 1 || end->second.size() != 1) return std::nullopt;
  const uint64_t from = start->second.front(), to = end->second.front();
  if (from >= to || to - from > kMaxBtf) return std::nullopt;
  std::vector<std::byte> section;
  // Grows with what is there: the symbols may promise more than the dump holds.
  constexpr uint64_t kStep = 65536;
  for (uint64_t at = from; at < to; at += kStep) {
    const uint64_t count = std::min(kStep, to - at);
    section.resize(section.size() + count);
    if (!space.read(at, std::span(section).last(count))) return std::nullopt;
  }
  auto types = btf::Types::read(std::move(section), "the kernel's BTF");
  if (!types) return std::nullopt;
  return std::move(*types);
}

std::vector<btf::Place> Layouts::places(const std::string& record, const std::string& field) const {
  std::vector<btf::Place> places;
  if (btf_) {
    const std::optional<uint32_t> type = btf_->record(record);
    const std::optional<btf::Place> place = type ? btf_->field(*type, field) : std::nullopt;
    if (place) places.push_back(*place);
    return places;
  }
  for (const pack::KernelLayout& layout : declared_) {
    const auto found = layout.fields.find(field);
    if (layout.record == record && found != layout.fields.end())
      places.push_back({found->second.offset, found->second.size});
  }
  return places;
}

}  // namespace khover::kernel
