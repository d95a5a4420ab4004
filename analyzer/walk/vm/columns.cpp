#include "walk/vm/columns.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace khover::walk {

using pack::Column;
using pack::ColumnKind;
using pack::Expr;
using pack::Function;
using pack::Integer;
using pack::Op;

// A lane for the time of one operation; lanes are kept, since a batch needs many.
class Columns::Borrowed {
 public:
  explicit Borrowed(Columns& owner) : owner_(owner) {
    if (owner_.spare_.empty()) {
      lane_ = std::make_unique<Lane>();
    } else {
      lane_ = std::move(owner_.spare_.back());
      owner_.spare_.pop_back();
    }
  }
  ~Borrowed() { owner_.spare_.push_back(std::move(lane_)); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  Lane& operator*() { return *lane_; }
  Lane* operator->() { return lane_.get(); }

 private:
  Columns& owner_;
  std::unique_ptr<Lane> lane_;
};

namespace {

Integer bits_of(const std::byte* bytes, size_t available, const Column& column) {
  unsigned __int128 raw = 0;
  std::memcpy(&raw, bytes, std::min<size_t>(available, sizeof raw));
  raw >>= column.bit_offset;
  const unsigned __int128 mask = (static_cast<unsigned __int128>(1) << column.bits) - 1;
  raw &= mask;
  if (column.is_signed && (raw >> (column.bits - 1) & 1) != 0) {
    return static_cast<Integer>(raw) - (Integer{1} << column.bits);
  }
  return static_cast<Integer>(raw);
}

size_t bytes_of(const Column& column) { return (column.bit_offset + column.bits + 7) / 8; }

template <typename Word>
void copy_words(const Extent& extent, uint64_t stride, uint64_t offset, std::span<const uint32_t> rows,
                Integer* out) {
  const std::byte* base = extent.bytes + offset;
  for (size_t i = 0; i < rows.size(); ++i) {
    Word word;
    std::memcpy(&word, base + uint64_t{rows[i] - extent.first_row} * stride, sizeof word);
    out[i] = static_cast<Integer>(word);
  }
}

// rows[from, …) that are in one extent, which is found once for all of them.
template <typename Visit>
void by_extent(const RecordSet& set, std::span<const uint32_t> rows, Visit visit) {
  size_t from = 0;
  while (from < rows.size()) {
    const Extent& extent = set.extent_of(rows[from]);
    size_t to = from + 1;
    const uint64_t end = uint64_t{extent.first_row} + extent.count;
    while (to < rows.size() && rows[to] < end && rows[to] >= extent.first_row) ++to;
    visit(extent, from, rows.subspan(from, to - from));
    from = to;
  }
}

bool has_last(const RecordSet& set, const Extent& extent, uint32_t row) {
  if (row + 1 != extent.first_row + extent.count) return false;
  if (row + 1 == set.rows) return true;
  return set.extent_of(row + 1).parent != extent.parent;
}

}  // namespace

bool inside(const std::vector<image::Range>& ranges, Integer start, Integer length) {
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), start,
      [](Integer value, const image::Range& range) { return value < static_cast<Integer>(range.start); });
  if (after == ranges.begin()) return false;
  const image::Range& range = *std::prev(after);
  return start + length <= static_cast<Integer>(range.start) + static_cast<Integer>(range.length);
}

bool Columns::read_bytes(uint64_t address, std::span<std::byte> out) {
  const auto hole = world_.memory->read(address, out);
  if (hole && holes_) holes_->push_back(*hole);
  return !hole;
}

Columns::Value Columns::evaluate(const Expr& expr, uint32_t set, uint32_t row) {
  Borrowed lane(*this);
  const std::array<uint32_t, 1> rows = {row};
  evaluate(expr, set, set == kNone ? std::span<const uint32_t>() : std::span<const uint32_t>(rows), *lane);
  return {lane->values[0], lane->known[0] != 0};
}

Columns::Value Columns::column(uint32_t set, uint32_t column, uint32_t row) {
  Borrowed lane(*this);
  const std::array<uint32_t, 1> rows = {row};
  read_column(set, column, rows, *lane);
  return {lane->values[0], lane->known[0] != 0};
}

void Columns::evaluate(const Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out) {
  auto program = programs_.find(&expr);
  if (program == programs_.end())
    program = programs_.emplace(&expr, compile(expr, world_.model->page_size)).first;
  if (program->second.code.size() == 1 && program->second.code[0].code == Code::load)
    return leaf(expr, set, rows, out);
  run(program->second, set, rows, set == kNone ? 1 : rows.size(), out);
}

// What no instruction computes: columns, facts, terms, and functions that read memory.
void Columns::leaf(const Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out) {
  const size_t n = set == kNone ? 1 : rows.size();
  switch (expr.op) {
    case Op::constant: {
      out.resize(n);
      const Integer value =
          expr.type == pack::Type::text ? static_cast<Integer>(world_.strings.id(expr.text)) : expr.value;
      std::fill(out.values.begin(), out.values.end(), value);
      return;
    }
    case Op::fact: {
      out.resize(n);
      Integer value = 0;
      bool known = true;
      switch (expr.fact) {
        case pack::FactName::root_address:
          known = world_.facts.root.has_value();
          if (known) value = world_.facts.root->value;
          break;
        case pack::FactName::scratch_address:
          known = world_.facts.scratch.has_value();
          if (known) value = world_.facts.scratch->value.start;
          break;
        case pack::FactName::scratch_size:
          known = world_.facts.scratch.has_value();
          if (known) value = world_.facts.scratch->value.length;
          break;
      }
      std::fill(out.values.begin(), out.values.end(), value);
      std::fill(out.known.begin(), out.known.end(), known ? 1 : 0);
      return;
    }
    case Op::column: {
      if (expr.hops == 0) return read_column(set, expr.column, rows, out);
      // Children of one parent are together: the parent's value is read once and spread.
      std::vector<uint32_t> distinct;
      std::vector<uint32_t> which(rows.size());
      for (size_t i = 0; i < rows.size(); ++i) {
        const uint32_t row = world_.ancestor(set, rows[i], expr.hops);
        if (distinct.empty() || distinct.back() != row) distinct.push_back(row);
        which[i] = static_cast<uint32_t>(distinct.size() - 1);
      }
      Borrowed above(*this);
      read_column(expr.set, expr.column, distinct, *above);
      out.resize(n);
      for (size_t i = 0; i < n; ++i) {
        out.values[i] = above->values[which[i]];
        out.known[i] = above->known[which[i]];
      }
      return;
    }
    case Op::term: {
      out.resize(n);
      terms_->values(expr.term, rows, out);
      return;
    }
    default:
      return call(expr, set, rows, out);
  }
}

// What the instructions do with machine words; prove/machine.cpp says the same to the solver.
namespace {

// C++ leaves shifts by the width or more undefined; here they give 0.
template <typename Word>
Word shifted_left(Word x, Word y) {
  return y < 0 || y >= static_cast<Word>(sizeof(Word) * 8) ? 0 : static_cast<Word>(x << static_cast<int>(y));
}
template <typename Word>
Word shifted_right(Word x, Word y) {
  return y < 0 || y >= static_cast<Word>(sizeof(Word) * 8) ? 0 : static_cast<Word>(x >> static_cast<int>(y));
}

template <typename Word, typename Out, typename Operation>
void each(const std::vector<Word>& a, const std::vector<Word>& b, std::vector<Out>& out,
          Operation operation) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<Out>(operation(a[i], b[i]));
}

template <typename Word>
void arithmetic(Code code, const std::vector<Word>& a, const std::vector<Word>& b, std::vector<Word>& out) {
  switch (code) {
    case Code::add:
      return each(a, b, out, [](Word x, Word y) { return x + y; });
    case Code::subtract:
      return each(a, b, out, [](Word x, Word y) { return x - y; });
    case Code::multiply:
      return each(a, b, out, [](Word x, Word y) { return x * y; });
    // An unknown operand is 0 here; its result is unknown, but must not trap.
    case Code::divide:
      return each(a, b, out, [](Word x, Word y) { return y == 0 ? 0 : x / y; });
    case Code::modulo:
      return each(a, b, out, [](Word x, Word y) { return y == 0 ? 0 : x % y; });
    case Code::shift_left:
      return each(a, b, out, [](Word x, Word y) { return shifted_left(x, y); });
    case Code::shift_right:
      return each(a, b, out, [](Word x, Word y) { return shifted_right(x, y); });
    case Code::bit_and:
      return each(a, b, out, [](Word x, Word y) { return x & y; });
    case Code::bit_or:
      return each(a, b, out, [](Word x, Word y) { return x | y; });
    case Code::minimum:
      return each(a, b, out, [](Word x, Word y) { return std::min(x, y); });
    case Code::maximum:
      return each(a, b, out, [](Word x, Word y) { return std::max(x, y); });
    default:
      return;
  }
}

template <typename Word>
void comparison(Code code, const std::vector<Word>& a, const std::vector<Word>& b,
                std::vector<uint64_t>& out) {
  switch (code) {
    case Code::is_version:
    case Code::equal:
      return each(a, b, out, [](Word x, Word y) { return x == y; });
    case Code::not_equal:
      return each(a, b, out, [](Word x, Word y) { return x != y; });
    case Code::less:
      return each(a, b, out, [](Word x, Word y) { return x < y; });
    case Code::less_equal:
      return each(a, b, out, [](Word x, Word y) { return x <= y; });
    default:
      return;
  }
}

}  // namespace

void Columns::run(const Program& program, uint32_t set, std::span<const uint32_t> rows, size_t n, Lane& out) {
  const size_t first = used_;
  used_ += program.code.size();
  while (registers_.size() < used_) registers_.push_back(std::make_unique<Register>());
  for (size_t i = 0; i < program.code.size(); ++i)
    execute(program.code[i], first, set, rows, n, *registers_[first + i]);
  const Register& result = *registers_[used_ - 1];
  out.resize(n);
  if (result_width(program.code.back()) == Width::bits128)
    out.values = result.wide;
  else
    std::copy(result.narrow.begin(), result.narrow.end(), out.values.begin());
  out.known = result.known;
  used_ = first;
}

void Columns::execute(const Instruction& instruction, size_t first, uint32_t set,
                      std::span<const uint32_t> rows, size_t n, Register& out) {
  const Width width = result_width(instruction);
  if (width == Width::bits128)
    out.wide.resize(n);
  else
    out.narrow.resize(n);
  const Register& a = *registers_[first + instruction.a];
  const Register& b = *registers_[first + instruction.b];
  const Register& c = *registers_[first + instruction.c];
  const bool is_wide = instruction.width == Width::bits128;
  switch (instruction.code) {
    case Code::load: {
      Borrowed lane(*this);
      leaf(*instruction.of, set, rows, *lane);
      if (width == Width::bits128)
        out.wide = lane->values;
      else
        std::copy(lane->values.begin(), lane->values.end(), out.narrow.begin());
      out.known = lane->known;
      return;
    }
    case Code::constant:
      if (width == Width::bits128)
        std::fill(out.wide.begin(), out.wide.end(), instruction.value);
      else
        std::fill(out.narrow.begin(), out.narrow.end(), static_cast<uint64_t>(instruction.value));
      out.known.assign(n, 1);
      return;
    case Code::widen:
      std::copy(a.narrow.begin(), a.narrow.end(), out.wide.begin());
      break;
    case Code::narrow:
      for (size_t i = 0; i < n; ++i) out.narrow[i] = static_cast<uint64_t>(a.wide[i]);
      break;
    case Code::negate:
      for (size_t i = 0; i < n; ++i) out.narrow[i] = a.narrow[i] == 0;
      break;
    case Code::both:
      return decide(a, b, false, 0, out);
    case Code::either:
      return decide(a, b, false, 1, out);
    case Code::implies:
      return decide(a, b, true, 1, out);
    case Code::select:
      out.known.resize(n);
      for (size_t i = 0; i < n; ++i) {
        const Register& chosen = a.narrow[i] != 0 ? b : c;
        if (is_wide)
          out.wide[i] = chosen.wide[i];
        else
          out.narrow[i] = chosen.narrow[i];
        out.known[i] = static_cast<uint8_t>(a.known[i] & chosen.known[i]);
      }
      return;
    case Code::pages:
      for (size_t i = 0; i < n; ++i) {
        const auto page_size = static_cast<uint64_t>(instruction.value);
        if (is_wide)
          out.wide[i] = (a.wide[i] + (instruction.value - 1)) / instruction.value;
        else
          out.narrow[i] = (a.narrow[i] + (page_size - 1)) / page_size;
      }
      break;
    case Code::order_of:
      for (size_t i = 0; i < n; ++i) {
        int order = 0;
        while (order < 64 && (instruction.value << order) < a.wide[i]) ++order;
        out.wide[i] = order;
      }
      break;
    default:
      if (width == Width::bits128)
        arithmetic(instruction.code, a.wide, b.wide, out.wide);
      else if (instruction.code < Code::equal || instruction.code > Code::less_equal) {
        if (instruction.code != Code::is_version)
          arithmetic(instruction.code, a.narrow, b.narrow, out.narrow);
      }
      if (width != Width::bits128) {
        if (is_wide)
          comparison(instruction.code, a.wide, b.wide, out.narrow);
        else
          comparison(instruction.code, a.narrow, b.narrow, out.narrow);
      }
      out.known.resize(n);
      for (size_t i = 0; i < n; ++i) out.known[i] = static_cast<uint8_t>(a.known[i] & b.known[i]);
      if (instruction.code == Code::is_version) {  // a newer version: whether it is the same is unknown
        for (size_t i = 0; i < n; ++i) {
          if (is_wide ? a.wide[i] > b.wide[i] : a.narrow[i] > b.narrow[i]) out.known[i] = 0;
        }
      }
      return;
  }
  out.known = a.known;
}

// One side may decide alone: false and unknown is false.
void Columns::decide(const Register& a, const Register& b, bool negate_left, uint64_t deciding,
                     Register& out) {
  out.known.resize(out.narrow.size());
  for (size_t i = 0; i < out.narrow.size(); ++i) {
    const uint64_t left = negate_left ? (a.narrow[i] == 0) : a.narrow[i];
    const bool left_decides = a.known[i] != 0 && left == deciding;
    const bool right_decides = b.known[i] != 0 && b.narrow[i] == deciding;
    out.narrow[i] = left_decides || right_decides ? deciding : 1 - deciding;
    out.known[i] =
        static_cast<uint8_t>(left_decides || right_decides || (a.known[i] != 0 && b.known[i] != 0));
  }
}

void Columns::call(const Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out) {
  if (expr.function == Function::known) {
    evaluate(*expr.args[1], set, rows, out);
    const auto served = world_.model->served.find(expr.text);
    for (size_t i = 0; i < out.values.size(); ++i) {
      if (out.known[i] == 0) continue;
      const std::string name = world_.strings.text(static_cast<uint64_t>(out.values[i]));
      bool serves = false, newer = false;
      if (served != world_.model->served.end()) {
        const auto version = pack::version_of(name);
        uint64_t newest = 0;
        for (const pack::Served& one : served->second) {
          serves = serves || one.name == name;
          const auto of = pack::version_of(one.name);
          if (version && of && of->stem == version->stem) newest = std::max(newest, of->number);
        }
        newer = version && newest != 0 && version->number > newest;
      }
      out.values[i] = serves ? 1 : 0;
      out.known[i] = serves || !newer ? 1 : 0;
    }
    return;
  }
  evaluate(*expr.args[0], set, rows, out);
  Borrowed second(*this);
  if (expr.args.size() > 1) evaluate(*expr.args[1], set, rows, *second);
  for (size_t i = 0; i < out.values.size(); ++i) {
    const Integer a = out.values[i];
    const Integer b = expr.args.size() > 1 ? second->values[i] : 0;
    if (expr.args.size() > 1) out.known[i] = static_cast<uint8_t>(out.known[i] & second->known[i]);
    if (out.known[i] == 0) {
      out.values[i] = 0;
      continue;
    }
    switch (expr.function) {
      case Function::zero: {
        out.values[i] = 1;
        for (Integer at = a; at < b;) {
          if (at < 0 || at >= (Integer{1} << 64)) {
            out.known[i] = 0;
            break;
          }
          const auto run = world_.memory->run(static_cast<uint64_t>(at));
          if (run.empty()) {
            if (holes_) holes_->push_back(static_cast<uint64_t>(at));
            out.known[i] = 0;
            break;
          }
          const size_t length =
              static_cast<size_t>(std::min<Integer>(static_cast<Integer>(run.size()), b - at));
          const bool zero = std::all_of(run.begin(), run.begin() + static_cast<std::ptrdiff_t>(length),
                                        [](std::byte byte) { return byte == std::byte{0}; });
          if (!zero) {
            out.values[i] = 0;
            out.known[i] = 1;
            break;
          }
          at += static_cast<Integer>(length);
        }
        break;
      }
      case Function::key_order: {
        const auto order = a < 0 || a >= (Integer{1} << 64) ? std::optional<int>(-1)
                                                            : world_.map.order_at(static_cast<uint64_t>(a));
        out.values[i] = order.value_or(0);
        out.known[i] = (world_.has_map || world_.map_unwritten) && order ? 1 : 0;
        if (!order && holes_) holes_->push_back(world_.map.hole_address().value_or(0));
        break;
      }
      case Function::in_known_ram:
        out.values[i] = !world_.facts.ram || inside(world_.facts.ram->value, a, b);
        break;
      case Function::stem: {
        const std::string name = world_.strings.text(static_cast<uint64_t>(a));
        const auto version = pack::version_of(name);
        out.values[i] = static_cast<Integer>(world_.strings.id(version ? version->stem : name));
        break;
      }
      default:
        break;  // compiled to instructions
    }
  }
}

void Columns::read_column(uint32_t index, uint32_t column_index, std::span<const uint32_t> rows, Lane& out) {
  const RecordSet& set = world_.sets[index];
  const Column& column = set.type->columns[column_index];
  out.resize(rows.size());
  switch (column.kind) {
    case ColumnKind::derived:
      return evaluate(*column.derived, index, rows, out);
    case ColumnKind::address:
      if (!set.leaves.empty() || !set.ranges.empty()) {
        for (size_t i = 0; i < rows.size(); ++i)
          out.values[i] = static_cast<Integer>(set.address_of(rows[i]));
        if (!set.leaves.empty()) {
          Column phys = column;
          phys.kind = ColumnKind::key_phys;
          read_keys(set, phys, rows, out);
        }
        return;
      }
      return by_extent(set, rows, [&](const Extent& extent, size_t from, std::span<const uint32_t> part) {
        for (size_t i = 0; i < part.size(); ++i) {
          out.values[from + i] = static_cast<Integer>(extent.address) +
                                 static_cast<Integer>(uint64_t{part[i] - extent.first_row}) *
                                     static_cast<Integer>(set.type->stride);
        }
      });
    case ColumnKind::index:
      if (set.extents.empty()) {
        for (size_t i = 0; i < rows.size(); ++i) out.values[i] = rows[i];
        return;
      }
      return by_extent(set, rows, [&](const Extent& extent, size_t from, std::span<const uint32_t> part) {
        for (size_t i = 0; i < part.size(); ++i)
          out.values[from + i] = Integer{extent.first_index} + (part[i] - extent.first_row);
      });
    case ColumnKind::last:
      if (set.extents.empty()) {
        for (size_t i = 0; i < rows.size(); ++i) out.values[i] = rows[i] + 1 == set.rows;
        return;
      }
      return by_extent(set, rows, [&](const Extent& extent, size_t from, std::span<const uint32_t> part) {
        for (size_t i = 0; i < part.size(); ++i) {
          out.values[from + i] = has_last(set, extent, part[i]);
          // Only the end of a complete family is known to be its end.
          if (out.values[from + i] != 0 && set.opening_below(extent.parent) != nullptr)
            out.known[from + i] = 0;
        }
      });
    case ColumnKind::integer:
      return read_stored(set, column, rows, out);
    case ColumnKind::text:
    case ColumnKind::text_terminated:
    case ColumnKind::text_tail_zero:
    case ColumnKind::text_length:
    case ColumnKind::property_text:
    case ColumnKind::property_terminated:
    case ColumnKind::node_name:
      return read_text(set, column, rows, out);
    case ColumnKind::property:
    case ColumnKind::property_bytes:
    case ColumnKind::property_address:
    case ColumnKind::fdt_valid:
    case ColumnKind::fdt_totalsize:
      return read_fdt(set, column, rows, out);
    case ColumnKind::key:
    case ColumnKind::key_order:
    case ColumnKind::key_phys:
    case ColumnKind::key_length:
      return read_keys(set, column, rows, out);
    case ColumnKind::radix_level:
    case ColumnKind::slot_level:
      for (size_t i = 0; i < rows.size(); ++i) out.values[i] = set.levels[rows[i]];
      return;
    case ColumnKind::pci_domain:
    case ColumnKind::pci_bdf:
    case ColumnKind::pci_bridge:
    case ColumnKind::pci_has_upstream:
    case ColumnKind::pci_upstream_domain:
    case ColumnKind::pci_upstream_bdf:
    case ColumnKind::pci_group_size:
      for (size_t i = 0; i < rows.size(); ++i) out.values[i] = set.function_value(column.kind, rows[i]);
      return;
    case ColumnKind::range_start:
      for (size_t i = 0; i < rows.size(); ++i) out.values[i] = set.ranges[rows[i]].start;
      return;
    case ColumnKind::range_length:
      for (size_t i = 0; i < rows.size(); ++i) out.values[i] = set.ranges[rows[i]].length;
      return;
    case ColumnKind::range_node:
      for (size_t i = 0; i < rows.size(); ++i) out.values[i] = set.ranges[rows[i]].node;
      return;
  }
}

void Columns::read_stored(const RecordSet& set, const Column& column, std::span<const uint32_t> rows,
                          Lane& out) {
  const uint64_t stride = set.type->stride;
  by_extent(set, rows, [&](const Extent& extent, size_t from, std::span<const uint32_t> part) {
    Integer* values = out.values.data() + from;
    if (extent.bytes && column.bit_offset == 0 && !column.is_signed) {
      if (column.bits == 64) return copy_words<uint64_t>(extent, stride, column.offset, part, values);
      if (column.bits == 32) return copy_words<uint32_t>(extent, stride, column.offset, part, values);
      if (column.bits == 16) return copy_words<uint16_t>(extent, stride, column.offset, part, values);
      if (column.bits == 8) return copy_words<uint8_t>(extent, stride, column.offset, part, values);
    }
    const size_t size = bytes_of(column);
    for (size_t i = 0; i < part.size(); ++i) {
      const uint64_t at = uint64_t{part[i] - extent.first_row} * stride + column.offset;
      if (extent.bytes) {
        values[i] = bits_of(extent.bytes + at, size, column);
        continue;
      }
      std::array<std::byte, 16> bytes{};
      if (read_bytes(extent.address + at, std::span(bytes).first(size))) {
        values[i] = bits_of(bytes.data(), size, column);
      } else {
        values[i] = 0;
        out.known[from + i] = 0;
      }
    }
  });
}

void Columns::read_fdt(const RecordSet& set, const Column& column, std::span<const uint32_t> rows,
                       Lane& out) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const FdtRow& row = set.fdt[rows[i]];
    switch (column.kind) {
      case ColumnKind::fdt_valid:
        out.values[i] = row.sound;
        out.known[i] = row.complete;
        if (!row.complete && holes_) {
          std::vector<std::byte> bytes(row.totalsize);
          read_bytes(world_.blobs[row.blob].address, bytes);
        }
        break;
      case ColumnKind::fdt_totalsize:
        out.values[i] = row.totalsize;
        break;
      case ColumnKind::property_bytes:
        out.values[i] = row.cells[column.property].bytes;
        break;
      case ColumnKind::property_address:
        out.values[i] = row.cells[column.property].address;
        break;
      default: {
        // A property that is absent or too short has no value; rules ask for its length first.
        const FdtCell& cell = row.cells[column.property];
        const uint64_t size = column.bits / 8;
        out.values[i] = 0;
        if (cell.bytes < static_cast<int64_t>(size)) break;
        uint64_t value = 0;
        const FdtBlob& blob = world_.blobs[row.blob];
        std::memcpy(&value, blob.bytes.data() + (cell.address - blob.address),
                    size);  // native-endian, unaligned
        out.values[i] = value;
      }
    }
  }
}

void Columns::read_keys(const RecordSet& set, const Column& column, std::span<const uint32_t> rows,
                        Lane& out) {
  size_t leaf_index = 0;
  uint32_t ordinal = 0;   // of the next set bit in the leaf
  size_t word_index = 0;  // word being scanned
  uint64_t word = 0;
  const Leaf* leaf = nullptr;
  auto word_at = [&](size_t i) {
    uint64_t value;
    std::memcpy(&value, leaf->bytes + i * 8, sizeof value);
    return value;
  };
  for (size_t i = 0; i < rows.size(); ++i) {
    if (leaf == nullptr || rows[i] >= leaf->first_row + leaf->count) {
      const auto after =
          std::upper_bound(set.leaves.begin(), set.leaves.end(), rows[i],
                           [](uint32_t value, const Leaf& one) { return value < one.first_row; });
      leaf_index = static_cast<size_t>(std::prev(after) - set.leaves.begin());
      leaf = &set.leaves[leaf_index];
      ordinal = 0;
      word_index = 0;
      word = word_at(0);
    }
    const uint32_t wanted = rows[i] - leaf->first_row;
    for (;;) {
      const auto bits = static_cast<uint32_t>(std::popcount(word));
      if (ordinal + bits > wanted) break;
      ordinal += bits;
      word = word_at(++word_index);
    }
    while (ordinal < wanted) {
      word &= word - 1;
      ++ordinal;
    }
    const uint64_t key = leaf->first_key + word_index * 64 + static_cast<uint64_t>(std::countr_zero(word));
    if (column.kind == ColumnKind::key) {
      out.values[i] = key;
      continue;
    }
    const Key decoded = world_.map.decode(key);
    if (column.kind == ColumnKind::key_order) out.values[i] = decoded.order;
    if (column.kind == ColumnKind::key_phys) out.values[i] = decoded.phys;
    if (column.kind == ColumnKind::key_length) {
      out.values[i] = decoded.order > 60 || decoded.order < 0
                          ? 0
                          : static_cast<Integer>(world_.model->page_size) << decoded.order;
    }
  }
}

void Columns::read_text(const RecordSet& set, const Column& column, std::span<const uint32_t> rows,
                        Lane& out) {
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < rows.size(); ++i) {
    uint64_t address = 0;
    bool present = true;
    if (!set.fdt.empty()) {
      const FdtRow& row = set.fdt[rows[i]];
      const FdtBlob& blob = world_.blobs[row.blob];
      if (column.kind == ColumnKind::node_name) {
        address = row.name_address;
        bytes.resize(row.name_length);
      } else {
        const FdtCell& cell = row.cells[column.property];
        address = cell.address;
        bytes.resize(cell.bytes < 0 ? 0 : static_cast<size_t>(cell.bytes));
      }
      if (!bytes.empty())
        std::memcpy(bytes.data(), blob.bytes.data() + (address - blob.address), bytes.size());
    } else {
      bytes.resize(column.length);
      present = read_bytes(set.address_of(rows[i]) + column.offset, bytes);
    }
    if (!present) {
      out.values[i] = 0;
      out.known[i] = 0;
      continue;
    }
    const auto nul = std::find(bytes.begin(), bytes.end(), std::byte{0});
    const size_t length = static_cast<size_t>(nul - bytes.begin());
    switch (column.kind) {
      case ColumnKind::text_terminated:
      case ColumnKind::property_terminated:
        out.values[i] = nul != bytes.end();
        break;
      case ColumnKind::text_tail_zero:
        out.values[i] = std::all_of(nul, bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
        break;
      case ColumnKind::text_length:
        out.values[i] = length;
        break;
      default:
        out.values[i] =
            world_.strings.id(std::string_view(reinterpret_cast<const char*>(bytes.data()), length));
        break;
    }
  }
}

}  // namespace khover::walk
