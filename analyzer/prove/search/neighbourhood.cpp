#include "prove/search/neighbourhood.h"

#include <algorithm>

#include "prove/formula/bitvector.h"

namespace khover::prove {
namespace {

using pack::ColumnKind;

constexpr unsigned kSumBits = 96;  // of a sum over the records around: nothing wraps

// Whether its value is in bytes that can be written.
bool is_stored(const pack::Column& of) {
  return of.kind == ColumnKind::integer || pack::is_of_text(of.kind) ||
         (of.kind == ColumnKind::node && !of.is(pack::NodeColumn::property_address));
}

// Of what people look at; of a property that a node lacks, the node.
std::optional<uint64_t> address_of(const walk::World& world, uint32_t set, uint32_t column, uint32_t row) {
  const walk::RecordSet& records = world.sets[set];
  const pack::Column& of = records.type->columns[column];
  const walk::Nodes* nodes = records.nodes();
  if (!nodes) return records.address_of(row) + of.offset;
  const walk::FdtRow& node = nodes->rows[row];
  if (of.kind == ColumnKind::text && of.property == pack::kNone) return node.name_address;
  if (of.is(pack::NodeColumn::sound) || of.is(pack::NodeColumn::totalsize))
    return world.blobs[node.blob].address;
  if (of.property < node.cells.size() && node.cells[of.property].bytes >= 0)
    return node.cells[of.property].address;
  return node.name_address != 0 ? node.name_address : world.blobs[node.blob].address;
}

}  // namespace

z3::expr Neighbourhood::fresh(const Interval& range, bool boolean) {
  const z3::expr value = variable(context_, "n" + std::to_string(names_++), range, boolean);
  if (!boolean) limits_.push_back(lies_in(value, range));
  return value;
}

uint64_t Neighbourhood::first_not_zero(uint64_t from) const {
  uint64_t at = from;
  for (auto run = world_.memory->run(at); !run.empty() && run.front() == std::byte{0};
       run = world_.memory->run(at)) {
    at += static_cast<uint64_t>(
        std::find_if(run.begin(), run.end(), [](std::byte b) { return b != std::byte{0}; }) - run.begin());
  }
  return at;
}

// The field that leads to a record: the link of the one before it in a chain, or a pointer of its parent.
std::optional<Neighbourhood::Field> Neighbourhood::pointer_to(uint32_t set, uint32_t row) {
  const walk::RecordSet& records = world_.sets[set];
  if (!std::holds_alternative<walk::Records>(records.content)) return std::nullopt;
  std::optional<Field> field;
  const pack::plans::Value* start = pack::start_of(records.type->plan);
  const pack::Expr* at = start ? start->expr.get() : nullptr;
  const auto* chain = std::get_if<pack::plans::Chain>(&records.type->plan);
  if (chain && row > 0 && records.parent_of(row - 1) == records.parent_of(row)) {
    field = Field{set, chain->next.index, row - 1};
  } else if (at && at->op == Op::column && records.type->parent != pack::kNone) {
    field = Field{at->set, at->column, world_.ancestor(set, row, at->hops + 1)};
  }
  if (!field) return std::nullopt;
  const Value leads = reader_.column(field->set, field->column, field->row);
  const bool here = leads.known && leads.value == static_cast<Integer>(records.address_of(row));
  return here ? field : std::nullopt;
}

// A cell for a value that is stored, if it is known now.
z3::expr Neighbourhood::made(uint32_t set, uint32_t column, uint32_t row, const Interval& range) {
  const pack::Column& of = world_.sets[set].type->columns[column];
  const bool boolean = of.type == pack::Type::boolean;
  const Value was = reader_.column(set, column, row);
  const z3::expr value = fresh(range, boolean);
  if (!was.known) return value;
  const z3::expr kept = context_.bool_const(("kept" + std::to_string(cells_.size())).c_str());
  const Cell cell{Cell::Kind::field,
                  set,
                  row,
                  column,
                  address_of(world_, set, column, row),
                  of.name,
                  was,
                  range,
                  of.type == pack::Type::text,
                  value,
                  kept};
  limits_.push_back(kept == (value == value_of(cell)));
  cells_.push_back(cell);
  const std::pair record{set, row};
  if (std::find(records_.begin(), records_.end(), record) == records_.end()) records_.push_back(record);
  return value;
}

// A key moves within its page of the bitmap: its order stays, and what it covers follows from it.
z3::expr Neighbourhood::key_cell(uint32_t set, uint32_t column, uint32_t row) {
  const walk::RecordSet& records = world_.sets[set];
  const auto& columns = records.type->columns;
  const auto column_of = [&](pack::KeyColumn which) {
    const auto is_it = [which](const pack::Column& one) { return one.is(which); };
    return static_cast<uint32_t>(std::find_if(columns.begin(), columns.end(), is_it) - columns.begin());
  };
  const uint32_t key_column = column_of(pack::KeyColumn::key);
  const pack::Column& wanted = columns[column];
  const Integer order = reader_.column(set, column_of(pack::KeyColumn::order), row).value;
  const walk::Leaf& leaf = records.keys()->leaf_of(row);
  const Integer keys = Integer{1} << world_.map.bitmap_bits();
  // Below that, a page of the bitmap holds keys of several orders.
  const bool one_order = static_cast<Integer>(leaf.first_key) >= keys &&
                         std::holds_alternative<pack::plans::Keys>(records.type->plan);
  const unsigned width = width_of(columns[column].range);
  if (!one_order || order < 0 ||
      !(wanted.is(pack::KeyColumn::key) || wanted.is(pack::KeyColumn::phys) ||
        wanted.kind == ColumnKind::address))
    return constant(context_, reader_.column(set, column, row).value, width);
  const auto place = std::make_tuple(set, key_column, row);
  auto found = by_place_.find(place);
  if (found == by_place_.end()) {
    const Interval range{static_cast<Integer>(leaf.first_key),
                         static_cast<Integer>(leaf.first_key) + keys - 1};
    found = by_place_.emplace(place, made(set, key_column, row, range)).first;
  }
  if (wanted.is(pack::KeyColumn::key)) return resized(found->second, width);
  const auto shift = static_cast<int>(world_.model->page_shift + static_cast<uint32_t>(order));
  const z3::expr key = resized(found->second, 65).extract(63, 0);
  return resized(z3::zext(z3::shl(key, context_.bv_val(shift, 64)), 1), width);
}

z3::expr Neighbourhood::cell(uint32_t set, uint32_t column, uint32_t row) {
  if (purpose_ == Purpose::damage && world_.sets[set].keys()) return key_cell(set, column, row);
  const auto place = std::make_tuple(set, column, row);
  if (const auto found = by_place_.find(place); found != by_place_.end()) return found->second;
  const pack::Column& of = world_.sets[set].type->columns[column];
  const bool boolean = of.type == pack::Type::boolean;
  const Interval range = of.type == pack::Type::text ? Interval{0, Integer{1} << 40} : of.range;
  const Value was = reader_.column(set, column, row);
  const auto constant_of = [&](const Value& value) {
    return boolean ? context_.bool_val(value.value != 0) : constant(context_, value.value, width_of(range));
  };
  z3::expr value(context_);
  if (const auto pointer = of.kind == ColumnKind::address ? pointer_to(set, row) : std::nullopt) {
    value = resized(cell(pointer->set, pointer->column, pointer->row), width_of(range));
  } else if (!is_stored(of) && was.known) {
    value = constant_of(was);
  } else {
    value = made(set, column, row, range);
  }
  by_place_.emplace(place, value);
  return value;
}

z3::expr Neighbourhood::value_of(const Cell& cell) {
  if (cell.value.is_bool()) return context_.bool_val(cell.was.value != 0);
  return constant(context_, cell.was.value, cell.value.get_sort().bv_size());
}

z3::expr Neighbourhood::change(Cell::Kind kind, uint32_t set, uint32_t row, std::optional<uint64_t> address,
                               const std::string& name) {
  z3::expr kept = context_.bool_const(("kept" + std::to_string(cells_.size())).c_str());
  cells_.push_back(
      {kind, set, row, pack::kNone, address, name, {0, true}, {0, 1}, false, z3::expr(context_), kept});
  return !kept;
}

z3::expr Neighbourhood::is_key_at(uint32_t set, uint32_t row, uint64_t phys) {
  const z3::expr changed = change(Cell::Kind::key, set, row, phys, "preserved memory map");
  return purpose_ == Purpose::mend ? changed : !changed;
}

// A count, a sum or a membership over the records of another set, as their cells have it.
z3::expr Neighbourhood::term(const pack::Claim& claim, const Variable& variable, uint32_t row) {
  const pack::Term& term = claim.terms[variable.expr->term];
  const uint32_t set = term.set.set;
  const Sets sides{set, claim.set.set, pack::kNone};
  Check check(*world_.model, "term");
  const FormulaPtr where = term.set.where ? check.read(term.set.where, 0, set) : truth(true);
  const FormulaPtr added = term.value ? check.read(term.value, 0, set) : number(1);
  const FormulaPtr match = term.key.empty()
                               ? truth(true)
                               : same(check.read(term.key, 0, set), check.read(term.outer, 1, claim.set.set));
  auto [first, last] = term.group_hops != pack::kNone
                           ? world_.rows_below(set, term.group_hops, row)
                           : std::pair<uint32_t, uint32_t>{0, world_.sets[set].rows};
  // Records that count now come first among those that may change; the rest stays as it is.
  std::vector<uint32_t> counting, others;
  Integer rest = 0;
  bool rest_matches = false;
  std::vector<Value> values;
  for (uint32_t at = first; at < last; ++at) {
    values.clear();
    reader_.read(check, {at, row, 0}, sides, values);
    const Value counts = compute(*both(where, match), values);
    if (!counts.known) continue;
    if (counts.value != 0 && counting.size() < kRecords) {
      counting.push_back(at);
    } else if (counts.value != 0) {
      rest += compute(*added, values).value;
      rest_matches = true;
    } else if (others.size() < kRecords) {
      others.push_back(at);
    }
  }
  counting.insert(counting.end(), others.begin(), others.end());
  z3::expr total = constant(context_, rest, kSumBits);
  z3::expr any = context_.bool_val(rest_matches);
  for (const uint32_t at : counting) {
    const auto variables = bind(check, {at, row, 0}, sides);
    const z3::expr counts = say(check, both(where, match), variables);
    if (term.is_membership) {
      any = any || counts;
      continue;
    }
    const z3::expr one = resized(meaning(context_, *added, variables), kSumBits);
    total = total + z3::ite(counts, one, constant(context_, 0, kSumBits));
  }
  if (term.is_membership) return any;
  const z3::expr value = fresh(variable.range, false);
  limits_.push_back(resized(value, kSumBits) == total);
  return value;
}

std::vector<z3::expr> Neighbourhood::bind(const Check& check, const Reader::Rows& rows, const Sets& sets,
                                          const pack::Claim* claim) {
  std::vector<Value> values;
  reader_.read(check, rows, sets, values);
  std::vector<z3::expr> out;
  std::vector<size_t> arguments;  // of the function that follows
  for (size_t i = 0; i < check.variables.size(); ++i) {
    const Variable& one = check.variables[i];
    switch (one.kind) {
      case Variable::Kind::column:
        out.push_back(cell(one.set, one.column, world_.ancestor(sets[one.side], rows[one.side], one.hops)));
        break;
      case Variable::Kind::argument:
        out.push_back(one.boolean ? context_.bool_val(true) : fresh(one.range, false));
        if (!one.boolean) arguments.push_back(i);
        break;
      case Variable::Kind::function: {
        // The value that it has, for as long as it is asked for the same.
        z3::expr result = fresh(one.range, one.boolean);
        if (values[i].known) {
          z3::expr same_arguments = context_.bool_val(true);
          for (const size_t argument : arguments) {
            if (!values[argument].known) continue;
            same_arguments =
                same_arguments && out[argument] == constant(context_, values[argument].value,
                                                            width_of(check.variables[argument].range));
          }
          z3::expr was = one.boolean ? context_.bool_val(values[i].value != 0)
                                     : constant(context_, values[i].value, width_of(one.range));
          const uint32_t set = sets[one.side], row = rows[one.side];
          if (one.expr->function == pack::Function::zero) {
            const auto from = static_cast<uint64_t>(values[arguments.front()].value);
            const bool is_zero = values[i].value != 0;
            if (is_zero && purpose_ == Purpose::damage)
              was = !change(Cell::Kind::bytes, set, row, from, one.name);
            else if (!is_zero && purpose_ == Purpose::mend)
              was = change(Cell::Kind::bytes, set, row, first_not_zero(from), one.name);
          } else if (one.expr->function == pack::Function::key_order) {
            const auto at = static_cast<uint64_t>(values[arguments.front()].value);
            const z3::expr changed = change(Cell::Kind::key, set, row, at, "preserved memory map");
            limits_.push_back(z3::implies(same_arguments && !changed, result == was));
            if (purpose_ == Purpose::damage)  // it is taken away
              limits_.push_back(z3::implies(changed, result == constant(context_, -1, width_of(one.range))));
            out.push_back(result);
            arguments.clear();
            break;
          }
          limits_.push_back(z3::implies(same_arguments, result == was));
        }
        out.push_back(result);
        arguments.clear();
        break;
      }
      case Variable::Kind::term:
        out.push_back(claim ? term(*claim, one, rows[one.side]) : fresh(one.range, one.boolean));
        break;
      case Variable::Kind::free:
        out.push_back(context_.bool_val(false));  // a version newer than any that is known is no change
        break;
      case Variable::Kind::fact:
      case Variable::Kind::stated:
        if (!values[i].known || one.kind == Variable::Kind::stated)
          out.push_back(fresh(one.range, one.boolean));
        else
          out.push_back(constant(context_, values[i].value, width_of(one.range)));
        break;
    }
  }
  return out;
}

z3::expr Neighbourhood::say(const Check& check, const FormulaPtr& formula,
                            const std::vector<z3::expr>& variables) {
  if (const FormulaPtr body = check.body()) limits_.push_back(meaning(context_, *body, variables));
  return meaning(context_, *formula, variables);
}

}  // namespace khover::prove
