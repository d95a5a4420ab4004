#include "prove/formula/places.h"

#include <algorithm>

#include "prove/formula/record_reader.h"

namespace khover::prove {
namespace {

using evaluate::RecordRef;

constexpr uint32_t kLooked = 4096;  // records of a set that are looked at
constexpr size_t kFew = 4;

// The first two, the last and the middle one that count.
std::vector<RecordRef> some(const walk::World& world, Reader& reader, const pack::SetRef& ref) {
  Check check(*world.model, "where");
  const FormulaPtr where = ref.where ? check.read(ref.where, 0, ref.set) : truth(true);
  std::vector<uint32_t> rows;
  std::vector<Value> values;
  const walk::RecordSet& records = world.sets[ref.set];
  for (uint32_t row = 0; row < std::min(records.rows, kLooked); ++row) {
    if (records.is_condemned(row)) continue;
    values.clear();
    reader.read(check, {row, 0, 0}, {ref.set, pack::kNone, pack::kNone}, values);
    const bool asks_others =
        std::any_of(check.variables.begin(), check.variables.end(),
                    [](const Variable& one) { return one.kind == Variable::Kind::term; });
    const Value counts = asks_others ? Value{1, true} : compute(*where, values);
    if (counts.known && counts.value != 0) rows.push_back(row);
  }
  std::vector<RecordRef> chosen;
  if (rows.empty()) return chosen;
  for (const size_t i : {size_t{0}, rows.size() - 1, rows.size() / 2, size_t{1}}) {
    const bool is_new = std::none_of(chosen.begin(), chosen.end(), [&](const RecordRef& one) {
      return i < rows.size() && one.row == rows[i];
    });
    if (i < rows.size() && is_new && chosen.size() < kFew) chosen.push_back({ref.set, rows[i]});
  }
  return chosen;
}

template <typename Over>
void pair_up(const walk::World& world, Reader& reader, const std::vector<Over>& left,
             const std::vector<Over>& right, std::vector<Place>& found) {
  const bool same_side = &left == &right;
  for (size_t i = 0; i < left.size(); ++i) {
    const auto ours = some(world, reader, left[i].set);
    for (size_t j = same_side ? i : 0; j < right.size(); ++j) {
      const bool one_set = left[i].set.set == right[j].set.set;
      for (const RecordRef& a : ours) {
        for (const RecordRef& b : some(world, reader, right[j].set)) {
          if (one_set && (same_side && i == j ? a.row >= b.row : a.row == b.row)) continue;
          found.push_back({a, b});
        }
      }
    }
  }
}

}  // namespace

std::vector<Place> places(const walk::World& world, const pack::Claim& claim, size_t most) {
  Reader reader(world);
  std::vector<Place> found;
  switch (claim.form) {
    case pack::Form::unique:
      pair_up(world, reader, claim.tuples, claim.tuples, found);
      break;
    case pack::Form::determines: {
      const std::vector<pack::TupleOver> left{claim.tuples[0]};
      pair_up(world, reader, left, left, found);
      break;
    }
    case pack::Form::disjoint:
      pair_up(world, reader, claim.ranges, claim.ranges, found);
      break;
    case pack::Form::apart:
      pair_up(world, reader, claim.ranges, claim.others, found);
      break;
    default:
      for (const RecordRef& record : some(world, reader, claim.set)) found.push_back({record, std::nullopt});
  }
  if (found.size() > most) found.resize(most);
  return found;
}

std::vector<image::Range> must_be_zero(const walk::World& world, const pack::Claim& claim,
                                       evaluate::RecordRef record) {
  std::vector<image::Range> ranges;
  if (claim.form != pack::Form::row) return ranges;
  Reader reader(world);
  Check check(*world.model, "zero");
  check.read(claim.predicate, 0, record.set);
  std::vector<Value> values;
  reader.read(check, {record.row, 0, 0}, {record.set, pack::kNone, pack::kNone}, values);
  std::vector<Value> arguments;  // of the function that follows
  for (size_t i = 0; i < values.size(); ++i) {
    const Variable& one = check.variables[i];
    if (one.kind == Variable::Kind::argument && !one.boolean) arguments.push_back(values[i]);
    if (one.kind != Variable::Kind::function) continue;
    const bool fails = one.expr->function == pack::Function::zero && values[i].known && values[i].value == 0;
    if (fails && arguments.size() == 2 && arguments[0].known && arguments[1].known) {
      const Integer from = arguments[0].value, to = arguments[1].value;
      if (from >= 0 && from < to && to >> 64 == 0)
        ranges.push_back({static_cast<uint64_t>(from), static_cast<uint64_t>(to - from)});
    }
    arguments.clear();
  }
  return ranges;
}

}  // namespace khover::prove
