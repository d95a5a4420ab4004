// Two snapshots side by side: what changed, whether a kernel with the one reads what a kernel with
// the other wrote, and whether the version that covers the change was changed along.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "abi/versions.h"
#include "abi_diff/field_places.h"

namespace khover::abi_diff {

enum class Effect {
  none,     // names, documentation: every byte is read as before
  meaning,  // every byte is read as before, but may mean something else: a person decides
  layout,   // some bytes are read differently
};

struct Change {
  std::string kind;     // "field moved", see docs/abi-diff.md
  std::string subject;  // field, enumerator or macro; empty: the record itself
  std::string before;
  std::string after;
  Effect effect = Effect::none;
  std::string because;  // one clause, may be empty
};

enum class Verdict {
  same,        // nothing changed
  compatible,  // something changed, no byte is read differently
  bumped,      // bytes are read differently, and the version that covers them changed
  person,      // the tool cannot tell whether the contract was kept
  broken,      // bytes are read differently, and the version that covers them stayed
};

struct CoverStep {
  std::string macro;
  std::string origin;
  std::string before;  // values; empty: not there
  std::string after;
  abi::VersionStep step = abi::VersionStep::same;
};

// What a solver says about one value that both layouts declare; prove/alike.h asks it.
struct FieldProof {
  enum class Answer { alike, differs, unknown };
  std::string before;  // path in OLD, "folios.first.phys"; empty: only NEW declares it
  std::string after;   // path in NEW; empty: only OLD declares it
  Answer answer = Answer::unknown;
  std::string because;  // differs without bytes, unknown: why
  // Bytes that the two read differently: where they differ in an array, in which element.
  std::string element;                // "[1][0]"; empty: no array
  std::map<uint64_t, uint8_t> bytes;  // those that either reads, by their place in the record
  std::string old_value, new_value;   // empty: not read
};

// Two records that are the same one to the comparison, and what was proved about them.
struct RecordProof {
  std::string before, after;  // names
  uint64_t old_size = 0, new_size = 0;
  bool strides_alike = false;  // for all k, element k of an array of them begins at the same byte
  std::vector<FieldProof> fields;

  bool all_alike() const;
};

struct Item {
  std::string kind;  // record, union, enumeration, macro
  std::string name;
  std::string at;  // file:line, in NEW where it is there
  std::vector<Change> changes;
  std::vector<CoverStep> covers;
  std::vector<std::string> reaches;  // "parcel_ser.items": where this record is embedded
  Effect effect = Effect::none;
  Verdict verdict = Verdict::same;
  std::string because;  // one sentence about the verdict, may be empty
};

struct Comparison {
  abi::Source before;
  abi::Source after;
  std::vector<CoverStep> versions;  // every version macro of either side
  std::vector<Item> items;          // what changed, worst first
  std::vector<std::string> notes;
  std::vector<RecordProof> proofs;  // of each pair of records, without fields until prove/ filled them in
  uint64_t records = 0;             // on both sides
  uint64_t equal_layouts = 0;       // of them
  Verdict verdict = Verdict::same;
};

struct Side {
  const abi::Snapshot& snapshot;
  abi::DocumentedCovers documented;  // empty for a snapshot file, which keeps no comments
};

// Errors: the sides are not of one architecture and page size.
Result<Comparison> compare(const Side& before, const Side& after,
                           const std::vector<abi::StatedCover>& stated);

// What was proved about the record that `item` is about; null: nothing, or it is no record.
const RecordProof* proof_of(const Comparison& comparison, const Item& item);

// Records of which a kernel with the one layout misreads what a kernel with the other wrote: not all alike,
// and more than one more reading of bytes that both read (a union's, or a reserved field's).
std::vector<const RecordProof*> misread_records(const Comparison& comparison);

const char* name_of(Verdict verdict);
const char* name_of(Effect effect);
const char* name_of(abi::VersionStep step);

std::string render_comparison(const Comparison& comparison);
// `witness`: a JSON value for the member of that name; empty: none.
std::string render_comparison_json(const Comparison& comparison, const std::string& witness,
                                   const std::string& tool_version);
}  // namespace khover::abi_diff
