#include "session/causes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include "session/lost_page.h"
#include "session/records.h"
#include "session/relations.h"
#include "session/repair_lines.h"
#include "session/step.h"
#include "session/trial.h"

namespace khover::session {
namespace {

using findings::Group;
using findings::ImageFinding;
using pack::kNone;

// A repair that was tried, and what it mends.
struct Tried {
  std::vector<findings::RepairLine> lines;
  std::string why;
  std::optional<evaluate::RecordRef> damaged;  // the record that is changed; none: a page of the map
  size_t of = kNone;                           // the finding that it was meant for
  std::set<size_t> gone;                       // findings
};

class Causes {
 public:
  Causes(const Analysis& analysis, const Repairs& repairs, findings::ImageReport& report)
      : analysis_(analysis),
        world_(analysis.world),
        report_(report),
        repairs_(repairs),
        objections_(objections()),
        relations_(analysis.world, objections_),
        trials_(analysis) {}

  void run() {
    if (report_.findings.empty()) return;
    try_lost_pages();
    try_repairs();
    std::set<size_t> left;
    for (size_t i = 0; i < report_.findings.size(); ++i) left.insert(i);
    while (!left.empty()) {
      Group group = next(left);
      for (const size_t one : group.findings) left.erase(one);
      add_ways(group);
      report_.groups.push_back(std::move(group));
    }
    const auto rank = [&](const Group& group) {
      const ImageFinding& worst =
          report_.findings[*std::min_element(group.findings.begin(), group.findings.end())];
      return std::tuple{!worst.violated, worst.severity, -static_cast<std::ptrdiff_t>(group.findings.size())};
    };
    std::stable_sort(report_.groups.begin(), report_.groups.end(),
                     [&](const Group& a, const Group& b) { return rank(a) < rank(b); });
  }

 private:
  const evaluate::Outcome& outcome(size_t finding) const {
    const uint32_t rule = world_.model->find_rule(report_.findings[finding].rule);
    const auto& all = analysis_.judgement.outcomes;
    return *std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.rule == rule; });
  }

  std::vector<Objection> objections() const {
    std::vector<Objection> all;
    for (size_t i = 0; i < report_.findings.size(); ++i) {
      const evaluate::Outcome& of = outcome(i);
      Objection one{of.rule, report_.findings[i].violated, {}, {}};
      const auto& instances = of.violated.empty() ? of.unknown : of.violated;
      if (!instances.empty()) {
        one.record = instances.front().record;
        one.other = instances.front().other;
      }
      all.push_back(one);
    }
    return all;
  }

  void add_trial(Tried tried, const image::Patch& patch) {
    const auto mended = trials_.mended_by(patch);
    if (!mended || patch.empty()) return;
    for (size_t i = 0; i < objections_.size(); ++i) {
      if (mended->count(objections_[i].rule) != 0) tried.gone.insert(i);
    }
    if (!tried.gone.empty()) tried_.push_back(std::move(tried));
  }

  void try_lost_pages() {
    std::vector<NotPreserved> missing;
    for (size_t i = 0; i < report_.findings.size(); ++i) {
      const evaluate::Outcome& of = outcome(i);
      if (world_.model->rules[of.rule].claim.form != pack::Form::preserved) continue;
      for (const auto* instances : {&of.violated, &of.unknown}) {
        for (const evaluate::Instance& one : *instances) missing.push_back({of.rule, one.record});
      }
    }
    for (const LostPage& lost : find_lost_pages(world_, missing)) {
      image::Patch patch;
      for (size_t i = 0; i < sizeof(uint64_t); ++i)
        patch[lost.address + i] = static_cast<std::byte>(lost.page >> (8 * i));
      Tried tried;
      tried.lines = {{lost.holder, lost.pointer, fmt::format("{:#x}", lost.address),
                      fmt::format("{:#x}", lost.was), fmt::format("{:#x}", lost.page)}};
      tried.why = fmt::format("the page there has {} keys that the map lacks", lost.keys);
      add_trial(std::move(tried), patch);
    }
  }

  void try_repairs() {
    for (size_t i = 0; i < objections_.size(); ++i) {
      const auto known = repairs_.find(objections_[i].rule);
      if (known == repairs_.end()) continue;
      for (const prove::Repair& repair : known->second) {
        if (const auto patch = patch_for(repair))
          add_trial({repair_lines(world_, repair), "", repair.changes.front().record, i, {}}, *patch);
      }
    }
  }

  // Nullopt: it is not known which bytes would be right.
  std::optional<image::Patch> patch_for(const prove::Repair& repair) const {
    image::Patch patch;
    for (const prove::Change& change : repair.changes) {
      if (!change.value || change.column == kNone) return std::nullopt;
      const auto bytes = patch_of(world_, change.record.set, change.column, change.record.row,
                                  static_cast<uint64_t>(*change.value));
      if (!bytes) return std::nullopt;
      patch.insert(bytes->begin(), bytes->end());
    }
    return patch;
  }

  // What the finding explains of those that are left, and what that explains in turn.
  std::vector<size_t> follow(size_t cause, const std::set<size_t>& left) const {
    std::vector<size_t> found = {cause};
    std::set<size_t> open = left;
    open.erase(cause);
    for (size_t at = 0; at < found.size(); ++at) {
      for (auto one = open.begin(); one != open.end();) {
        if (relations_.explains(found[at], *one)) {
          found.push_back(*one);
          one = open.erase(one);
        } else {
          ++one;
        }
      }
    }
    std::sort(found.begin() + 1, found.end());
    return found;
  }

  // The damage that explains most. A repair that was tried counts more than an order of rules.
  Group next(const std::set<size_t>& left) const {
    Group best;
    for (const size_t one : left) {
      std::vector<size_t> found = follow(one, left);
      const bool is_cause = std::none_of(left.begin(), left.end(), [&](size_t other) {
        return relations_.explains(other, one) && !relations_.explains(one, other);
      });
      if (!is_cause && left.size() > 1 && !best.findings.empty()) continue;
      if (found.size() > best.findings.size()) best.findings = std::move(found);
    }
    const Tried* chosen = nullptr;
    std::vector<size_t> most;
    for (const Tried& tried : tried_) {
      std::vector<size_t> found;
      std::set_intersection(tried.gone.begin(), tried.gone.end(), left.begin(), left.end(),
                            std::back_inserter(found));
      if (found.size() <= most.size()) continue;
      most = std::move(found);
      chosen = &tried;
    }
    if (!chosen || most.size() < best.findings.size()) return best;
    return group_of(*chosen, std::move(most));
  }

  Group group_of(const Tried& tried, std::vector<size_t> gone) const {
    const auto first = std::find_if(gone.begin(), gone.end(), [&](size_t i) {
      if (!tried.damaged)
        return tried.lines.front().address == fmt::format("{:#x}", report_.findings[i].address);
      const auto& record = objections_[i].record;
      return record && record->set == tried.damaged->set && record->row == tried.damaged->row;
    });
    const auto meant = std::find(gone.begin(), gone.end(), tried.of);
    Group group;
    group.repair = tried.lines;
    group.why = tried.why;
    group.gone = gone;
    const auto lead = first != gone.end() ? first : meant;
    group.unseen = lead == gone.end();
    if (!group.unseen) std::rotate(gone.begin(), lead, lead + 1);
    group.findings = std::move(gone);
    return group;
  }

  void add_ways(Group& group) const {
    const Objection& first = objections_[group.findings.front()];
    if (first.record) group.reached = ways_to(*first.record);
    if (first.other) group.other_reached = ways_to(*first.other);
  }

  // The pointer that leads there, and the one that leads to where that is: of a chain, to its head.
  std::vector<findings::Way> ways_to(evaluate::RecordRef record) const {
    constexpr size_t kSteps = 2;
    std::vector<findings::Way> ways;
    walk::Columns columns(world_);
    while (ways.size() < kSteps) {
      const auto step = step_to(world_, record);
      if (!step) break;
      ways.push_back({step->pointer + " of " + path(world_, columns, step->holder),
                      address(world_, columns, step->holder)});
      record = step->holder;
    }
    return ways;
  }

  const Analysis& analysis_;
  const walk::World& world_;
  findings::ImageReport& report_;
  const Repairs& repairs_;
  std::vector<Objection> objections_;
  Relations relations_;
  Trials trials_;
  std::vector<Tried> tried_;
};

}  // namespace

void add_groups(const Analysis& analysis, const Repairs& repairs, findings::ImageReport& report) {
  Causes(analysis, repairs, report).run();
}

}  // namespace khover::session
