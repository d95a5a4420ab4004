#include "evaluate/ranges.h"

#include <fmt/format.h>

#include <algorithm>

#include "evaluate/forms.h"

namespace khover::evaluate {

using pack::Integer;

std::vector<Run> collect_runs(Judge& judge, const std::vector<pack::RangeOver>& sources, Role role,
                              Join join) {
  std::vector<Run> runs;
  walk::Lane start, length;
  for (uint32_t s = 0; s < sources.size(); ++s) {
    const pack::RangeOver& over = sources[s];
    bool fresh = true;
    const auto collect = [&](std::span<const uint32_t> rows) {
      judge.columns.evaluate(*over.start, over.set.set, rows, start);
      judge.columns.evaluate(*over.length, over.set.set, rows, length);
      for (size_t i = 0; i < rows.size(); ++i) {
        if (start.known[i] == 0 || length.known[i] == 0) {
          judge.undecided({over.set.set, rows[i]}, start.known[i] == 0 ? *over.start : *over.length,
                          over.start->source);
          continue;
        }
        if (role == Role::subject) judge.holds();
        if (length.values[i] <= 0) continue;
        const Integer end = start.values[i] + length.values[i];
        if (!fresh && join == Join::touching && runs.back().end == start.values[i]) {
          runs.back().end = end;
        } else {
          runs.push_back({start.values[i], end, s, rows[i]});
          fresh = false;
        }
      }
    };
    if (role == Role::subject)
      judge.each_batch(over.set, collect);
    else
      judge.each_reference(over.set, collect);
  }
  const auto by_start = [](const Run& a, const Run& b) { return a.start < b.start; };
  // What the walk meets is often in order already.
  if (!std::is_sorted(runs.begin(), runs.end(), by_start))
    std::stable_sort(runs.begin(), runs.end(), by_start);
  return runs;
}

RecordRef owner(Judge& judge, const std::vector<pack::RangeOver>& sources, const Run& run, Integer address,
                Along& along) {
  const pack::RangeOver& over = sources[run.source];
  for (uint32_t& row = along.row; row < judge.world.sets[over.set.set].rows; ++row) {
    if (over.set.where) {
      const auto counted = judge.columns.evaluate(*over.set.where, over.set.set, row);
      if (!counted.known || counted.value == 0) continue;
    }
    const auto length = judge.columns.evaluate(*over.length, over.set.set, row);
    if (!length.known || length.value <= 0) continue;
    if (address < along.at + length.value) return {over.set.set, row};
    along.at += length.value;
    if (along.at >= run.end) break;
  }
  return {over.set.set, run.row};
}

RecordRef owner(Judge& judge, const std::vector<pack::RangeOver>& sources, const Run& run, Integer address) {
  Along along{run.row, run.start};
  return owner(judge, sources, run, address, along);
}

std::vector<Run> joined(const std::vector<Run>& sorted) {
  std::vector<Run> out;
  for (const Run& run : sorted) {
    if (!out.empty() && run.start <= out.back().end)
      out.back().end = std::max(out.back().end, run.end);
    else
      out.push_back(run);
  }
  return out;
}

namespace {

std::vector<uint32_t> sets_of(const std::vector<pack::RangeOver>& sources) {
  std::vector<uint32_t> sets;
  for (const auto& over : sources) sets.push_back(over.set.set);
  return sets;
}

// Each run with the furthest end of those that begin no later: a range fits one of them exactly when it
// ends before that, even where areas overlap.
std::vector<Run> furthest(std::vector<Run> sorted) {
  for (size_t i = 1; i < sorted.size(); ++i) sorted[i].end = std::max(sorted[i].end, sorted[i - 1].end);
  return sorted;
}

std::string range_text(Integer start, Integer end) {
  return fmt::format("[{}, {})", number_text(start), number_text(end));
}

}  // namespace

void decide_disjoint(Judge& judge) {
  const auto& sources = judge.claim.ranges;
  const std::vector<Run> runs = collect_runs(judge, sources, Role::subject);
  const Run* reaching = nullptr;  // the run so far that ends last
  Along along;                    // it: what meets it comes in order, so it is walked along once
  for (const Run& run : runs) {
    if (reaching && run.start < reaching->end) {
      const RecordRef first = owner(judge, sources, *reaching, run.start, along);
      const RecordRef second = owner(judge, sources, run, run.start);
      Instance instance;
      instance.other = first;
      instance.expected = "memory of its own";
      instance.found = "it shares " + range_text(run.start, std::min(run.end, reaching->end));
      judge.violate(second, std::move(instance));
    }
    if (!reaching || run.end > reaching->end) {
      reaching = &run;
      along = {run.row, run.start};
    }
  }
  judge.close(sets_of(sources));
}

// The left ranges may be as many as a device has mappings: each is asked at once, and none is kept.
void decide_apart(Judge& judge) {
  const pack::Claim& claim = judge.claim;
  const std::vector<Run> right = collect_runs(judge, claim.others, Role::reference);
  const std::vector<Run> reach = furthest(right);
  walk::Lane start, length;
  for (const pack::RangeOver& over : claim.ranges) {
    judge.each_batch(over.set, [&](std::span<const uint32_t> rows) {
      judge.columns.evaluate(*over.start, over.set.set, rows, start);
      judge.columns.evaluate(*over.length, over.set.set, rows, length);
      for (size_t i = 0; i < rows.size(); ++i) {
        const RecordRef record{over.set.set, rows[i]};
        if (start.known[i] == 0 || length.known[i] == 0) {
          judge.undecided(record, start.known[i] == 0 ? *over.start : *over.length, over.start->source);
          continue;
        }
        // The first that reaches beyond the start; it meets the range if it begins before the end.
        const Integer end = start.values[i] + length.values[i];
        const auto found = std::upper_bound(reach.begin(), reach.end(), start.values[i],
                                            [](Integer value, const Run& run) { return value < run.end; });
        if (length.values[i] <= 0 || found == reach.end() || found->start >= end) {
          judge.holds();
          continue;
        }
        const Run& met = right[static_cast<size_t>(found - reach.begin())];
        const Integer meet = std::max(start.values[i], met.start);
        Instance instance;
        // Which record of a run it is takes a walk along the run: not for each of a million.
        instance.other = judge.outcome.violations < kDescribed
                             ? owner(judge, claim.others, met, meet)
                             : RecordRef{claim.others[met.source].set.set, met.row};
        instance.expected = "memory disjoint from that of the other";
        instance.found = "both hold " + range_text(meet, std::min(end, met.end));
        judge.violate(record, std::move(instance));
      }
    });
  }
  auto sets = sets_of(claim.ranges);
  for (const uint32_t set : sets_of(claim.others)) sets.push_back(set);
  judge.close(sets);
}

void decide_within(Judge& judge) {
  const pack::Claim& claim = judge.claim;
  const std::vector<Run> runs =
      collect_runs(judge, claim.ranges, Role::reference, claim.within_one ? Join::none : Join::touching);
  const std::vector<Run> areas = claim.within_one ? furthest(runs) : joined(runs);
  // Whether an area that is not known could hold the range.
  const walk::Opening* open = nullptr;
  for (const auto& over : claim.ranges) {
    if (const walk::Opening* opening = judge.world.opening(over.set.set)) open = opening;
    judge.leans_on(over.set.set);
  }
  const bool unknown_area = judge.outcome.undecided > 0;  // a reference whose range is not known
  std::string foreign;  // a record that no pack follows: memory below it has an unknown owner
  if (claim.all_allocations && !judge.world.unhandled.empty()) {
    const walk::Unhandled& one = judge.world.unhandled.front();
    foreign =
        fmt::format("no pack follows the {} \"{}\"", judge.world.model->sets[one.set].singular, one.name);
  }
  walk::Lane start, length;
  judge.each_batch(claim.set, [&](std::span<const uint32_t> rows) {
    judge.columns.evaluate(*claim.start, claim.set.set, rows, start);
    judge.columns.evaluate(*claim.length, claim.set.set, rows, length);
    for (size_t i = 0; i < rows.size(); ++i) {
      const RecordRef record{claim.set.set, rows[i]};
      if (start.known[i] == 0 || length.known[i] == 0) {
        judge.undecided(record, start.known[i] == 0 ? *claim.start : *claim.length, claim.start->source);
        continue;
      }
      const auto after = std::upper_bound(areas.begin(), areas.end(), start.values[i],
                                          [](Integer value, const Run& run) { return value < run.start; });
      const Integer end = start.values[i] + length.values[i];
      if (length.values[i] <= 0 || (after != areas.begin() && end <= std::prev(after)->end)) {
        judge.holds();
      } else if (!foreign.empty() || (open && open->cause == walk::Opening::Cause::broken)) {
        judge.pass_over(foreign.empty() ? Reason::broken : Reason::unfollowed,
                        foreign.empty() ? open->why : foreign);
      } else if (open || unknown_area) {
        ++judge.outcome.undecided;
        if (judge.outcome.why.empty())
          judge.outcome.why = open ? open->why : "a range that it is compared with is unknown";
      } else {
        Instance instance = judge.describe(*claim.start, claim.set.set, rows[i]);
        instance.expected = "a range inside " + (claim.ranges.empty()
                                                     ? "preserved memory"
                                                     : judge.world.model->sets[claim.ranges[0].set.set].name);
        if (!claim.group.empty()) instance.expected += " of the same " + claim.group;
        const Integer group = claim.group.empty() ? 0 : start.values[i] >> 64 << 64;
        instance.found = range_text(start.values[i] - group, end - group);
        judge.violate(record, std::move(instance));
      }
    }
  });
  judge.close({claim.set.set});
}

}  // namespace khover::evaluate
