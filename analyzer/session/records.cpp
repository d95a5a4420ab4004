#include "session/records.h"

#include <fmt/format.h>

#include <algorithm>

#include "findings/printable.h"

namespace khover::session {

std::string value_text(const walk::World& world, const walk::Columns::Value& value, pack::Type type, bool hex,
                       uint32_t digits) {
  if (!value.known) return "?";
  if (type == pack::Type::text)
    return findings::printable(world.strings.text(static_cast<uint64_t>(value.value)));
  if (digits != 0) return fmt::format("{:0{}x}", static_cast<uint64_t>(value.value), digits);
  if (hex) return fmt::format("{:#x}", static_cast<uint64_t>(value.value));
  return fmt::format("{}", static_cast<int64_t>(value.value));
}

std::string label(const walk::World& world, walk::Columns& columns, evaluate::RecordRef record) {
  const pack::SetType& type = world.model->sets[record.set];
  std::string text;
  for (const pack::LabelPart& part : type.label) {
    if (part.column == pack::kNone) {
      text += part.text;
      continue;
    }
    text += value_text(world, columns.column(record.set, part.column, record.row),
                       type.columns[part.column].type, part.hex, part.digits);
  }
  return text;
}

std::string path(const walk::World& world, walk::Columns& columns, evaluate::RecordRef record) {
  std::string text = label(world, columns, record);
  uint32_t row = record.row;
  for (uint32_t set = record.set; world.model->sets[set].parent != pack::kNone;) {
    row = world.sets[set].parent_of(row);
    set = world.model->sets[set].parent;
    if (row == pack::kNone) break;
    if (world.model->sets[set].in_path) text = label(world, columns, {set, row}) + " › " + text;
  }
  return text;
}

uint64_t address(const walk::World& world, walk::Columns& columns, evaluate::RecordRef record) {
  return static_cast<uint64_t>(
      columns.column(record.set, world.model->sets[record.set].find("_addr"), record.row).value);
}

std::vector<uint8_t> bytes(const walk::World& world, evaluate::RecordRef record, size_t most) {
  const walk::RecordSet& set = world.sets[record.set];
  if (set.extents.empty() || set.type->stride == 0) return {};
  const auto run = world.memory->run(set.address_of(record.row));
  const size_t length = std::min({most, run.size(), static_cast<size_t>(set.type->stride)});
  std::vector<uint8_t> out(length);
  std::transform(run.begin(), run.begin() + static_cast<std::ptrdiff_t>(length), out.begin(),
                 [](std::byte b) { return std::to_integer<uint8_t>(b); });
  return out;
}

}  // namespace khover::session
