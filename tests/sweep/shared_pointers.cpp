// Damages pointers so that two records lead to the same place: khover_shared_pointers IMAGE...
//
// Each pointer that leads to a record, a chain, an array, a device tree or a table gets its neighbour's
// value. The damaged image must be violated or undetermined. Prints what was tried, set by set, and every
// damage that leaves with another verdict; exit status 1 if there is one.
#include <fmt/format.h>

#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "image/patched_memory.h"
#include "session/report.h"
#include "walk/content/read.h"
#include "walk/vm/columns.h"

namespace khover {
namespace {

// Damages of one pointer in one image: the first neighbours, and the last.
constexpr size_t kPairs = 3;

// Bytes of a record that an expression reads.
struct Field {
  uint64_t address;
  uint64_t bits;  // whole bytes, or a bit field
  uint32_t first_bit;
};

class Sweep {
 public:
  explicit Sweep(session::Analysis& analysis) : analysis_(analysis), model_(*analysis.model) {
    for (uint32_t i = 0; i < model_.rules.size(); ++i) asked_.rules.insert(i);
    good_ = std::move(analysis.world);
  }

  // By set: damages, and those that nobody noticed.
  struct Count {
    size_t tried = 0;
    std::vector<std::string> missed;
  };
  std::map<std::string, Count> run() {
    for (const pack::SetType& type : model_.sets) {
      const bool refers = std::holds_alternative<pack::plans::OneOf>(type.plan);  // several may refer to one
      if (type.parent == pack::kNone || refers) continue;
      if (const pack::plans::Value* at = pack::start_of(type.plan))
        damage_all(type.name, type.parent, at->expr);
      if (std::holds_alternative<pack::plans::Chain>(type.plan)) damage_next(type);
    }
    return counts_;
  }

 private:
  void damage_next(const pack::SetType& type) {
    auto next = std::make_shared<pack::Expr>();
    next->op = pack::Op::column;
    next->set = model_.find_set(type.name);
    next->column = pack::link_of(type.plan);
    damage_all(type.name + " (next)", next->set, next);
  }

  // `at`: over the records of `holders`.
  void damage_all(const std::string& name, uint32_t holders, const pack::ExprPtr& at) {
    walk::Columns columns(good_);
    std::vector<std::pair<uint32_t, pack::Integer>> pointers;  // row, value
    for (uint32_t row = 0; row < good_.sets[holders].rows && pointers.size() < 4096; ++row) {
      const auto value = columns.evaluate(*at, holders, row);
      if (value.known && value.value != 0) pointers.emplace_back(row, value.value);
    }
    size_t pairs = 0;
    for (size_t i = 0; i + 1 < pointers.size() && pairs < kPairs; ++i) {
      const size_t other = i + 1;
      if (pointers[i].second == pointers[other].second) continue;
      ++pairs;
      damage(name, holders, at, pointers[i].first, pointers[other].first);
      damage(name, holders, at, pointers[other].first, pointers[i].first);
    }
  }

  void damage(const std::string& name, uint32_t holders, const pack::ExprPtr& at, uint32_t row,
              uint32_t neighbour) {
    std::vector<Field> mine, theirs;
    fields(*at, holders, row, mine);
    fields(*at, holders, neighbour, theirs);
    if (mine.empty() || mine.size() != theirs.size()) return;
    image::PatchedMemory memory(*analysis_.image.memory);
    for (size_t i = 0; i < mine.size(); ++i) {
      if (!copy(memory, theirs[i], mine[i])) return;
    }
    analysis_.world = walk::walk(model_, memory, good_.facts);
    analysis_.judgement = evaluate::judge(analysis_.world);
    const auto verdict = session::report_of(analysis_, asked_, std::nullopt).verdict;
    Count& count = counts_[name];
    ++count.tried;
    if (verdict.status == findings::Status::nothing_to_object) {
      count.missed.push_back(fmt::format("'{}' of {} {} like that of {}: {}", at->source,
                                         model_.sets[holders].name, row, neighbour, verdict.sentence));
    }
  }

  void fields(const pack::Expr& expr, uint32_t set, uint32_t row, std::vector<Field>& found) const {
    if (expr.op == pack::Op::column && expr.hops == 0) {
      const pack::Column& column = good_.sets[set].type->columns[expr.column];
      if (column.kind == pack::ColumnKind::derived)
        fields(*column.derived, set, row, found);
      else if (column.kind == pack::ColumnKind::integer)
        found.push_back({good_.sets[set].address_of(row) + column.offset, column.bits, column.bit_offset});
      else if (column.is(pack::NodeColumn::property)) {
        const walk::Place place = walk::place_of(good_, good_.sets[set], column, row);
        if (place.size > 0) found.push_back({place.address, 64, 0});
      }
    }
    for (const pack::ExprPtr& arg : expr.args) fields(*arg, set, row, found);
  }

  static bool copy(image::PatchedMemory& memory, const Field& from, const Field& to) {
    const size_t length = (from.first_bit + from.bits + 7) / 8;
    std::vector<std::byte> source(length), target(length);
    if (!memory.read(from.address, source) || !memory.read(to.address, target)) return false;
    for (uint64_t bit = from.first_bit; bit < from.first_bit + from.bits; ++bit) {
      const std::byte mask{static_cast<uint8_t>(1U << bit % 8)};
      target[bit / 8] = (target[bit / 8] & ~mask) | (source[bit / 8] & mask);
    }
    return memory.write(to.address, target);
  }

  session::Analysis& analysis_;
  const pack::Model& model_;
  session::Asked asked_;
  walk::World good_;
  std::map<std::string, Count> counts_;
};

int run(int count, char** paths) {
  std::map<std::string, size_t> tried;
  size_t missed = 0;
  for (int i = 0; i < count; ++i) {
    session::ImageArguments arguments;
    arguments.image = paths[i];
    auto analysis = session::analyze(arguments);
    if (!analysis) {
      fmt::print("{}\n", sentence(analysis.error()));
      return 2;
    }
    for (const auto& [set, found] : Sweep(**analysis).run()) {
      tried[set] += found.tried;
      for (const std::string& one : found.missed) fmt::print("MISSED {}: {}: {}\n", paths[i], set, one);
      missed += found.missed.size();
    }
  }
  size_t all = 0;
  for (const auto& [set, number] : tried) {
    fmt::print("  {:<32} {} damages\n", set, number);
    all += number;
  }
  fmt::print("{} pointers of {} kinds got their neighbour's value in {} images: {} not noticed\n", all,
             tried.size(), count, missed);
  return missed != 0 || all == 0 ? 1 : 0;
}

}  // namespace
}  // namespace khover

int main(int argc, char** argv) { return khover::run(argc - 1, argv + 1); }
