// Each claim form on worlds small enough to judge by eye: holds, fails, cannot be known.
#include <gtest/gtest.h>

#include "evaluate/evaluate.h"
#include "tiny_world.h"

namespace khover::evaluate {
namespace {

const std::vector<pack::Phase> kFinalized = {pack::Phase::finalized};

class FormOf : public testing::Test {
 protected:
  // One rule with this claim; the caller fills image().
  void claim(const std::string& text) {
    image_ = std::make_unique<TinyImage>(tiny_pack("rules:\n" + tiny_rule("r", text)));
  }
  TinyImage& image() { return *image_; }
  const Outcome& judge() {
    outcomes_ = evaluate(image_->walk(), kFinalized);
    return outcomes_.at(image_->model->find_rule("r"));
  }
  Verdict verdict() { return judge().verdict; }
  // `count` of head says one record more than are present, and the dump ends there.
  void cut_items(const std::vector<Item>& items) {
    image_->memory.map(kItems, kItemSize * items.size());
    image_->root(0, kItems);
    image_->root(8, items.size() + 1);
    for (size_t i = 0; i < items.size(); ++i) {
      image_->memory.put_u64(kItems + kItemSize * i, items[i].start);
      image_->memory.put_u64(kItems + kItemSize * i + 8, items[i].length);
      image_->memory.put_u64(kItems + kItemSize * i + 16, items[i].key);
    }
  }

 private:
  std::unique_ptr<TinyImage> image_;
  std::vector<Outcome> outcomes_;
};

TEST_F(FormOf, Row) {
  claim("for items: start < 10 and key != 7");
  image().items({{1, 0, 1, ""}, {2, 0, 2, ""}});
  const Outcome& outcome = judge();
  EXPECT_EQ(outcome.verdict, Verdict::holds);
  EXPECT_EQ(outcome.records, 2u);
}

TEST_F(FormOf, RowQuotesTheConditionThatFails) {
  claim("for items: start < 10 and key != 7");
  image().items({{1, 0, 1, ""}, {2, 0, 7, ""}, {3, 0, 7, ""}});
  const Outcome& outcome = judge();
  EXPECT_EQ(outcome.verdict, Verdict::violated);
  EXPECT_EQ(outcome.violations, 2u);
  ASSERT_EQ(outcome.violated.size(), 2u);
  EXPECT_EQ(outcome.violated[0].record.row, 1u);
  EXPECT_EQ(outcome.violated[0].expected, "key != 7");
  EXPECT_EQ(outcome.violated[0].found, "key = 7");
  EXPECT_EQ(outcome.violated[0].field, "key");
}

TEST_F(FormOf, RowOfTheEmptySetHolds) {
  claim("for items: start < 10");
  EXPECT_EQ(verdict(), Verdict::holds);
  EXPECT_EQ(judge().records, 0u);
}

TEST_F(FormOf, RowIsUndeterminedWhereRecordsMayBeMissing) {
  claim("for items: start < 10");
  cut_items({{1, 0, 0, ""}});
  const Outcome& outcome = judge();
  EXPECT_EQ(outcome.verdict, Verdict::undetermined);
  EXPECT_EQ(outcome.why, "the dump has no byte at 0x20020");
  claim("for items: start < 10");
  cut_items({{100, 0, 0, ""}});
  EXPECT_EQ(verdict(), Verdict::violated) << "no missing byte can mend it";
}

TEST_F(FormOf, RowNamesTheHoleItReads) {
  claim("for items: zero(start, start + 8)");
  image().items({{0x99000, 0, 0, ""}});
  const Outcome& outcome = judge();
  EXPECT_EQ(outcome.verdict, Verdict::undetermined);
  EXPECT_EQ(outcome.why, "the dump has no byte at 0x99000");
  ASSERT_EQ(outcome.unknown.size(), 1u);
  EXPECT_EQ(outcome.unknown[0].holes, (std::vector<uint64_t>{0x99000}));
}

TEST_F(FormOf, Lookup) {
  const std::string text = "for items: (key, start) in others (key, start) where length > 0";
  claim(text);
  image().items({{1, 0, 5, ""}});
  image().others({{1, 9, 5, ""}, {2, 9, 6, ""}});
  EXPECT_EQ(verdict(), Verdict::holds);
  claim(text);
  image().items({{1, 0, 5, ""}});
  image().others({{1, 0, 5, ""}});
  EXPECT_EQ(verdict(), Verdict::violated) << "where is false for it";
  claim(text);
  image().items({{1, 0, 5, ""}});
  image().others({{1, 9, 6, ""}});
  image().root(24, 1000000);
  EXPECT_EQ(verdict(), Verdict::undetermined) << "an absent record may match";
  claim(text);
  image().items({{1, 0, 5, ""}});
  image().others({{1, 9, 5, ""}});
  image().root(24, 1000000);
  EXPECT_EQ(verdict(), Verdict::holds) << "a present one does";
}

TEST_F(FormOf, Aggregate) {
  claim("for root: count(items where key == 1) == 2 and sum(length of items) == 30");
  image().items({{0, 10, 1, ""}, {0, 15, 1, ""}, {0, 5, 2, ""}});
  EXPECT_EQ(verdict(), Verdict::holds);
  claim("for root: count(items) == 3 and sum(length of items) == 31");
  image().items({{0, 10, 1, ""}, {0, 15, 1, ""}, {0, 5, 2, ""}});
  EXPECT_EQ(judge().violated.at(0).found, "sum(length of items) = 30");
  claim("for root: sum(length of items by root) == 0");
  EXPECT_EQ(verdict(), Verdict::holds);
  claim("for others: sum(length of items by (key) = (start)) == length");
  image().items({{0, 10, 1, ""}, {0, 15, 1, ""}, {0, 5, 2, ""}});
  image().others({{1, 25, 0, ""}, {2, 5, 0, ""}, {3, 0, 0, ""}});
  EXPECT_EQ(verdict(), Verdict::holds);
  claim("for root: count(items) == 1");
  cut_items({{1, 0, 0, ""}});
  EXPECT_EQ(verdict(), Verdict::undetermined);
}

TEST_F(FormOf, Unique) {
  claim("unique (key) in items, (start) in others where start != 0");
  image().items({{0, 0, 1, ""}, {0, 0, 2, ""}});
  image().others({{3, 0, 0, ""}, {0, 0, 0, ""}, {0, 0, 0, ""}});
  EXPECT_EQ(verdict(), Verdict::holds);
  claim("unique (key) in items, (start) in others");
  image().items({{0, 0, 1, ""}, {0, 0, 2, ""}});
  image().others({{2, 0, 0, ""}});
  const Outcome& outcome = judge();
  EXPECT_EQ(outcome.verdict, Verdict::violated);
  ASSERT_EQ(outcome.violated.size(), 1u);
  EXPECT_EQ(outcome.violated[0].record.set, image().model->find_set("tiny.others"));
  ASSERT_TRUE(outcome.violated[0].other);
  EXPECT_EQ(outcome.violated[0].other->row, 1u);
  claim("unique (key) in items");
  cut_items({{0, 0, 1, ""}});
  EXPECT_EQ(verdict(), Verdict::undetermined);
  claim("unique (key) in items");
  cut_items({{0, 0, 1, ""}, {0, 0, 1, ""}});
  EXPECT_EQ(verdict(), Verdict::violated);
}

TEST_F(FormOf, UniqueOfTexts) {
  claim("unique (name) in items");
  image().items({{0, 0, 0, "a"}, {0, 0, 0, std::string("a\0x", 3)}});
  EXPECT_EQ(verdict(), Verdict::violated) << "texts end at the first NUL";
}

TEST_F(FormOf, Determines) {
  claim("in items: (key) determines (start, length)");
  image().items({{1, 2, 7, ""}, {1, 2, 7, ""}, {3, 4, 8, ""}});
  EXPECT_EQ(verdict(), Verdict::holds);
  claim("in items: (key) determines (start, length)");
  image().items({{1, 2, 7, ""}, {1, 3, 7, ""}});
  EXPECT_EQ(judge().violated.at(0).found, "start = 1, length = 3 here, start = 1, length = 2 there");
}

TEST_F(FormOf, Tiles) {
  const std::string text = "for root: [start, +length) in items tile [low, high)";
  const auto with = [&](const std::string& of, const std::vector<Item>& items) {
    claim(of);
    image().items(items);
    image().root(48, 10);
    image().root(56, 30);
    return verdict();
  };
  EXPECT_EQ(with(text, {{20, 10, 0, ""}, {10, 10, 0, ""}}), Verdict::holds);
  EXPECT_EQ(with(text, {{10, 10, 0, ""}}), Verdict::violated);
  EXPECT_EQ(with(text, {{10, 21, 0, ""}}), Verdict::violated);
  EXPECT_EQ(with(text + " overshoot", {{10, 21, 0, ""}}), Verdict::holds);
  EXPECT_EQ(with(text + " overshoot", {{10, 21, 0, ""}, {31, 1, 0, ""}}), Verdict::violated)
      << "one behind the end";
  EXPECT_EQ(with(text, {{10, 11, 0, ""}, {20, 10, 0, ""}}), Verdict::violated) << "overlap";
  EXPECT_EQ(with(text, {{10, 9, 0, ""}, {20, 10, 0, ""}}), Verdict::violated) << "gap";
  EXPECT_EQ(with(text, {}), Verdict::violated);
  claim(text);
  image().items({});
  EXPECT_EQ(verdict(), Verdict::holds) << "nothing tiles the empty range";
  claim(text);
  cut_items({{10, 10, 0, ""}});
  image().root(48, 10);
  image().root(56, 30);
  EXPECT_EQ(verdict(), Verdict::undetermined);
  EXPECT_EQ(judge().unknown.at(0).holes, (std::vector<uint64_t>{kItems + kItemSize}));
}

TEST_F(FormOf, Disjoint) {
  claim("disjoint [start, +length) in items, [start, +length) in others where key == 0");
  image().items({{0x1000, 0x1000, 0, ""}, {0x2000, 0x1000, 0, ""}});
  image().others({{0x3000, 1, 0, ""}, {0x1800, 1, 1, ""}, {0x1800, 0, 0, ""}});
  EXPECT_EQ(verdict(), Verdict::holds);
  claim("disjoint [start, +length) in items, [start, +length) in others");
  image().items({{0x1000, 0x1000, 0, ""}, {0x2000, 0x1000, 0, ""}});
  image().others({{0x2fff, 0x10, 0, ""}});
  const Outcome& outcome = judge();
  EXPECT_EQ(outcome.verdict, Verdict::violated);
  EXPECT_EQ(outcome.violated.at(0).found, "it shares [12287, 12288)");
  EXPECT_EQ(outcome.violated.at(0).other->row, 1u) << "the second of two items that touch";
}

TEST_F(FormOf, Apart) {
  claim("apart [start, +length) in items from [start, +length) in others");
  image().items({{0x1000, 0x1000, 0, ""}, {0x1800, 0x1000, 0, ""}});
  image().others({{0x5000, 0x1000, 0, ""}, {0x5000, 0x1000, 0, ""}});
  EXPECT_EQ(verdict(), Verdict::holds) << "overlaps on one side are not its matter";
  claim("apart [start, +length) in items from [start, +length) in others");
  image().items({{0x1000, 0x1000, 0, ""}, {0x9000, 0x1000, 0, ""}});
  image().others({{0x100, 0x10000, 0, ""}});
  EXPECT_EQ(judge().violations, 2u);
  claim("apart [start, +length) in items from [start, +length) in others");
  image().items({{0x1000, 0x1000, 0, ""}, {0x2000, 0x1000, 0, ""}});
  image().others({{0x100, 0x10, 0, ""}, {0x1800, 0x1000, 0, ""}});
  EXPECT_EQ(judge().violations, 2u) << "records that touch are asked each";
}

TEST_F(FormOf, Within) {
  const std::string text = "for items: [start, +length) within [start, +length) in others";
  const std::string one = "for items: [start, +length) within one [start, +length) in others";
  const auto with = [&](const std::string& of, const Item& item) {
    claim(of);
    image().items({item});
    image().others({{0x1000, 0x1000, 0, ""}, {0x2000, 0x1000, 0, ""}});
    return verdict();
  };
  EXPECT_EQ(with(text, {0x1800, 0x1000, 0, ""}), Verdict::holds);
  EXPECT_EQ(with(one, {0x1800, 0x1000, 0, ""}), Verdict::violated) << "it spans two";
  EXPECT_EQ(with(one, {0x1800, 0x800, 0, ""}), Verdict::holds);
  EXPECT_EQ(with(text, {0x2800, 0x801, 0, ""}), Verdict::violated);
  EXPECT_EQ(with(text, {0, 1, 0, ""}), Verdict::violated);
  EXPECT_EQ(with(text, {0, 0, 0, ""}), Verdict::holds) << "the empty range lies anywhere";
  claim(text);
  image().items({{0x9000, 1, 0, ""}});
  image().others({{0x1000, 0x1000, 0, ""}});
  image().root(24, 1000000);
  EXPECT_EQ(verdict(), Verdict::undetermined);
}

TEST(WithinBy, SeesTheRangesOfItsOwnGroupOnly) {
  TinyImage image(R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  items: {singular: item, in: root, array: {at: items, record: item, count: count}}
  asked: {singular: asked, in: items, array: {at: start, record: link, count: 1}}
  given: {singular: given, in: items, array: {at: length, record: link, count: 1}}
rules:
)" + tiny_rule("r", "for asked: [next, +value) within [next, +value) in given by item"));
  const auto verdict = [&](uint64_t start, uint64_t length) {
    image.memory.put_u64(kChain, start);
    image.memory.put_u64(kChain + 8, length);
    return evaluate(image.walk(), kFinalized).at(image.model->find_rule("r")).verdict;
  };
  image.memory.map(kChain, 64);
  // The first item is given [0x1000, 0x2000), the second [0x2000, 0x3000).
  image.items({{kChain, kChain + 16, 0, ""}, {0, kChain + 32, 0, ""}});
  for (const uint64_t i : {1, 2}) {
    image.memory.put_u64(kChain + 16 * i, 0x1000 * i);
    image.memory.put_u64(kChain + 16 * i + 8, 0x1000);
  }
  EXPECT_EQ(verdict(0x1800, 0x800), Verdict::holds);
  EXPECT_EQ(verdict(0x1800, 0x801), Verdict::violated) << "the rest belongs to the second";
  EXPECT_EQ(verdict(0x2000, 1), Verdict::violated);
  EXPECT_FALSE(
      link_tiny(tiny_pack("rules:\n" + tiny_rule("r", "for items: [start, +1) within walk.data by link"))));
}

TEST_F(FormOf, Acyclic) {
  const auto with = [&](const std::vector<int>& next) {
    claim("acyclic links");
    image().chain(next);
    return verdict();
  };
  EXPECT_EQ(with({1, 2, -1}), Verdict::holds);
  EXPECT_EQ(with({0}), Verdict::violated);
  EXPECT_EQ(with({1, 2, 1}), Verdict::violated);
  EXPECT_EQ(with({1, 2, 0}), Verdict::violated);
  claim("acyclic links");
  image().chain({1, -1});
  image().memory.put_u64(kChain + 16, 0x999000);
  EXPECT_EQ(verdict(), Verdict::undetermined) << "the next link is not in the dump";
}

// A map with two keys, in leaves that the test writes itself: a 4 KiB page at 0x5000, 16 KiB at 0x8000.
class PreservedOf : public FormOf {
 protected:
  static constexpr uint64_t kMap = 0x100000;  // six levels of tables and one bitmap for each order

  void map_claim(const std::string& text) {
    mapped = std::make_unique<TinyImage>(
        "pack: tiny\ntitle: Tiny\nsets:\n"
        "  root: {singular: root, at: root_address, record: head}\n"
        "  items: {singular: item, in: root, array: {at: items, record: item, count: count}}\n"
        "  nodes: {singular: node, in: root, radix: {at: map, depth: '6', table: '9', bitmap: '15'}}\n"
        "  slots: {singular: slot, in: nodes, slots: true}\n"
        "  keys: {singular: key, in: nodes, keys: true}\nrules:\n" +
        tiny_rule("r", text));
    mapped->root(40, kMap);
    mapped->memory.map(kMap, 4096);
    next_page = kMap + 0x10000;
  }
  // Keys as the kernel numbers them: a one above the page number, shifted by the order.
  void add_key(uint64_t phys, int order, bool absent_leaf = false) {
    const uint64_t key = (uint64_t{1} << (52 - order)) | phys >> (12 + order);
    uint64_t node = kMap;
    for (int level = 5; level >= 1; --level) {
      const uint64_t slot = node + 8 * (key >> (15 + 9 * (level - 1)) & 511);
      uint64_t next = 0;
      std::memcpy(&next, mapped->memory.run(slot).data(), 8);
      if (next == 0) {
        next = next_page += 0x1000;
        if (level > 1 || !absent_leaf) mapped->memory.map(next, 4096);
        mapped->memory.put_u64(slot, next);
      }
      node = next;
    }
    if (absent_leaf) return;
    const uint64_t bit = key & 0x7fff;
    const auto byte = std::to_integer<uint8_t>(mapped->memory.run(node + bit / 8)[0]);
    mapped->memory.put(node + bit / 8, std::string(1, static_cast<char>(byte | 1 << (bit % 8))));
  }
  Verdict judge_item(const Item& item) {
    mapped->items({item});
    outcome = evaluate(mapped->walk(), kFinalized).at(0);
    return outcome.verdict;
  }
  Verdict with(const std::string& text, const Item& item) {
    map_claim(text);
    add_key(0x5000, 0);
    add_key(0x8000, 2);
    return judge_item(item);
  }

  std::unique_ptr<TinyImage> mapped;
  uint64_t next_page = 0;
  Outcome outcome;
};

TEST_F(PreservedOf, Covered) {
  const std::string text = "for items: [start, +length) preserved";
  EXPECT_EQ(with(text, {0x5000, 0x1000, 0, ""}), Verdict::holds);
  EXPECT_EQ(with(text, {0x9100, 0x10, 0, ""}), Verdict::holds);
  EXPECT_EQ(with(text, {0x5800, 0x1000, 0, ""}), Verdict::violated);
  EXPECT_EQ(outcome.violated.at(0).found, "no key covers 0x6000");
  EXPECT_EQ(with(text, {0x5000, 0, 0, ""}), Verdict::holds);
  EXPECT_EQ(with(text, {~uint64_t{0}, 2, 0, ""}), Verdict::violated);
}

TEST_F(PreservedOf, AsOneKeyNaturalKeysOrAFolio) {
  const std::string one = "for items: [start, +length) preserved as one key";
  EXPECT_EQ(with(one, {0x8000, 0x4000, 0, ""}), Verdict::holds);
  EXPECT_EQ(with(one, {0x8000, 0x2001, 0, ""}), Verdict::holds) << "the order of an allocation of this size";
  EXPECT_EQ(with(one, {0x8000, 0x2000, 0, ""}), Verdict::violated);
  const std::string folio = "for items: [start, +length) preserved as a folio";
  EXPECT_EQ(with(folio, {0x8000, 0x1000, 0, ""}), Verdict::holds);
  EXPECT_EQ(with(folio, {0x9000, 0x1000, 0, ""}), Verdict::violated) << "a tail page";
  EXPECT_EQ(outcome.violated.at(0).found, "0x9000 is in a key of order 2 at 0x8000");
  const std::string natural = "for items: [start, +length) preserved as natural keys";
  EXPECT_EQ(with(natural, {0x8000, 0x4000, 0, ""}), Verdict::holds);
  EXPECT_EQ(with(natural, {0x8000, 0x2000, 0, ""}), Verdict::violated)
      << "two pages would be a key of order 1";
  map_claim(natural);
  for (const auto& [phys, order] : {std::pair{0x3000, 0}, {0x4000, 2}, {0x8000, 1}, {0xa000, 0}})
    add_key(phys, order);
  EXPECT_EQ(judge_item({0x3000, 0x8000, 0, ""}), Verdict::holds);
}

TEST_F(PreservedOf, ListsItsKeys) {
  map_claim(
      "for keys: (phys == 0x5000 and order == 0 and length == 4096) or (phys == 0x8000 and order == 2 and "
      "length == 16384)");
  add_key(0x5000, 0);
  add_key(0x8000, 2);
  EXPECT_EQ(judge_item({}), Verdict::holds);
  EXPECT_EQ(outcome.records, 2u);
}

TEST_F(PreservedOf, IsUndeterminedWhereTheMapHasAHole) {
  map_claim("for items: [start, +length) preserved");
  add_key(0x5000, 0);
  add_key(0x40000000, 0, true);
  EXPECT_EQ(judge_item({0x5000, 0x1000, 0, ""}), Verdict::holds);
  EXPECT_EQ(judge_item({0x40000000, 0x1000, 0, ""}), Verdict::undetermined);
  ASSERT_FALSE(outcome.unknown.at(0).holes.empty());
  EXPECT_EQ(outcome.unknown.at(0).holes.front(), next_page);
}

}  // namespace
}  // namespace khover::evaluate
