#include "abi_diff/field_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

namespace khover::abi_diff {
namespace {

Meaning meaning_of(const abi::Field& field) {
  switch (field.kind) {
    case abi::TypeKind::boolean:
      return Meaning::truth;
    case abi::TypeKind::floating:
      return Meaning::floating;
    case abi::TypeKind::integer:
    case abi::TypeKind::enumeration:
      return field.is_signed ? Meaning::signed_number : Meaning::number;
    case abi::TypeKind::character:  // bytes of text, whether char has a sign or not
    case abi::TypeKind::pointer:
    case abi::TypeKind::record:
      return Meaning::number;
  }
  return Meaning::number;
}

class Flattener {
 public:
  explicit Flattener(const abi::Snapshot& snapshot) : snapshot_(snapshot) {}

  void add(const abi::Record& record, const std::string& prefix, uint64_t base,
           const std::vector<Step>& around) {
    for (const abi::Field& field : record.fields) {
      std::vector<Step> steps = around;
      const std::string path = prefix + field.name;
      uint64_t stride = field.element_size;
      std::vector<Step> own;
      for (auto bound = field.dimensions.rbegin(); bound != field.dimensions.rend(); ++bound) {
        own.push_back({*bound, *bound == 1 ? 0 : stride});
        stride *= *bound;
      }
      if (field.flexible_array) own.push_back({0, stride});
      steps.insert(steps.end(), own.rbegin(), own.rend());
      if (field.kind == abi::TypeKind::record) {
        const auto nested = snapshot_.records.find(field.record);
        if (nested == snapshot_.records.end()) continue;
        add(nested->second, field.name.empty() ? prefix : path + ".", base + field.offset, steps);
        continue;
      }
      Reading reading;
      reading.path = path;
      reading.first_bit = (base + field.offset) * 8 + field.bit_offset;
      reading.width = field.bit_width != 0 ? field.bit_width : field.element_size * 8;
      reading.meaning = meaning_of(field);
      // One bit is true or false, or 1 or 0: the same.
      if (reading.meaning == Meaning::truth && reading.width == 1) reading.meaning = Meaning::number;
      reading.steps = std::move(steps);
      out.push_back(std::move(reading));
    }
  }

  std::vector<Reading> out;

 private:
  const abi::Snapshot& snapshot_;
};

}  // namespace

std::vector<Reading> readings(const abi::Snapshot& snapshot, const abi::Record& record) {
  Flattener flattener(snapshot);
  flattener.add(record, "", 0, {});
  return std::move(flattener.out);
}

bool layouts_agree(const abi::Snapshot& old_abi, const abi::Record& old_record, const abi::Snapshot& new_abi,
                   const abi::Record& new_record) {
  if (old_record.size != new_record.size) return false;
  std::vector<Reading> before = readings(old_abi, old_record);
  std::vector<Reading> after = readings(new_abi, new_record);
  std::map<std::string, const Reading*> by_path;
  for (const Reading& reading : after) by_path[reading.path] = &reading;
  // Members that exchanged their places read the same bits as a whole, but each reads others.
  for (const Reading& reading : before) {
    const auto found = by_path.find(reading.path);
    if (found != by_path.end() && !reading.agrees_with(*found->second)) return false;
  }
  const auto by_place = [](const Reading& a, const Reading& b) {
    return std::tie(a.first_bit, a.width, a.meaning, a.steps) <
           std::tie(b.first_bit, b.width, b.meaning, b.steps);
  };
  by_path.clear();
  std::sort(before.begin(), before.end(), by_place);
  std::sort(after.begin(), after.end(), by_place);
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const Reading& a, const Reading& b) { return a.agrees_with(b); });
}

std::string number_text(const Reading& reading, uint64_t bits) {
  if (reading.meaning == Meaning::truth) return bits == 0 ? "false" : "true";
  if (reading.meaning == Meaning::signed_number && (bits >> (reading.width - 1) & 1) != 0) {
    const uint64_t magnitude = (reading.width == 64 ? 0 : uint64_t{1} << reading.width) - bits;
    return fmt::format("-{:#x}", magnitude);
  }
  return fmt::format("{:#x}", bits);
}

std::string value_text(const Reading& reading, const std::vector<uint8_t>& bytes, bool little_endian) {
  const bool text = reading.width == 8 && !reading.steps.empty();
  if (text) {
    // The first bytes of an array of bytes say enough.
    const uint64_t first = reading.first_bit / 8;
    const uint64_t shown =
        reading.steps.back().count == 0 ? 4 : std::min<uint64_t>(4, reading.steps.back().count);
    if (first + shown > bytes.size()) return "";
    std::string out;
    for (uint64_t i = 0; i < shown; ++i) out += fmt::format("{}{:02x}", i == 0 ? "" : " ", bytes[first + i]);
    return out + (reading.steps.back().count > shown || reading.steps.back().count == 0 ? " …" : "");
  }
  if (reading.width == 0 || reading.width > 64) return "";
  const uint64_t last = reading.first_bit + reading.width - 1;
  if (last / 8 >= bytes.size()) return "";
  uint64_t value = 0;
  const bool whole_bytes = reading.first_bit % 8 == 0 && reading.width % 8 == 0;
  if (!little_endian && !whole_bytes) return "";  // bit-fields of big-endian kernels are not modelled
  for (uint64_t i = 0; i < reading.width; ++i) {
    const uint64_t bit = reading.first_bit + i;
    const uint64_t byte = little_endian ? bit / 8 : reading.first_bit / 8 + (reading.width - 1 - i) / 8;
    value |= static_cast<uint64_t>(bytes[byte] >> (bit % 8) & 1) << i;
  }
  return number_text(reading, value);
}

}  // namespace khover::abi_diff
