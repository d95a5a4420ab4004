// What the plan of a container is made of. docs/adding-a-container.md.
//
// A plan is a struct plans::Name in plans/name.h; Plan (plan.h) is one of them. Its members are what its YAML
// keys say: read as written, then linked in place. Three things describe it:
//   kKey, kShape, kRows  the YAML key, what comes after it, and what the rows of the set are
//   keys(of)             names each member with its YAML key. A visitor does what it is for with each: the
//   reader of YAML, the
//                        linker, the signature (NoKeys lists what it is asked)
//   columns(add)         adds the columns that the rows have beside the fields of their record (ColumnAdder)
#pragma once

#include <cstdint>
#include <string>

#include "pack/column.h"
#include "pack/syntax.h"

namespace khover::pack::plans {

enum class Shown { no, yes };  // a column, by `khover dump`

// What comes after the container's key.
enum class Shape {
  map,   // chain: {at: …, record: …}
  name,  // record: NAME, and further keys beside it
  flag,  // nodes: true
};

// An integer expression over the parent record.
struct Value {
  NodePtr written;
  ExprPtr expr;  // null: an optional key that is not there
};

// A column of the set itself.
struct OwnColumn {
  std::string written;
  uint32_t index = kNone;
};

struct OtherSet {
  std::string written;
  uint32_t index = kNone;  // in Model::sets, before the set itself
};

struct OtherColumn {
  std::string written;
  uint32_t index = kNone;
};

constexpr const char* kItself = "";  // the value of the container's own key, in Shape::name

// Asks nothing. A visitor has this as its base, and says what it wants to know.
struct NoKeys {
  void value(const char* /*key*/, Value&) {}
  void optional(const char* /*key*/, Value&) {}
  void constant(const char* /*key*/, Value&) {}  // without columns of the parent
  void flag(const char* /*key*/, bool&) {}
  void record(const char* /*key*/) {}                // an ABI record, or one of the pack's own
  void record_or_element(const char* /*phrase*/) {}  // the keys record and element, one of them
  void field(const char* /*key*/, OwnColumn&) {}     // an integer field of the record
  void column(const char* /*key*/, OwnColumn&) {}    // any column
  void set(const char* /*key*/, OtherSet&) {}
  void column_of(const char* /*key*/, OtherColumn&, const OtherSet&) {}
  void same_columns(const OtherSet&) {}       // the rows have the columns that they have there
  void lies_below_parent(const OtherSet&) {}  // the other set is this one's parent, or below it
  void parent_is(const char* /*key of a container*/) {}
  void at_the_top() {}  // the set has no parent
};

}  // namespace khover::pack::plans
