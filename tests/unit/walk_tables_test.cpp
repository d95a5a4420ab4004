// Tables that hardware walks, and references to records of other sets.
#include <gtest/gtest.h>

#include "tiny_world.h"

namespace khover::walk {
namespace {

constexpr uint64_t kTable = 0x100000;  // and every 4 KiB from there
constexpr uint64_t kPage = 0x1000;

// Bit 0: present, bit 7: a leaf above level 0.
const char* const kPack = R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  items: {singular: item, in: root, array: {at: items, record: item, count: count}}
  tables: {singular: table, in: items, table: {at: start, level: length}}
  entries:
    singular: entry
    in: tables
    entries: {element: u64, count: PAGE_SIZE / 8, next: next}
    derive:
      leaf: value & 1 == 1 and (table.level == 0 or value & 0x80 != 0)
      next: if(value & 1 == 1 and not leaf, value & 0xffffffffff000, 0)
)";

class WalkTables : public testing::Test {
 protected:
  WalkTables() : image(kPack) {}
  void tops(const std::vector<Item>& items) { image.items(items); }
  void table(int page) { image.memory.map(kTable + kPage * static_cast<uint64_t>(page), kPage); }
  void entry(int page, uint64_t index, uint64_t value) {
    image.memory.put_u64(kTable + kPage * static_cast<uint64_t>(page) + 8 * index, value);
  }
  void lead(int page, uint64_t index, int to) {
    entry(page, index, (kTable + kPage * static_cast<uint64_t>(to)) | 1);
  }
  const RecordSet& tables() const { return image.set("tiny.tables"); }
  const RecordSet& entries() const { return image.set("tiny.entries"); }
  TinyImage image;
};

TEST_F(WalkTables, GoesDownLevelByLevel) {
  tops({{kTable, 2, 0, ""}});
  for (const int page : {0, 1, 2, 3}) table(page);
  lead(0, 5, 1);
  lead(0, 511, 2);
  lead(1, 0, 3);
  entry(1, 7, 0x40000081);  // a leaf of level 1
  entry(3, 9, 0x50001);
  image.walk();
  ASSERT_EQ(tables().rows, 4u);
  EXPECT_EQ(std::get<Records>(tables().content).numbers, (std::vector<uint64_t>{2, 1, 1, 0})) << "levels";
  EXPECT_TRUE(tables().openings.empty());
  EXPECT_EQ(entries().rows, 5u) << "entries of 0 are no rows";
  EXPECT_EQ(entries().children_of(2), (std::pair{4u, 4u})) << "page 2 is empty";
  EXPECT_EQ(entries().address_of(1), kTable + 511 * 8);
  EXPECT_EQ(entries().extent_of(1).first_index, 511u);
}

TEST_F(WalkTables, ReadsEachPageOnce) {
  tops({{kTable, 4, 0, ""}});
  for (const int page : {0, 1}) table(page);
  for (uint64_t i = 0; i < 512; ++i) {  // 512 to the power of 4 ways
    lead(0, i, i % 2 == 0 ? 0 : 1);
    lead(1, i, 1);
  }
  image.walk();
  EXPECT_EQ(tables().rows, 2u);
  EXPECT_EQ(entries().rows, 1024u);
  ASSERT_FALSE(tables().openings.empty());
  EXPECT_LE(tables().openings.size(), 5u);
  EXPECT_EQ(tables().openings[0].cause, Opening::Cause::broken);
}

TEST_F(WalkTables, TakesAPageOfTwoTablesForTheFirst) {
  tops({{kTable, 1, 0, ""}, {kTable + kPage, 1, 0, ""}});
  for (const int page : {0, 1, 2}) table(page);
  lead(0, 0, 2);
  lead(1, 0, 2);
  image.walk();
  EXPECT_EQ(tables().rows, 3u);
  EXPECT_EQ(tables().parent_of(1), 0u);
  ASSERT_EQ(tables().openings.size(), 1u);
  EXPECT_EQ(tables().openings[0].parent, 1u);
}

TEST_F(WalkTables, EndsAtPagesThatAreAbsent) {
  tops({{kTable, 1, 0, ""}, {kTable + kPage, 1, 0, ""}});
  table(0);
  for (uint64_t i = 0; i < 512; ++i) lead(0, i, 100 + static_cast<int>(i));
  image.walk();
  EXPECT_EQ(tables().rows, 1u);
  ASSERT_EQ(tables().openings.size(), 2u) << "one for each table, not for each entry";
  EXPECT_EQ(tables().openings[0].cause, Opening::Cause::hole);
  EXPECT_EQ(tables().openings[0].address, kTable + 100 * kPage);
  EXPECT_EQ(tables().openings[1].address, kTable + kPage);
}

TEST_F(WalkTables, RefusesLevelsThatNoHardwareHas) {
  tops({{kTable, ~uint64_t{0}, 0, ""}});
  table(0);
  image.walk();
  EXPECT_EQ(tables().rows, 0u);
  EXPECT_EQ(tables().openings.at(0).cause, Opening::Cause::broken);
}

TEST(WalkReferences, LeadToRecordsOfTheOtherSetOnly) {
  TinyImage image(R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  items:
    singular: item
    in: root
    array: {at: items, record: item, count: count}
    derive: {end: start + length}
  others: {singular: other, in: root, array: {at: others, record: item, count: other_count}}
  chosen: {singular: chosen item, in: others, at: key, one-of: items}
  links: {singular: link, in: chosen, at: end, record: link}
)");
  image.items({{0, 0, 0, ""}, {kChain, 16, 0, ""}});
  image.others({{0, 0, kItems + kItemSize, ""},      // an item
                {0, 0, kItems + kItemSize + 8, ""},  // the middle of one
                {0, 0, 0, ""},                       // none
                {0, 0, kItems + kItemSize, ""}});    // the same again
  image.chain({-1, -1});
  image.walk();
  const RecordSet& chosen = image.set("tiny.chosen");
  ASSERT_EQ(chosen.rows, 2u);
  EXPECT_EQ(chosen.parent_of(1), 3u);
  ASSERT_EQ(chosen.openings.size(), 1u);
  EXPECT_EQ(chosen.openings[0].parent, 1u);
  EXPECT_EQ(chosen.openings[0].cause, Opening::Cause::broken);
  EXPECT_EQ(image.set("tiny.links").address_of(0), kChain + 16) << "what the item derives, the reference has";
}

TEST(WalkReferences, AreOpenWhereTheOtherSetIs) {
  TinyImage image(R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  items: {singular: item, in: root, array: {at: items, record: item, count: count}}
  others: {singular: other, in: root, array: {at: others, record: item, count: other_count}}
  chosen: {singular: chosen item, in: others, at: key, one-of: items}
)");
  image.items({{0, 0, 0, ""}});
  image.root(8, 9);  // eight more, which the dump lacks
  image.others({{0, 0, kItems + 3 * kItemSize, ""}});
  image.walk();
  EXPECT_EQ(image.set("tiny.chosen").rows, 0u);
  EXPECT_EQ(image.set("tiny.chosen").openings.at(0).cause, Opening::Cause::hole);
}

}  // namespace
}  // namespace khover::walk
