// One rule pack as written in its YAML file, templates expanded, expressions parsed,
// nothing typed yet. Format: docs/rule-language.md.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "error/error.h"
#include "pack/plan.h"
#include "pack/severity.h"
#include "pack/syntax.h"
#include "yaml/tree.h"

namespace khover::pack {

enum class Phase { outgoing, finalized, early };
// What a failing rule keeps the walk from: a record that it fails for, or what is below it.
enum class Gate {
  none,
  record,    // no other rule looks at the record, nothing below it is read
  children,  // nothing below it is read
  sets,      // nothing of the named sets is read below it
};
enum class Input { ram, scratch, numa, topology, target };

const char* to_string(Phase phase);
const char* to_string(Input input);
std::optional<Phase> phase_from(const std::string& word);

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
  std::string label;    // with {column} places
  std::string parent;   // empty for a set that is below the image itself
  NodePtr when;         // over the parent: rows for which it is false have no child
  Plan plan;            // values and names as written
  std::string record;   // ABI record, or a pack's own
  std::string element;  // instead of a record, plain integers: "u64"
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
  std::string masks_because;  // why severer rules cannot be asked where this one fails
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
  std::vector<ClaimSyntax> nothing_preserved;        // and one that hands over nothing, this
  Position at;
};

// Finds a template by its name ("kho/blocks").
using TemplateSource = std::function<std::optional<yaml::Node>(const std::string& name)>;

// An error is the first one; `all`, if given, gets every error of the file and of its templates.
Result<PackFile> read_pack(yaml::Node root, const std::string& file, const TemplateSource& templates,
                           std::vector<Error>* all = nullptr);
Result<PackFile> read_pack(const std::string& text, const std::string& file, const TemplateSource& templates);

}  // namespace khover::pack
