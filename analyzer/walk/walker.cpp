#include "walk/walker.h"

#include <algorithm>
#include <tuple>

#include "walk/containers/container.h"

namespace khover::walk {
namespace {

// Set by set, parents first, and each below the rows of its parent.
class Walker {
 public:
  explicit Walker(Walk& walk) : walk_(walk), world_(walk.world) {}

  void run() {
    for (uint32_t i = 0; i < world_.sets.size(); ++i) {
      if (!walk_.is_done(i)) walk_set(world_.sets[i]);
    }
    world_.map_unwritten =
        !world_.has_map && world_.map_set != kNone && world_.opening(world_.map_set) == nullptr;
  }

 private:
  void walk_set(RecordSet& set) {
    const pack::SetType& type = *set.type;
    walk_.set_done(set.index);
    if (type.parent == kNone) return walk_family(set, kNone);
    const RecordSet& parent = world_.sets[type.parent];
    for (uint32_t row = 0; row < parent.rows; ++row) {
      if (may_enter(set, parent, row)) walk_family(set, row);
    }
    std::visit([&](const auto& plan) { finish(plan, walk_, set); }, type.plan);
    handled(set);
  }

  void walk_family(RecordSet& set, uint32_t parent) {
    Family family(walk_, set, parent);
    if (set.type->when) {
      const auto when = family.value(set.type->when);
      if (!when || *when == 0) return;
    }
    std::visit([&](const auto& plan) { follow(plan, family); }, set.type->plan);
  }

  bool may_enter(RecordSet& set, const RecordSet& parent, uint32_t row) {
    if (set.type->when) {  // a record without such a child is no obstacle
      const auto when = walk_.columns.evaluate(*set.type->when, set.type->parent, row);
      if (when.known && when.value == 0) return false;
    }
    const auto refuse = [&](Opening::Cause cause, uint32_t rule) {
      const char* what = cause == Opening::Cause::broken ? " fails" : " cannot be decided";
      set.open({cause, row, parent.address_of(row),
                "rule " + world_.model->rules[rule].id + what + " for what leads there"});
      return false;
    };
    for (const auto& [cause, rows, rules] :
         {std::tuple{Opening::Cause::broken, &parent.condemned, &parent.condemned_by},
          std::tuple{Opening::Cause::hole, &parent.doubtful, &parent.doubtful_by}}) {
      const auto found = std::lower_bound(rows->begin(), rows->end(), row);
      if (found != rows->end() && *found == row)
        return refuse(cause, (*rules)[static_cast<size_t>(found - rows->begin())]);
    }
    for (const uint32_t gate : set.type->entry_gates) {
      const Walk::Pass pass = walk_.passes(gate, set.type->parent, row);
      if (pass == Walk::Pass::no) return refuse(Opening::Cause::broken, gate);
      if (pass == Walk::Pass::unknown) return refuse(Opening::Cause::hole, gate);
    }
    return true;
  }

  // Rows that no pack follows: their memory cannot be attributed.
  void handled(RecordSet& set) {
    if (set.type->handled_registry.empty()) return;
    const auto served = world_.model->served.find(set.type->handled_registry);
    for (uint32_t row = 0; row < set.rows; ++row) {
      const auto name = walk_.columns.column(set.index, set.type->handled_column, row);
      if (!name.known) continue;
      const std::string& text = world_.strings.text(static_cast<uint64_t>(name.value));
      const bool known = served != world_.model->served.end() &&
                         std::any_of(served->second.begin(), served->second.end(),
                                     [&](const pack::Served& one) { return one.name == text; });
      if (!known) world_.unhandled.push_back({set.index, row, text});
    }
  }

  Walk& walk_;
  World& world_;
};

}  // namespace

World walk(const pack::Model& model, const image::Memory& memory, const image::Facts& facts) {
  Walk walk(model, memory, facts);
  Walker(walk).run();
  return std::move(walk.world);
}

}  // namespace khover::walk
