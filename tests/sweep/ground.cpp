#include "ground.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace khover::sweep {
namespace {

constexpr uint64_t kPage = 4096;

size_t broken_openings(const walk::World& world) {
  size_t count = 0;
  for (const walk::RecordSet& set : world.sets) {
    count += static_cast<size_t>(std::count_if(set.openings.begin(), set.openings.end(), [](const auto& one) {
      return one.cause == walk::Opening::Cause::broken;
    }));
  }
  return count;
}

bool asks_for_a_version(const pack::Expr& expr) {
  return (expr.op == pack::Op::call &&
          (expr.function == pack::Function::known || expr.function == pack::Function::is_version)) ||
         std::any_of(expr.args.begin(), expr.args.end(),
                     [](const pack::ExprPtr& arg) { return asks_for_a_version(*arg); });
}

Effect effect_of(pack::Severity severity) {
  switch (severity) {
    case pack::Severity::crash:
      return Effect::crash;
    case pack::Severity::refuse:
      return Effect::refuse;
    case pack::Severity::silent:
      return Effect::silent;
    case pack::Severity::hygiene:
      return Effect::hygiene;
  }
  return Effect::nothing;
}

}  // namespace

const char* to_string(Effect effect) {
  constexpr const char* kNames[] = {"nothing", "hygiene", "silent", "refuse", "crash", "undetermined"};
  return kNames[static_cast<size_t>(effect)];
}

GrownMemory::GrownMemory(const image::Memory& base, const std::vector<uint64_t>& pages) : base_(base) {
  for (const uint64_t page : pages) pages_[page].resize(kPage);
  std::vector<image::Range> all = base.present();
  for (const auto& [page, bytes] : pages_) all.push_back({page, bytes.size()});
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.start < b.start; });
  for (const image::Range& range : all) {
    if (!present_.empty() && present_.back().end() == range.start)
      present_.back().length += range.length;
    else
      present_.push_back(range);
  }
}

std::span<const std::byte> GrownMemory::run(uint64_t phys) const {
  const uint64_t page = phys / kPage * kPage;
  if (const auto found = pages_.find(page); found != pages_.end())
    return std::span(found->second).subspan(phys - page);
  return base_.run(phys);
}

Result<std::unique_ptr<Ground>> Ground::open(const std::string& path, const std::string& rules) {
  session::ImageArguments arguments;
  arguments.image = path;
  arguments.rules = rules;
  auto analysis = session::analyze(arguments);
  if (!analysis) return tl::unexpected(analysis.error());
  auto ground = std::make_unique<Ground>();
  ground->analysis_ = std::move(*analysis);
  ground->broken_ = broken_openings(ground->analysis_->world);
  return ground;
}

Reading Ground::read(const image::Memory& memory, const pack::Model* model) const {
  Reading reading;
  reading.world = walk::walk(model ? *model : *analysis_->model, memory, analysis_->world.facts);
  reading.judgement = evaluate::judge(reading.world);
  return reading;
}

Effect Ground::effect(const Reading& reading, bool reader_known, std::string* rule) const {
  Effect worst = Effect::nothing;
  bool undetermined = broken_openings(reading.world) > broken_;
  std::string undecided;
  for (const evaluate::Outcome& outcome : reading.judgement.outcomes) {
    const pack::Rule& one = reading.world.model->rules[outcome.rule];
    const evaluate::Outcome& before = analysis_->judgement.outcomes[outcome.rule];
    if (outcome.verdict == before.verdict && outcome.violations == before.violations) continue;
    const bool unknown_version = reader_known && outcome.verdict == evaluate::Verdict::undetermined &&
                                 !outcome.unknown.empty() && one.claim.predicate &&
                                 asks_for_a_version(*one.claim.predicate);
    if (outcome.verdict == evaluate::Verdict::violated || unknown_version) {
      const Effect effect = effect_of(one.severity);
      if (effect <= worst) continue;
      worst = effect;
      if (rule) *rule = one.id;
    } else if (outcome.verdict == evaluate::Verdict::undetermined &&
               one.severity != pack::Severity::hygiene) {
      undetermined = true;
      undecided = one.id;
    }
  }
  if (worst > Effect::hygiene || !undetermined) return worst;
  if (rule) *rule = undecided;
  return Effect::undetermined;
}

std::vector<std::vector<std::string>> read_table(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, '\t');) fields.push_back(field);
    rows.push_back(std::move(fields));
  }
  return rows;
}

}  // namespace khover::sweep
