// Findings for a person: place, message, the line and a caret, as compilers print them.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "findings/finding.h"
#include "output/printable.h"

namespace khover::findings {
namespace {

class Printer {
 public:
  Printer(const Report& report, bool color) : report_(report), color_(color) {}

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
      put("  {}:{}: {} [{}]\n", output::printable(finding.place.file), finding.place.line,
          output::printable(*finding.suppressed), finding.check);
    }
    const auto baselined = std::count_if(report_.findings.begin(), report_.findings.end(),
                                         [](const Finding& finding) { return finding.baselined; });
    if (baselined != 0) out_ += "\nin the baseline:\n";
    for (const Finding& finding : report_.findings) {
      if (!finding.baselined || finding.suppressed) continue;
      put("  {}:{}: {} [{}]\n", output::printable(finding.place.file), finding.place.line,
          output::printable(finding.message), finding.check);
    }
    if (!report_.not_judged.empty()) out_ += "\nnot judged:\n";
    for (const auto& [check, why] : report_.not_judged)
      put("  {}: {}\n", output::printable(check), output::printable(why));
    uint64_t counts[3] = {0, 0, 0};
    for (const Finding& finding : report_.findings) {
      if (!finding.suppressed && !finding.baselined) ++counts[static_cast<size_t>(finding.severity)];
    }
    put("\n{}: {}, {}, {}, {} suppressed; {} ran on {}\n", output::printable(report_.subject),
        counted(counts[2], "error"), counted(counts[1], "warning"), counted(counts[0], "note"), suppressed,
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

  std::string paint(const char* code, const std::string& text) const {
    return color_ ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
  }

  void message(const Place& place, const std::string& kind, const std::string& text,
               const std::string& check) {
    if (!place.file.empty()) {
      std::string where = output::printable(place.file);
      if (place.line != 0) where += fmt::format(":{}", place.line);
      if (place.column != 0) where += fmt::format(":{}", place.column);
      put("{}: ", paint("1", where));
    }
    put("{}: {}",
        paint(kind == "error"     ? "1;31"
              : kind == "warning" ? "1;35"
                                  : "1;36",
              kind),
        output::printable(text));
    if (!check.empty()) put(" [{}]", check);
    out_ += '\n';
  }

  void excerpt(const Place& place) {
    if (place.file.empty() || place.line == 0) return;
    // A header may hold any bytes. What is escaped is longer than it was: then no caret can point to it.
    const std::string_view source = report_.sources.line(place.file, place.line);
    const std::string line = output::printable_lines(source);
    if (line.empty()) return;
    put("{:>6} | {}\n", place.line, line);
    if (place.column == 0 || place.column > line.size() || line.size() != source.size()) return;
    std::string caret;
    for (size_t i = 0; i + 1 < place.column; ++i) caret += line[i] == '\t' ? '\t' : ' ';
    caret += '^';
    const size_t end = std::min<size_t>(place.end_column, line.size() + 1);
    for (size_t i = place.column + 1; i < end; ++i) caret += '~';
    put("       | {}\n", paint("1;32", caret));
  }

  const Report& report_;
  bool color_;
  std::string out_;
};

}  // namespace

std::string render_text(const Report& report, bool color) { return Printer(report, color).print(); }

}  // namespace khover::findings
