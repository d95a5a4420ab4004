// What the packs mean under one ABI snapshot: set types with their columns, the
// walk plan, and claims whose every name is resolved and every value typed.
// walk/, evaluate/ and prove/ work on this and on nothing else of a pack.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "error/error.h"
#include "pack/column.h"
#include "pack/expr.h"
#include "pack/pack_file.h"
#include "pack/plan.h"
#include "pack/syntax.h"
#include "pack/target_names.h"

namespace khover::pack {

constexpr size_t kMaxTuple = 4;  // values in one tuple

struct Allocation {
  ExprPtr start;  // physical address
  ExprPtr size;   // bytes asked for
  ExprPtr at;     // the same, in whole pages or blocks as this kind of allocation takes them
  ExprPtr length;
  ExprPtr when;  // may be null
  PreservedAs as = PreservedAs::one_key;
  bool is_data = false;
};

struct LabelPart {
  std::string text;
  uint32_t column = kNone;  // kNone: literal text
  bool hex = false;         // {column:x}
  uint32_t digits = 0;      // {column:04x}: hex without 0x, at least that many
};

// A place in what people call a record: a value of its own, or of the record of another set that its
// own value leads to.
struct NamePart {
  std::string text;      // literal, if `value` is null and `whole` false
  ExprPtr value;         // over the set itself, or over `set`
  bool whole = false;    // what the other record is called
  uint32_t set = kNone;  // the other set,
  ExprPtr key;           // over it: equal to
  ExprPtr wanted;        // this, over the set itself
  bool hex = false;
  uint32_t digits = 0;  // hexadecimal without 0x, at least that many
};
struct NamePiece {  // left out where a record that it names does not exist
  ExprPtr when;     // null: always
  std::vector<NamePart> parts;
};

struct SetType {
  std::string name;  // "luo.sessions"
  std::string pack;
  std::string singular;
  std::vector<LabelPart> label;
  uint32_t parent = kNone;
  Plan plan;             // how the rows are found, its values over the parent
  std::string record;    // ABI record name, for reports
  uint64_t stride = 0;   // bytes of one record; 0: the rows have none in the image
  uint32_t numbers = 0;  // that the walk gives each row
  std::vector<Column> columns;
  std::vector<Property> properties;
  ExprPtr when;  // over the parent; may be null
  std::optional<Allocation> allocation;
  std::string handled_registry;
  uint32_t handled_column = kNone;
  uint32_t handled_data = kNone;  // the physical address of what such a record hands over
  std::vector<uint32_t> names;    // columns whose text people chose: `khover carve --redact` replaces it
  std::vector<uint32_t> gates;    // rules on this set's records: where one fails, the record is condemned
  std::vector<uint32_t>
      entry_gates;  // rules on the parent's records: where one fails, nothing of this set is read below
  std::string plural;
  std::vector<NamePiece> called;
  bool bulk = false;
  bool in_path = true;

  uint32_t find(const std::string& column) const;
};

struct SetRef {
  uint32_t set = kNone;
  ExprPtr where;  // may be null
};

struct RangeOver {  // one range per record of a set
  SetRef set;
  ExprPtr start;
  ExprPtr length;
};

struct TupleOver {
  SetRef set;
  std::vector<ExprPtr> tuple;
};

// A value of the outer set's records that other sets decide.
struct Term {
  bool is_membership = false;
  std::string function;  // count, sum
  SetRef set;
  ExprPtr value;                // sum: over `set`
  std::vector<ExprPtr> key;     // over `set`; empty: all of it, or grouped by ancestor
  std::vector<ExprPtr> outer;   // over the claim's set
  uint32_t group_hops = kNone;  // `set` → the claim's set, by parents
};

struct Claim {
  Form form = Form::row;
  SetRef set;
  ExprPtr predicate;
  std::vector<ExprPtr> conjuncts;  // of the predicate: the one that fails is quoted
  std::vector<Term> terms;
  std::vector<TupleOver> tuples;  // unique; determines: one, the left side
  std::vector<ExprPtr> right;     // determines
  ExprPtr start, length;          // within, preserved; tiles: the range to cover
  std::vector<RangeOver> ranges;  // disjoint, apart (left), within (by what), tiles ([0])
  std::vector<RangeOver> others;  // apart (right)
  uint32_t tile_hops = 0;         // tiles: from the tiles' set up to the claim's set
  PreservedAs preserved_as = PreservedAs::covered;
  bool within_one = false;
  std::string group;  // within: singular of the record below which the ranges that count are
  bool overshoot = false;
  bool all_allocations = false;  // `ranges` are every allocation there is: unknown subtrees matter
};

struct Rule {
  std::string id;
  std::string pack;
  Severity severity = Severity::silent;
  std::vector<Phase> phases;
  std::vector<Input> inputs;
  std::vector<uint32_t> needs;  // rule indices, all smaller than this rule's
  // One of these fails where this rule does; prove/search/implication.h shows it. Empty, too, where the ABI
  // lacks one of them.
  std::vector<uint32_t> implied_by;
  Gate gate = Gate::none;
  std::string claim_text;
  Claim claim;
  std::string because;
  std::string masks_because;  // why severer rules are not asked where this one fails; empty: none is masked,
                              // or no reason
  std::string evidence;
  std::string advice;
};

struct Served {
  std::string name;
  std::string pack;
};

struct PackInfo {
  std::string name;
  std::string title;
  bool applies = true;
  std::string why_not;  // the ABI name that is missing
};

struct Model {
  abi::Source abi;
  std::string abi_name;
  uint64_t page_size = 0;  // bytes
  uint32_t page_shift = 0;
  std::vector<SetType> sets;                          // a parent comes before its children
  std::vector<Rule> rules;                            // a rule comes after those it needs
  std::map<std::string, std::vector<Served>> served;  // by registry
  std::vector<std::pair<Phase, Claim>> signs;
  std::vector<Claim> nothing_preserved;  // all of them hold where an image hands over nothing but itself
  std::vector<PackInfo> packs;
  std::shared_ptr<const TargetNames> target;  // null: not stated who will read the image

  uint32_t find_set(const std::string& name) const;
  uint32_t find_rule(const std::string& id) const;
  // Whether `set` is `ancestor` or is below it, and how many parents up; kNone if not.
  uint32_t hops_to(uint32_t set, uint32_t ancestor) const;
};

// The version suffix of a served name ("memfd-v2": stem "memfd-v", 2), if it has one.
struct Version {
  std::string stem;
  uint64_t number = 0;
};
std::optional<Version> version_of(const std::string& name);

// Packs whose `has` names the ABI lacks are left out (PackInfo says why). Any other
// name that does not resolve is an error with file, line and column: the first one, and in `all`, if given,
// every one.
Result<Model> link(const abi::Snapshot& snapshot, const std::string& abi_name,
                   const std::vector<PackFile>& packs, std::vector<Error>* all = nullptr);

}  // namespace khover::pack
