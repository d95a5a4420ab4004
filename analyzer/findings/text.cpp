// Findings for a person: place, message, the line and a caret, as compilers print them.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "findings/finding.h"
#include "findings/printable.h"

namespace khover::findings {
namespace {

class Printer {
 public:
  Printer(const Report& report, bool color) : report_(report), paint_(color) {}

  std::string print() {
    for (const Finding& finding : report_.findings) {
      if (finding.suppressed || finding.baselined) continue;
      message(finding.place, name_of(finding.severity), finding.message, finding.check);
      excerpt(finding.place);
      for (const Note& note : finding.notes) {
        message(note.place, "note", note.text, "");
        excerpt(note.place);
      }
    }
    const auto suppressed =
        std::count_if(report_.findings.begin(), report_.findings.end(),
                      [](const Finding& finding) { return finding.suppressed.has_value(); });
    if (suppressed != 0) out_ += "\nsuppressed, with the reason:\n";
    for (const Finding& finding : report_.findings) {
      if (!finding.suppressed) continue;
      put("  {}:{}: {} [{}]\n", finding.place.file, finding.place.line, *finding.suppressed, finding.check);
    }
    const auto baselined = std::count_if(report_.findings.begin(), report_.findings.end(),
                                         [](const Finding& finding) { return finding.baselined; });
    if (baselined != 0) out_ += "\nin the baseline:\n";
    for (const Finding& finding : report_.findings) {
      if (!finding.baselined || finding.suppressed) continue;
      put("  {}:{}: {} [{}]\n", finding.place.file, finding.place.line, finding.message, finding.check);
    }
    if (!report_.not_judged.empty()) out_ += "\nnot judged:\n";
    for (const auto& [check, why] : report_.not_judged) put("  {}: {}\n", check, why);
    uint64_t counts[3] = {0, 0, 0};
    for (const Finding& finding : report_.findings) {
      if (!finding.suppressed && !finding.baselined) ++counts[static_cast<size_t>(finding.severity)];
    }
    put("\n{}: {}, {}, {}, {} suppressed; {} ran on {}\n", report_.subject, counted(counts[2], "error"),
        counted(counts[1], "warning"), counted(counts[0], "note"), suppressed,
        counted(report_.checks.size(), "check"), counted(report_.sources.files().size(), "file"));
    return std::move(out_);
  }

 private:
  static std::string counted(size_t count, const char* what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
  }

  template <typename... Args>
  void put(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Args>(args)...);
  }

  void message(const Place& place, const std::string& kind, const std::string& text,
               const std::string& check) {
    if (!place.file.empty()) {
      std::string where = place.file;
      if (place.line != 0) where += fmt::format(":{}", place.line);
      if (place.column != 0) where += fmt::format(":{}", place.column);
      put("{}: ", paint_(Style::strong, where));
    }
    put("{}: {}",
        paint_(kind == "error"     ? Style::bad
               : kind == "warning" ? Style::silent
                                   : Style::remark,
               kind),
        text);
    if (!check.empty()) put(" [{}]", check);
    out_ += '\n';
  }

  void excerpt(const Place& place) {
    if (place.file.empty() || place.line == 0) return;
    // A header may hold any bytes; a terminal must not act on them.
    const std::string line = printable_line(report_.sources.line(place.file, place.line));
    if (line.empty()) return;
    put("{:>6} | {}\n", place.line, line);
    if (place.column == 0 || place.column > line.size()) return;
    std::string caret;
    for (size_t i = 0; i + 1 < place.column; ++i) caret += line[i] == '\t' ? '\t' : ' ';
    caret += '^';
    const size_t end = std::min<size_t>(place.end_column, line.size() + 1);
    for (size_t i = place.column + 1; i < end; ++i) caret += '~';
    put("       | {}\n", paint_(Style::good, caret));
  }

  const Report& report_;
  Paint paint_;
  std::string out_;
};

}  // namespace

std::string render_text(const Report& report, bool color) { return Printer(report, color).print(); }

}  // namespace khover::findings
