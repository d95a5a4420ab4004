#include "session/relations.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <variant>

namespace khover::session {
namespace {

using evaluate::RecordRef;
using pack::kNone;

using Fields = std::set<std::pair<uint32_t, uint32_t>>;  // set, column

// The first of the columns that say something of the same bytes: a property and its length, a text and its
// end.
uint32_t field_of(const pack::SetType& type, uint32_t column) {
  const pack::Column& wanted = type.columns[column];
  const auto same = [&](const pack::Column& one) {
    if (wanted.property != kNone) return one.property == wanted.property;
    return pack::is_of_text(wanted.kind) && pack::is_of_text(one.kind) && one.offset == wanted.offset;
  };
  const auto found = std::find_if(type.columns.begin(), type.columns.end(), same);
  return found == type.columns.end() ? column : static_cast<uint32_t>(found - type.columns.begin());
}

void add_fields(const pack::Model& model, const pack::ExprPtr& expr, Fields& fields) {
  if (!expr) return;
  if (expr->op == pack::Op::column) {
    const pack::SetType& type = model.sets[expr->set];
    const bool fresh = fields.insert({expr->set, field_of(type, expr->column)}).second;
    if (fresh) add_fields(model, type.columns[expr->column].derived, fields);
  }
  for (const pack::ExprPtr& arg : expr->args) add_fields(model, arg, fields);
}

// What the claim compares of a record of `set` and of those above it, without the conditions under which it
// does.
Fields fields_of(const pack::Model& model, const pack::Claim& claim, uint32_t set) {
  Fields fields;
  for (const pack::ExprPtr& one : {claim.predicate, claim.start, claim.length})
    add_fields(model, one, fields);
  for (const pack::TupleOver& tuple : claim.tuples) {
    for (const pack::ExprPtr& one : tuple.tuple) add_fields(model, one, fields);
  }
  for (const pack::ExprPtr& one : claim.right) add_fields(model, one, fields);
  for (const pack::RangeOver& range : claim.ranges) {
    add_fields(model, range.start, fields);
    add_fields(model, range.length, fields);
  }
  std::erase_if(fields, [&](const auto& one) { return model.hops_to(set, one.first) == kNone; });
  return fields;
}

bool asks_the_map(const pack::ExprPtr& expr) {
  return expr && ((expr->op == pack::Op::call && expr->function == pack::Function::key_order) ||
                  std::any_of(expr->args.begin(), expr->args.end(), asks_the_map));
}

std::vector<uint32_t> sets_read(const walk::World& world, const pack::Claim& claim) {
  std::set<uint32_t> sets;
  for (const pack::Term& term : claim.terms) sets.insert(term.set.set);
  for (const pack::TupleOver& tuple : claim.tuples) sets.insert(tuple.set.set);
  for (const auto* ranges : {&claim.ranges, &claim.others}) {
    for (const pack::RangeOver& range : *ranges) sets.insert(range.set.set);
  }
  if (claim.form == pack::Form::preserved || asks_the_map(claim.predicate)) sets.insert(world.map_set);
  sets.erase(kNone);
  return {sets.begin(), sets.end()};
}

bool meet(const Fields& a, const Fields& b) {
  return std::any_of(a.begin(), a.end(), [&](const auto& one) { return b.count(one) != 0; });
}

}  // namespace

Relations::Relations(const walk::World& world, std::vector<Objection> objections) : world_(world) {
  for (const Objection& one : objections) nodes_.push_back(node_of(one));
}

Relations::Node Relations::node_of(const Objection& objection) const {
  const pack::Rule& rule = world_.model->rules[objection.rule];
  Node node;
  node.objection = objection;
  node.set = objection.record ? objection.record->set : rule.claim.set.set;
  if (node.set == kNone && !rule.claim.tuples.empty()) node.set = rule.claim.tuples.front().set.set;
  if (node.set == kNone && !rule.claim.ranges.empty()) node.set = rule.claim.ranges.front().set.set;
  node.reads = sets_read(world_, rule.claim);
  node.about_owners = objection.other.has_value();
  if (node.set != kNone) {
    node.feeds = fed_by(rule, node.set);
    node.places = placed_by(rule, node.set);
  }
  return node;
}

std::vector<uint32_t> Relations::fed_by(const pack::Rule& rule, uint32_t set) const {
  const pack::Model& model = *world_.model;
  const Fields own = fields_of(model, rule.claim, set);
  std::set<uint32_t> fed;
  for (uint32_t i = 0; i < model.sets.size(); ++i) {
    const pack::SetType& type = model.sets[i];
    Fields leading;
    for (const pack::ExprPtr& value : pack::values_of(type.plan)) add_fields(model, value, leading);
    add_fields(model, type.when, leading);
    if (const auto* pages = std::get_if<pack::plans::Pages>(&type.plan))
      leading.insert({pages->of_set.index, pages->page.index});
    if (meet(own, leading) || (rule.gate != pack::Gate::none && type.parent == set)) fed.insert(i);
  }
  const pack::SetType& type = model.sets[set];
  const uint32_t link = pack::link_of(type.plan);
  const uint32_t place = type.find("_addr");
  const bool one_place = rule.claim.form == pack::Form::unique && own.count({set, place}) != 0;
  if ((link != kNone && own.count({set, link}) != 0) || one_place) fed.insert(set);
  if (std::holds_alternative<pack::plans::Slots>(type.plan)) fed.insert(type.parent);
  return {fed.begin(), fed.end()};
}

// Sets whose memory is where these fields say.
std::vector<uint32_t> Relations::placed_by(const pack::Rule& rule, uint32_t set) const {
  const pack::Model& model = *world_.model;
  const Fields own = fields_of(model, rule.claim, set);
  std::vector<uint32_t> placed;
  for (uint32_t i = 0; i < model.sets.size(); ++i) {
    if (!model.sets[i].allocation) continue;
    Fields says;
    for (const pack::ExprPtr& one : {model.sets[i].allocation->start, model.sets[i].allocation->size})
      add_fields(model, one, says);
    if (meet(own, says)) placed.push_back(i);
  }
  return placed;
}

bool Relations::is_below(RecordRef record, RecordRef above) const {
  const uint32_t hops = world_.model->hops_to(record.set, above.set);
  return hops != kNone && world_.ancestor(record.set, record.row, hops) == above.row;
}

bool Relations::leads_to(const Node& cause, uint32_t fed, const Node& consequence) const {
  const pack::Model& model = *world_.model;
  const bool reads_it = std::any_of(consequence.reads.begin(), consequence.reads.end(), [&](uint32_t read) {
    return read != consequence.set && model.hops_to(read, fed) != kNone;
  });
  if (reads_it) return true;
  if (consequence.set == kNone || model.hops_to(consequence.set, fed) == kNone) return false;
  if (!consequence.objection.record) return true;
  const RecordRef from = *cause.objection.record, to = *consequence.objection.record;
  if (fed != from.set) return is_below(to, from);
  // What a chain leads to comes after the record in it.
  const uint32_t hops = model.hops_to(to.set, from.set);
  const uint32_t row = hops == kNone ? kNone : world_.ancestor(to.set, to.row, hops);
  return row != kNone && row >= from.row &&
         world_.sets[from.set].parent_of(row) == world_.sets[from.set].parent_of(from.row);
}

// Of two rules that object to one record.
bool Relations::comes_first(const Node& a, const Node& b) const {
  const auto rank = [&](const Node& node) {
    const pack::Rule& rule = world_.model->rules[node.objection.rule];
    return std::tuple{!node.objection.violated, rule.gate == pack::Gate::none, node.feeds.empty(),
                      rule.severity, node.objection.rule};
  };
  return rank(a) < rank(b);
}

bool Relations::explains(size_t cause, size_t consequence) const {
  const Node& a = nodes_[cause];
  const Node& b = nodes_[consequence];
  if (cause == consequence || !a.objection.record || (!a.objection.violated && b.objection.violated))
    return false;
  const std::vector<uint32_t>& needed = world_.model->rules[b.objection.rule].needs;
  if (std::find(needed.begin(), needed.end(), a.objection.rule) != needed.end()) return true;
  const auto& from = a.objection.record;
  const auto& to = b.objection.record;
  if (from && to && from->set == to->set && from->row == to->row) return comes_first(a, b);
  if (std::any_of(a.feeds.begin(), a.feeds.end(), [&](uint32_t fed) { return leads_to(a, fed, b); }))
    return true;
  // What is counted or summed of the records below is wrong in one of them.
  if (to && from->set != to->set && is_below(*from, *to) &&
      std::any_of(b.reads.begin(), b.reads.end(),
                  [&](uint32_t read) { return world_.model->hops_to(from->set, read) != kNone; }))
    return true;
  // A key that belongs to nothing: what it was made for is thought to be elsewhere.
  if (b.set != kNone && world_.sets[b.set].keys() && a.set != b.set) {
    const auto looked_up = [&](uint32_t set) {
      return std::find(b.reads.begin(), b.reads.end(), set) != b.reads.end();
    };
    if (std::any_of(a.places.begin(), a.places.end(), looked_up)) return true;
  }
  // Memory that two records claim: what is read there is right for one of them at most.
  if (!a.about_owners || !to) return false;
  return is_below(*to, *from) || is_below(*to, *a.objection.other);
}

}  // namespace khover::session
