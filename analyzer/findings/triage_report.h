// What is said of a whole dump: every handover in it, and the answer first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "findings/image_report.h"

namespace khover::findings {

// One tree of a handover that is in the dump.
struct Handover {
  enum class Role {
    outgoing,   // of the kernel that was dumped
    received,   // that this kernel was handed, and has not taken yet
    consumed,   // that it was handed and took: the memory of the tree is its own now, and may be reused
    unclaimed,  // nothing in the dump names it: of an earlier kernel, or a copy
  } role = Role::unclaimed;
  std::string root;                   // physical address of the root FDT
  std::string compatible;             // empty: no device tree can be read there
  std::vector<std::string> named_by;  // what points to it, best first; empty: a scan of memory found it
  uint64_t objects = 0;               // that it hands over, as far as they can be read: files and the like
  std::optional<ImageReport> report;  // absent: see why_not
  std::string why_not;
};
const char* to_string(Handover::Role role);

struct LogEntry {
  std::optional<uint64_t> nanoseconds;  // since boot
  std::string text;                     // any bytes
};

struct TriageReport {
  std::string version;
  std::string image;
  std::string format;
  std::string release;              // of the kernel that was dumped; empty: the dump does not say
  std::vector<Handover> handovers;  // the one that the answer is about first
  std::vector<LogEntry> log;        // lines that tell of a handover, the oldest first
  std::string log_from;             // "the dump", or a file
  std::string why_no_log;           // empty: there is one, even if no line tells of a handover
};

// What was handed over, what is wrong, the most probable cause, what is lost, what to do: sentences.
std::vector<std::string> answer_of(const TriageReport& report);
// Of the first handover. One that is consumed is never violated, nor without objection.
Status status_of(const TriageReport& report);

std::string render_text(const TriageReport& report, bool color, bool verbose);
std::string render_json(const TriageReport& report);

}  // namespace khover::findings
