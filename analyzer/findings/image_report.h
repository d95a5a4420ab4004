// What khover says of one image. Renderers read only this: they know no rules and no images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "evaluate/verdict.h"
#include "findings/image_verdict.h"
#include "pack/severity.h"

namespace khover::findings {

// A change of bytes that a repair consists of.
struct RepairLine {
  std::string path;
  std::string what;     // field; or a part of the preserved memory map
  std::string address;  // empty: of something that is not there
  std::string was, becomes;
};

struct ImageFinding {
  std::string rule;
  pack::Severity severity = pack::Severity::silent;
  bool violated = true;  // or undetermined
  std::string path;      // LUO › session "vm-7" › file token 0x12 › memfd
  uint64_t address = 0;  // physical, of the record
  std::string field;
  std::vector<uint8_t> bytes;  // the record's first bytes, from `address` on
  std::string expected;
  std::string found;
  std::string other;  // path and address of the second record, if there is one
  std::string because;
  std::string evidence;
  std::string advice;
  std::string why;              // undetermined: what is missing
  std::vector<uint64_t> holes;  // absent addresses that were read
  uint64_t more = 0;            // further records with the same finding, not listed
  // The smallest changes that would mend this record, each one or several fields; the likeliest first.
  std::vector<std::vector<RepairLine>> repairs;
};

struct ProofLine {
  uint64_t facts = 0;  // about records, in the solver's queries
  uint64_t queries = 0;
  double seconds = 0;  // of a rule: in the solver, on one core; of the image: by the clock
};

struct RuleLine {
  std::string id;
  pack::Severity severity = pack::Severity::silent;
  evaluate::Verdict verdict = evaluate::Verdict::not_judged;
  evaluate::Reason reason = evaluate::Reason::none;  // not judged: why
  std::string why;
  uint64_t records = 0;                 // that were judged and are fine
  std::optional<ProofLine> proof = {};  // what backs the verdict; without: evaluation
};

// A pointer that the walk did not follow, though it is not null.
struct NotFollowed {
  std::string path;      // of the record that holds it
  uint64_t address = 0;  // physical, of that record; 0: it has none
  std::string pointer;   // the field; empty: a hardware entry, which has no name
  std::string why;
  bool damage = true;  // what is there cannot be right; or the dump lacks bytes that would decide
};

// A pointer, or a count, by which the walk came to a record.
struct Way {
  std::string pointer;   // "next of LUO › session block 0"
  uint64_t address = 0;  // physical, of the record that has it
};

// Findings that one damage explains.
struct Group {
  std::vector<size_t> findings;  // in ImageReport::findings; the cause first, then what follows from it
  // What is damaged. Written into a copy of the memory and judged again: `gone` of the findings are not there
  // any more, and no other came. Empty: no repair is known, and the findings are together because of how the
  // records hang together.
  std::vector<RepairLine> repair = {};
  std::string why = {};  // the repair is thought to be right; may be empty
  std::vector<size_t> gone = {};
  bool unseen = false;  // no finding is about what is damaged: the repair is all that says it
  // The pointers that lead to the records of the first finding, the nearest first.
  std::vector<Way> reached = {}, other_reached = {};
};

// A version in the image that is above all that khover knows.
struct NewerVersion {
  std::string path;   // of the record that says it
  std::string says;   // "kho-v9"
  std::string known;  // "kho-v4": the highest
};

struct Input {
  std::string name;    // ram, scratch, …
  std::string origin;  // given, note, dump; empty: absent
};

struct ImageReport {
  std::string version;
  std::string image;
  std::string format;
  uint64_t bytes_present = 0;
  std::string root;  // address, as text
  std::string root_origin;
  std::string phase;
  std::string phase_origin;
  std::vector<std::string> phase_alternatives;
  std::vector<std::string> abi;  // snapshots with these layouts
  std::vector<std::string> packs;
  std::vector<std::pair<std::string, std::string>> packs_left_out;  // name, why
  bool phase_contradicted = false;                                  // by the contents
  bool abi_is_given = false;  // by the user, who then is told why packs were left out
  std::vector<Input> inputs;
  std::vector<std::pair<std::string, uint64_t>> contents;  // "sessions", 60
  std::vector<std::string> warnings;
  std::vector<RuleLine> rules;            // those that were asked for
  uint64_t rules_not_asked = 0;           // left out by --only and --skip
  std::vector<ImageFinding> findings;     // worst severity first
  std::vector<NotFollowed> not_followed;  // that no violated rule explains; at most evaluate::kDescribed
  uint64_t more_not_followed = 0;
  std::vector<Group> groups;  // every finding is in one; what is worst first
  std::vector<NewerVersion> newer;
  std::optional<ProofLine> proof;  // absent: verdicts are evaluated only
  ImageVerdict verdict;            // verdict_of() the rest
};

// `verbose`: consequences in full, and which rules are not judged.
std::string render_text(const ImageReport& report, bool color, bool verbose = false);
std::string render_json(const ImageReport& report);
// For a stream of lines. `stage`: "evaluated", "final".
std::string render_json_line(const ImageReport& report, const char* stage);
std::string render_progress_line(uint64_t done, uint64_t rules);

}  // namespace khover::findings
