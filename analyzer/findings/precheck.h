// GO, NO-GO or CANNOT SAY: what `khover precheck` answers before the jump, and why. Words, JSON, metrics,
// journal and exit status come from one value.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "findings/image_report.h"

namespace khover::findings {

enum class Answer { go, no_go, cannot_say };
const char* to_string(Answer answer);  // "GO", "NO-GO", "CANNOT SAY"

// What keeps the next kernel from taking over what is handed over, beyond the rules on the image.
struct TargetFinding {
  std::string id;
  pack::Severity severity = pack::Severity::silent;
  bool decided = true;  // false: it cannot be said
  std::string what;
  std::string because;
  std::string remedy;
};

struct Precheck {
  std::string version;
  std::string image;
  std::string unreadable;             // why nothing could be judged; empty: it could
  std::string nothing;                // why nothing is handed over; empty: something is, or it cannot be said
  std::optional<ImageReport> report;  // absent: unreadable, or the kernel has no handover
  std::string target;                 // what it is; empty: not given
  bool image_only = false;            // asked without a target, on purpose
  std::vector<TargetFinding> objections;
  std::set<std::string> by_target;   // rules that are violated for this target only
  std::vector<std::string> in_flux;  // rules that were violated in one reading of live memory, and not in all
  std::vector<std::string> not_covered;

  // decide() fills these.
  Answer answer = Answer::cannot_say;
  std::string reason;
};

void decide(Precheck& precheck);

// Exit status: GO 0, NO-GO 1, CANNOT SAY 3, or 2 if nothing could be read.
int exit_status(const Precheck& precheck);

// The answer and its reason, then at most ten lines. `details`: the report of the image after them.
std::string render_precheck_text(const Precheck& precheck, bool color, bool details);
std::string render_precheck_json(const Precheck& precheck);
// For node_exporter's textfile collector. `seconds`: how long it took; `now`: seconds since the epoch.
std::string render_precheck_metrics(const Precheck& precheck, double seconds, int64_t now);
// One entry for each finding and one for the answer, in the journal's own text form (NAME=VALUE lines, an
// empty line after each entry): for `logger --journald`. Docs: precheck.md.
std::string render_precheck_journal(const Precheck& precheck);

}  // namespace khover::findings
