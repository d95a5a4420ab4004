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
#include "pack/pack_file.h"
#include "pack/syntax.h"

namespace khover::pack {

constexpr uint32_t kNone = 0xffffffff;
constexpr size_t kMaxTuple = 4;         // values in one tuple
constexpr uint32_t kMaxTableLevel = 4;  // of a table that hardware walks, counted from 0

enum class Type { integer, boolean, text };

// Least and greatest value that an expression can have. Inferred so that nothing
// wraps: every operation is exact in the integers, in 128 bits.
struct Interval {
  Integer low = 0;
  Integer high = 0;
};

enum class Op {
  constant,
  column,
  fact,
  call,
  term,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  shift_left,
  shift_right,
  bit_and,
  bit_or,
  equal,
  not_equal,
  less,
  less_equal,
  logical_and,
  logical_or,
  implies,
  logical_not,
};

enum class Function {
  zero,       // zero(a, b): the bytes [a, b) are all 0
  key_order,  // key_order(phys): order of the least key that begins at phys; -1 without one
  known,      // known("registry", text): a pack serves it; undecided when it is newer than every served one
  in_known_ram,  // in_known_ram(phys, bytes): inside RAM, as far as the RAM map is known
  order_of,      // order_of(bytes): get_order(): least n with PAGE_SIZE << n >= bytes
  pages,         // pages(bytes): bytes / PAGE_SIZE, rounded up
  is_version,    // is_version(number, known): equal; undecided when it is newer
  stem,          // stem(text): without its trailing digits
  select,        // if(condition, a, b)
  minimum,       // min(a, b)
  maximum,       // max(a, b)
};

enum class FactName { root_address, scratch_address, scratch_size };

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

struct Expr {
  Op op = Op::constant;
  Type type = Type::integer;
  Interval range;
  Position at;
  std::string source;       // as written
  Integer value = 0;        // constant integer or boolean
  std::string text;         // constant text; known: the registry
  uint32_t hops = 0;        // column: how many parents up
  uint32_t set = kNone;     // column: the set reached after those hops
  uint32_t column = kNone;  // column
  FactName fact = FactName::root_address;
  Function function = Function::zero;
  uint32_t term = kNone;  // index into Claim::terms
  std::vector<ExprPtr> args;
};

enum class ColumnKind {
  address,  // _addr: physical address of the record
  index,    // _position: place among the records of the same parent, from 0
  last,     // _last: nothing follows it under the same parent
  integer,  // bytes (or bits) of the record
  text,     // char array: the bytes before the first NUL
  text_terminated,
  text_tail_zero,
  text_length,
  property,        // FDT property, integer
  property_bytes,  // its length; -1 when absent
  property_address,
  property_text,
  property_terminated,
  node_name,
  fdt_valid,  // the header and structure of the blob are sound
  fdt_totalsize,
  key,  // radix key as stored
  key_order,
  key_phys,
  key_length,
  radix_level,  // 0 = bitmap page; of a table: 0 = the last level
  slot_level,
  range_start,
  range_length,
  range_node,
  pci_domain,  // of the host's PCI function
  pci_bdf,
  pci_bridge,
  pci_has_upstream,
  pci_upstream_domain,
  pci_upstream_bdf,
  pci_group_size,
  derived,
};

struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::integer;
  Type type = Type::integer;
  Interval range;
  uint64_t offset = 0;      // bytes into the record
  uint32_t bit_offset = 0;  // from bit 0 of the byte at `offset`
  uint32_t bits = 0;        // width
  bool is_signed = false;
  uint64_t length = 0;    // text: size of the char array, bytes
  uint32_t property = 0;  // index into SetType::properties
  ExprPtr derived;
  bool from_abi = false;  // a field of the record, shown by `khover dump`
};

struct Property {
  std::string name;  // in the FDT
  bool is_text = false;
  uint64_t size = 8;
};

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
  Container container = Container::record;
  std::string record;   // ABI record name, for reports
  uint64_t stride = 0;  // bytes of one record
  std::vector<Column> columns;
  std::vector<Property> properties;
  ExprPtr when, at, count, capacity, page_size, limit;  // over the parent
  ExprPtr radix_depth, radix_table, radix_bitmap;
  ExprPtr bytes, first_key;     // bitmap: its size, and the key of its first bit, over the parent
  ExprPtr pci_domain, pci_bdf;  // pci_function, over the parent
  ExprPtr level;                // table: of the top page, over the parent
  bool until_zero = false;
  uint32_t next_column = kNone;  // chain, entries
  uint32_t one_of = kNone;       // record: the set that it must be one of
  uint32_t pages_set = kNone;    // pages
  uint32_t pages_column = kNone;
  std::optional<Allocation> allocation;
  std::string handled_registry;
  uint32_t handled_column = kNone;
  std::vector<uint32_t> names;  // columns whose text people chose: `khover carve --redact` replaces it
  std::vector<uint32_t> gates;  // rules on this set's records: where one fails, the record is condemned
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
  // One of these fails where this rule does; prove/implication.h shows it. Empty, too, where the ABI lacks
  // one of them.
  std::vector<uint32_t> implied_by;
  Gate gate = Gate::none;
  std::string claim_text;
  Claim claim;
  std::string because;
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
  std::vector<PackInfo> packs;

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

// Packs whose `requires` names the ABI lacks are left out (PackInfo says why). Any other
// name that does not resolve is an error with file, line and column.
Result<Model> link(const abi::Snapshot& snapshot, const std::string& abi_name,
                   const std::vector<PackFile>& packs);

}  // namespace khover::pack
