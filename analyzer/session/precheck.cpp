#include "session/precheck.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "error/try.h"
#include "session/records.h"
#include "session/report.h"
#include "target/objections.h"

namespace khover::session {
namespace {

using findings::ImageReport;
using findings::Precheck;

// A violation in live memory counts if it is there every time.
constexpr int kReadings = 3;
constexpr std::chrono::milliseconds kBetween{30};

ImageReport evaluated(const Analysis& analysis) {
  Asked asked;
  for (uint32_t i = 0; i < analysis.model->rules.size(); ++i) asked.rules.insert(i);
  return report_of(analysis, asked, std::nullopt);
}

bool is_violated(const ImageReport& report) { return report.verdict.word == findings::Word::violated; }

std::set<std::string> violated_rules(const ImageReport& report) {
  std::set<std::string> ids;
  for (const findings::ImageFinding& one : report.findings) {
    if (one.violated) ids.insert(one.rule);
  }
  return ids;
}

// Everything that is handed over under a name, by the name.
std::vector<target::HandedOver> names_of(const Analysis& analysis) {
  const walk::World& world = analysis.world;
  walk::Columns columns(world);
  std::map<std::pair<std::string, std::string>, target::HandedOver> found;
  for (const walk::RecordSet& set : world.sets) {
    if (set.type->handled_registry.empty()) continue;
    for (uint32_t row = 0; row < set.rows; ++row) {
      const auto value = columns.column(set.index, set.type->handled_column, row);
      if (!value.known) continue;
      const std::string& name = world.strings.text(static_cast<uint64_t>(value.value));
      target::HandedOver& one = found[{set.type->handled_registry, name}];
      if (one.count++ > 0) continue;
      one.registry = set.type->handled_registry;
      one.name = name;
      const auto served = world.model->served.find(one.registry);
      one.has_pack = served != world.model->served.end() &&
                     std::any_of(served->second.begin(), served->second.end(),
                                 [&](const pack::Served& by) { return by.name == name; });
      one.path = path(world, columns, {set.index, row});
    }
  }
  std::vector<target::HandedOver> names;
  for (auto& [key, one] : found) names.push_back(std::move(one));
  return names;
}

std::vector<std::string> records_of(const walk::World& world) {
  std::set<std::string> names;
  for (const walk::RecordSet& set : world.sets) {
    if (set.rows != 0 && !set.type->record.empty()) names.insert(set.type->record);
  }
  return {names.begin(), names.end()};
}

void add(std::vector<target::Objection> objections, Precheck& precheck) {
  for (target::Objection& one : objections) {
    precheck.objections.push_back({one.id, one.severity, one.decided, std::move(one.what),
                                   std::move(one.because), std::move(one.remedy)});
  }
}

Result<void> ask_target(const PrecheckAsked& asked, const Analysis& analysis, Precheck& precheck) {
  const target::Target& target = *analysis.target;
  precheck.target = target.shown();
  precheck.by_target = analysis.refused_by_target;
  if (!target.is_stated() || !precheck.nothing.empty()) return {};
  const pack::Library library = TRY(open_library(asked.image.rules, asked.image.add_rules));
  const std::vector<target::HandedOver> names = names_of(analysis);
  // In the order of causes.
  add(target::object_to_settings(target, names, TRY(library.requirements()), asked.command_line), precheck);
  add(target::object_to_names(target, names), precheck);
  const abi::Snapshot layouts = TRY(library.snapshot(analysis.abi_names.front()));
  add(target::object_to_layouts(target, layouts, records_of(analysis.world)), precheck);
  if (!target.has_names())
    precheck.not_covered.push_back("the target's versions, which its types do not say");
  if (!target.layouts()) precheck.not_covered.push_back("the target's layouts, as it carries no BTF");
  if (!target.is_snapshot())
    precheck.not_covered.push_back("version numbers of the target, which are no strings");
  if (!target.config()) precheck.not_covered.push_back("the target's configuration, which is not known");
  return {};
}

// What one reading of live memory shows, another may not.
Result<void> confirm(const PrecheckAsked& asked, const Analysis& analysis, Precheck& precheck) {
  if (!analysis.image.running) return {};
  std::set<std::string> changing;
  for (int reading = 1; reading < kReadings && is_violated(*precheck.report); ++reading) {
    std::this_thread::sleep_for(kBetween);
    const Opened again = TRY(open_and_judge(asked.image));
    if (!again.analysis) return {};
    ImageReport report = evaluated(*again.analysis);
    const std::set<std::string> before = violated_rules(*precheck.report), now = violated_rules(report);
    std::set_symmetric_difference(before.begin(), before.end(), now.begin(), now.end(),
                                  std::inserter(changing, changing.end()));
    precheck.report = std::move(report);
  }
  precheck.in_flux.assign(changing.begin(), changing.end());
  return {};
}

Result<void> judge(const PrecheckAsked& asked, Precheck& precheck) {
  const Opened opened = TRY(open_and_judge(asked.image));
  if (!opened.analysis) {
    precheck.nothing = opened.no_handover;
    return {};
  }
  const Analysis& analysis = *opened.analysis;
  precheck.image += " (" + analysis.image.format + ")";
  precheck.report = evaluated(analysis);
  if (evaluate::nothing_preserved(analysis.world))
    precheck.nothing = "every preserved page is one of the handover's own structures";
  if (analysis.target) TRY(ask_target(asked, analysis, precheck));
  return confirm(asked, analysis, precheck);
}

}  // namespace

findings::Precheck precheck(const PrecheckAsked& asked) {
  Precheck precheck;
  precheck.image = asked.image.image;
  precheck.image_only = asked.image_only;
  const Result<void> judged = judge(asked, precheck);
  if (!judged) {
    precheck.unreadable = sentence(judged.error());
    precheck.report.reset();
  } else if (precheck.report && precheck.nothing.empty()) {
    precheck.not_covered.push_back("freezing and retrieving can still fail");
    precheck.not_covered.push_back("rules were evaluated, not proved: `khover check` proves them");
  }
  findings::decide(precheck);
  return precheck;
}

}  // namespace khover::session
