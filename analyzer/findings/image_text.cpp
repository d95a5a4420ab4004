#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "findings/image_report.h"
#include "findings/printable.h"

namespace khover::findings {
namespace {

class Text {
 public:
  explicit Text(bool color) : paint_(color) {}

  std::string paint(Style style, const std::string& text) const { return paint_(style, text); }
  void line(const std::string& text = {}) { out_ += text + "\n"; }
  // The only path of an image's own words to a terminal.
  void field(const char* name, const std::string& text) {
    if (!text.empty()) line(fmt::format("  {:<9} {}", name, printable(text)));
  }
  const std::string& str() const { return out_; }

 private:
  Paint paint_;
  std::string out_;
};

std::string hex(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i)
    text += fmt::format("{}{:02x}", i == 0 ? "" : i % 8 == 0 ? "  " : " ", bytes[i]);
  return text;
}

std::string from(const std::string& origin) { return origin.empty() ? "" : " (" + origin + ")"; }

std::string grouped(uint64_t number) {
  std::string text = std::to_string(number);
  for (int i = static_cast<int>(text.size()) - 3; i > 0; i -= 3) text.insert(static_cast<size_t>(i), " ");
  return text;
}

Style style_of(pack::Severity severity) {
  if (severity <= pack::Severity::refuse) return Style::bad;
  return severity == pack::Severity::silent ? Style::silent : Style::warning;
}

// "count = 0, right would be 1; and …"
std::string in_words(const std::vector<RepairLine>& repair, const std::string& path) {
  std::string text;
  for (const RepairLine& line : repair) {
    std::string one = line.what;
    if (!line.was.empty()) one += " = " + line.was;
    if (!line.address.empty()) one += " at " + line.address;
    if (line.path != path) one += " of " + line.path;
    if (!line.becomes.empty()) one += ", where " + line.becomes + " would be right";
    text += (text.empty() ? "" : "; and ") + one;
  }
  return text;
}

void render_finding(Text& out, const ImageFinding& finding) {
  out.line();
  out.line(out.paint(style_of(finding.severity), finding.violated ? "VIOLATED" : "UNDETERMINED") + "  " +
           pack::to_string(finding.severity) + "  " + out.paint(Style::strong, "[" + finding.rule + "]"));
  out.field("where", finding.path);
  std::string address = fmt::format("{:#x}", finding.address);
  if (!finding.bytes.empty()) address += "  " + hex(finding.bytes);
  if (finding.address != 0 || !finding.bytes.empty()) out.field("address", address);
  out.field("field", finding.field);
  out.field("expected", finding.expected);
  out.field("found", finding.found);
  out.field("other", finding.other);
  if (finding.more != 0) out.field("more", fmt::format("{} more records", grouped(finding.more)));
  out.field("because", finding.because);
  out.field("evidence", finding.evidence);
  out.field("why", finding.why);
  std::vector<std::string> holes;
  for (const uint64_t hole : finding.holes) holes.push_back(fmt::format("{:#x}", hole));
  out.field("holes", joined(holes));
  // Three are enough for a person: the likeliest and what else it may be.
  for (size_t i = 0; i < std::min<size_t>(finding.repairs.size(), 3); ++i) {
    out.field(i == 0 ? "cause" : "",
              (i == 0 ? "probably " : "or ") + in_words(finding.repairs[i], finding.path));
  }
  out.field("advice", finding.advice);
}

// One absent page leaves many rules undetermined: the page is the news, and each rule but a name.
void render_undetermined(Text& out, const std::string& why,
                         const std::vector<const ImageFinding*>& findings) {
  out.line();
  out.line(out.paint(Style::warning, "UNDETERMINED") + fmt::format("  {} rules", findings.size()));
  out.field("why", why);
  std::map<pack::Severity, std::vector<std::string>> rules;  // the worst first
  for (const ImageFinding* finding : findings) rules[finding->severity].push_back(finding->rule);
  for (const auto& [severity, ids] : rules) out.field(pack::to_string(severity), joined(ids));
  out.field("advice", "--only RULE shows one of them with its record");
}

// Findings come with what is violated first.
void render_findings(Text& out, const std::vector<ImageFinding>& findings) {
  std::map<std::string, std::vector<const ImageFinding*>> alike;
  for (const ImageFinding& finding : findings) {
    if (!finding.violated) alike[finding.why].push_back(&finding);
  }
  for (const ImageFinding& finding : findings) {
    const auto group = alike.find(finding.why);
    if (finding.violated || group->second.size() < 3) {
      render_finding(out, finding);
    } else if (group->second.front() == &finding) {
      render_undetermined(out, finding.why, group->second);
    }
  }
}

void render_not_followed(Text& out, const ImageReport& report) {
  if (report.not_followed.empty()) return;
  out.line();
  out.line("not followed:");
  for (const NotFollowed& one : report.not_followed) {
    std::string text = one.pointer.empty() ? "a pointer" : one.pointer;
    text += " of " + one.path;
    if (one.address != 0) text += fmt::format(" at {:#x}", one.address);
    out.line("  " + printable(text + ": " + one.why));
  }
  if (report.more_not_followed != 0)
    out.line(fmt::format("  and {} more", grouped(report.more_not_followed)));
}

void render_not_judged(Text& out, const ImageReport& report) {
  std::map<std::string, std::vector<std::string>> unjudged;
  for (const RuleLine& rule : report.rules) {
    if (rule.verdict == evaluate::Verdict::not_judged) unjudged[rule.why].push_back(rule.id);
  }
  if (unjudged.empty()) return;
  out.line("not judged:");
  for (const auto& [why, ids] : unjudged) {
    out.line(fmt::format(
        "  {}: {}", printable(why),
        ids.size() <= 6
            ? joined(ids)
            : fmt::format("{} and {} more", joined({ids.begin(), ids.begin() + 5}), ids.size() - 5)));
  }
  out.line();
}

void render_verdict(Text& out, const ImageReport& report) {
  const Coverage& coverage = report.verdict.coverage;
  uint64_t not_judged = 0;
  for (const auto& [reason, count] : coverage.not_judged) not_judged += count;
  out.line(fmt::format("{} rules: {} {}, {} violated, {} undetermined, {} not judged", coverage.rules,
                       coverage.holds, report.proof ? "proved" : "hold", coverage.violated,
                       coverage.undetermined, not_judged));
  Style style = Style::good;
  if (report.verdict.word == Word::undetermined) style = Style::warning;
  if (report.verdict.word == Word::violated) style = style_of(report.findings.front().severity);
  out.line(out.paint(style, "verdict: " + printable(report.verdict.sentence)));
}

}  // namespace

std::string render_text(const ImageReport& report, bool color) {
  Text out(color);
  out.line(out.paint(Style::strong, "khover " + report.version) + "  " + printable(report.image));
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

  render_findings(out, report.findings);

  render_not_followed(out, report);
  out.line();
  render_not_judged(out, report);
  render_verdict(out, report);
  return out.str();
}

}  // namespace khover::findings
