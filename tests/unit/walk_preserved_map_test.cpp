// The preserved memory map against a plain list of (phys, order).
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <vector>

#include "walk/preserved_map.h"

namespace khover::walk {
namespace {

// One leaf page of bits; keys from its own arithmetic: a one for the order, then the page number.
class KeyList {
 public:
  KeyList(uint32_t page_shift, uint32_t bitmap_bits) : page_shift_(page_shift), bitmap_bits_(bitmap_bits) {}

  void add(uint64_t phys, int order) {
    keys_.insert({phys, order});
    const uint32_t shift = page_shift_ + static_cast<uint32_t>(order);
    const uint64_t key = shift == 64 ? 1 : (uint64_t{1} << (64 - shift)) + (phys >> shift);
    auto& bitmap = leaves_[key >> bitmap_bits_];
    bitmap.resize((size_t{1} << bitmap_bits_) / 8);
    const uint64_t bit = key & ((uint64_t{1} << bitmap_bits_) - 1);
    bitmap[bit / 8] |= static_cast<std::byte>(1 << (bit % 8));
  }
  PreservedMap map() const {
    PreservedMap map(page_shift_, bitmap_bits_);
    for (const auto& [leaf, bitmap] : leaves_) map.add_leaf(leaf << bitmap_bits_, bitmap.data());
    return map;
  }

  bool contains(uint64_t phys, int order) const { return keys_.count({phys, order}) != 0; }
  int order_at(uint64_t phys) const {
    int least = -1;
    for (const auto& [start, order] : keys_) {
      if (start == phys && (least < 0 || order < least)) least = order;
    }
    return least;
  }
  bool covered(uint64_t phys) const {
    for (const auto& [start, order] : keys_) {
      if (phys >= start && phys - start < uint64_t{1} << (page_shift_ + static_cast<uint32_t>(order)))
        return true;
    }
    return false;
  }
  const std::set<std::pair<uint64_t, int>>& keys() const { return keys_; }

 private:
  uint32_t page_shift_, bitmap_bits_;
  std::set<std::pair<uint64_t, int>> keys_;
  std::map<uint64_t, std::vector<std::byte>> leaves_;
};

class PreservedMapOf : public testing::TestWithParam<uint32_t> {
 protected:
  uint32_t page_shift() const { return GetParam(); }
  uint32_t bitmap_bits() const { return GetParam() + 3; }  // one page of bits
};

TEST_P(PreservedMapOf, AgreesWithAPlainList) {
  std::mt19937_64 random(page_shift());
  for (int round = 0; round < 40; ++round) {
    KeyList list(page_shift(), bitmap_bits());
    for (int i = 0; i < 60; ++i) {
      const int order = static_cast<int>(random() % 12);
      const uint64_t page = random() % 4096;
      list.add(page << (page_shift() + static_cast<uint32_t>(order)), order);
    }
    const PreservedMap map = list.map();
    std::vector<uint64_t> places;
    for (const auto& [phys, order] : list.keys()) {
      const uint64_t length = uint64_t{1} << (page_shift() + static_cast<uint32_t>(order));
      for (const uint64_t at : {phys, phys + length, phys + length / 2, phys - length}) places.push_back(at);
    }
    for (int i = 0; i < 200; ++i) places.push_back((random() % (1 << 16)) << page_shift());
    for (const uint64_t at : places) {
      ASSERT_EQ(map.order_at(at), list.order_at(at)) << std::hex << at;
      Key key;
      const Answer answer = map.covering(at, &key);
      ASSERT_EQ(answer == Answer::yes, list.covered(at)) << std::hex << at;
      if (answer == Answer::yes) {
        ASSERT_TRUE(list.contains(key.phys, key.order));
      }
      for (int order = 0; order < 13; ++order) {
        ASSERT_EQ(map.contains(at, order) == Answer::yes, list.contains(at, order))
            << std::hex << at << " order " << order;
      }
    }
  }
}

TEST_P(PreservedMapOf, DecodesWhatItEncodes) {
  const PreservedMap map(page_shift(), bitmap_bits());
  std::mt19937_64 random(7);
  for (int order = 0; order <= map.max_order(); ++order) {
    const uint32_t shift = page_shift() + static_cast<uint32_t>(order);
    for (int i = 0; i < 20; ++i) {
      const uint64_t phys = shift >= 64 ? 0 : random() >> shift << shift;
      const auto key = map.encode(phys, order);
      ASSERT_TRUE(key) << std::hex << phys << " order " << order;
      const Key decoded = map.decode(*key);
      EXPECT_EQ(decoded.phys, phys);
      EXPECT_EQ(decoded.order, order);
    }
    if (shift < 64) {
      EXPECT_FALSE(map.encode(uint64_t{1} << (shift - 1), order)) << "not aligned to its order";
    }
  }
  EXPECT_FALSE(map.encode(0, -1));
  EXPECT_FALSE(map.encode(0, map.max_order() + 1));
}

TEST_P(PreservedMapOf, DecodesKeysThatMeanNothing) {
  const PreservedMap map(page_shift(), bitmap_bits());
  EXPECT_GT(map.decode(0).order, map.max_order());
  EXPECT_LT(map.decode(~uint64_t{0}).order, 0);
}

TEST_P(PreservedMapOf, KnowsNothingBehindAHole) {
  KeyList list(page_shift(), bitmap_bits());
  const uint64_t page = uint64_t{1} << page_shift();
  list.add(3 * page, 0);
  PreservedMap map = list.map();
  EXPECT_EQ(map.hole_address(), std::nullopt);
  const uint64_t far = uint64_t{1} << (bitmap_bits() + page_shift() + 2);
  const uint64_t key = *map.encode(far, 0);
  map.add_hole(key, key + 10, 0xdead000);
  EXPECT_EQ(map.contains(3 * page, 0), Answer::yes);
  EXPECT_EQ(map.contains(far, 0), Answer::unknown);
  EXPECT_EQ(map.contains(far + 20 * page, 0), Answer::no);
  EXPECT_EQ(map.order_at(far), std::nullopt);
  Key found;
  EXPECT_EQ(map.covering(far, &found), Answer::unknown);
  EXPECT_EQ(map.covering(3 * page, &found), Answer::yes);
  EXPECT_EQ(map.hole_address(), 0xdead000u);
}

INSTANTIATE_TEST_SUITE_P(PageSizes, PreservedMapOf, testing::Values(12, 14, 16),
                         [](const auto& of) { return std::to_string((1 << of.param) / 1024) + "K"; });

}  // namespace
}  // namespace khover::walk
