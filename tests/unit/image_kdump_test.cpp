// kdump-compressed files, built by hand: what is a hole, what is refused, how long run()'s bytes live.
// Whole dumps in every variant, and damage at random: tests/e2e/formats.
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "image/image.h"
#include "image_elf_builder.h"

namespace khover::image {
namespace {

constexpr size_t kBlock = 4096;

template <typename T>
void put(std::string& bytes, size_t at, T value) {
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

// Four frames of memory; 1 and 2 are dumped and plain, frame n full of the letter 'a' + n.
struct KdumpBuilder {
  std::string header = std::string(kBlock, '\0');
  std::string sub_header = std::string(kBlock, '\0');
  std::string bitmaps = std::string(2 * kBlock, '\0');
  std::string descriptors = std::string(2 * 24, '\0');
  std::string pages;

  KdumpBuilder() {
    std::memcpy(header.data(), "KDUMP   ", 8);
    put<uint32_t>(header, 8, 6);
    std::memcpy(header.data() + 12 + 4 * 65, "x86_64", 6);
    put<uint32_t>(header, 428, kBlock);
    put<uint32_t>(header, 432, 1);  // blocks of the sub header
    put<uint32_t>(header, 436, 2);  // blocks of the bitmaps
    put<uint32_t>(header, 440, 4);
    put<uint64_t>(sub_header, 96, 4);
    bitmaps[0] = 0xf;
    bitmaps[kBlock] = 0x6;
    for (size_t i = 0; i < 2; ++i) {
      put<uint64_t>(descriptors, i * 24, 4 * kBlock + 48 + i * kBlock);
      put<uint32_t>(descriptors, i * 24 + 8, kBlock);
      pages += std::string(kBlock, static_cast<char>('b' + i));
    }
  }
  std::string bytes() const { return header + sub_header + bitmaps + descriptors + pages; }
};

class Kdump : public testing::Test {
 protected:
  Result<Image> open(const KdumpBuilder& dump) { return image::open(folder_.write(dump.bytes()), {}); }
  static std::string text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  TemporaryFolder folder_;
};

TEST_F(Kdump, ReadsPagesAndLeavesHoles) {
  const Result<Image> image = open({});
  ASSERT_TRUE(image) << sentence(image.error());
  EXPECT_EQ(image->format, "kdump-compressed");
  EXPECT_EQ(image->machine, Machine::x86_64);
  EXPECT_EQ(image->memory->present(), (std::vector<Range>{{kBlock, 2 * kBlock}}));
  EXPECT_EQ(image->facts.ram->value, (std::vector<Range>{{0, 4 * kBlock}}));
  EXPECT_EQ(image->facts.page_size->value, kBlock);
  EXPECT_TRUE(image->memory->run(0).empty());
  EXPECT_TRUE(image->memory->run(3 * kBlock).empty());
  EXPECT_TRUE(image->memory->run(~uint64_t{0}).empty());
  // What run() gave out stays as it is while others come and go.
  const auto first = image->memory->run(kBlock + 10);
  const auto second = image->memory->run(2 * kBlock);
  EXPECT_EQ(text(first), std::string(kBlock - 10, 'b'));
  EXPECT_EQ(text(second), std::string(kBlock, 'c'));
  std::array<std::byte, 20> across{};
  EXPECT_TRUE(image->memory->read(2 * kBlock - 10, across));
  EXPECT_EQ(text(across), std::string(10, 'b') + std::string(10, 'c'));
  EXPECT_EQ(image->memory->read(3 * kBlock - 10, across).error(), Hole{3 * kBlock});
}

TEST_F(Kdump, UnwrittenAndDamagedPagesAreHoles) {
  KdumpBuilder dump;
  put<uint64_t>(dump.descriptors, 24, 0);
  put<uint32_t>(dump.descriptors, 24 + 8, 0);
  const Result<Image> unwritten = open(dump);
  ASSERT_TRUE(unwritten);
  EXPECT_EQ(unwritten->memory->present(), (std::vector<Range>{{kBlock, kBlock}}));
  ASSERT_EQ(unwritten->warnings.size(), 1u);
  EXPECT_NE(unwritten->warnings[0].find("truncated"), std::string::npos);

  dump = {};
  for (const uint32_t flag : {0x1, 0x2, 0x4, 0x20, 0x3}) {  // no such stream; two compressions at once
    put<uint32_t>(dump.descriptors, 12, flag);
    const Result<Image> image = open(dump);
    ASSERT_TRUE(image);
    EXPECT_TRUE(image->memory->run(kBlock).empty()) << flag;
    EXPECT_FALSE(image->memory->run(2 * kBlock).empty()) << flag;
  }
}

TEST_F(Kdump, RefusesSizesThatTheFileDoesNotHave) {
  const auto refuse = [&](size_t at, uint32_t value, std::string KdumpBuilder::* part) {
    KdumpBuilder dump;
    put<uint32_t>(dump.*part, at, value);
    const Result<Image> image = open(dump);
    return image ? std::string("accepted") : image.error().what;
  };
  for (const uint32_t block : {0u, 1u, 2048u, 5000u, 131072u, 0xffffffffu}) {
    EXPECT_NE(refuse(428, block, &KdumpBuilder::header), "accepted") << block;
  }
  for (const uint32_t blocks : {3u, 1000u, 0x7fffffffu, 0xffffffffu}) {
    EXPECT_NE(refuse(432, blocks, &KdumpBuilder::header), "accepted") << blocks;
    EXPECT_NE(refuse(436, blocks, &KdumpBuilder::header), "accepted") << blocks;
  }
  EXPECT_NE(refuse(436, 0, &KdumpBuilder::header), "accepted");
  for (const size_t byte : {96, 99, 100, 103}) {  // frames, far more than the bitmaps have
    EXPECT_NE(refuse(byte, 0xffffffff, &KdumpBuilder::sub_header), "accepted") << byte;
  }
  KdumpBuilder cut;
  cut.bitmaps[kBlock] = 0xf;
  cut.pages.clear();
  EXPECT_FALSE(open(cut));  // four descriptors promised, two there
}

TEST_F(Kdump, IncompleteDumpsSaySo) {
  KdumpBuilder dump;
  put<uint32_t>(dump.header, 424, 0x8);
  dump.descriptors.replace(0, 24, 24, '\0');
  const Result<Image> image = open(dump);
  ASSERT_TRUE(image);
  EXPECT_EQ(image->memory->present(), (std::vector<Range>{{2 * kBlock, kBlock}}));
  ASSERT_EQ(image->warnings.size(), 1u);
  EXPECT_NE(image->warnings[0].find("incomplete"), std::string::npos);
}

}  // namespace
}  // namespace khover::image
