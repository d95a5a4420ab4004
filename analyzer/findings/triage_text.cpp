#include <fmt/format.h>

#include <algorithm>

#include "findings/text_page.h"
#include "findings/triage_report.h"
#include "output/printable.h"

namespace khover::findings {
namespace {

std::string sentence(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text + ".";
}

std::string contents(const ImageReport& report) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : report.contents) parts.push_back(grouped(count) + " " + name);
  return joined(parts);
}

void render_handover(TextPage& out, const Handover& one, bool first, bool verbose) {
  out.line();
  out.line(out.paint(Style::strong, fmt::format("{} handover", to_string(one.role))) + "  root " + one.root);
  out.field("format", one.compatible.empty() ? "no root FDT can be read there" : one.compatible);
  out.field("named by", one.named_by.empty() ? "nothing; a scan of memory found it" : joined(one.named_by));
  if (!one.report) return out.field("not", "judged: " + one.why_not);
  const ImageReport& report = *one.report;
  if (one.role == Handover::Role::outgoing || one.role == Handover::Role::unclaimed)
    out.field("phase", report.phase + from(report.phase_origin));
  out.field("abi", joined(report.abi));
  out.field("contents", contents(report));
  for (const std::string& warning : report.warnings) out.field("warning", warning);
  if (one.role == Handover::Role::consumed) {
    const auto violated = std::count_if(report.findings.begin(), report.findings.end(),
                                        [](const ImageFinding& finding) { return finding.violated; });
    out.field("reused", violated == 0
                            ? "no rule objects to what is in its memory now"
                            : fmt::format("{} rule{} to what is in its memory now; `khover check --fdt {}` "
                                          "lists them",
                                          violated, violated == 1 ? " objects" : "s object", one.root));
    return;
  }
  out.field("verdict", report.verdict.sentence);
  if (first || verbose) render_groups(out, report, verbose);
}

// The last lines before the end say most.
void render_log(TextPage& out, const TriageReport& report, bool verbose) {
  constexpr size_t kLines = 40;
  out.line();
  if (!report.why_no_log.empty()) return out.line("no kernel log: " + output::printable(report.why_no_log));
  out.line(fmt::format("kernel log, from {}: {} line{} on handovers", output::printable(report.log_from),
                       grouped(report.log.size()), report.log.size() == 1 ? "" : "s"));
  const size_t first = verbose || report.log.size() <= kLines ? 0 : report.log.size() - kLines;
  if (first != 0) out.line(fmt::format("  {} before; -v shows all", grouped(first)));
  for (size_t i = first; i < report.log.size(); ++i) {
    const LogEntry& entry = report.log[i];
    const std::string time = entry.nanoseconds ? fmt::format("[{:5}.{:06}] ", *entry.nanoseconds / 1000000000,
                                                             *entry.nanoseconds % 1000000000 / 1000)
                                               : "";
    out.line("  " + time + output::printable(entry.text));
  }
}

}  // namespace

std::string render_text(const TriageReport& report, bool color, bool verbose) {
  TextPage out(color);
  std::string answer;
  for (const std::string& one : answer_of(report)) answer += (answer.empty() ? "" : " ") + sentence(one);
  Style style = Style::good;
  if (status_of(report) == Status::undetermined) style = Style::warning;
  if (status_of(report) == Status::violated) style = Style::bad;
  out.line(out.paint(style, output::printable(answer)));
  out.line();
  out.line("khover " + report.version + "  " + output::printable(report.image));
  out.field("image", report.format);
  out.field("kernel", report.release);
  for (size_t i = 0; i < report.handovers.size(); ++i)
    render_handover(out, report.handovers[i], i == 0, verbose);
  render_log(out, report, verbose);
  return out.str();
}

}  // namespace khover::findings
