// The field sweep: every field of every kind of record gets every value that a fault could leave in it.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>

#include "ground.h"
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

// What was tried of one kind of value in one field, over all images.
struct Tried {
  size_t noticed = 0, missed = 0;
  std::string where;  // one that was missed
};
using Table = std::map<std::pair<std::string, std::string>, std::map<std::string, Tried>>;

// Why a value need not be noticed. Nothing else is a reason; "missing" is none: a rule is to be written.
const std::set<std::string> kReasons = {"unread", "legal", "ram", "topology", "content", "missing"};

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
  if (!world.memory->read(at, now)) return {};
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

class Sweep {
 public:
  Sweep(const Ground& ground, std::string image, Table& table)
      : ground_(ground), image_(std::move(image)), table_(table), patched_(ground.memory()) {}

  void run(uint32_t most_rows) {
    const walk::World& world = ground_.analysis().world;
    const std::vector<Change> pointers = pages(world);
    for (const walk::RecordSet& set : world.sets) {
      for (const pack::Column& column : set.type->columns) {
        for (const uint32_t row : chosen_rows(set.rows, most_rows)) change(world, set, column, row, pointers);
      }
    }
  }
  size_t tried() const { return tried_; }

 private:
  void change(const walk::World& world, const walk::RecordSet& set, const pack::Column& column, uint32_t row,
              const std::vector<Change>& pointers) {
    if (column.kind == ColumnKind::text) {
      for (const Text& text : texts(world, set, column, row)) {
        patched_.write(set.address_of(row) + column.offset, text.bytes);
        judge(set, column, row, text.kind);
      }
    }
    const auto cell = cell_of(set, column, row);
    const auto whole = cell ? read(*world.memory, *cell) : std::nullopt;
    if (!whole) return;
    const uint64_t now = *whole >> cell->shift & ones(cell->bits);
    for (const Change& one : values(world, set, column, *cell, row, now, pointers)) {
      if (one.value == now) continue;
      write(patched_, *cell, *whole, one.value);
      judge(set, column, row, one.kind);
    }
  }

  void judge(const walk::RecordSet& set, const pack::Column& column, uint32_t row, const std::string& kind) {
    std::string rule;
    const Effect effect = ground_.effect(ground_.read(patched_), false, &rule);
    patched_.clear();
    ++tried_;
    Tried& tried = table_[{set.type->name, column.name}][kind];
    if (effect > Effect::hygiene) {
      ++tried.noticed;
    } else {
      ++tried.missed;
      if (tried.where.empty())
        tried.where = fmt::format("{} row {}{}", image_, row, rule.empty() ? "" : " [" + rule + "]");
    }
  }

  const Ground& ground_;
  std::string image_;
  Table& table_;
  image::PatchedMemory patched_;
  size_t tried_ = 0;
};

// Where a pointer to no kind of page is noticed, that is one kind of value.
void join_pages(Table& table) {
  const auto is_page = [](const auto& one) { return one.first.rfind("page of ", 0) == 0; };
  for (auto& [field, kinds] : table) {
    const auto pages = std::count_if(kinds.begin(), kinds.end(), is_page);
    const bool all_missed = std::all_of(
        kinds.begin(), kinds.end(), [&](const auto& one) { return !is_page(one) || one.second.missed > 0; });
    if (pages == 0 || !all_missed) continue;
    Tried any = std::find_if(kinds.begin(), kinds.end(), is_page)->second;
    std::erase_if(kinds, is_page);
    kinds["any page"] = any;
  }
}

using Excuses = std::map<std::pair<std::string, std::string>, std::map<std::string, std::string>>;

// set, field, kinds of values joined by ", ", reason, remark
Excuses read_excuses(const std::string& path) {
  Excuses excuses;
  for (const auto& row : read_table(path)) {
    if (row.size() < 4 || kReasons.count(row[3]) == 0)
      throw std::runtime_error(path + ": a line without a reason: " + row[0]);
    for (size_t at = 0; at <= row[2].size();) {
      const size_t end = std::min(row[2].find(", ", at), row[2].size());
      excuses[{row[0], row[1]}][row[2].substr(at, end - at)] = row[3];
      at = end + 2;
    }
  }
  return excuses;
}

void write_excuses(const std::string& path, const Table& table, const Excuses& excuses) {
  std::ofstream file(path);
  file << "# Values that no rule above hygiene notices, in a field of a record: set, field, kinds of values, "
          "reason.\n"
          "# unread: the next kernel never reads the field, or ignores such a value. legal: a value that a "
          "correct kernel\n"
          "# writes. ram, topology, content: only that input could tell. missing: a rule is to be written.\n";
  for (const auto& [field, kinds] : table) {
    std::map<std::string, std::string> by_reason;
    const auto known = excuses.find(field);
    for (const auto& [kind, tried] : kinds) {
      if (tried.missed == 0) continue;
      std::string reason = "missing";
      if (known != excuses.end()) {
        if (const auto one = known->second.find(kind); one != known->second.end()) reason = one->second;
      }
      std::string& list = by_reason[reason];
      list += (list.empty() ? "" : ", ") + kind;
    }
    for (const auto& [reason, list] : by_reason)
      file << field.first << '\t' << field.second << '\t' << list << '\t' << reason << '\n';
  }
}

size_t compare(const Table& table, const Excuses& excuses) {
  size_t failures = 0;
  for (const auto& [field, kinds] : table) {
    const auto known = excuses.find(field);
    for (const auto& [kind, tried] : kinds) {
      const bool listed = known != excuses.end() && known->second.count(kind) != 0;
      if (listed == (tried.missed > 0)) continue;
      ++failures;
      fmt::print("FAILED {} {} = {}: {}\n", field.first, field.second, kind,
                 listed ? "is noticed now: take it from the list" : "not noticed, " + tried.where);
    }
  }
  return failures;
}

void print_scores(const Table& table, const Excuses& excuses) {
  struct Score {
    size_t kinds = 0, noticed = 0, reasoned = 0;
  };
  std::map<std::string, Score> scores;
  for (const auto& [field, kinds] : table) {
    Score& score = scores[field.first.substr(0, field.first.find('.'))];
    for (const auto& [kind, tried] : kinds) {
      ++score.kinds;
      if (tried.missed == 0) {
        ++score.noticed;
        continue;
      }
      const auto known = excuses.find(field);
      if (known == excuses.end()) continue;
      const auto one = known->second.find(kind);
      score.reasoned += one != known->second.end() && one->second != "missing";
    }
  }
  fmt::print("| pack | (field, value) | noticed | reasoned | no rule yet |\n|---|---|---|---|---|\n");
  for (const auto& [pack, score] : scores) {
    const auto percent = [&](size_t n) {
      return 100.0 * static_cast<double>(n) / static_cast<double>(score.kinds);
    };
    fmt::print("| {} | {} | {:.1f} % | {:.1f} % | {} |\n", pack, score.kinds, percent(score.noticed),
               percent(score.reasoned), score.kinds - score.noticed - score.reasoned);
  }
}

}  // namespace

int fields(const std::string& rules, const std::vector<std::string>& arguments) {
  bool write = false;
  uint32_t rows = 1;
  std::vector<std::string> images;
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] == "--write")
      write = true;
    else if (arguments[i] == "--rows")
      rows = static_cast<uint32_t>(std::stoul(arguments.at(++i)));
    else
      images.push_back(arguments[i]);
  }
  Table table;
  size_t tried = 0;
  for (const std::string& image : images) {
    auto ground = Ground::open(image, rules);
    if (!ground) {
      fmt::print("{}\n", sentence(ground.error()));
      return 2;
    }
    Sweep sweep(**ground, image, table);
    sweep.run(rows);
    tried += sweep.tried();
  }
  join_pages(table);
  const Excuses excuses = read_excuses(arguments.at(0));
  if (write) write_excuses(arguments.at(0), table, excuses);
  const size_t failures = write ? 0 : compare(table, excuses);
  print_scores(table, excuses);
  fmt::print("{} changes of {} images; {} failures\n", tried, images.size(), failures);
  return failures != 0 || tried == 0;
}

}  // namespace khover::sweep
