#include <fmt/format.h>

#include <map>

#include "findings/text_page.h"
#include "output/printable.h"

namespace khover::findings {
namespace {

void render_not_followed(TextPage& out, const ImageReport& report) {
  if (report.not_followed.empty()) return;
  out.line();
  out.line("not followed:");
  for (const NotFollowed& one : report.not_followed) {
    std::string text = one.pointer.empty() ? "a pointer" : one.pointer;
    text += " of " + one.path;
    if (one.address != 0) text += fmt::format(" at {:#x}", one.address);
    out.line("  " + output::printable(text + ": " + one.why));
  }
  if (report.more_not_followed != 0)
    out.line(fmt::format("  and {} more", grouped(report.more_not_followed)));
}

void render_not_judged(TextPage& out, const ImageReport& report) {
  std::map<std::string, std::vector<std::string>> unjudged;
  for (const RuleLine& rule : report.rules) {
    if (rule.verdict == evaluate::Verdict::not_judged) unjudged[rule.why].push_back(rule.id);
  }
  if (unjudged.empty()) return;
  out.line("not judged:");
  for (const auto& [why, ids] : unjudged) {
    out.line(fmt::format(
        "  {}: {}", output::printable(why),
        ids.size() <= 6
            ? joined(ids)
            : fmt::format("{} and {} more", joined({ids.begin(), ids.begin() + 5}), ids.size() - 5)));
  }
  out.line();
}

void render_counts(TextPage& out, const ImageReport& report) {
  const Coverage& coverage = report.verdict.coverage;
  uint64_t not_judged = 0;
  for (const auto& [reason, count] : coverage.not_judged) not_judged += count;
  std::string hold = fmt::format("{} hold", coverage.holds);
  if (report.proof)
    hold = coverage.proved == coverage.holds ? fmt::format("{} proved", coverage.proved)
                                             : fmt::format("{}, {} of them proved", hold, coverage.proved);
  out.line(fmt::format("{} rules: {}, {} violated, {} undetermined, {} not judged", coverage.rules, hold,
                       coverage.violated, coverage.undetermined, not_judged));
}

// The first line and the last: who reads only one of them knows.
void render_verdict(TextPage& out, const ImageReport& report) {
  Style style = Style::good;
  if (report.verdict.word == Word::undetermined) style = Style::warning;
  if (report.verdict.word == Word::violated) style = style_of(report.findings.front().severity);
  out.line(out.paint(style, "verdict: " + output::printable(report.verdict.sentence)));
}

void render_newer(TextPage& out, const ImageReport& report) {
  for (const NewerVersion& one : report.newer) {
    out.line(out.paint(Style::warning,
                       output::printable(fmt::format(
                           "newer: {} says \"{}\"; khover knows up to \"{}\": update khover, or extract the "
                           "ABI of that kernel with `khover abi extract` and pass it with --abi",
                           one.path, one.says, one.known))));
  }
}

}  // namespace

std::string render_text(const ImageReport& report, bool color, bool verbose) {
  TextPage out(color);
  render_verdict(out, report);
  render_newer(out, report);
  out.line(out.paint(Style::strong, "khover " + report.version) + "  " + output::printable(report.image));
  out.field("image", fmt::format("{}, {} bytes of memory", report.format, grouped(report.bytes_present)));
  out.field("root", report.root + from(report.root_origin));
  std::string phase = report.phase + from(report.phase_origin);
  if (!report.phase_alternatives.empty()) phase += ", or " + joined(report.phase_alternatives, " or ");
  out.field("phase", phase);
  out.field("abi", joined(report.abi));
  out.field("packs", joined(report.packs));
  std::vector<std::string> left_out;
  for (const auto& [name, why] : report.packs_left_out)
    left_out.push_back(report.abi_is_given ? fmt::format("{} ({})", name, why) : name);
  if (!left_out.empty()) out.field("", "not in this ABI: " + joined(left_out));
  std::vector<std::string> given, absent;
  for (const Input& input : report.inputs)
    (input.origin.empty() ? absent : given).push_back(input.name + from(input.origin));
  std::string inputs = given.empty() ? "none" : joined(given);
  if (!absent.empty()) inputs += "; not given: " + joined(absent);
  out.field("inputs", inputs);
  std::string contents;
  for (const auto& [name, count] : report.contents)
    contents += (contents.empty() ? "" : ", ") + grouped(count) + " " + name;
  out.field("contents", contents);
  for (const std::string& warning : report.warnings) out.field("warning", warning);

  render_groups(out, report, verbose);
  render_not_followed(out, report);
  out.line();
  if (verbose) render_not_judged(out, report);
  render_counts(out, report);
  render_verdict(out, report);
  return out.str();
}

}  // namespace khover::findings
