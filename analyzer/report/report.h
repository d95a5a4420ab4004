// What khover says of one image. Renderers read only this: they know no rules and no images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace khover::report {

// A change of bytes that a repair consists of.
struct RepairLine {
  std::string path;
  std::string what;     // field; or a part of the preserved memory map
  std::string address;  // empty: of something that is not there
  std::string was, becomes;
};

struct Finding {
  std::string rule;
  std::string severity;  // crash, refuse, silent, hygiene
  std::string verdict;   // violated, undetermined
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
  std::string severity;
  std::string verdict;  // proved, violated, undetermined, not judged
  std::string why;
  uint64_t records = 0;        // that were judged and are fine
  std::string backed_by = {};  // proved, violated: "proof", "evaluation"
  std::optional<ProofLine> proof = {};
};

struct Input {
  std::string name;    // ram, scratch, …
  std::string origin;  // given, note, dump; empty: absent
};

struct Report {
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
  bool abi_is_given = false;  // by the user, who then is told why packs were left out
  std::vector<Input> inputs;
  std::vector<std::pair<std::string, uint64_t>> contents;  // "sessions", 60
  std::vector<std::string> warnings;
  std::vector<RuleLine> rules;
  std::vector<Finding> findings;  // worst severity first
  // Until every verdict has a proof behind it, the word for a rule that holds.
  std::string holds_word = "evaluated";
  std::optional<ProofLine> proof;
};

struct Summary {
  uint64_t proved = 0, violated = 0, undetermined = 0, not_judged = 0;  // rules
};
Summary summarize(const Report& report);

std::string render_text(const Report& report, bool color);
std::string render_json(const Report& report);

}  // namespace khover::report
