#include "mutations.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "image/patched_memory.h"
#include "walk/vm/columns.h"

namespace khover::sweep {
namespace {

using pack::ColumnKind;

// Bytes of a field, and the bits of them that are its own.
struct Cell {
  uint64_t address = 0;
  size_t bytes = 0;
  uint32_t shift = 0, bits = 0;
};

struct Change {
  std::string kind;
  uint64_t value = 0;
};

struct Text {
  std::string kind;
  std::vector<std::byte> bytes;
};

uint64_t ones(uint32_t bits) { return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1; }

std::optional<uint64_t> read(const image::Memory& memory, const Cell& cell) {
  std::array<std::byte, 8> bytes{};
  if (cell.bytes == 0 || cell.bytes > 8 || !memory.read(cell.address, std::span(bytes).first(cell.bytes)))
    return {};
  uint64_t value = 0;
  for (size_t i = cell.bytes; i-- > 0;) value = value << 8 | std::to_integer<uint64_t>(bytes[i]);
  return value;
}

void write(image::PatchedMemory& memory, const Cell& cell, uint64_t whole, uint64_t value) {
  const uint64_t mask = ones(cell.bits) << cell.shift;
  const uint64_t merged = (whole & ~mask) | (value << cell.shift & mask);
  std::array<std::byte, 8> bytes{};
  for (size_t i = 0; i < cell.bytes; ++i) bytes[i] = static_cast<std::byte>(merged >> (8 * i));
  memory.write(cell.address, std::span(bytes).first(cell.bytes));
}

std::optional<Cell> cell_of(const walk::RecordSet& set, const pack::Column& column, uint32_t row) {
  if (column.kind == ColumnKind::integer) {
    const uint64_t record = set.address_of(row);
    if (record == 0) return {};
    const size_t bytes = (column.bit_offset + column.bits + 7) / 8;
    if (bytes > 8) return {};
    return Cell{record + column.offset, bytes, column.bit_offset, column.bits};
  }
  const walk::Nodes* nodes = set.nodes();
  if (column.is(pack::NodeColumn::property) && nodes != nullptr && row < nodes->rows.size()) {
    const walk::FdtCell& cell = nodes->rows[row].cells[column.property];
    if (cell.bytes != 4 && cell.bytes != 8) return {};
    return Cell{cell.address, static_cast<size_t>(cell.bytes), 0, static_cast<uint32_t>(cell.bytes) * 8};
  }
  return {};
}

// One address of each kind of page that the image has: what a pointer could be mistaken for.
std::vector<Change> pages(const walk::World& world) {
  std::vector<Change> found;
  walk::Columns columns(world);
  for (const walk::RecordSet& set : world.sets) {
    if (!set.type->allocation || set.rows == 0) continue;
    const auto start = columns.evaluate(*set.type->allocation->start, set.index, 0);
    if (!start.known || start.value <= 0 || start.value >> 64 != 0) continue;
    found.push_back({"page of " + set.type->name, static_cast<uint64_t>(start.value)});
  }
  if (world.facts.ram && !world.facts.ram->value.empty())
    found.push_back({"beyond RAM", world.facts.ram->value.back().end()});
  found.push_back({"address 2^60", uint64_t{1} << 60});
  return found;
}

std::vector<Change> values(const walk::World& world, const walk::RecordSet& set, const pack::Column& column,
                           const Cell& cell, uint32_t row, uint64_t now,
                           const std::vector<Change>& pointers) {
  std::vector<Change> all = {{"0", 0},
                             {"1", 1},
                             {"max", ones(cell.bits)},
                             {"sign bit", uint64_t{1} << (cell.bits - 1)},
                             {"+1", (now + 1) & ones(cell.bits)},
                             {"-1", (now - 1) & ones(cell.bits)}};
  const uint32_t other = row + 1 < set.rows ? row + 1 : row - 1;
  if (set.rows > 1) {
    const auto beside = cell_of(set, column, other);
    const auto value = beside ? read(*world.memory, *beside) : std::nullopt;
    if (value) all.push_back({"neighbour's", *value >> beside->shift & ones(cell.bits)});
  }
  if (cell.bits == 64) all.insert(all.end(), pointers.begin(), pointers.end());
  return all;
}

std::vector<Text> texts(const walk::World& world, const walk::RecordSet& set, const pack::Column& column,
                        uint32_t row) {
  const uint64_t at = set.address_of(row) + column.offset;
  std::vector<std::byte> now(column.length);
  if (column.length == 0 || !world.memory->read(at, now)) return {};
  std::vector<Text> all;
  const auto add = [&](const char* kind, const std::function<void(std::vector<std::byte>&)>& change) {
    std::vector<std::byte> bytes = now;
    change(bytes);
    if (bytes != now) all.push_back({kind, std::move(bytes)});
  };
  const auto end = static_cast<std::ptrdiff_t>(std::find(now.begin(), now.end(), std::byte{0}) - now.begin());
  add("empty", [](auto& bytes) { std::fill(bytes.begin(), bytes.end(), std::byte{0}); });
  add("no NUL", [&](auto& bytes) { std::fill(bytes.begin() + end, bytes.end(), std::byte{'x'}); });
  add("other letter", [](auto& bytes) { bytes[0] ^= std::byte{1}; });
  add("last letter", [&](auto& bytes) {
    if (end > 0) bytes[static_cast<size_t>(end) - 1] ^= std::byte{1};
  });
  add("dirty tail", [&](auto& bytes) {
    if (end + 1 < std::ssize(bytes)) bytes.back() = std::byte{'x'};
  });
  if (set.rows > 1) {
    std::vector<std::byte> other(column.length);
    const uint32_t beside = row + 1 < set.rows ? row + 1 : row - 1;
    if (world.memory->read(set.address_of(beside) + column.offset, other))
      add("neighbour's", [&](auto& bytes) { bytes = other; });
  }
  return all;
}

// The first and the last `most` records of a set tell of all.
std::set<uint32_t> chosen_rows(uint32_t rows, uint32_t most) {
  std::set<uint32_t> chosen;
  for (uint32_t i = 0; i < std::min(rows, most); ++i) {
    chosen.insert(i);
    chosen.insert(rows - 1 - i);
  }
  return chosen;
}

class Mutations {
 public:
  using Visit = std::function<void(const Mutation&, const image::Memory&)>;
  Mutations(const walk::World& world, const Visit& visit)
      : world_(world), visit_(visit), pointers_(pages(world)), patched_(*world.memory) {}

  void run(uint32_t most_rows) {
    for (const walk::RecordSet& set : world_.sets) {
      for (uint32_t column = 0; column < set.type->columns.size(); ++column) {
        for (const uint32_t row : chosen_rows(set.rows, most_rows)) change(set, column, row);
      }
    }
  }

 private:
  void change(const walk::RecordSet& set, uint32_t column, uint32_t row) {
    const pack::Column& field = set.type->columns[column];
    if (field.kind == ColumnKind::text) {
      const uint64_t at = set.address_of(row) + field.offset;
      for (const Text& text : texts(world_, set, field, row)) {
        patched_.write(at, text.bytes);
        show({set.index, column, row, text.kind, at});
      }
    }
    const auto cell = cell_of(set, field, row);
    const auto whole = cell ? read(*world_.memory, *cell) : std::nullopt;
    if (!whole) return;
    const uint64_t now = *whole >> cell->shift & ones(cell->bits);
    for (const Change& one : values(world_, set, field, *cell, row, now, pointers_)) {
      if (one.value == now) continue;
      write(patched_, *cell, *whole, one.value);
      show({set.index, column, row, one.kind, cell->address});
    }
  }

  void show(const Mutation& mutation) {
    visit_(mutation, patched_);
    patched_.clear();
  }

  const walk::World& world_;
  const Visit& visit_;
  std::vector<Change> pointers_;
  image::PatchedMemory patched_;
};

}  // namespace

void for_each_mutation(const walk::World& world, uint32_t most_rows,
                       const std::function<void(const Mutation&, const image::Memory&)>& visit) {
  Mutations(world, visit).run(most_rows);
}

}  // namespace khover::sweep
