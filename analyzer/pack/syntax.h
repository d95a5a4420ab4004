// The rule language as written: expressions and claims, before types.
// Grammar and meaning: docs/rule-language.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "error/error.h"

namespace khover::pack {

using Integer = __int128;

// A place in a pack file; 1-based.
struct Position {
  std::string file;
  int line = 0;
  int column = 0;
};
std::string to_string(const Position& position);

// Where the text of a YAML scalar begins, so that positions inside it are those of the file.
struct Origin {
  Position start;
  int next_line_column = 1;  // column at which lines after the first begin (block scalars)
};

enum class NodeKind { number, text, name, call, unary, binary, aggregate, membership };

struct Node;
using NodePtr = std::shared_ptr<const Node>;

// `set [where condition]`, as it is in aggregates, memberships and claims.
struct SetSyntax {
  std::string name;
  NodePtr where;  // may be null
  Position at;
};

struct Node {
  NodeKind kind = NodeKind::number;
  Position at;
  std::string source;         // the text of the whole expression, for findings
  Integer number = 0;         // number
  std::string text;           // text: the string; name: dotted path; call: function; unary, binary: operator;
                              // aggregate: "count", "sum"
  std::vector<NodePtr> args;  // operands; membership: the tuple; aggregate: the summed expression, if any
  std::optional<SetSyntax> set;      // aggregate, membership
  std::vector<NodePtr> set_tuple;    // membership: expressions over `set`; aggregate by (…): key over `set`
  std::vector<NodePtr> outer_tuple;  // aggregate by (…) = (…): key over the claim's own set
  std::string group;                 // aggregate by NAME: singular of an ancestor of `set`
};

// [start, +length) or [start, end)
struct RangeSyntax {
  NodePtr start;
  NodePtr length;  // one of the two
  NodePtr end;
  Position at;
};

struct RangeSource {  // RANGE in SET [where …], or just walk.allocations, walk.structures, walk.data
  std::optional<RangeSyntax> range;
  SetSyntax set;
};

struct TupleSource {           // (E, …) in SET [where …]
  std::vector<NodePtr> tuple;  // empty: walk.owners
  SetSyntax set;
};

// How an allocation is entered in the preserved memory map.
enum class PreservedAs {
  covered,       // by whatever keys
  one_key,       // one key of get_order(size): kho_alloc_preserve()
  natural_keys,  // as many as alignment asks for: kho_preserve_pages()
  folio,         // one key at the address, of get_order(size) or more: kho_preserve_folio()
  unpreserved,   // not at all: the pages of the map itself
};

enum class Form { row, unique, determines, tiles, disjoint, apart, within, preserved, acyclic };
const char* to_string(Form form);

struct ClaimSyntax {
  Form form = Form::row;
  SetSyntax set;                     // row, determines, tiles (the outer set), within, preserved, acyclic
  NodePtr predicate;                 // row
  std::vector<TupleSource> tuples;   // unique; determines: [0] = left, right in `right`
  std::vector<NodePtr> right;        // determines
  std::optional<RangeSyntax> range;  // within, preserved; tiles: the range to be covered
  std::vector<RangeSource> ranges;   // disjoint: all; apart: left side; tiles: [0] the tiles; within: by what
  std::vector<RangeSource> others;   // apart: right side
  PreservedAs preserved_as = PreservedAs::covered;
  bool within_one = false;  // within: inside a single range, not a union of them
  std::string group;        // within … by NAME: only ranges below the same record of that singular count
  bool overshoot = false;   // tiles: the last one may reach past the end
};

Result<NodePtr> parse_expression(const std::string& text, const Origin& origin);
Result<ClaimSyntax> parse_claim(const std::string& text, const Origin& origin);

}  // namespace khover::pack
