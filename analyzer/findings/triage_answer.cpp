// The answer of a triage, in sentences.
#include <fmt/format.h>

#include <algorithm>

#include "findings/text_page.h"
#include "findings/triage_report.h"

namespace khover::findings {
namespace {

std::string counted(const ImageReport& report) {
  std::vector<std::string> parts;
  for (const auto& [name, count] : report.contents) {
    if (count != 0) parts.push_back(grouped(count) + " " + name);
  }
  return parts.empty() ? "nothing" : joined(parts);
}

std::string tree_of(const Handover& one) {
  return "the tree at " + one.root + (one.compatible.empty() ? "" : " (" + one.compatible + ")");
}

std::string which(const TriageReport& report, const Handover& first) {
  const std::string kernel = report.release.empty() ? "the kernel" : "Linux " + report.release;
  switch (first.role) {
    case Handover::Role::outgoing:
      return fmt::format("{} was to hand over {}", kernel, tree_of(first));
    case Handover::Role::received:
      return fmt::format("{} was handed {}, and has not taken it yet", kernel, tree_of(first));
    case Handover::Role::consumed:
      return fmt::format("{} was handed {}, and has taken it", kernel, tree_of(first));
    case Handover::Role::unclaimed:
      return fmt::format("nothing in the dump says whose it is, but {} is in memory", tree_of(first));
  }
  return "";
}

// What the first group says, without its record's bytes.
std::string cause(const ImageReport& report, const Group& group) {
  if (!group.repair.empty()) {
    const RepairLine& line = group.repair.front();
    std::string text = fmt::format("probably '{}' of {}", line.what, line.path);
    if (!line.address.empty()) text += " at " + line.address;
    if (!line.was.empty()) text += fmt::format(" is {}", line.was);
    if (!line.becomes.empty()) text += fmt::format(", where {} would be right", line.becomes);
    return text + (group.why.empty() ? "" : ": " + group.why);
  }
  const ImageFinding& finding = report.findings[group.findings.front()];
  std::string text = finding.path + ": " + finding.found;
  if (!finding.expected.empty()) text += fmt::format(", where '{}' should hold", finding.expected);
  return text;
}

void add_judgement(const Handover& first, const ImageReport& report, std::vector<std::string>& answer) {
  answer.push_back("as far as it can be read, it hands over " + counted(report));
  if (report.verdict.word != Word::violated) {
    answer.push_back("verdict: " + report.verdict.sentence);
    return;
  }
  const size_t groups = report.groups.size();
  const Group& worst = report.groups.front();
  const ImageFinding& finding = report.findings[worst.findings.front()];
  answer.push_back(fmt::format("{} thing{} wrong, {} finding{} in all; the worst: {} [{}]", groups,
                               groups == 1 ? " is" : "s are", report.findings.size(),
                               report.findings.size() == 1 ? "" : "s", cause(report, worst), finding.rule));
  answer.push_back("what it means: " + finding.because + "; " +
                   report.verdict.sentence.substr(0, report.verdict.sentence.find("; not judged")));
  std::string advice = first.role == Handover::Role::outgoing ? "do not jump with it" : "boot cold";
  if (!finding.advice.empty()) advice += "; " + finding.advice;
  answer.push_back("what to do: " + advice + "; `khover check --fdt " + first.root +
                   "` proves the verdict, `khover dump` shows the records");
}

}  // namespace

const char* to_string(Handover::Role role) {
  switch (role) {
    case Handover::Role::outgoing:
      return "outgoing";
    case Handover::Role::received:
      return "received";
    case Handover::Role::consumed:
      return "consumed";
    case Handover::Role::unclaimed:
      return "unclaimed";
  }
  return "";
}

std::vector<std::string> answer_of(const TriageReport& report) {
  if (report.handovers.empty()) return {"no handover is in this dump"};
  const Handover& first = report.handovers.front();
  std::vector<std::string> answer = {which(report, first)};
  if (!first.report) {
    answer.push_back("it cannot be judged: " + first.why_not);
  } else if (first.role == Handover::Role::consumed) {
    answer.push_back(
        "its memory belongs to this kernel since then and may be reused, so that nothing that looks wrong in "
        "it "
        "tells of the handover");
    answer.push_back("what can still be read of it: " + counted(*first.report));
    answer.push_back(
        "what to do: look into the log of this kernel for what it refused; a dump taken before the jump, or "
        "of "
        "the next kernel before it runs its init, has the whole tree");
  } else {
    if (first.compatible.empty())
      answer.push_back(
          "no root FDT can be read there: a kernel that is handed it boots as if nothing was handed over");
    add_judgement(first, *first.report, answer);
  }
  for (size_t i = 1; i < report.handovers.size(); ++i) {
    const Handover& other = report.handovers[i];
    if (other.role == Handover::Role::outgoing && other.objects == 0)
      answer.push_back(tree_of(other) +
                       ", which this kernel has prepared to hand over itself, has no objects yet");
  }
  return answer;
}

Status status_of(const TriageReport& report) {
  if (report.handovers.empty()) return Status::undetermined;
  const Handover& first = report.handovers.front();
  if (!first.report || first.role == Handover::Role::consumed) return Status::undetermined;
  return first.report->verdict.status;
}

}  // namespace khover::findings
