// A finding in a source file, and everything that renderers need to show it. khover-abi lint makes
// them from headers; whatever reviews C sources makes the same ones.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace khover::findings {

enum class Severity { note, warning, error };

const char* name_of(Severity severity);
std::optional<Severity> severity_of(std::string_view name);

// Lines and columns count from 1; a column counts bytes, a tab is one.
struct Place {
  std::string file;  // relative to the tree, never a path of this machine
  uint32_t line = 0;
  uint32_t column = 0;      // 0: the whole line
  uint32_t end_column = 0;  // after the last character; 0: one character
};

struct Note {
  Place place;  // without a file: about the finding as a whole
  std::string text;
};

struct Finding {
  std::string check;
  Severity severity = Severity::warning;
  std::string message;  // lower-case, no full stop, names in quotes
  Place place;
  std::vector<Note> notes;
  std::string subject;                    // what it is about, however the file is edited: "parcel_ser.flags"
  std::optional<std::string> suppressed;  // the reason that was given; the finding is kept and marked
  bool in_file = false;                   // the reason is from a file of suppressions, not from the source
  bool baselined = false;                 // known since a baseline was written; kept and marked, too
};

struct CheckInfo {
  std::string id;
  std::string purpose;  // one line
  std::string since;    // version of khover
  Severity severity = Severity::warning;
  std::string pages = {};  // folder of its page; "": that of the report
};

// Text of the files that findings are in.
class Sources {
 public:
  void add(const std::string& file, std::string text);
  const std::string* text(const std::string& file) const;
  // Without its newline; "" where there is none.
  std::string_view line(const std::string& file, uint32_t number) const;
  const std::map<std::string, std::string>& files() const { return files_; }

 private:
  std::map<std::string, std::string> files_;
  std::map<std::string, std::vector<size_t>> line_starts_;
};

// Something that does not parse, and that no check has seen.
struct LeftOut {
  enum class Part { file, function, declaration } part = Part::file;
  std::string name;  // of the file or the function; "" for a declaration
  Place place;
  std::string why;
};
// "drivers/x.c:12: 'f()': use of undeclared identifier 'y'"
std::string describe(const LeftOut& one);

// How much of what was to be judged was judged.
struct Coverage {
  size_t files = 0, parsed_files = 0;
  size_t functions = 0, judged_functions = 0;
};

struct Report {
  std::string command;  // "khover-abi lint"
  std::string version;
  std::string pages = "docs/lint";  // where each check has its page
  std::string subject;              // what was looked at: a release, a list of headers
  std::vector<CheckInfo> checks;    // those that ran
  std::vector<std::pair<std::string, std::string>> not_judged;  // check, why
  std::vector<std::string> parsed;                              // C files that were, where that is a choice
  std::optional<Coverage> coverage;  // of C files; headers are judged whole or not at all
  std::vector<LeftOut> left_out;
  std::set<std::string> undeclared;  // functions that no header declares, taken as int f(...)
  std::vector<Finding> findings;     // by place
  Sources sources;
};

// Stays the same while lines move and other findings come and go.
std::string fingerprint(const Finding& finding);

void sort_by_place(std::vector<Finding>& findings);

// Findings that count: neither suppressed nor in the baseline, at or above the threshold.
uint64_t count_at_least(const Report& report, Severity threshold);

std::string render_text(const Report& report, bool color);
std::string render_json(const Report& report);
std::string render_sarif(const Report& report);
// Workflow commands that GitHub shows beside the lines of a pull request.
std::string render_github(const Report& report);

}  // namespace khover::findings
