#include "prove/certify/certify.h"

#include <algorithm>

namespace khover::prove {

using pack::Form;

Certifier::Plan& Certifier::plan(const std::string& name, Sets sets) {
  plans_.push_back({Check(*world_.model, name), sets, 0, {}, {}});
  return plans_.back();
}

void Certifier::ready(Plan& of) {
  for (uint32_t i = 0; i < of.check.variables.size(); ++i) {
    const auto kind = of.check.variables[i].kind;
    if (kind == Variable::Kind::stated || kind == Variable::Kind::term) of.stated.push_back(i);
  }
  of.number = facts_.add(of.check);
}

Subject Certifier::subject(uint32_t set, uint32_t row) const {
  const walk::RecordSet& records = world_.sets[set];
  Subject found{set, row, records.keys() ? 0 : records.address_of(row), {}};
  if (!facts_.writes_certificate()) return found;
  for (uint32_t at = row; world_.model->sets[set].parent != pack::kNone;) {
    at = world_.sets[set].parent_of(at);
    set = world_.model->sets[set].parent;
    if (at == pack::kNone) break;
    found.above.push_back(world_.sets[set].address_of(at));
  }
  return found;
}

void Certifier::state(Plan& of, const Rows& rows, const std::vector<Value>& stated) {
  of.values.resize(of.check.variables.size());
  for (size_t i = 0; i < of.stated.size(); ++i) of.values[of.stated[i]] = stated[i];
  reader_.read(of.check, rows, of.sets, of.values);
  std::vector<Subject> subjects;
  for (size_t side = 0; side < kSides; ++side) {
    if (of.sets[side] != pack::kNone) subjects.push_back(subject(of.sets[side], rows[side]));
  }
  facts_.state(of.number, of.values, subjects);
}

Certifier::Probe::Probe(Certifier& owner, uint32_t set, const std::vector<pack::ExprPtr>& exprs)
    : owner_(owner), set_(set), check_(*owner.world_.model, "probe") {
  formulas_ = check_.read(exprs, 0, set);
}

const std::vector<Value>& Certifier::Probe::at(uint32_t row) {
  owner_.reader_.read(check_, {row, 0, 0}, {set_, pack::kNone, pack::kNone}, values_);
  results_.clear();
  for (const FormulaPtr& formula : formulas_) results_.push_back(compute(*formula, values_));
  return results_;
}

// Each record: where it counts, the predicate holds.
void Certifier::row() {
  const uint32_t set = claim_.set.set;
  std::vector<std::vector<Value>> terms;
  certify_terms(terms);
  Plan& each = plan("row", {set, pack::kNone, pack::kNone});
  const FormulaPtr predicate = each.check.read(claim_.predicate, 0, set);
  each.check.require(claim_.set.where
                         ? operation(Op::implies, {each.check.read(claim_.set.where, 0, set), predicate})
                         : predicate);
  ready(each);
  std::vector<Value> stated(each.stated.size());
  for (uint32_t row = 0; row < world_.sets[set].rows && !facts_.stopped(); ++row) {
    for (size_t i = 0; i < stated.size(); ++i)
      stated[i] = terms[each.check.variables[each.stated[i]].expr->term][row];
    state(each, {row, 0, 0}, stated);
  }
}

void Certifier::run() {
  switch (claim_.form) {
    case Form::row:
      return row();
    case Form::unique:
      return unique(false);
    case Form::determines:
      return unique(true);
    case Form::tiles:
      return tiles();
    case Form::disjoint:
      return disjoint();
    case Form::apart:
      return apart();
    case Form::within:
      return within();
    case Form::preserved:
      return preserved();
    case Form::acyclic:
      return acyclic();
  }
}

}  // namespace khover::prove
