#include <fmt/format.h>

#include "findings/precheck.h"
#include "findings/printable.h"
#include "output/printable.h"

namespace khover::findings {
namespace {

constexpr size_t kFindings = 4;  // lines; all of them are in the details

class Lines {
 public:
  void add(const char* name, const std::string& text) {
    if (!text.empty()) out_ += fmt::format("  {:<12} {}\n", name, output::printable(text));
  }
  const std::string& str() const { return out_; }

 private:
  std::string out_;
};

Style style_of(Answer answer) {
  return answer == Answer::go ? Style::good : answer == Answer::no_go ? Style::bad : Style::warning;
}

std::string contents(const ImageReport& report) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : report.contents) {
    if (count != 0) parts.push_back(fmt::format("{} {}", count, name));
  }
  return joined(parts);
}

std::string text_of(const ImageFinding& finding) {
  std::string text = finding.path;
  if (!finding.found.empty()) text += ": " + finding.found;
  if (finding.more != 0) text += fmt::format(", and {} more", finding.more);
  return text + " [" + finding.rule + "]";
}

std::vector<std::pair<const char*, std::string>> findings_of(const Precheck& precheck) {
  std::vector<std::pair<const char*, std::string>> lines;
  const auto add = [&](bool by_target) {
    for (const ImageFinding& one : precheck.report->findings) {
      if (one.violated && (precheck.by_target.count(one.rule) != 0) == by_target)
        lines.emplace_back(pack::to_string(one.severity), text_of(one));
    }
  };
  add(false);
  for (const TargetFinding& one : precheck.objections)
    lines.emplace_back(one.decided ? pack::to_string(one.severity) : "open", one.what + " [" + one.id + "]");
  add(true);
  return lines;
}

// Every rule that said nothing, by the verdict's own account.
std::string not_judged(const ImageReport& report) {
  const std::string& sentence = report.verdict.sentence;
  constexpr std::string_view kMark = "not judged: ";
  const size_t at = sentence.rfind(kMark);
  return at == std::string::npos ? "" : sentence.substr(at + kMark.size());
}

void add_report(const Precheck& precheck, Lines& lines) {
  const ImageReport& report = *precheck.report;
  lines.add("contents", contents(report) + " (" + report.phase + ")");
  const auto findings = findings_of(precheck);
  for (size_t i = 0; i < findings.size(); ++i) {
    if (i + 1 == kFindings && findings.size() > kFindings) {
      lines.add("", fmt::format("{} more findings: see -v", findings.size() - i));
      break;
    }
    lines.add(findings[i].first, findings[i].second);
  }
  const Coverage& coverage = report.verdict.coverage;
  lines.add("rules", fmt::format("{} of {} hold", coverage.holds, coverage.rules));
  lines.add("not judged", not_judged(report));
}

}  // namespace

std::string render_precheck_text(const Precheck& precheck, bool color, bool details) {
  const Paint paint(color);
  std::string out = paint(style_of(precheck.answer), to_string(precheck.answer)) + ": " +
                    output::printable(precheck.reason) + "\n";
  Lines lines;
  lines.add("image", precheck.image);
  if (precheck.report) add_report(precheck, lines);
  if (precheck.unreadable.empty() && precheck.report)
    lines.add("target", precheck.target.empty() ? "not given" : precheck.target);
  lines.add("not covered", joined(precheck.not_covered, "; "));
  out += lines.str();
  if (details && precheck.report) {
    for (const TargetFinding& one : precheck.objections)
      out += output::printable(fmt::format("{}: {}: {}{}{} [{}]", pack::to_string(one.severity), one.what,
                                           one.because, one.remedy.empty() ? "" : "; ", one.remedy, one.id)) +
             "\n";
    out += "\n" + render_text(*precheck.report, color);
  }
  return out;
}

}  // namespace khover::findings
