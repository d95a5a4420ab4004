#include <fmt/format.h>

#include <algorithm>

#include "evaluate/forms.h"
#include "evaluate/tuples.h"
#include "walk/vm/program.h"

namespace khover::evaluate {
namespace {

// Of a claim about one number: 16 bytes a record, where an Entry takes several times that.
struct NarrowEntry {
  uint64_t value;
  uint32_t source;  // index into Claim::tuples
  uint32_t row;
};

struct Entry {
  Tuple tuple;
  Tuple right;      // determines
  uint32_t source;  // index into Claim::tuples
  uint32_t row;
};

std::string source_text(const std::vector<pack::ExprPtr>& exprs) {
  std::string text;
  for (const auto& expr : exprs) text += (text.empty() ? "" : ", ") + expr->source;
  return text;
}

std::string tuple_text(Judge& judge, const std::vector<pack::ExprPtr>& exprs, RecordRef record) {
  std::string text;
  for (const auto& expr : exprs) {
    text +=
        (text.empty() ? "" : ", ") + expr->source + " = " + judge.value_text(*expr, record.set, record.row);
  }
  return text;
}

// What the walk meets is often in order already.
template <typename Item, typename Less>
void sort_stably(std::vector<Item>& items, Less less) {
  if (!std::is_sorted(items.begin(), items.end(), less)) std::stable_sort(items.begin(), items.end(), less);
}

// All tuples of all sources, sorted; the first of equal ones is the first that the walk met.
std::vector<Entry> collect(Judge& judge, const std::vector<pack::ExprPtr>* right) {
  std::vector<Entry> entries;
  TupleBatch left_batch, right_batch;
  for (uint32_t s = 0; s < judge.claim.tuples.size(); ++s) {
    const pack::TupleOver& over = judge.claim.tuples[s];
    judge.each_batch(over.set, [&](std::span<const uint32_t> rows) {
      read_tuples(judge.columns, over.tuple, over.set.set, rows, left_batch);
      if (right) read_tuples(judge.columns, *right, over.set.set, rows, right_batch);
      for (size_t i = 0; i < rows.size(); ++i) {
        if (left_batch.known[i] == 0 || (right && right_batch.known[i] == 0)) {
          const RecordRef record{over.set.set, rows[i]};
          std::vector<Judge::Read> reads;
          for (const auto& part : over.tuple) reads.push_back({part.get(), record});
          if (right)
            for (const auto& part : *right) reads.push_back({part.get(), record});
          judge.undecided(record, reads, source_text(over.tuple));
          continue;
        }
        entries.push_back({left_batch.tuples[i], right ? right_batch.tuples[i] : Tuple{}, s, rows[i]});
      }
    });
  }
  sort_stably(entries, [](const Entry& a, const Entry& b) { return a.tuple < b.tuple; });
  return entries;
}

bool is_narrow(const pack::Claim& claim) {
  return std::all_of(claim.tuples.begin(), claim.tuples.end(), [](const pack::TupleOver& over) {
    return over.tuple.size() == 1 && over.tuple[0]->type == pack::Type::integer &&
           walk::width_for(over.tuple[0]->range) == walk::Width::bits64;
  });
}

// As collect(), for claims that are narrow.
std::vector<NarrowEntry> collect_narrow(Judge& judge) {
  std::vector<NarrowEntry> entries;
  walk::Lane lane;
  for (uint32_t s = 0; s < judge.claim.tuples.size(); ++s) {
    const pack::TupleOver& over = judge.claim.tuples[s];
    judge.each_batch(over.set, [&](std::span<const uint32_t> rows) {
      judge.columns.evaluate(*over.tuple[0], over.set.set, rows, lane);
      for (size_t i = 0; i < rows.size(); ++i) {
        if (lane.known[i] == 0)
          judge.undecided({over.set.set, rows[i]}, *over.tuple[0], source_text(over.tuple));
        else
          entries.push_back({static_cast<uint64_t>(lane.values[i]), s, rows[i]});
      }
    });
  }
  sort_stably(entries, [](const NarrowEntry& a, const NarrowEntry& b) { return a.value < b.value; });
  return entries;
}

std::vector<uint32_t> sets_of(const Judge& judge) {
  std::vector<uint32_t> sets;
  for (const auto& over : judge.claim.tuples) sets.push_back(over.set.set);
  return sets;
}

// `same`: whether two entries have the same tuple.
template <typename Item, typename Same>
void judge_unique(Judge& judge, const std::vector<Item>& entries, Same same) {
  size_t first = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!same(entries[i], entries[first])) first = i;
    if (i == first) {
      judge.holds();
      continue;
    }
    const auto& over = judge.claim.tuples[entries[i].source];
    const RecordRef record{over.set.set, entries[i].row};
    Instance instance;
    instance.other = RecordRef{judge.claim.tuples[entries[first].source].set.set, entries[first].row};
    instance.expected = "(" + source_text(over.tuple) + ") unlike that of any other";
    instance.found = tuple_text(judge, over.tuple, record) + ", twice";
    instance.field = over.tuple.back()->source;
    judge.violate(record, std::move(instance));
  }
}

}  // namespace

void decide_unique(Judge& judge) {
  if (is_narrow(judge.claim))
    judge_unique(judge, collect_narrow(judge),
                 [](const NarrowEntry& a, const NarrowEntry& b) { return a.value == b.value; });
  else
    judge_unique(judge, collect(judge, nullptr),
                 [](const Entry& a, const Entry& b) { return a.tuple == b.tuple; });
  judge.close(sets_of(judge));
}

void decide_determines(Judge& judge) {
  const std::vector<Entry> entries = collect(judge, &judge.claim.right);
  const auto& over = judge.claim.tuples[0];
  size_t first = 0;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (!(entries[i].tuple == entries[first].tuple)) first = i;
    if (entries[i].right == entries[first].right) {
      judge.holds();
      continue;
    }
    const RecordRef record{over.set.set, entries[i].row};
    Instance instance;
    instance.other = RecordRef{over.set.set, entries[first].row};
    instance.expected = fmt::format("equal ({}) where ({}) is equal", source_text(judge.claim.right),
                                    source_text(over.tuple));
    instance.found = tuple_text(judge, judge.claim.right, record) + " here, " +
                     tuple_text(judge, judge.claim.right, *instance.other) + " there";
    instance.field = judge.claim.right.front()->source;
    judge.violate(record, std::move(instance));
  }
  judge.close(sets_of(judge));
}

}  // namespace khover::evaluate
