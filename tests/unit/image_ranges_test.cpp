// The node of an address, against a list.
#include <gtest/gtest.h>

#include <random>

#include "image/ranges.h"

namespace khover::image {
namespace {

TEST(NodeAt, IsThatOfTheRangeAroundIt) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<NumaRange> nodes;
    std::vector<int64_t> map(64, -1);
    for (uint64_t at = random() % 5; at < 60;) {
      const uint64_t length = 1 + random() % 4;
      nodes.push_back({{at, length}, static_cast<uint32_t>(random() % 3)});
      for (uint64_t i = at; i < at + length; ++i) map[i] = nodes.back().node;
      at += length + random() % 4;
    }
    for (uint64_t at = 0; at < 64; ++at) {
      const auto node = node_at(nodes, at);
      ASSERT_EQ(node ? int64_t{*node} : -1, map[at]);
    }
  }
  EXPECT_FALSE(node_at({}, 0));
}

}  // namespace
}  // namespace khover::image
