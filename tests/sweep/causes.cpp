// Whether the first group of findings names the record that was damaged: of one damage, the cause comes
// before its consequences.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "ground.h"
#include "mutations.h"
#include "session/records.h"
#include "session/report.h"

namespace khover::sweep {
namespace {

// Of so many changes in 100, the first group has the record that was damaged.
constexpr size_t kWanted = 95;

struct Score {
  size_t first = 0, missed = 0, findings = 0, groups = 0;
};

class Grouping {
 public:
  Grouping(session::Analysis& analysis, std::string image, size_t every)
      : analysis_(analysis), image_(std::move(image)), every_(every) {}

  // False: an image that has findings of its own.
  bool run(Score& score) {
    // The records are read in the unchanged image all the time.
    const walk::World world = std::move(analysis_.world);
    for (uint32_t i = 0; i < world.model->rules.size(); ++i) asked_.rules.insert(i);
    for (const evaluate::Outcome& outcome : analysis_.judgement.outcomes) {
      if (outcome.verdict == evaluate::Verdict::violated) return false;
    }
    size_t number = 0;
    for_each_mutation(world, 1, [&](const Mutation& one, const image::Memory& memory) {
      if (number++ % every_ == 0) judge(world, one, memory, score);
    });
    return true;
  }

 private:
  void judge(const walk::World& original, const Mutation& one, const image::Memory& memory, Score& score) {
    analysis_.world = walk::walk(*analysis_.model, memory, original.facts);
    analysis_.judgement = evaluate::judge(analysis_.world);
    const findings::ImageReport report = session::report_of(analysis_, asked_, std::nullopt);
    if (report.findings.empty()) return;
    score.findings += report.findings.size();
    score.groups += report.groups.size();
    walk::Columns columns(original);
    const evaluate::RecordRef record{one.set, one.row};
    if (names(report, report.groups.front(), session::address(original, columns, record), one.address)) {
      ++score.first;
      return;
    }
    ++score.missed;
    const findings::Group& first = report.groups.front();
    const findings::ImageFinding& lead = report.findings[first.findings.front()];
    fmt::print("{} {}.{} row {} = {}: first is [{}] {}; {} findings in {} groups\n", image_,
               original.model->sets[one.set].name, original.model->sets[one.set].columns[one.column].name,
               one.row, one.kind, lead.rule, lead.path, report.findings.size(), report.groups.size());
  }

  // `record`, `field`: physical addresses.
  static bool names(const findings::ImageReport& report, const findings::Group& group, uint64_t record,
                    uint64_t field) {
    const std::string at = fmt::format(" at {:#x}", record);
    for (const auto* ways : {&group.reached, &group.other_reached}) {
      for (const findings::Way& way : *ways) {
        if (way.address == record) return true;
      }
    }
    for (const findings::RepairLine& line : group.repair) {
      if (line.address == fmt::format("{:#x}", field)) return true;
    }
    return std::any_of(group.findings.begin(), group.findings.end(), [&](size_t i) {
      const findings::ImageFinding& one = report.findings[i];
      return one.address == record || (one.other.size() >= at.size() && one.other.ends_with(at));
    });
  }

  session::Analysis& analysis_;
  std::string image_;
  size_t every_;
  session::Asked asked_;
};

}  // namespace

int causes(const std::string& rules, const std::vector<std::string>& arguments) {
  size_t every = 1;
  Score score;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--every") {
      every = std::stoul(arguments.at(++i));
      continue;
    }
    session::ImageArguments image;
    image.image = arguments[i];
    image.rules = rules;
    auto analysis = session::analyze(image);
    if (!analysis) {
      fmt::print("{}\n", sentence(analysis.error()));
      return 2;
    }
    if (!Grouping(**analysis, arguments[i].substr(arguments[i].rfind("corpus/") + 1), every).run(score))
      fmt::print("{}: has findings of its own\n", arguments[i]);
  }
  const size_t all = score.first + score.missed;
  fmt::print("{} of {} damages that are found are in the first group ({:.1f} %); {} findings in {} groups\n",
             score.first, all,
             all == 0 ? 0.0 : 100.0 * static_cast<double>(score.first) / static_cast<double>(all),
             score.findings, score.groups);
  return all == 0 || score.first * 100 < all * kWanted;
}

}  // namespace khover::sweep
