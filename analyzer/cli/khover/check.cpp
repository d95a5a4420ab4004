#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "cli/khover/commands.h"
#include "cli/khover/image_options.h"
#include "output/printable.h"
#include "output/standard.h"
#include "prove/certify/prove.h"
#include "prove/search/diagnosis.h"
#include "report/report.h"
#include "session/analysis.h"
#include "session/records.h"

namespace khover::cli {
namespace {

struct CheckArguments {
  session::ImageArguments image;
  std::string format = "text";
  std::string fail_on = "silent";
  std::vector<std::string> only, skip;
  bool prove = true;
  prove::Options proof;
};

report::Finding finding(const session::Analysis& analysis, const evaluate::Outcome& outcome,
                        const evaluate::Instance& instance) {
  walk::Columns columns(analysis.world);
  const pack::Rule& rule = analysis.model->rules[outcome.rule];
  report::Finding finding;
  finding.rule = rule.id;
  finding.severity = pack::to_string(rule.severity);
  finding.verdict = evaluate::to_string(outcome.verdict);
  finding.path = session::path(analysis.world, columns, instance.record);
  finding.address = session::address(analysis.world, columns, instance.record);
  finding.bytes = session::bytes(analysis.world, instance.record, 16);
  finding.field = instance.field;
  finding.expected = instance.expected;
  finding.found = output::printable(instance.found);
  if (instance.other) {
    finding.other = fmt::format("{} at {:#x}", session::path(analysis.world, columns, *instance.other),
                                session::address(analysis.world, columns, *instance.other));
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
report::Finding bare_finding(const pack::Rule& rule, const evaluate::Outcome& outcome) {
  report::Finding finding;
  finding.rule = rule.id;
  finding.severity = pack::to_string(rule.severity);
  finding.verdict = evaluate::to_string(outcome.verdict);
  finding.expected = one_line(rule.claim_text);
  finding.because = rule.because;
  finding.evidence = rule.evidence;
  finding.why = outcome.why;
  finding.holes = outcome.holes;
  return finding;
}

void add_repairs(const session::Analysis& analysis, const evaluate::Outcome& outcome,
                 report::Finding& finding) {
  walk::Columns columns(analysis.world);
  const pack::Rule& rule = analysis.model->rules[outcome.rule];
  for (const prove::Repair& repair : prove::diagnose(analysis.world, rule, outcome.violated.front())) {
    std::vector<report::RepairLine> lines;
    for (const prove::Change& change : repair.changes) {
      lines.push_back({session::path(analysis.world, columns, change.record), change.what,
                       change.address ? fmt::format("{:#x}", *change.address) : "",
                       output::printable(change.was), output::printable(change.becomes)});
    }
    finding.repairs.push_back(std::move(lines));
  }
}

void add_outcome(const session::Analysis& analysis, const evaluate::Outcome& outcome, bool diagnosed,
                 report::Report& report) {
  const pack::Rule& rule = analysis.model->rules[outcome.rule];
  report.rules.push_back({rule.id, pack::to_string(rule.severity), evaluate::to_string(outcome.verdict),
                          outcome.why, outcome.records, ""});
  const bool violated = outcome.verdict == evaluate::Verdict::violated;
  if (!violated && outcome.verdict != evaluate::Verdict::undetermined) return;
  // One finding tells of the first record; what further ones would say is the same.
  const auto& instances = outcome.violated.empty() ? outcome.unknown : outcome.violated;
  if (instances.empty()) {
    report.findings.push_back(bare_finding(rule, outcome));
    return;
  }
  report::Finding first = finding(analysis, outcome, instances.front());
  if (violated && diagnosed) add_repairs(analysis, outcome, first);
  first.why = violated ? "" : outcome.why;
  first.more = (violated ? outcome.violations : std::max(outcome.violations, outcome.undecided)) - 1;
  report.findings.push_back(std::move(first));
}

report::Report build_report(const session::Analysis& analysis, const std::set<uint32_t>& chosen,
                            const std::optional<prove::Proof>& proof) {
  report::Report report;
  std::map<uint32_t, report::ProofLine> proved;
  if (proof) {
    report.holds_word = "proved";
    report.proof = report::ProofLine{proof->tally.facts, proof->tally.queries, proof->seconds};
    for (const prove::RuleProof& rule : proof->rules) {
      if (rule.answer == prove::Answer::proved)
        proved[rule.rule] = {rule.tally.facts, rule.tally.queries, rule.tally.seconds};
    }
  }
  report.version = KHOVER_VERSION;
  report.image = analysis.image.path;
  report.format = analysis.image.format;
  for (const image::Range& range : analysis.image.memory->present()) report.bytes_present += range.length;
  report.root = fmt::format("{:#x}", analysis.world.facts.root->value);
  report.root_origin = analysis.root_origin;
  // Finalized and early images read the same; outgoing is told apart by the packs' signs.
  const auto& phases = analysis.judgement.phases;
  const bool finalized = std::find(phases.begin(), phases.end(), pack::Phase::finalized) != phases.end();
  const pack::Phase phase = finalized        ? pack::Phase::finalized
                            : phases.empty() ? pack::Phase::finalized
                                             : phases.front();
  report.phase = pack::to_string(phase);
  report.phase_origin = analysis.judgement.phase_origin;
  for (const pack::Phase other : phases) {
    if (other != phase) report.phase_alternatives.push_back(pack::to_string(other));
  }
  report.abi = analysis.abi_names;
  for (const pack::PackInfo& pack : analysis.model->packs) {
    if (pack.applies)
      report.packs.push_back(pack.name);
    else
      report.packs_left_out.emplace_back(pack.name, pack.why_not);
  }
  const image::Facts& facts = analysis.world.facts;
  const auto origin = [](const auto& fact) -> std::string {
    if (!fact) return "";
    return fact->origin == image::Origin::given  ? "given"
           : fact->origin == image::Origin::note ? "note"
                                                 : "dump";
  };
  report.inputs = {
      {"ram", origin(facts.ram)}, {"scratch", origin(facts.scratch)}, {"numa", origin(facts.numa)}};
  // Only images with preserved devices can use it.
  const auto& rules = analysis.model->rules;
  const bool asks = std::any_of(rules.begin(), rules.end(), [](const pack::Rule& rule) {
    return std::find(rule.inputs.begin(), rule.inputs.end(), pack::Input::topology) != rule.inputs.end();
  });
  if (asks) report.inputs.push_back({"topology", origin(facts.topology)});
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
  report.warnings = analysis.warnings;
  for (const evaluate::Outcome& outcome : analysis.judgement.outcomes) {
    if (chosen.count(outcome.rule) == 0) continue;
    add_outcome(analysis, outcome, proof.has_value(), report);
    const bool judged =
        outcome.verdict == evaluate::Verdict::proved || outcome.verdict == evaluate::Verdict::violated;
    if (!judged || !proof) continue;
    report::RuleLine& line = report.rules.back();
    if (const auto found = proved.find(outcome.rule); found != proved.end()) line.proof = found->second;
    line.backed_by = line.proof ? "proof" : "evaluation";
  }
  const auto rank = [](const report::Finding& finding) {
    return std::pair{finding.verdict != "violated", static_cast<int>(*pack::severity_from(finding.severity))};
  };
  std::stable_sort(report.findings.begin(), report.findings.end(),
                   [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return report;
}

Result<std::set<uint32_t>> choose(const pack::Model& model, const CheckArguments& arguments) {
  std::set<uint32_t> chosen;
  for (const auto& [list, option] :
       {std::pair{&arguments.only, "--only"}, std::pair{&arguments.skip, "--skip"}}) {
    for (const std::string& id : *list) {
      if (model.find_rule(id) == pack::kNone)
        return fail(option, "unknown rule '" + id + "'", "see `khover rules list`");
    }
  }
  for (uint32_t i = 0; i < model.rules.size(); ++i) {
    const std::string& id = model.rules[i].id;
    const bool in_only = arguments.only.empty() ||
                         std::find(arguments.only.begin(), arguments.only.end(), id) != arguments.only.end();
    const bool in_skip = std::find(arguments.skip.begin(), arguments.skip.end(), id) != arguments.skip.end();
    if (in_only && !in_skip) chosen.insert(i);
  }
  return chosen;
}

int exit_status(const report::Report& report, pack::Severity fail_on) {
  bool violated = false, undetermined = false;
  for (const report::RuleLine& rule : report.rules) {
    if (*pack::severity_from(rule.severity) > fail_on) continue;
    violated = violated || rule.verdict == "violated";
    undetermined = undetermined || rule.verdict == "undetermined";
  }
  return violated ? kViolated : undetermined ? kUndetermined : kNothingToObject;
}

int check(const CheckArguments& arguments) {
  const auto fail_on = pack::severity_from(arguments.fail_on);
  if (!fail_on)
    return report_error({"--fail-on", "'" + arguments.fail_on + "' is not a severity",
                         "severities are crash, refuse, silent and hygiene"});
  auto analysis = session::analyze(arguments.image);
  if (!analysis) return report_error(analysis.error());
  auto chosen = choose(*(*analysis)->model, arguments);
  if (!chosen) return report_error(chosen.error());
  std::optional<prove::Proof> proof;
  if (arguments.prove || !arguments.proof.certificate.empty() || !arguments.proof.smt2.empty()) {
    auto made = prove::prove((*analysis)->world, *chosen, arguments.proof, (*analysis)->judgement);
    if (!made) return report_error(made.error());
    proof = std::move(*made);
  }
  report::Report report = build_report(**analysis, *chosen, proof);
  report.abi_is_given = !arguments.image.abi.empty();
  const std::string text = arguments.format == "json"
                               ? report::render_json(report)
                               : report::render_text(report, isatty(STDOUT_FILENO) != 0);
  output::put(text);
  return exit_status(report, *fail_on);
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("check", "check an image against every rule that applies");
  auto arguments = std::make_shared<CheckArguments>();
  add_image_options(*command, arguments->image);
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_option("--only", arguments->only, "report these rules only");
  command->add_option("--skip", arguments->skip, "do not report these rules");
  command
      ->add_option("--fail-on", arguments->fail_on,
                   "lowest severity that counts for the exit status: crash, refuse, silent, hygiene")
      ->capture_default_str();
  command->add_flag("--prove,!--no-prove", arguments->prove,
                    "prove each verdict with Z3, which is the default, or only evaluate it");
  command->add_option("--deadline", arguments->proof.deadline,
                      "seconds for the proof; what is not proved in time is undetermined");
  command->add_option("--smt2", arguments->proof.smt2, "folder for every query of the proof, as SMT-LIB")
      ->check(CLI::ExistingDirectory);
  command->add_option("--certificate", arguments->proof.certificate,
                      "file for what was proved, for tools/check-certificate.py");
  command->footer("Exit status: 0 nothing to object, 1 violated, 2 cannot answer, 3 undetermined.");
  command->callback([arguments, &status] {
    name_inputs(arguments->image);
    status = check(*arguments);
  });
}

}  // namespace khover::cli
