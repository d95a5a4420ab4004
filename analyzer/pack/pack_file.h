// One rule pack as written in its YAML file, templates expanded, expressions parsed,
// nothing typed yet. Format: docs/rule-language.md.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "error/error.h"
#include "pack/syntax.h"
#include "yaml/tree.h"

namespace khover::pack {

enum class Severity { crash, refuse, silent, hygiene };  // what the next kernel does; worst first
enum class Phase { outgoing, finalized, early };
// What a failing rule keeps the walk from: a record that it fails for, or what is below it.
enum class Gate {
  none,
  record,    // no other rule looks at the record, nothing below it is read
  children,  // nothing below it is read
  sets,      // nothing of the named sets is read below it
};
enum class Input { ram, scratch, numa, topology, target };

const char* to_string(Severity severity);
const char* to_string(Phase phase);
const char* to_string(Input input);
std::optional<Phase> phase_from(const std::string& word);
std::optional<Severity> severity_from(const std::string& word);

// How the rows of a set are found.
enum class Container {
  record,        // one record at a physical address
  chain,         // records linked by a physical pointer
  array,         // records side by side
  pages,         // records in a list of pages, as if the pages were contiguous
  fdt,           // the root node of a flattened device tree
  nodes,         // the children of an FDT node
  radix,         // table and bitmap pages of the preserved memory map
  slots,         // the non-zero table entries of those pages
  keys,          // the set bits of the bitmaps
  bitmap,        // the set bits of a bitmap that a record names, as keys
  table,         // pages of a multi-level table that hardware walks
  entries,       // their entries
  ram,           // the RAM map, one row a range
  numa,          // the NUMA map, one row a range
  pci_function,  // the host's PCI function of the identity that the parent has
};

struct PropertySyntax {
  std::string column;
  std::string property;  // literal FDT name, or the name of an ABI string constant
  bool is_text = false;  // else u64, native-endian
  uint64_t size = 8;     // bytes of an integer property
  Position at;
};

struct AllocationSyntax {
  NodePtr at;    // physical address, over the record itself; null: the record's own address
  NodePtr size;  // bytes, over the record itself
  NodePtr when;  // null: always
  PreservedAs as = PreservedAs::one_key;
  bool is_data = false;  // a user's bytes, not a structure that a kernel trusts
};

struct HandledSyntax {  // every row of `set` should be handled by a pack that serves its name
  std::string set;
  std::string registry;
  std::string column;
  std::string data;  // the column with the address of what it hands over
  Position at;
};

struct ChosenSyntax {  // this column of every row of `set` is a name that people chose
  std::string set;
  std::string column;
  Position at;
};

struct NameSyntax {  // a piece of what people call a record
  std::string text;  // with {places}, some of them in records of other sets
  NodePtr when;      // null: always
  Position at;
};

struct SetDefinition {
  std::string name;  // unqualified
  std::string singular;
  std::string label;   // with {column} places
  std::string parent;  // empty for a set that is below the image itself
  Container container = Container::record;
  NodePtr when;                          // over the parent: rows for which it is false have no child
  NodePtr at;                            // record, chain, array, fdt, radix: physical address; 0 = none
  std::string record;                    // ABI record, or a pack's own
  std::string element;                   // array of plain integers: "u64"
  std::string next;                      // chain; entries: column with the address of a table one level below
  NodePtr level;                         // table: level of its top page; 0 is the last
  NodePtr domain, bdf;                   // pci_function: over the parent
  std::string one_of;                    // record: of this set, with its columns
  NodePtr count;                         // array, pages; entries of one table
  NodePtr capacity;                      // array
  bool until_zero = false;               // array of integers: ends at the first zero entry
  std::string pages_of;                  // pages: the set that lists them
  std::string page_column;               // pages: its column that holds the address
  NodePtr page_size;                     // pages: bytes each
  NodePtr limit;                         // fdt: most bytes that the blob may have
  std::map<std::string, NodePtr> radix;  // depth, table, bitmap, key-width
  NodePtr bytes;                         // bitmap: its size
  NodePtr first_key;                     // bitmap: the key of its first bit
  std::vector<PropertySyntax> properties;
  std::vector<std::pair<std::string, NodePtr>> derive;
  std::optional<AllocationSyntax> allocation;
  std::vector<NameSyntax> called;
  std::string plural;   // counted in the summary of an image under this word
  bool bulk = false;    // people are shown a count, not the rows
  bool in_path = true;  // named in the path of the records below
  Position at_position;
};

struct RuleDefinition {
  std::string id;
  Severity severity = Severity::silent;
  std::vector<Phase> phases;
  std::vector<Input> inputs;
  std::vector<std::string> needs;
  std::vector<std::string> has;         // the rule is for ABIs that have these names; RECORD.FIELD too
  std::vector<std::string> lacks;       // and none of these
  std::vector<std::string> precedes;    // rules that need this one
  std::vector<std::string> implied_by;  // rules of which one fails where this one does
  Gate gate = Gate::none;
  std::vector<std::string> gate_sets;
  std::string claim_text;
  ClaimSyntax claim;
  std::string because;
  std::string evidence;
  std::string advice;
  Position at;
};

struct OwnField {
  std::string name;
  uint64_t offset = 0;  // bytes
  uint64_t size = 0;    // bytes
};
struct OwnRecord {  // a layout that lives in a .c file: pack data with a cited source
  std::string name;
  std::string source;
  uint64_t size = 0;
  std::vector<OwnField> fields;
};

struct ServedName {
  std::string registry;  // "root", "subtree", "file", "flb", …
  std::string name;      // literal, or an ABI string constant
  Position at;
};

struct PackFile {
  std::string name;
  std::string title;
  std::vector<std::string> has;    // the pack is for ABIs that have these names; RECORD.FIELD too
  std::vector<std::string> lacks;  // and none of these
  std::vector<ServedName> serves;
  std::vector<std::pair<std::string, NodePtr>> constants;
  std::vector<OwnRecord> records;
  std::vector<SetDefinition> sets;
  std::vector<RuleDefinition> rules;
  std::vector<HandledSyntax> handled;
  std::vector<ChosenSyntax> names;
  std::vector<std::pair<Phase, ClaimSyntax>> signs;  // an image of that phase satisfies this
  Position at;
};

// Finds a template by its name ("kho/blocks").
using TemplateSource = std::function<std::optional<yaml::Node>(const std::string& name)>;

// An error is the first one; `all`, if given, gets every error of the file and of its templates.
Result<PackFile> read_pack(yaml::Node root, const std::string& file, const TemplateSource& templates,
                           std::vector<Error>* all = nullptr);
Result<PackFile> read_pack(const std::string& text, const std::string& file, const TemplateSource& templates);

}  // namespace khover::pack
