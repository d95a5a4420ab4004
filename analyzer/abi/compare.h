// Two snapshots side by side: what changed, whether a kernel with the one reads what a kernel with
// the other wrote, and whether the version that covers the change was changed along.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi/reading.h"
#include "abi/snapshot.h"
#include "abi/versions.h"

namespace khover::abi {

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
  VersionStep step = VersionStep::same;
};

// The same bytes, read both ways.
struct WitnessLine {
  std::string path;
  std::string before;  // value; empty: not read
  std::string after;
  bool differs = false;
};
struct Witness {
  std::vector<uint8_t> bytes;
  std::vector<WitnessLine> lines;
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
  Witness witness;      // records with another layout
};

struct Comparison {
  Source before;
  Source after;
  std::vector<CoverStep> versions;  // every version macro of either side
  std::vector<Item> items;          // what changed, worst first
  std::vector<std::string> notes;
  uint64_t records = 0;        // on both sides
  uint64_t equal_layouts = 0;  // of them
  Verdict verdict = Verdict::same;
};

struct Side {
  const Snapshot& snapshot;
  DocumentedCovers documented;  // empty for a snapshot file, which keeps no comments
};

// Errors: the sides are not of one architecture and page size.
Result<Comparison> compare(const Side& before, const Side& after, const std::vector<StatedCover>& stated);

const char* name_of(Verdict verdict);
const char* name_of(Effect effect);
const char* name_of(VersionStep step);

std::string render_comparison(const Comparison& comparison);
std::string render_comparison_json(const Comparison& comparison, const std::string& tool_version);
// The bytes of every record that is read differently, as text.
std::string render_witnesses(const Comparison& comparison);

}  // namespace khover::abi
