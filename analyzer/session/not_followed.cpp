#include "session/not_followed.h"

#include <algorithm>

#include "session/records.h"

namespace khover::session {
namespace {

using evaluate::RecordRef;
using pack::kNone;
using walk::Opening;

class Collector {
 public:
  Collector(const Analysis& analysis, findings::ImageReport& report)
      : world_(analysis.world),
        outcomes_(analysis.judgement.outcomes),
        columns_(analysis.world),
        report_(report),
        any_undetermined_(std::any_of(outcomes_.begin(), outcomes_.end(), [](const evaluate::Outcome& one) {
          return one.verdict == evaluate::Verdict::undetermined;
        })) {}

  void collect() {
    for (const walk::RecordSet& set : world_.sets) {
      for (const Opening& opening : set.openings) add(set, opening);
    }
  }

 private:
  void add(const walk::RecordSet& set, const Opening& opening) {
    const bool damage = opening.cause == Opening::Cause::broken;
    // A hole without an address is a fact that nobody gave.
    if (damage ? is_explained(set, opening) : any_undetermined_ || opening.address == 0) return;
    if (report_.not_followed.size() == evaluate::kDescribed) {
      ++report_.more_not_followed;
      return;
    }
    findings::NotFollowed one;
    one.why = opening.why;
    one.damage = damage;
    const auto [holder, pointer] = holder_of(set, opening);
    one.pointer = pointer;
    if (holder.set == kNone) {
      one.path = "the image";
    } else {
      one.path = path(world_, columns_, holder);
      one.address = address(world_, columns_, holder);
    }
    report_.not_followed.push_back(std::move(one));
  }

  // A violated rule about the record that leads there, or about the records that were found below it.
  bool is_explained(const walk::RecordSet& set, const Opening& opening) const {
    if (opening.parent == kNone) return false;
    return std::any_of(outcomes_.begin(), outcomes_.end(), [&](const evaluate::Outcome& outcome) {
      if (outcome.verdict != evaluate::Verdict::violated) return false;
      const auto* pages = std::get_if<pack::plans::Pages>(&set.type->plan);
      for (const uint32_t near : {set.type->parent, set.index, pages ? pages->of_set.index : kNone}) {
        if (near == kNone) continue;
        const auto found = outcome.offenders.find(near);
        if (found == outcome.offenders.end()) continue;
        const auto [first, last] = below(near, set.type->parent, opening.parent);
        const auto row = std::lower_bound(found->second.begin(), found->second.end(), first);
        if (row != found->second.end() && *row < last) return true;
      }
      return false;
    });
  }

  // The rows of `set` that are the record `row` of `above`, or hang below it.
  std::pair<uint32_t, uint32_t> below(uint32_t set, uint32_t above, uint32_t row) const {
    if (set == above) return {row, row + 1};
    const uint32_t hops = world_.model->hops_to(set, above);
    return hops == kNone ? std::pair{0U, 0U} : world_.rows_below(set, hops, row);
  }

  // Which pointer of which record.
  std::pair<RecordRef, std::string> holder_of(const walk::RecordSet& set, const Opening& opening) const {
    const pack::SetType& type = *set.type;
    const pack::plans::Value* start = pack::start_of(type.plan);
    const std::string at = start ? start->expr->source : "";
    if (opening.parent == kNone || type.parent == kNone) return {RecordRef{}, at};
    if (const auto* chain = std::get_if<pack::plans::Chain>(&type.plan)) {
      const auto [first, last] = set.children_of(opening.parent);
      if (first < last) return {RecordRef{set.index, last - 1}, type.columns[chain->next.index].name};
    }
    if (const auto* pages = std::get_if<pack::plans::Pages>(&type.plan)) {
      const uint32_t list = pages->of_set.index;
      const auto [first, last] = below(list, type.parent, opening.parent);
      const std::string& column = world_.model->sets[list].columns[pages->page.index].name;
      if (first < last) return {page_of(*pages, first, last, opening.address), column};
    }
    return {RecordRef{type.parent, opening.parent}, at};
  }

  // The last record that names the page: where one is used twice, the second use is the news.
  RecordRef page_of(const pack::plans::Pages& pages, uint32_t first, uint32_t last, uint64_t address) const {
    for (uint32_t row = last; row > first; --row) {
      const auto page = columns_.column(pages.of_set.index, pages.page.index, row - 1);
      if (page.known && static_cast<uint64_t>(page.value) == address) return {pages.of_set.index, row - 1};
    }
    return {pages.of_set.index, first};
  }

  const walk::World& world_;
  const std::vector<evaluate::Outcome>& outcomes_;
  mutable walk::Columns columns_;
  findings::ImageReport& report_;
  bool any_undetermined_;
};

}  // namespace

void add_not_followed(const Analysis& analysis, findings::ImageReport& report) {
  Collector(analysis, report).collect();
}

}  // namespace khover::session
