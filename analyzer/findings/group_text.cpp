// Findings as text: each damage with the record that shows it, and what follows from it in a line each.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "findings/text_page.h"

namespace khover::findings {
namespace {

constexpr size_t kConsequences = 12;  // lines, unless all are asked for

std::string hex(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i)
    text += fmt::format("{}{:02x}", i == 0 ? "" : i % 8 == 0 ? "  " : " ", bytes[i]);
  return text;
}

// "count = 0, where 1 would be right; and …"
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

// "by next of session block 0 at 0x…, that by …"
std::string in_words(const std::vector<Way>& ways) {
  std::string text;
  for (const Way& way : ways) {
    text += text.empty() ? "by " : ", that by ";
    text += way.pointer + (way.address == 0 ? "" : fmt::format(" at {:#x}", way.address));
  }
  return text;
}

bool same(const std::vector<RepairLine>& a, const std::vector<RepairLine>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const RepairLine& one, const RepairLine& other) {
                      return one.path == other.path && one.what == other.what && one.becomes == other.becomes;
                    });
}

// What was tried and helps, then what else it may be: three are enough for a person. Where the repair takes
// other findings along, it is hardly anything else.
void render_causes(TextPage& out, const ImageFinding& finding, const Group& group) {
  std::vector<std::string> causes;
  if (!group.repair.empty())
    causes.push_back(in_words(group.repair, finding.path) + (group.why.empty() ? "" : ": " + group.why));
  for (const auto& repair : finding.repairs) {
    if (causes.size() < 3 && group.gone.size() < 2 && !same(repair, group.repair))
      causes.push_back(in_words(repair, finding.path));
  }
  for (size_t i = 0; i < causes.size(); ++i)
    out.field(i == 0 ? "cause" : "", (i == 0 ? "probably " : "or ") + causes[i]);
}

void render_finding(TextPage& out, const ImageFinding& finding, const Group& group) {
  out.line();
  out.line(out.paint(style_of(finding.severity), finding.violated ? "VIOLATED" : "UNDETERMINED") + "  " +
           pack::to_string(finding.severity) + "  " + out.paint(Style::strong, "[" + finding.rule + "]"));
  out.field("where", finding.path);
  std::string address = fmt::format("{:#x}", finding.address);
  if (!finding.bytes.empty()) address += "  " + hex(finding.bytes);
  if (finding.address != 0 || !finding.bytes.empty()) out.field("address", address);
  out.field("reached", in_words(group.reached));
  out.field("field", finding.field);
  out.field("expected", finding.expected);
  out.field("found", finding.found);
  out.field("other", finding.other);
  if (!group.other_reached.empty()) out.field("", "reached " + in_words(group.other_reached));
  if (finding.more != 0)
    out.field("more", fmt::format("{} more record{}", grouped(finding.more), finding.more == 1 ? "" : "s"));
  out.field("because", finding.because);
  out.field("evidence", finding.evidence);
  out.field("why", finding.why);
  std::vector<std::string> holes;
  for (const uint64_t hole : finding.holes) holes.push_back(fmt::format("{:#x}", hole));
  out.field("holes", joined(holes));
  render_causes(out, finding, group);
  out.field("advice", finding.advice);
}

// Damage that no rule speaks of itself; what it leads to is all that is found.
void render_damage(TextPage& out, const ImageReport& report, const Group& group) {
  pack::Severity worst = pack::Severity::hygiene;
  for (const size_t one : group.findings) worst = std::min(worst, report.findings[one].severity);
  const RepairLine& line = group.repair.front();
  out.line();
  out.line(out.paint(style_of(worst), "DAMAGED") + "  " + pack::to_string(worst));
  out.field("where", line.path);
  out.field("address", line.address);
  out.field("field", line.what);
  out.field("found", line.was);
  out.field("cause", "probably this, where " + line.becomes + " would be right" +
                         (group.why.empty() ? "" : ": " + group.why));
}

void render_consequences(TextPage& out, const ImageReport& report, const Group& group, bool verbose) {
  const size_t first = group.unseen ? 0 : 1;
  const size_t count = group.findings.size() - first;
  if (count == 0) return;
  const auto gone = static_cast<size_t>(std::count_if(
      group.findings.begin() + static_cast<std::ptrdiff_t>(first), group.findings.end(),
      [&](size_t one) { return std::find(group.gone.begin(), group.gone.end(), one) != group.gone.end(); }));
  std::string text =
      fmt::format("{}{} finding{}", grouped(count), group.unseen ? "" : " more", count == 1 ? "" : "s");
  if (gone == count)
    text += count == 1 ? ", which is gone with that repair" : ", which are gone with that repair";
  // What cannot be decided for one reason is no news each.
  const bool all_undetermined = std::none_of(group.findings.begin(), group.findings.end(),
                                             [&](size_t one) { return report.findings[one].violated; });
  if (all_undetermined && count > kConsequences && !verbose)
    return out.field("explains",
                     fmt::format("{} more rules that cannot be decided; -v shows them", grouped(count)));
  out.field("explains", text + (verbose ? ":" : ""));
  if (verbose) {
    for (size_t i = first; i < group.findings.size(); ++i)
      render_finding(out, report.findings[group.findings[i]], Group{});
    return;
  }
  const size_t shown = count <= kConsequences ? count : kConsequences - 1;
  for (size_t i = first; i < first + shown; ++i) {
    const ImageFinding& finding = report.findings[group.findings[i]];
    std::string line = fmt::format(
        "{:<8} [{}]", finding.violated ? pack::to_string(finding.severity) : "unclear", finding.rule);
    if (!finding.path.empty()) line += "  " + finding.path;
    if (finding.more != 0) line += fmt::format(" and {} more", grouped(finding.more));
    out.field("", line);
  }
  if (shown < count) out.field("", fmt::format("and {} more; -v shows all", grouped(count - shown)));
}

void render_group(TextPage& out, const ImageReport& report, const Group& group, bool verbose) {
  if (group.unseen)
    render_damage(out, report, group);
  else
    render_finding(out, report.findings[group.findings.front()], group);
  render_consequences(out, report, group, verbose);
}

// One absent page leaves many rules undetermined: the page is the news, and each rule but a name.
void render_undetermined(TextPage& out, const std::string& why,
                         const std::vector<const ImageFinding*>& findings) {
  out.line();
  out.line(out.paint(Style::warning, "UNDETERMINED") + fmt::format("  {} rules", findings.size()));
  out.field("why", why);
  std::map<pack::Severity, std::vector<std::string>> rules;  // the worst first
  for (const ImageFinding* finding : findings) rules[finding->severity].push_back(finding->rule);
  for (const auto& [severity, ids] : rules) out.field(pack::to_string(severity), joined(ids));
  out.field("advice", "--only RULE shows one of them with its record");
}

void render_all_undetermined(TextPage& out, const std::vector<const ImageFinding*>& findings) {
  std::map<std::string, std::vector<const ImageFinding*>> alike;
  for (const ImageFinding* finding : findings) alike[finding->why].push_back(finding);
  for (const ImageFinding* finding : findings) {
    const auto& same = alike[finding->why];
    if (same.size() < 3)
      render_finding(out, *finding, Group{});
    else if (same.front() == finding)
      render_undetermined(out, finding->why, same);
  }
}

}  // namespace

void render_groups(TextPage& out, const ImageReport& report, bool verbose) {
  std::vector<const ImageFinding*> undetermined;
  std::vector<Group> each;  // of a report in which nobody looked for causes
  if (report.groups.empty()) {
    for (size_t i = 0; i < report.findings.size(); ++i) each.push_back(Group{{i}});
  }
  for (const Group& group : report.groups.empty() ? each : report.groups) {
    const bool newer = std::any_of(report.newer.begin(), report.newer.end(), [&](const NewerVersion& one) {
      return one.path == report.findings[group.findings.front()].path;
    });
    if (report.findings[group.findings.front()].violated || newer) {
      render_group(out, report, group, verbose);
      continue;
    }
    for (const size_t one : group.findings) undetermined.push_back(&report.findings[one]);
  }
  render_all_undetermined(out, undetermined);
}

}  // namespace khover::findings
