// The records around one as unknowns of the solver: each stored field is a cell that keeps its
// value or takes another, and what rules say of these records is said of the cells.
#pragma once

#include <z3++.h>

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "prove/formula/record_reader.h"

namespace khover::prove {

// What may be changed to mend or to damage an image: a field, a run of bytes, a key of the preserved
// memory map.
struct Cell {
  enum class Kind { field, bytes, key } kind = Kind::field;
  uint32_t set = pack::kNone;  // of the record that it belongs to
  uint32_t row = pack::kNone;
  uint32_t column = pack::kNone;    // field
  std::optional<uint64_t> address;  // of its first byte
  std::string name;
  Value was;
  Interval range;
  bool is_text = false;
  z3::expr value;  // field
  z3::expr kept;   // Bool: it stays as it is
};

class Neighbourhood {
 public:
  // More records than these around one are left as they are.
  static constexpr size_t kRecords = 96;

  // To mend, memory may be cleared and keys may be added to the preserved memory map; to damage, memory
  // may be written and keys may be moved or taken away.
  enum class Purpose { mend, damage };

  Neighbourhood(const walk::World& world, z3::context& context, Purpose purpose)
      : world_(world), context_(context), purpose_(purpose), reader_(world), limits_(context) {}

  using Sets = std::array<uint32_t, kSides>;

  // The solver's expressions for the variables of a check on these records. `claim`: whose terms they are.
  std::vector<z3::expr> bind(const Check& check, const Reader::Rows& rows, const Sets& sets,
                             const pack::Claim* claim = nullptr);
  // A formula of that check. What its functions are computed from goes into limits().
  z3::expr say(const Check& check, const FormulaPtr& formula, const std::vector<z3::expr>& variables);

  // A change that is no field's: true once it is made.
  z3::expr change(Cell::Kind kind, uint32_t set, uint32_t row, std::optional<uint64_t> address,
                  const std::string& name);
  // Whether the preserved memory map has a key for a range that begins at `phys`, which a record of
  // `set` needs: to mend, it lacks one.
  z3::expr is_key_at(uint32_t set, uint32_t row, uint64_t phys);

  const std::vector<Cell>& cells() const { return cells_; }
  // The value that a field has in the image.
  z3::expr value_of(const Cell& cell);
  // The records that have cells, in the order in which they came.
  const std::vector<std::pair<uint32_t, uint32_t>>& records() const { return records_; }
  const z3::expr_vector& limits() const { return limits_; }
  Reader& reader() { return reader_; }
  z3::context& context() { return context_; }
  Purpose purpose() const { return purpose_; }

 private:
  struct Field {
    uint32_t set = pack::kNone, column = pack::kNone, row = pack::kNone;
  };
  std::optional<Field> pointer_to(uint32_t set, uint32_t row);
  uint64_t first_not_zero(uint64_t from) const;
  z3::expr cell(uint32_t set, uint32_t column, uint32_t row);
  z3::expr key_cell(uint32_t set, uint32_t column, uint32_t row);
  z3::expr made(uint32_t set, uint32_t column, uint32_t row, const Interval& range);
  z3::expr term(const pack::Claim& claim, const Variable& variable, uint32_t row);
  z3::expr fresh(const Interval& range, bool boolean);

  const walk::World& world_;
  z3::context& context_;
  Purpose purpose_;
  Reader reader_;
  z3::expr_vector limits_;
  std::vector<Cell> cells_;
  std::map<std::tuple<uint32_t, uint32_t, uint32_t>, z3::expr> by_place_;
  std::vector<std::pair<uint32_t, uint32_t>> records_;
  unsigned names_ = 0;
};

}  // namespace khover::prove
