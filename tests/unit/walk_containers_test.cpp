// What the walk follows, and where it stops: shared nodes, counts beyond reason, holes.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tiny_world.h"

namespace khover::walk {
namespace {

TEST(WalkContainers, FollowsAChainOnce) {
  TinyImage image(tiny_pack(""));
  image.chain({1, 2, 0});
  image.walk();
  EXPECT_EQ(image.set("tiny.links").rows, 3u);
  ASSERT_EQ(image.set("tiny.links").openings.size(), 1u);
  EXPECT_EQ(image.set("tiny.links").openings[0].cause, Opening::Cause::broken);
  EXPECT_EQ(image.set("tiny.links").openings[0].address, kChain);
}

TEST(WalkContainers, EndsAChainAtAHole) {
  TinyImage image(tiny_pack(""));
  image.chain({1, -1});
  image.memory.put_u64(kChain + 16, 0x77000);
  image.walk();
  EXPECT_EQ(image.set("tiny.links").rows, 3u) << "the last one is known by its address";
  ASSERT_EQ(image.set("tiny.links").openings.size(), 1u);
  EXPECT_EQ(image.set("tiny.links").openings[0].cause, Opening::Cause::hole);
  EXPECT_EQ(image.set("tiny.links").openings[0].address, 0x77000u);
}

TEST(WalkContainers, TakesASharedNodeOnce) {
  TinyImage image(R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  items: {singular: item, in: root, array: {at: items, record: item, count: count}}
  links: {singular: link, in: items, chain: {at: key, record: link, next: next}}
)");
  image.items({{0, 0, kChain, ""}, {0, 0, kChain + 16, ""}});
  image.chain({1, -1});
  image.walk();
  EXPECT_EQ(image.set("tiny.links").rows, 2u);
  ASSERT_EQ(image.set("tiny.links").openings.size(), 1u);
  EXPECT_EQ(image.set("tiny.links").openings[0].parent, 1u) << "the second one lacks what the first one has";
}

TEST(WalkContainers, BoundsAnArrayByItsCapacityAndByTheDump) {
  const auto with = [](const std::string& capacity, uint64_t count) {
    auto image = std::make_unique<TinyImage>(
        "pack: tiny\ntitle: Tiny\nsets:\n"
        "  root: {singular: root, at: root_address, record: head}\n"
        "  items: {singular: item, in: root, array: {at: items, record: item, count: count" +
        capacity + "}}\n");
    image->items(std::vector<Item>(5));
    image->root(8, count);
    image->walk();
    return image;
  };
  EXPECT_EQ(with(", capacity: 4", 3)->set("tiny.items").rows, 3u);
  const auto beyond = with(", capacity: 4", 5);
  EXPECT_EQ(beyond->set("tiny.items").rows, 4u);
  EXPECT_EQ(beyond->set("tiny.items").openings.at(0).cause, Opening::Cause::broken);
  const auto cut = with("", ~uint64_t{0});
  EXPECT_EQ(cut->set("tiny.items").rows, 5u);
  EXPECT_EQ(cut->set("tiny.items").openings.at(0).cause, Opening::Cause::hole);
  EXPECT_EQ(cut->set("tiny.items").openings.at(0).address, kItems + 5 * kItemSize + 8);
  EXPECT_EQ(with("", 0)->set("tiny.items").rows, 0u);
}

TEST(WalkContainers, ReadsPagesAsIfTheyWereContiguous) {
  TinyImage image(R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  list: {singular: page, in: root, array: {at: others, element: u64, count: 4, until-zero: true}}
  items: {singular: item, in: root, pages: {of: list, page: value, size: 64, record: item, count: count}}
)");
  image.memory.map(kOthers, 32);
  image.root(16, kOthers);
  for (const uint64_t i : {0, 1, 2}) image.memory.put_u64(kOthers + 8 * i, kItems + 0x1000 * i);
  for (const uint64_t i : {0, 1, 2}) image.memory.map(kItems + 0x1000 * i, 64);
  image.root(8, 5);
  image.walk();
  EXPECT_EQ(image.set("tiny.list").rows, 3u);
  EXPECT_EQ(image.set("tiny.items").rows, 5u);
  EXPECT_EQ(image.set("tiny.items").address_of(4), kItems + 0x2000);
  EXPECT_TRUE(image.set("tiny.items").openings.empty());
  image.root(8, 7);
  image.walk();
  EXPECT_EQ(image.set("tiny.items").rows, 6u);
  EXPECT_EQ(image.set("tiny.items").openings.at(0).why, "1 records have no page");
}

TEST(WalkContainers, NumbersChildrenByParent) {
  TinyImage image(R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  items: {singular: item, in: root, array: {at: items, record: item, count: count}}
  links: {singular: link, in: items, when: start == 1, array: {at: key, record: link, count: length}}
)");
  image.items({{1, 2, kChain, ""}, {0, 9, kChain, ""}, {1, 1, kChain + 32, ""}});
  image.chain({-1, -1, -1});
  const World& world = image.walk();
  const RecordSet& links = image.set("tiny.links");
  EXPECT_EQ(links.rows, 3u);
  EXPECT_EQ(links.children_of(0), (std::pair{0u, 2u}));
  EXPECT_EQ(links.children_of(1), (std::pair{2u, 2u}));
  EXPECT_EQ(links.children_of(2), (std::pair{2u, 3u}));
  EXPECT_EQ(world.rows_below(links.index, 2, 0), (std::pair{0u, 3u}));
}

// A radix page whose slots all lead to itself: 512^5 paths, one page.
TEST(WalkContainers, VisitsASharedRadixPageOnce) {
  TinyImage image(
      "pack: tiny\ntitle: Tiny\nsets:\n"
      "  root: {singular: root, at: root_address, record: head}\n"
      "  nodes: {singular: node, in: root, radix: {at: map, depth: '6', table: '9', bitmap: '15'}}\n"
      "  slots: {singular: slot, in: nodes, slots: true}\n"
      "  keys: {singular: key, in: nodes, keys: true}\n");
  constexpr uint64_t kNode = 0x100000;
  image.memory.map(kNode, 4096);
  for (uint64_t i = 0; i < 512; ++i) image.memory.put_u64(kNode + 8 * i, kNode);
  image.root(40, kNode);
  image.walk();
  EXPECT_EQ(image.set("tiny.nodes").rows, 513u);
  EXPECT_EQ(image.set("tiny.keys").rows, 0u);
  EXPECT_FALSE(image.set("tiny.keys").openings.empty());
}

// N arrays, each from its own link to the last one: N²/2 records in memory for N.
TEST(WalkContainers, FollowsOverlappingArraysNoFurtherThanTwiceTheBytesPresent) {
  const std::string pack = R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  items: {singular: item, in: root, array: {at: items, record: item, count: count}}
  links: {singular: link, in: items, array: {at: start, record: link, count: length}}
)";
  uint64_t before = 0;
  for (const uint64_t n : {64, 128, 256, 512}) {
    TinyImage image(pack);
    image.memory.map(kChain, 16 * n);
    std::vector<Item> items;
    for (uint64_t i = 0; i < n; ++i) items.push_back({kChain + 16 * i, n - i, 0, ""});
    image.items(items);
    image.walk();
    const RecordSet& links = image.set("tiny.links");
    uint64_t present = 0;
    for (const image::Range& range : image.memory.present()) present += range.length;
    EXPECT_LE(links.rows * uint64_t{16}, 2 * present);
    EXPECT_GT(links.rows, n) << "the first ones are followed";
    if (before != 0) {
      EXPECT_LE(links.rows, before * 222 / 100) << "an exponent of 1.15";
    }
    before = links.rows;
    ASSERT_FALSE(links.openings.empty());
    EXPECT_EQ(links.openings.back().cause, Opening::Cause::broken);
    EXPECT_EQ(links.openings.back().parent, n - 1) << "the last family is not complete";
  }
}

TEST(WalkContainers, FollowsTwoArraysThatOverlap) {
  TinyImage image(R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  items: {singular: item, in: root, array: {at: items, record: item, count: count}}
  links: {singular: link, in: items, array: {at: start, record: link, count: length}}
)");
  image.memory.map(kChain, 64);
  image.items({{kChain, 4, 0, ""}, {kChain + 16, 3, 0, ""}});
  image.walk();
  EXPECT_EQ(image.set("tiny.links").rows, 7u);
  EXPECT_TRUE(image.set("tiny.links").openings.empty());
}

TEST(WalkContainers, FindTheFirstOpeningOfAFamily) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    RecordSet set;
    const uint64_t count = random() % 20;
    for (uint64_t i = 0; i < count; ++i) {
      const auto parent = static_cast<uint32_t>(random() % 8);
      set.open({Opening::Cause::hole, parent == 7 ? kNone : parent, i, ""});
    }
    for (uint32_t parent = 0; parent < 8; ++parent) {
      const auto first = std::find_if(set.openings.begin(), set.openings.end(), [&](const Opening& opening) {
        return opening.parent == kNone || opening.parent == parent;
      });
      EXPECT_EQ(set.opening_below(parent), first == set.openings.end() ? nullptr : &*first);
    }
  }
}

TEST(WalkContainers, ReadsNothingWithoutARoot) {
  TinyImage image(tiny_pack(""));
  image.facts.root.reset();
  image.walk();
  EXPECT_EQ(image.set("tiny.root").rows, 0u);
}

}  // namespace
}  // namespace khover::walk
