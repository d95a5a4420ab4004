#include "prove/formula/record_reader.h"

#include <algorithm>
#include <bit>
#include <optional>

namespace khover::prove {

using pack::Column;
using pack::ColumnKind;
using pack::Function;

bool Reader::bytes(uint64_t address, size_t size, std::vector<std::byte>& out) const {
  out.resize(size);
  return world_.memory->read(address, out).has_value();
}

Integer Reader::text_number(const std::string& text) {
  const auto [found, added] = numbers_.emplace(text, static_cast<Integer>(texts_.size()));
  if (added) texts_.push_back(text);
  return found->second;
}

Value Reader::stored(const walk::RecordSet& set, const Column& column, uint32_t row) {
  std::vector<std::byte> raw;
  if (!bytes(set.address_of(row) + column.offset, (column.bit_offset + column.bits + 7) / 8, raw))
    return {0, false};
  Integer value = 0;
  for (uint32_t bit = 0; bit < column.bits; ++bit) {
    const uint32_t at = column.bit_offset + bit;
    if ((std::to_integer<unsigned>(raw[at / 8]) >> (at % 8) & 1) != 0) value += Integer{1} << bit;
  }
  if (column.is_signed && value >> (column.bits - 1) != 0) value -= Integer{1} << column.bits;
  return {value, true};
}

Value Reader::own(const walk::RecordSet& set, const walk::Records&, const Column& column, uint32_t row) {
  // What the walk gave a row is a fact about the walk: there is nothing to read again.
  return column.kind == ColumnKind::number ? Value{static_cast<Integer>(set.number(row, column.which)), true}
                                           : stored(set, column, row);
}

// How many bits are set before each block of a bitmap. Facts are about neighbours: with a cursor alone, each
// would count from the first bit again.
const std::vector<uint32_t>& Reader::ranks_of(const walk::Leaf& leaf) {
  std::vector<uint32_t>& ranks = ranks_[&leaf];
  if (!ranks.empty()) return ranks;
  uint32_t count = 0;
  for (uint64_t byte = 0; byte < leaf.size; ++byte) {
    if (byte % kBlock == 0) ranks.push_back(count);
    count += static_cast<uint32_t>(std::popcount(std::to_integer<unsigned>(leaf.bytes[byte])));
  }
  return ranks;
}

// The key of a row, by its bit.
uint64_t Reader::key_of(const walk::Keys& keys, uint32_t row) {
  const auto after =
      std::upper_bound(keys.leaves.begin(), keys.leaves.end(), row,
                       [](uint32_t value, const walk::Leaf& one) { return value < one.first_row; });
  const walk::Leaf& leaf = *std::prev(after);
  const std::vector<uint32_t>& ranks = ranks_of(leaf);
  const uint32_t wanted = row - leaf.first_row;
  const auto block =
      static_cast<uint64_t>(std::upper_bound(ranks.begin(), ranks.end(), wanted) - ranks.begin()) - 1;
  uint32_t left = wanted - ranks[block];  // set bits to pass
  for (uint64_t bit = block * kBlock * 8;; ++bit) {
    const auto byte = std::to_integer<unsigned>(leaf.bytes[bit / 8]);
    const auto set = static_cast<uint32_t>(std::popcount(byte));
    if (bit % 8 == 0 && set <= left) {
      left -= set;
      bit += 7;
    } else if ((byte >> (bit % 8) & 1) != 0 && left-- == 0) {
      return leaf.first_key + bit;
    }
  }
}

Value Reader::own(const walk::RecordSet&, const walk::Keys& keys, const Column& column, uint32_t row) {
  const uint64_t key = key_of(keys, row);
  // enum kho_radix_consts: the highest bit of a key says the order, the bits below it the page.
  const int order =
      64 - static_cast<int>(world_.model->page_shift) - (key == 0 ? -1 : 63 - std::countl_zero(key));
  const int shift = static_cast<int>(world_.model->page_shift) + std::max(order, 0);
  switch (static_cast<pack::KeyColumn>(column.which)) {
    case pack::KeyColumn::key:
      return {static_cast<Integer>(key), true};
    case pack::KeyColumn::order:
      return {order, true};
    case pack::KeyColumn::length:
      return {order > 60 ? 0 : static_cast<Integer>(world_.model->page_size) << std::max(order, 0), true};
    case pack::KeyColumn::phys:
      return {key == 0 || shift >= 64 ? 0 : static_cast<Integer>(key << shift), true};
  }
  return {0, false};
}

Value Reader::own(const walk::RecordSet&, const walk::Nodes& nodes, const Column& column, uint32_t row) {
  const walk::FdtRow& of = nodes.rows[row];
  if (column.is(pack::NodeColumn::sound)) return {of.sound, of.complete};
  if (column.is(pack::NodeColumn::totalsize)) return {static_cast<Integer>(of.totalsize), true};
  const walk::FdtCell& cell = of.cells[column.property];
  if (column.is(pack::NodeColumn::property_bytes)) return {cell.bytes, true};
  if (column.is(pack::NodeColumn::property_address)) return {static_cast<Integer>(cell.address), true};
  const size_t size = column.bits / 8;
  if (cell.bytes < static_cast<int64_t>(size)) return {0, true};
  std::vector<std::byte> raw;
  if (!bytes(cell.address, size, raw)) return {0, false};
  Integer value = 0;  // written by this kernel for its successor: in its own byte order
  for (size_t i = 0; i < size; ++i) value += Integer{std::to_integer<uint8_t>(raw[i])} << (8 * i);
  return {value, true};
}

Value Reader::text(const walk::RecordSet& set, const Column& column, uint32_t row) {
  std::vector<std::byte> raw;
  uint64_t address = set.address_of(row) + column.offset;
  size_t size = column.length;
  if (const walk::Nodes* nodes = set.nodes()) {
    const walk::FdtRow& of = nodes->rows[row];
    const bool name = column.property == pack::kNone;
    address = name ? of.name_address : of.cells[column.property].address;
    size = name ? of.name_length : static_cast<size_t>(std::max<int64_t>(of.cells[column.property].bytes, 0));
  }
  if (size != 0 && !bytes(address, size, raw)) return {0, false};
  std::string value;
  for (const std::byte byte : raw) value += static_cast<char>(byte);
  const size_t end = value.find('\0');
  switch (column.kind) {
    case ColumnKind::text_terminated:
      return {end != std::string::npos, true};
    case ColumnKind::text_tail_zero:
      return {end == std::string::npos || value.find_first_not_of('\0', end) == std::string::npos, true};
    case ColumnKind::text_length:
      return {static_cast<Integer>(end == std::string::npos ? value.size() : end), true};
    default:
      return {text_number(value.substr(0, end)), true};
  }
}

// Keys are in no family, and their address is that of the memory they keep.
Value Reader::place(const walk::RecordSet& set, const Column& column, uint32_t row) {
  const walk::Keys* keys = set.keys();
  if (keys && column.kind == ColumnKind::address) {
    Column phys = column;
    phys.which = static_cast<uint32_t>(pack::KeyColumn::phys);
    return own(set, *keys, phys, row);
  }
  if (column.kind == ColumnKind::address) return {static_cast<Integer>(set.address_of(row)), true};
  if (column.kind == ColumnKind::index)
    return {
        keys ? Integer{row} : Integer{set.extent_of(row).first_index} + (row - set.extent_of(row).first_row),
        true};
  if (keys) return {row + 1 == set.rows, true};
  const uint32_t parent = set.parent_of(row);
  const bool last = row + 1 == set.rows || set.parent_of(row + 1) != parent;
  return {last, !last || set.opening_below(parent) == nullptr};
}

Value Reader::column(uint32_t index, uint32_t column_index, uint32_t row) {
  const walk::RecordSet& set = world_.sets[index];
  const Column& column = set.type->columns[column_index];
  switch (column.kind) {
    case ColumnKind::address:
    case ColumnKind::index:
    case ColumnKind::last:
      return place(set, column, row);
    case ColumnKind::text:
    case ColumnKind::text_terminated:
    case ColumnKind::text_tail_zero:
    case ColumnKind::text_length:
      return text(set, column, row);
    case ColumnKind::integer:
    case ColumnKind::number:
    case ColumnKind::node:
    case ColumnKind::key:
      return std::visit([&](const auto& content) { return own(set, content, column, row); }, set.content);
    case ColumnKind::derived:
      break;  // a formula, not a value
  }
  return {0, false};
}

namespace {

// What the stated target says of a name; nothing: the packs decide.
std::optional<Value> by_target(const pack::Model& model, const std::string& registry,
                               const std::string& name) {
  if (!model.target) return std::nullopt;
  switch (model.target->knows(registry, name)) {
    case pack::TargetNames::Answer::yes:
      return Value{1, true};
    case pack::TargetNames::Answer::no:
      return Value{0, true};
    case pack::TargetNames::Answer::open:
      return Value{0, false};
    case pack::TargetNames::Answer::packs:
      break;
  }
  return std::nullopt;
}

// A version newer than all that are served is served by none, and not known.
Value by_packs(const pack::Model& model, const pack::Expr& expr, const std::string& name) {
  const auto served = model.served.find(expr.text);
  if (served == model.served.end()) return {0, true};
  const auto version = pack::version_of(name);
  uint64_t newest = 0;
  for (const pack::Served& one : served->second) {
    if (one.name == name) return {1, true};
    const auto of = pack::version_of(one.name);
    if (version && of && of->stem == version->stem) newest = std::max(newest, of->number);
  }
  const bool newer = version && newest != 0 && version->number > newest;
  return {0, !newer || expr.function == Function::served};
}

}  // namespace

Value Reader::function(const pack::Expr& expr, const std::vector<Value>& args) {
  for (const Value& arg : args) {
    if (!arg.known) return {0, false};
  }
  switch (expr.function) {
    case Function::zero: {
      bool hole = false;
      for (Integer at = args[0].value; at < args[1].value;) {
        if (at < 0 || at >> 64 != 0) return {1, false};
        const auto run = world_.memory->run(static_cast<uint64_t>(at));
        if (run.empty()) {
          hole = true;
          break;
        }
        for (size_t i = 0; i < run.size() && at + static_cast<Integer>(i) < args[1].value; ++i) {
          if (run[i] != std::byte{0}) return {0, true};
        }
        at += static_cast<Integer>(run.size());
      }
      return {1, !hole};
    }
    case Function::key_order: {
      const Integer phys = args[0].value;
      if (world_.map_unwritten) return {-1, true};
      if (!world_.has_map) return {0, false};
      if (phys < 0 || phys >> 64 != 0) return {-1, true};
      for (int order = 0; order <= world_.map.max_order(); ++order) {
        const walk::Answer answer = world_.map.contains(static_cast<uint64_t>(phys), order);
        if (answer == walk::Answer::yes) return {order, true};
        if (answer == walk::Answer::unknown) return {0, false};
      }
      return {-1, true};
    }
    case Function::in_known_ram: {
      if (!world_.facts.ram) return {1, true};
      const Integer start = args[0].value, end = start + args[1].value;
      for (const image::Range& range : world_.facts.ram->value) {
        if (static_cast<Integer>(range.start) <= start &&
            end <= static_cast<Integer>(range.start) + static_cast<Integer>(range.length)) {
          // An empty range belongs to the last RAM range that begins at or before it.
          if (start < static_cast<Integer>(range.start) + static_cast<Integer>(range.length) || start == end)
            return {1, true};
        }
      }
      return {0, true};
    }
    case Function::stem: {
      const std::string name = texts_[static_cast<size_t>(args[0].value)];
      const auto version = pack::version_of(name);
      return {text_number(version ? version->stem : name), true};
    }
    case Function::served:
    case Function::known: {
      const std::string name = texts_[static_cast<size_t>(args[0].value)];
      const auto stated =
          expr.function == Function::known ? by_target(*world_.model, expr.text, name) : std::nullopt;
      return stated.value_or(by_packs(*world_.model, expr, name));
    }
    default:
      return {0, false};
  }
}

void Reader::read(const Check& check, const Rows& rows, const std::array<uint32_t, kSides>& sets,
                  std::vector<Value>& values) {
  values.resize(check.variables.size());
  std::vector<Value> args;
  for (size_t i = 0; i < values.size(); ++i) {
    const Variable& one = check.variables[i];
    switch (one.kind) {
      case Variable::Kind::column:
        values[i] = column(one.set, one.column, world_.ancestor(sets[one.side], rows[one.side], one.hops));
        break;
      case Variable::Kind::fact: {
        const pack::Expr& expr = *one.expr;
        if (expr.op == Op::constant) {
          values[i] = {text_number(expr.text), true};
        } else if (expr.fact == pack::FactName::root_address) {
          values[i] = world_.facts.root ? Value{world_.facts.root->value, true} : Value{0, false};
        } else if (world_.facts.scratch) {
          const image::Range& scratch = world_.facts.scratch->value;
          values[i] = {expr.fact == pack::FactName::scratch_address ? scratch.start : scratch.length, true};
        } else {
          values[i] = {0, false};
        }
        break;
      }
      case Variable::Kind::argument: {
        const Value value = compute(*one.meaning, values);
        if (one.boolean) {
          values[i] = {value.known, true};
        } else {
          values[i] = value;
          args.push_back(value);
        }
        break;
      }
      case Variable::Kind::function:
        values[i] = function(*one.expr, args);
        args.clear();
        break;
      case Variable::Kind::free:
        values[i] = {0, false};
        break;
      case Variable::Kind::term:
      case Variable::Kind::stated:
        break;
    }
  }
}

}  // namespace khover::prove
