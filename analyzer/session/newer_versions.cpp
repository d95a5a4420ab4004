#include "session/newer_versions.h"

#include <algorithm>
#include <optional>

#include "session/records.h"

namespace khover::session {
namespace {

using findings::NewerVersion;
using pack::Function;

class Finder {
 public:
  explicit Finder(const walk::World& world) : world_(world), columns_(world) {}

  void look(const pack::Expr& expr, evaluate::RecordRef record, std::vector<NewerVersion>& found) {
    if (expr.op == pack::Op::call) {
      const auto one = expr.function == Function::known        ? name(expr, record)
                       : expr.function == Function::is_version ? number(expr, record)
                                                               : std::nullopt;
      const auto same = [&](const NewerVersion& other) {
        return other.path == one->path && other.says == one->says;
      };
      if (one && std::none_of(found.begin(), found.end(), same)) found.push_back(*one);
    }
    for (const pack::ExprPtr& arg : expr.args) look(*arg, record, found);
  }

 private:
  std::optional<NewerVersion> name(const pack::Expr& expr, evaluate::RecordRef record) {
    const auto value = columns_.evaluate(*expr.args.back(), record.set, record.row);
    const auto served = world_.model->served.find(expr.text);
    if (!value.known || served == world_.model->served.end()) return std::nullopt;
    const std::string says = world_.strings.text(static_cast<uint64_t>(value.value));
    const auto version = pack::version_of(says);
    if (!version) return std::nullopt;
    std::optional<pack::Version> highest;
    for (const pack::Served& one : served->second) {
      const auto known = pack::version_of(one.name);
      if (known && known->stem == version->stem && (!highest || known->number > highest->number))
        highest = known;
    }
    if (!highest || version->number <= highest->number) return std::nullopt;
    return NewerVersion{path(world_, columns_, record), says,
                        highest->stem + std::to_string(highest->number)};
  }

  std::optional<NewerVersion> number(const pack::Expr& expr, evaluate::RecordRef record) {
    if (expr.args.size() != 2) return std::nullopt;
    const auto says = columns_.evaluate(*expr.args[0], record.set, record.row);
    const auto known = columns_.evaluate(*expr.args[1], record.set, record.row);
    if (!says.known || !known.known || says.value <= known.value) return std::nullopt;
    return NewerVersion{path(world_, columns_, record),
                        expr.args[0]->source + " " + std::to_string(static_cast<uint64_t>(says.value)),
                        std::to_string(static_cast<uint64_t>(known.value))};
  }

  const walk::World& world_;
  walk::Columns columns_;
};

}  // namespace

void add_newer_versions(const Analysis& analysis, findings::ImageReport& report) {
  Finder finder(analysis.world);
  for (const evaluate::Outcome& outcome : analysis.judgement.outcomes) {
    const pack::Rule& rule = analysis.model->rules[outcome.rule];
    if (outcome.verdict != evaluate::Verdict::undetermined || !rule.claim.predicate) continue;
    for (const evaluate::Instance& one : outcome.unknown)
      finder.look(*rule.claim.predicate, one.record, report.newer);
  }
}

}  // namespace khover::session
