#include "session/carve_redact.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

#include "walk/content/read.h"

namespace khover::session {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::byte kFiller{'x'};
constexpr uint64_t kStep = 1 << 20;  // bytes that are looked at at once

class Redactor {
 public:
  explicit Redactor(const walk::World& world) : world_(world) {}

  Redaction redact(const std::vector<image::Range>& kept) {
    for (const walk::RecordSet& set : world_.sets) {
      for (const uint32_t column : set.type->names) collect(set, set.type->columns[column]);
    }
    name_all();
    scrub(kept);
    result_.names = pseudonyms_.size();
    return std::move(result_);
  }

 private:
  void collect(const walk::RecordSet& set, const pack::Column& column) {
    for (uint32_t row = 0; row < set.rows; ++row) {
      const walk::Place where = walk::place_of(world_, set, column, row);
      std::vector<std::byte> bytes(where.size);
      if (bytes.empty() || !world_.memory->read(where.address, bytes)) continue;
      fields_[where.address] = std::move(bytes);
    }
  }

  static std::string name_in(const std::vector<std::byte>& field) {
    const auto end = std::find(field.begin(), field.end(), std::byte{0});
    return {reinterpret_cast<const char*>(field.data()), static_cast<size_t>(end - field.begin())};
  }

  // The `number`-th text of that length. Where letters and digits do not suffice, all bytes but 0 do:
  // there are as many texts as there can be names.
  static std::string pseudonym(uint64_t number, size_t length, uint64_t names) {
    uint64_t readable = 1;
    for (size_t i = 0; i < length && readable < names; ++i) readable *= kDigits.size();
    const uint64_t base = readable >= names ? kDigits.size() : 255;
    std::string text(length, readable >= names ? kDigits.front() : '\x01');
    for (size_t i = length; i-- > 0 && number > 0; number /= base) {
      const uint64_t digit = number % base;
      text[i] = readable >= names ? kDigits[digit] : static_cast<char>(digit + 1);
    }
    return text;
  }

  void name_all() {
    std::unordered_map<size_t, uint64_t> of_length;  // how many names have it
    for (const auto& [address, field] : fields_) {
      const std::string name = name_in(field);
      if (!name.empty() && pseudonyms_.emplace(name, "").second) ++of_length[name.size()];
    }
    std::unordered_map<size_t, uint64_t> given;
    for (auto& [address, field] : fields_) {
      const std::string name = name_in(field);
      if (!name.empty() && pseudonyms_[name].empty())
        pseudonyms_[name] = pseudonym(given[name.size()]++, name.size(), of_length[name.size()]);
      if (!name.empty()) std::memcpy(field.data(), pseudonyms_[name].data(), name.size());
      // A tail that is not zero is what is left of a longer name.
      std::replace_if(
          field.begin() + static_cast<std::ptrdiff_t>(name.size()), field.end(),
          [](std::byte byte) { return byte != std::byte{0}; }, kFiller);
      result_.replaced[address] = field;
    }
  }

  // All that rules and readers see of a core, by address.
  std::vector<image::Range> records() const {
    std::vector<image::Range> all;
    for (const walk::FdtBlob& blob : world_.blobs) all.push_back({blob.address, blob.bytes.size()});
    for (const walk::RecordSet& set : world_.sets) {
      if (set.type->stride == 0) continue;
      for (const walk::Extent& extent : set.extents)
        all.push_back({extent.address, extent.count * set.type->stride});
    }
    if (world_.facts.scratch) all.push_back(world_.facts.scratch->value);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
    return all;
  }

  void scrub(const std::vector<image::Range>& kept) {
    const std::vector<image::Range> all = records();
    auto next = all.begin();
    uint64_t covered = 0;  // end of the records so far
    for (const image::Range& piece : kept) {
      uint64_t at = std::max(piece.start, std::min(covered, piece.end()));
      for (; next != all.end() && next->start < piece.end(); ++next) {
        if (next->start > at) scrub({at, next->start - at});
        covered = std::max(covered, next->end());
        at = std::max(at, std::min(covered, piece.end()));
      }
      if (at < piece.end()) scrub({at, piece.end() - at});
    }
  }

  void scrub(const image::Range& gap) {
    for (uint64_t at = gap.start; at < gap.end(); at += kStep) {
      std::vector<std::byte> bytes(std::min(kStep, gap.end() - at));
      if (!world_.memory->read(at, bytes)) continue;
      const auto filled = [](std::byte byte) { return byte != std::byte{0}; };
      if (std::none_of(bytes.begin(), bytes.end(), filled)) continue;
      std::replace_if(bytes.begin(), bytes.end(), filled, kFiller);
      result_.replaced[at] = std::move(bytes);
    }
  }

  const walk::World& world_;
  std::map<uint64_t, std::vector<std::byte>> fields_;
  std::unordered_map<std::string, std::string> pseudonyms_;
  Redaction result_;
};

}  // namespace

tl::expected<void, image::Hole> RedactedMemory::read(uint64_t phys, std::span<std::byte> out) const {
  if (const auto whole = memory_.read(phys, out); !whole) return whole;
  auto one = replaced_.upper_bound(phys);
  if (one != replaced_.begin()) --one;
  for (; one != replaced_.end() && (one->first < phys || one->first - phys < out.size()); ++one) {
    const auto& [start, bytes] = *one;
    const uint64_t from = std::max(start, phys);
    const uint64_t skip = from - start;
    if (skip >= bytes.size()) continue;
    const size_t count = std::min<uint64_t>(bytes.size() - skip, out.size() - (from - phys));
    std::memcpy(out.data() + (from - phys), bytes.data() + skip, count);
  }
  return {};
}

Redaction redact(const walk::World& world, const std::vector<image::Range>& kept) {
  return Redactor(world).redact(kept);
}

}  // namespace khover::session
