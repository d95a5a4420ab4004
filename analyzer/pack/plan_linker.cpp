#include "pack/plan_linker.h"

#include <algorithm>

#include "error/try.h"

namespace khover::pack {

// The first error is kept.
class PlanLinker::Begin : public plans::NoKeys {
 public:
  Begin(const PlanLinker& owner, SetDefinition& definition, uint32_t parent)
      : owner_(owner), definition_(definition), parent_(parent) {}
  Result<void> result;

  void value(const char*, plans::Value& one) { type(one, parent_); }
  void optional(const char*, plans::Value& one) { type(one, parent_); }
  void constant(const char*, plans::Value& one) { type(one, kNone); }

  void set(const char*, plans::OtherSet& one) {
    if (!result) return;
    auto found = owner_.typing_.set(one.written, definition_.at_position);
    if (found)
      one.index = *found;
    else
      result = tl::unexpected(found.error());
  }
  void column_of(const char*, plans::OtherColumn& one, const plans::OtherSet& of) {
    if (!result) return;
    one.index = owner_.model_.sets[of.index].find(one.written);
    if (one.index == kNone) refuse("'" + of.written + "' has no column '" + one.written + "'");
  }
  void lies_below_parent(const plans::OtherSet& one) {
    if (result && owner_.model_.hops_to(one.index, parent_) == kNone)
      refuse("'" + one.written + "' is not below '" + definition_.parent + "'");
  }
  void same_columns(const plans::OtherSet& one) {
    if (!result) return;
    const SetDefinition& there = owner_.definitions_.at(one.index);
    definition_.record = there.record.empty() ? owner_.model_.sets[one.index].record : there.record;
    definition_.derive.insert(definition_.derive.begin(), there.derive.begin(), there.derive.end());
  }
  void parent_is(const char* key) {
    if (!result) return;
    const std::string list = std::string(" ") + key + " ";
    const std::string is =
        parent_ == kNone ? "" : std::string(" ") + container_of(owner_.model_.sets[parent_].plan) + " ";
    if (is.empty() || list.find(is) == std::string::npos)
      refuse(std::string(container_of(definition_.plan)) + " must be below a set of container " + key);
  }
  void at_the_top() {
    if (parent_ != kNone) refuse(std::string(container_of(definition_.plan)) + " must have no parent");
  }

 private:
  void refuse(std::string what) { result = fail(to_string(definition_.at_position), std::move(what)); }
  void type(plans::Value& one, uint32_t over) {
    if (!result || !one.written) return;
    auto typed = owner_.typing_.integer(one.written, over);
    if (typed)
      one.expr = *typed;
    else
      result = tl::unexpected(typed.error());
  }

  const PlanLinker& owner_;
  SetDefinition& definition_;
  uint32_t parent_;
};

class PlanLinker::Finish : public plans::NoKeys {
 public:
  Finish(const SetType& type, const Position& at) : type_(type), at_(at) {}
  Result<void> result;

  // The pointer of a chain is a field; that of an entry may be derived from its bits.
  void field(const char*, plans::OwnColumn& one) {
    find(one);
    if (one.index != kNone && type_.columns[one.index].kind != ColumnKind::integer) refuse(one);
  }
  void column(const char*, plans::OwnColumn& one) { find(one); }

 private:
  void find(plans::OwnColumn& one) {
    one.index = type_.find(one.written);
    if (one.index == kNone) refuse(one);
  }
  void refuse(const plans::OwnColumn& one) {
    if (result) result = fail(to_string(at_), "'" + type_.record + "' has no field '" + one.written + "'");
  }

  const SetType& type_;
  const Position& at_;
};

Result<void> PlanLinker::begin(SetDefinition& definition, uint32_t parent) const {
  Begin of(*this, definition, parent);
  std::visit([&of](auto& plan) { plan.keys(of); }, definition.plan);
  return of.result;
}

Result<void> PlanLinker::finish(SetType& type, const Position& at) const {
  Finish of(type, at);
  std::visit([&of](auto& plan) { plan.keys(of); }, type.plan);
  return of.result;
}

}  // namespace khover::pack
