// Which bytes of a file exist, against a map of its bytes.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <random>

#include "image/extents.h"
#include "output/file.h"

namespace khover::image {
namespace {

TEST(Extents, CountAndListAsABytemapDoes) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<bool> map(100);
    std::vector<FileRange> ranges;
    for (uint32_t i = random() % 8; i > 0; --i) {
      const uint64_t from = random() % 100, length = random() % (100 - from);
      ranges.push_back({from, length});
      for (uint64_t at = from; at < from + length; ++at) map[at] = true;
    }
    const Extents extents(ranges);
    for (int query = 0; query < 50; ++query) {
      const uint64_t from = random() % 100, length = random() % (100 - from);
      uint64_t expected = 0;
      for (uint64_t at = from; at < from + length; ++at) expected += map[at] ? 1 : 0;
      ASSERT_EQ(extents.bytes_in(from, length), expected);
      ASSERT_EQ(extents.has_all(from, length), expected == length);
      uint64_t listed = 0, last = from;
      for (const FileRange& one : extents.within(from, length)) {
        ASSERT_GE(one.offset, last);
        ASSERT_LE(one.end(), from + length);
        for (uint64_t at = one.offset; at < one.end(); ++at) ASSERT_TRUE(map[at]);
        listed += one.length;
        last = one.end();
      }
      ASSERT_EQ(listed, expected);
    }
  }
}

TEST(Extents, OfASparseFileAreItsData) {
  const output::Descriptor file = output::nameless_file();
  ASSERT_TRUE(file.valid());
  constexpr uint64_t kSize = uint64_t{1} << 33;
  ASSERT_EQ(ftruncate(file.number(), kSize), 0);
  ASSERT_EQ(pwrite(file.number(), "x", 1, uint64_t{1} << 32), 1);
  const Extents extents = Extents::of(file.number(), kSize);
  if (extents.bytes() == kSize) GTEST_SKIP() << "this file system keeps no account of holes";
  EXPECT_LE(extents.bytes(), 1u << 22);
  EXPECT_TRUE(extents.has_all(uint64_t{1} << 32, 1));
  EXPECT_EQ(extents.bytes_in(0, 4096), 0u);
}

}  // namespace
}  // namespace khover::image
