// Findings as GitHub workflow commands: annotations beside the lines of a pull request.
#include <fmt/format.h>

#include "findings/finding.h"
#include "output/printable.h"

namespace khover::findings {
namespace {

// What would end the command, or begin another one.
std::string escaped(const std::string& text, bool property) {
  std::string result;
  for (const char c : property ? output::printable(text) : output::printable_lines(text)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '\n' || (property && (c == ':' || c == ','))) {
      result += fmt::format("%{:02X}", static_cast<unsigned>(byte));
    } else {
      result += c;
    }
  }
  return result;
}

const char* command_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "notice";
  }
  return "";
}

}  // namespace

std::string render_github(const Report& report) {
  std::string out;
  for (const Finding& finding : report.findings) {
    if (finding.suppressed || finding.baselined) continue;
    std::string where = "file=" + escaped(finding.place.file, true);
    if (finding.place.line != 0) where += fmt::format(",line={}", finding.place.line);
    if (finding.place.column != 0) where += fmt::format(",col={}", finding.place.column);
    if (finding.place.end_column > finding.place.column) {
      where += fmt::format(",endColumn={}", finding.place.end_column);
    }
    std::string text = finding.message;
    for (const Note& note : finding.notes) {
      text += "\n";
      if (!note.place.file.empty()) text += fmt::format("{}:{}: ", note.place.file, note.place.line);
      text += note.text;
    }
    out += fmt::format("::{} {},title={}::{}\n", command_of(finding.severity), where,
                       escaped("khover " + finding.check, true), escaped(text, false));
  }
  for (const LeftOut& one : report.left_out) {
    std::string where;
    if (!one.place.file.empty()) where = " file=" + escaped(one.place.file, true);
    if (one.place.line != 0) where += fmt::format(",line={}", one.place.line);
    out += fmt::format("::notice{}{}title=khover not judged::{}\n", where, where.empty() ? " " : ",",
                       escaped(describe(one), false));
  }
  return out;
}

}  // namespace khover::findings
