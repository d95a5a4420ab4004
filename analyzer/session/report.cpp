#include "session/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "findings/printable.h"
#include "output/printable.h"
#include "session/causes.h"
#include "session/newer_versions.h"
#include "session/not_followed.h"
#include "session/records.h"
#include "session/repair_lines.h"

namespace khover::session {
namespace {

using findings::ImageFinding;
using findings::ImageReport;
using findings::RuleLine;

ImageFinding finding(const Analysis& analysis, const evaluate::Outcome& outcome,
                     const evaluate::Instance& instance) {
  walk::Columns columns(analysis.world);
  const pack::Rule& rule = analysis.model->rules[outcome.rule];
  ImageFinding finding;
  finding.rule = rule.id;
  finding.severity = rule.severity;
  finding.violated = outcome.verdict == evaluate::Verdict::violated;
  finding.path = path(analysis.world, columns, instance.record);
  finding.address = address(analysis.world, columns, instance.record);
  finding.bytes = bytes(analysis.world, instance.record, 16);
  finding.field = instance.field;
  finding.expected = instance.expected;
  finding.found = output::printable(instance.found);
  if (instance.other) {
    finding.other = fmt::format("{} at {:#x}", path(analysis.world, columns, *instance.other),
                                address(analysis.world, columns, *instance.other));
  }
  finding.because = rule.because;
  finding.evidence = rule.evidence;
  finding.advice = rule.advice;
  finding.holes = outcome.holes;
  return finding;
}

// A claim may have several lines, a field of the report has one.
std::string one_line(const std::string& text) {
  std::string line;
  bool blank = false;
  for (const char c : text) {
    blank = blank || c == ' ' || c == '\n';
    if (c == ' ' || c == '\n') continue;
    if (blank && !line.empty()) line += ' ';
    blank = false;
    line += c;
  }
  return line;
}

// An undetermined rule without a record of its own: the set that it speaks of is incomplete.
ImageFinding bare_finding(const pack::Rule& rule, const evaluate::Outcome& outcome) {
  ImageFinding finding;
  finding.rule = rule.id;
  finding.severity = rule.severity;
  finding.violated = outcome.verdict == evaluate::Verdict::violated;
  finding.expected = one_line(rule.claim_text);
  finding.because = rule.because;
  finding.evidence = rule.evidence;
  finding.why = outcome.why;
  finding.holes = outcome.holes;
  return finding;
}

void add_repairs(const Analysis& analysis, const std::vector<prove::Repair>& repairs, ImageFinding& finding) {
  for (const prove::Repair& repair : repairs) finding.repairs.push_back(repair_lines(analysis.world, repair));
}

void add_finding(const Analysis& analysis, const evaluate::Outcome& outcome,
                 const std::vector<prove::Repair>& repairs, ImageReport& report) {
  const pack::Rule& rule = analysis.model->rules[outcome.rule];
  const bool violated = outcome.verdict == evaluate::Verdict::violated;
  // One finding tells of the first record; what further ones would say is the same.
  const auto& instances = outcome.violated.empty() ? outcome.unknown : outcome.violated;
  if (instances.empty()) {
    report.findings.push_back(bare_finding(rule, outcome));
    return;
  }
  ImageFinding first = finding(analysis, outcome, instances.front());
  add_repairs(analysis, repairs, first);
  first.why = violated ? "" : outcome.why;
  first.more = (violated ? outcome.violations : std::max(outcome.violations, outcome.undecided)) - 1;
  report.findings.push_back(std::move(first));
}

void add_rules(const Analysis& analysis, const Asked& asked, const std::optional<prove::Proof>& proof,
               Repairs& repairs, ImageReport& report) {
  std::map<uint32_t, findings::ProofLine> proved;
  if (proof) {
    report.proof = findings::ProofLine{proof->tally.facts, proof->tally.queries, proof->seconds};
    for (const prove::RuleProof& rule : proof->rules) {
      if (rule.answer == prove::Answer::proved)
        proved[rule.rule] = {rule.tally.facts, rule.tally.queries, rule.tally.seconds};
    }
  }
  for (const evaluate::Outcome& outcome : analysis.judgement.outcomes) {
    if (asked.rules.count(outcome.rule) == 0) {
      ++report.rules_not_asked;
      continue;
    }
    const pack::Rule& rule = analysis.model->rules[outcome.rule];
    RuleLine line{rule.id, rule.severity, outcome.verdict, outcome.reason, outcome.why, outcome.records, {}};
    if (const auto found = proved.find(outcome.rule); found != proved.end()) line.proof = found->second;
    report.rules.push_back(std::move(line));
    const bool violated = outcome.verdict == evaluate::Verdict::violated;
    if (!violated && outcome.verdict != evaluate::Verdict::undetermined) continue;
    if (violated && (proof || asked.diagnose) && !outcome.violated.empty())
      repairs[outcome.rule] = prove::diagnose(analysis.world, rule, outcome.violated.front());
    add_finding(analysis, outcome, repairs[outcome.rule], report);
  }
  const auto rank = [](const ImageFinding& finding) {
    return std::pair{!finding.violated, finding.severity};
  };
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

void add_phase(const evaluate::Judgement& judgement, ImageReport& report) {
  // Finalized and early images read the same; outgoing is told apart by the packs' signs.
  const auto& phases = judgement.phases;
  const bool finalized = std::find(phases.begin(), phases.end(), pack::Phase::finalized) != phases.end();
  const pack::Phase phase = finalized        ? pack::Phase::finalized
                            : phases.empty() ? pack::Phase::finalized
                                             : phases.front();
  report.phase = pack::to_string(phase);
  report.phase_origin = judgement.phase_origin;
  report.phase_contradicted = judgement.phase_contradicted;
  for (const pack::Phase other : phases) {
    if (other != phase) report.phase_alternatives.push_back(pack::to_string(other));
  }
}

template <typename Fact>
std::string origin(const Fact& fact) {
  if (!fact) return "";
  return fact->origin == image::Origin::given  ? "given"
         : fact->origin == image::Origin::note ? "note"
                                               : "dump";
}

void add_inputs(const Analysis& analysis, ImageReport& report) {
  const image::Facts& facts = analysis.world.facts;
  report.inputs = {
      {"ram", origin(facts.ram)}, {"scratch", origin(facts.scratch)}, {"numa", origin(facts.numa)}};
  // Only images with preserved devices can use it.
  const auto& rules = analysis.model->rules;
  const bool asks = std::any_of(rules.begin(), rules.end(), [](const pack::Rule& rule) {
    return std::find(rule.inputs.begin(), rule.inputs.end(), pack::Input::topology) != rule.inputs.end();
  });
  if (asks) report.inputs.push_back({"topology", origin(facts.topology)});
  if (analysis.target) report.inputs.push_back({"target", "given"});
}

void add_contents(const Analysis& analysis, ImageReport& report) {
  // A pack at a time: sets stand in the order in which they hang below each other.
  std::vector<const walk::RecordSet*> counted;
  for (const walk::RecordSet& set : analysis.world.sets) {
    if (!set.type->plural.empty()) counted.push_back(&set);
  }
  std::map<std::string, size_t> place;
  for (const walk::RecordSet* set : counted) place.emplace(set->type->pack, place.size());
  std::stable_sort(counted.begin(), counted.end(),
                   [&](const auto* a, const auto* b) { return place[a->type->pack] < place[b->type->pack]; });
  for (const walk::RecordSet* set : counted) report.contents.emplace_back(set->type->plural, set->rows);
}

}  // namespace

ImageReport report_of(const Analysis& analysis, const Asked& asked,
                      const std::optional<prove::Proof>& proof) {
  ImageReport report;
  report.image = analysis.image.path;
  report.format = analysis.image.format;
  for (const image::Range& range : analysis.image.memory->present()) report.bytes_present += range.length;
  report.root = fmt::format("{:#x}", analysis.world.facts.root->value);
  report.root_origin = analysis.root_origin;
  add_phase(analysis.judgement, report);
  report.abi = analysis.abi_names;
  report.abi_is_given = asked.abi_is_given;
  for (const pack::PackInfo& pack : analysis.model->packs) {
    if (pack.applies)
      report.packs.push_back(pack.name);
    else
      report.packs_left_out.emplace_back(pack.name, pack.why_not);
  }
  add_inputs(analysis, report);
  add_contents(analysis, report);
  report.warnings = analysis.warnings;
  Repairs repairs;
  add_rules(analysis, asked, proof, repairs, report);
  add_newer_versions(analysis, report);
  add_groups(analysis, repairs, report);
  // `--only` speaks for its rules: a pointer that none of them needs is not their matter.
  if (report.rules_not_asked == 0) add_not_followed(analysis, report);
  report.verdict = findings::verdict_of(report, asked.fail_on);
  return report;
}

}  // namespace khover::session
