#include "walk/vm/columns.h"

#include <algorithm>
#include <array>

#include "walk/content/read.h"
#include "walk/vm/borrowed.h"

namespace khover::walk {

using pack::Column;
using pack::ColumnKind;
using pack::Expr;
using pack::Integer;
using pack::Op;

namespace {

bool has_last(const RecordSet& set, const Extent& extent, uint32_t row) {
  if (row + 1 != extent.first_row + extent.count) return false;
  if (row + 1 == set.rows) return true;
  return set.extent_of(row + 1).parent != extent.parent;
}

// Only the end of a complete family is known to be its end.
void read_last(const RecordSet& set, std::span<const uint32_t> rows, Lane& out) {
  by_extent(set, rows, [&](const Extent& extent, size_t from, std::span<const uint32_t> part) {
    for (size_t i = 0; i < part.size(); ++i) {
      out.values[from + i] = has_last(set, extent, part[i]);
      if (out.values[from + i] != 0 && set.opening_below(extent.parent) != nullptr) out.known[from + i] = 0;
    }
  });
}

// Keys are not in a family: their place is that in the set, their address that of the memory they keep.
void read_place(const Reading& reading, std::span<const uint32_t> rows, Lane& out) {
  const RecordSet& set = reading.set;
  const ColumnKind kind = reading.column.kind;
  if (const Keys* keys = set.keys()) {
    for (size_t i = 0; i < rows.size(); ++i)
      out.values[i] = kind == ColumnKind::index ? Integer{rows[i]} : Integer{rows[i] + 1 == set.rows};
    if (kind == ColumnKind::address) {
      Column phys = reading.column;
      phys.which = static_cast<uint32_t>(pack::KeyColumn::phys);
      read_own({reading.world, set, phys, reading.holes}, *keys, rows, out);
    }
    return;
  }
  if (kind == ColumnKind::last) return read_last(set, rows, out);
  by_extent(set, rows, [&](const Extent& extent, size_t from, std::span<const uint32_t> part) {
    for (size_t i = 0; i < part.size(); ++i) {
      const uint32_t nth = part[i] - extent.first_row;
      out.values[from + i] = kind == ColumnKind::index
                                 ? Integer{extent.first_index} + nth
                                 : static_cast<Integer>(extent.address) +
                                       static_cast<Integer>(nth) * static_cast<Integer>(set.type->stride);
    }
  });
}

void read_texts(const Reading& reading, std::span<const uint32_t> rows, Lane& out) {
  std::vector<std::byte> bytes;
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool present =
        std::visit([&](const auto& content) { return read_text(reading, content, rows[i], bytes); },
                   reading.set.content);
    if (!present) {
      out.values[i] = 0;
      out.known[i] = 0;
      continue;
    }
    const auto nul = std::find(bytes.begin(), bytes.end(), std::byte{0});
    const size_t length = static_cast<size_t>(nul - bytes.begin());
    switch (reading.column.kind) {
      case ColumnKind::text_terminated:
        out.values[i] = nul != bytes.end();
        break;
      case ColumnKind::text_tail_zero:
        out.values[i] = std::all_of(nul, bytes.end(), [](std::byte byte) { return byte == std::byte{0}; });
        break;
      case ColumnKind::text_length:
        out.values[i] = static_cast<Integer>(length);
        break;
      default:
        out.values[i] = static_cast<Integer>(
            reading.world.strings.id(std::string_view(reinterpret_cast<const char*>(bytes.data()), length)));
        break;
    }
  }
}

}  // namespace

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

void Columns::run(const Program& program, uint32_t set, std::span<const uint32_t> rows, size_t n, Lane& out) {
  class Leaves : public LeafSource {
   public:
    Leaves(Columns& columns, uint32_t set, std::span<const uint32_t> rows)
        : columns_(columns), set_(set), rows_(rows) {}
    void load(const Expr& expr, Lane& lane) override { columns_.leaf(expr, set_, rows_, lane); }

   private:
    Columns& columns_;
    uint32_t set_;
    std::span<const uint32_t> rows_;
  } leaves(*this, set, rows);
  machine_.run(program, n, leaves, out);
}

void Columns::read_column(uint32_t index, uint32_t column_index, std::span<const uint32_t> rows, Lane& out) {
  const RecordSet& set = world_.sets[index];
  const Column& column = set.type->columns[column_index];
  const Reading reading{world_, set, column, holes_};
  out.resize(rows.size());
  switch (column.kind) {
    case ColumnKind::derived:
      return evaluate(*column.derived, index, rows, out);
    case ColumnKind::address:
    case ColumnKind::index:
    case ColumnKind::last:
      return read_place(reading, rows, out);
    case ColumnKind::text:
    case ColumnKind::text_terminated:
    case ColumnKind::text_tail_zero:
    case ColumnKind::text_length:
      return read_texts(reading, rows, out);
    case ColumnKind::integer:
    case ColumnKind::number:
    case ColumnKind::node:
    case ColumnKind::key:
      return std::visit([&](const auto& content) { read_own(reading, content, rows, out); }, set.content);
  }
}

Columns::Value Columns::fact(pack::FactName name) const {
  const auto& scratch = world_.facts.scratch;
  switch (name) {
    case pack::FactName::root_address:
      if (world_.facts.root) return {static_cast<Integer>(world_.facts.root->value), true};
      break;
    case pack::FactName::scratch_address:
      if (scratch) return {static_cast<Integer>(scratch->value.start), true};
      break;
    case pack::FactName::scratch_size:
      if (scratch) return {static_cast<Integer>(scratch->value.length), true};
      break;
  }
  return {0, false};
}

// A column of the record some parents above. Children of one parent are side by side: the parent's value is
// read once and spread.
void Columns::read_above(const Expr& expr, uint32_t set, std::span<const uint32_t> rows, Lane& out) {
  std::vector<uint32_t> distinct;
  std::vector<uint32_t> which(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t row = world_.ancestor(set, rows[i], expr.hops);
    if (distinct.empty() || distinct.back() != row) distinct.push_back(row);
    which[i] = static_cast<uint32_t>(distinct.size() - 1);
  }
  Borrowed above(*this);
  read_column(expr.set, expr.column, distinct, *above);
  out.resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    out.values[i] = above->values[which[i]];
    out.known[i] = above->known[which[i]];
  }
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
      const Value value = fact(expr.fact);
      std::fill(out.values.begin(), out.values.end(), value.value);
      std::fill(out.known.begin(), out.known.end(), value.known ? 1 : 0);
      return;
    }
    case Op::column:
      return expr.hops == 0 ? read_column(set, expr.column, rows, out) : read_above(expr, set, rows, out);
    case Op::term: {
      out.resize(n);
      terms_->values(expr.term, rows, out);
      return;
    }
    default:
      return call(expr, set, rows, out);
  }
}

}  // namespace khover::walk
