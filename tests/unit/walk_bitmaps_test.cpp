// A preserved memory map that is a list of bitmaps: what it says, against a list of blocks, and what it does
// not know.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "tiny_world.h"

namespace khover::walk {
namespace {

constexpr uint64_t kBitmaps = 0x100000;  // one after the other

// `items`: start is the memory of a bitmap's first bit, length its order, key the address of the bitmap.
std::string bitmaps(uint64_t bytes) {
  return R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  items: {singular: item, in: root, array: {at: items, record: item, count: count}}
  keys:
    singular: key
    in: items
    bitmap:
      at: key
      bytes: )" +
         std::to_string(bytes) + R"(
      key: (1 << (52 - min(item.length, 12))) + (start >> (PAGE_SHIFT + min(item.length, 12)))
)";
}

class BitmapsOf : public testing::TestWithParam<uint64_t> {};  // bytes of a bitmap

TEST_P(BitmapsOf, SayWhatAListOfBlocksSays) {
  const uint64_t bits = GetParam() * 8;
  std::mt19937_64 random(bits);
  for (int round = 0; round < 10; ++round) {
    TinyImage image(bitmaps(GetParam()));
    std::vector<Item> items;
    std::set<std::pair<uint64_t, int>> blocks;  // address, order
    for (int order = 0; order < 4; ++order) {
      for (uint64_t i = 0; i < 2; ++i) {
        const uint64_t start = (2 * i + random() % 2) * bits << (12 + order),
                       at = kBitmaps + items.size() * GetParam();
        image.memory.map(at, GetParam());
        items.push_back({start, static_cast<uint64_t>(order), at, ""});
        for (uint64_t word = 0; word < GetParam() / 8; ++word) {
          const uint64_t value = random() % 4 == 0 ? random() & random() & random() : 0;
          image.memory.put_u64(at + 8 * word, value);
          for (uint64_t bit = 0; bit < 64; ++bit) {
            if ((value >> bit & 1) != 0) blocks.emplace(start + ((word * 64 + bit) << (12 + order)), order);
          }
        }
      }
    }
    image.items(items);
    const World& world = image.walk();
    EXPECT_TRUE(world.has_map);
    EXPECT_FALSE(world.map_unwritten);
    EXPECT_EQ(image.set("tiny.keys").rows, blocks.size());
    for (int order = 0; order < 5; ++order) {
      for (int i = 0; i < 300; ++i) {
        const uint64_t page = (random() % (6 * bits)) << (12 + order);
        EXPECT_EQ(world.map.contains(page, order) == Answer::yes, blocks.count({page, order}) != 0);
      }
      for (const auto& [address, of] : blocks) {
        EXPECT_EQ(world.map.contains(address, order) == Answer::yes, blocks.count({address, order}) != 0);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(WalkBitmaps, BitmapsOf, testing::Values(512, 4096));

TEST(WalkBitmaps, KnowNothingOfWhatABitmapInAHoleMayHold) {
  TinyImage image(bitmaps(512));
  image.memory.map(kBitmaps, 512);
  image.items({{0, 0, kBitmaps, ""}, {uint64_t{4096} << 12, 0, kBitmaps + 0x10000, ""}});
  const World& world = image.walk();
  EXPECT_EQ(world.map.contains(0, 0), Answer::no);
  EXPECT_EQ(world.map.contains(uint64_t{4096} << 12, 0), Answer::unknown);
  EXPECT_EQ(world.map.contains(uint64_t{8192} << 12, 0), Answer::no);
  ASSERT_EQ(image.set("tiny.keys").openings.size(), 1u);
  EXPECT_EQ(image.set("tiny.keys").openings[0].address, kBitmaps + 0x10000);
}

TEST(WalkBitmaps, KnowNothingBehindAHoleInTheirList) {
  TinyImage image(bitmaps(512));
  image.memory.map(kBitmaps, 512);
  image.items({{0, 0, kBitmaps, ""}});
  image.root(8, 2);  // one more than there is
  const World& world = image.walk();
  EXPECT_TRUE(world.has_map);
  EXPECT_EQ(world.map.contains(uint64_t{8192} << 12, 3), Answer::unknown);
  EXPECT_EQ(world.map.contains(0, 0), Answer::no) << "this bitmap is there";
}

TEST(WalkBitmaps, AreNoMapBeforeThereIsOne) {
  TinyImage image(bitmaps(512));
  const World& world = image.walk();
  EXPECT_FALSE(world.has_map);
  EXPECT_TRUE(world.map_unwritten);
}

TEST(WalkBitmaps, BreakOffWhereNoKeyBeginsOrTwoAreForOne) {
  TinyImage image(bitmaps(512));
  image.memory.map(kBitmaps, 2048);
  image.items({{0, 0, kBitmaps, ""},
               {4096, 0, kBitmaps + 512, ""},    // not the first key of a bitmap
               {0, 0, kBitmaps + 1024, ""},      // that of the first
               {4096 << 13, 1, kBitmaps, ""}});  // the same bits for other keys: no harm
  image.walk();
  const RecordSet& keys = image.set("tiny.keys");
  ASSERT_EQ(keys.openings.size(), 2u);
  EXPECT_EQ(keys.openings[0].parent, 1u);
  EXPECT_EQ(keys.openings[1].parent, 2u);
  for (const Opening& opening : keys.openings) EXPECT_EQ(opening.cause, Opening::Cause::broken);
}

}  // namespace
}  // namespace khover::walk
