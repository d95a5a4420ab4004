#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "output/printable.h"
#include "report/report.h"

namespace khover::report {
namespace {

class Text {
 public:
  explicit Text(bool color) : color_(color) {}

  std::string paint(const char* code, const std::string& text) const {
    return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
  }
  void line(const std::string& text = {}) { out_ += text + "\n"; }
  // The one way of an image's own words to a terminal.
  void field(const char* name, const std::string& text) {
    if (!text.empty()) line(fmt::format("  {:<9} {}", name, output::printable(text)));
  }
  const std::string& str() const { return out_; }

 private:
  bool color_;
  std::string out_;
};

std::string joined(const std::vector<std::string>& words, const char* between = ", ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

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

const char* color_of(const std::string& severity) {
  if (severity == "crash" || severity == "refuse") return "1;31";
  return severity == "silent" ? "1;35" : "1;33";
}

const char* consequence(const std::string& severity) {
  if (severity == "crash") return "the next kernel crashes on this image";
  if (severity == "refuse") return "the next kernel refuses this image, or a part of it";
  if (severity == "silent") return "the next kernel accepts this image and loses or corrupts data";
  return "no correct kernel writes this image; the next one accepts it";
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

void render_finding(Text& out, const Finding& finding) {
  out.line();
  out.line(
      out.paint(color_of(finding.severity), finding.verdict == "violated" ? "VIOLATED" : "UNDETERMINED") +
      "  " + finding.severity + "  " + out.paint("1", "[" + finding.rule + "]"));
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
void render_undetermined(Text& out, const std::string& why, const std::vector<const Finding*>& findings) {
  out.line();
  out.line(out.paint("1;33", "UNDETERMINED") + fmt::format("  {} rules", findings.size()));
  out.field("why", why);
  std::map<std::string, std::vector<std::string>> rules;
  std::vector<std::string> severities;  // in the order of the findings: the worst first
  for (const Finding* finding : findings) {
    auto& ids = rules[finding->severity];
    if (ids.empty()) severities.push_back(finding->severity);
    ids.push_back(finding->rule);
  }
  for (const std::string& severity : severities) out.field(severity.c_str(), joined(rules[severity]));
  out.field("advice", "--only RULE shows one of them with its record");
}

// Findings come with what is violated first.
void render_findings(Text& out, const std::vector<Finding>& findings) {
  std::map<std::string, std::vector<const Finding*>> alike;
  for (const Finding& finding : findings) {
    if (finding.verdict != "violated") alike[finding.why].push_back(&finding);
  }
  for (const Finding& finding : findings) {
    const auto group = alike.find(finding.why);
    if (finding.verdict == "violated" || group->second.size() < 3) {
      render_finding(out, finding);
    } else if (group->second.front() == &finding) {
      render_undetermined(out, finding.why, group->second);
    }
  }
}

}  // namespace

std::string render_text(const Report& report, bool color) {
  Text out(color);
  out.line(out.paint("1", "khover " + report.version) + "  " + output::printable(report.image));
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

  const Summary summary = summarize(report);
  out.line();
  std::map<std::string, std::vector<std::string>> unjudged;
  for (const RuleLine& rule : report.rules) {
    if (rule.verdict == "not judged") unjudged[rule.why].push_back(rule.id);
  }
  if (!unjudged.empty()) {
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
  out.line(fmt::format("{} rules: {} {}, {} violated, {} undetermined, {} not judged", report.rules.size(),
                       summary.proved, report.holds_word == "proved" ? "proved" : "hold", summary.violated,
                       summary.undetermined, summary.not_judged));
  if (summary.violated > 0) {
    const std::string& worst = report.findings.front().severity;
    out.line(out.paint(color_of(worst), std::string("verdict: violated: ") + consequence(worst)));
  } else if (summary.undetermined > 0) {
    out.line(out.paint("1;33", "verdict: undetermined: bytes of the image are missing"));
  } else {
    out.line(out.paint("1;32", report.holds_word == "proved"
                                   ? "verdict: well-formed (proved)"
                                   : "verdict: well-formed (evaluated; no proof was made)"));
  }
  return out.str();
}

}  // namespace khover::report
