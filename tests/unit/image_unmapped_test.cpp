// Cores that are read in place, as /proc/kcore is: the same memory as when they are mapped.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "image/elf_core.h"
#include "image/image.h"
#include "image/unmapped_memory.h"
#include "image_elf_builder.h"

namespace khover::image {
namespace {

class ImageUnmapped : public testing::Test {
 protected:
  TemporaryFolder folder_;
};

output::Descriptor descriptor(const std::string& path) {
  return output::Descriptor(::open(path.c_str(), O_RDONLY));
}

// Segments that overlap, touch and leave holes, with ends anywhere.
ElfBuilder random_core(std::mt19937_64& random) {
  ElfBuilder core;
  for (int i = 0; i < 40; ++i) core.data += std::string(4096, static_cast<char>('a' + i % 26)) + "seam";
  for (uint64_t i = 1 + random() % 12; i > 0; --i) {
    const uint64_t size = random() % 20000;
    core.load(0x10000 + random() % 0x8000, random() % (core.data.size() - size), size, size);
  }
  core.load(0x10000, 0, 1, 1);  // never none
  return core;
}

TEST_F(ImageUnmapped, AgreesWithTheMappedFileOnRandomSegments) {
  std::mt19937_64 random(20261121);
  for (int round = 0; round < 60; ++round) {
    const std::string bytes = random_core(random).bytes();
    const std::string path = folder_.write(bytes);
    const Result<Image> mapped = image::open(path, {});
    ASSERT_TRUE(mapped) << sentence(mapped.error());
    const auto core = read_elf_core(std::as_bytes(std::span(bytes)).first(4096), bytes.size(), path);
    ASSERT_TRUE(core) << sentence(core.error());
    const UnmappedMemory memory(descriptor(path), core->segments);
    ASSERT_EQ(memory.present(), mapped->memory->present());
    for (uint64_t phys = 0x10000 - 2; phys < 0x1e000; phys += 1 + random() % 97) {
      const auto left = mapped->memory->run(phys), right = memory.run(phys);
      ASSERT_EQ(left.empty(), right.empty()) << phys;
      const size_t promised = std::min<size_t>(left.size(), 4096 - phys % 4096);
      ASSERT_GE(right.size(), promised);
      ASSERT_TRUE(std::equal(right.begin(), right.begin() + promised, left.begin())) << std::hex << phys;
      std::vector<std::byte> a(1 + random() % 9000), b(a.size());
      const auto whole = mapped->memory->read(phys, a);
      const auto in_place = memory.read(phys, b);
      ASSERT_EQ(in_place.has_value(), whole.has_value()) << phys;
      if (!whole) {
        ASSERT_EQ(in_place.error().address, whole.error().address) << phys;
      }
      if (whole) {
        ASSERT_EQ(a, b) << std::hex << phys;
      }
    }
  }
}

// What the kernel does not give out (memory that is offline, a device) is a hole, what is beside it is not.
TEST_F(ImageUnmapped, WhatCannotBeReadIsAHole) {
  const std::string path = folder_.write(std::string(3 * 4096, 'x'));
  const UnmappedMemory memory(descriptor(path), {{0x1000, 0, 3 * 4096}, {0x4000, 3 * 4096, 4096}});
  std::vector<std::byte> page(4096);
  EXPECT_TRUE(memory.read(0x3000, page));
  EXPECT_EQ(memory.read(0x3800, page).error(), Hole{0x4000});
  EXPECT_TRUE(memory.run(0x4010).empty());
  EXPECT_EQ(memory.run(0x3ff0).size(), 16u);
}

TEST_F(ImageUnmapped, TheEndOfTheAddressSpace) {
  const std::string path = folder_.write(std::string(8192, 'x'));
  const uint64_t last = ~uint64_t{0} - 0x1fff;
  const UnmappedMemory memory(descriptor(path), {{last, 0, 0x1fff}});
  EXPECT_EQ(memory.run(last + 0x1ffe).size(), 1u);
  EXPECT_TRUE(memory.run(~uint64_t{0}).empty());
  std::vector<std::byte> two(2);
  EXPECT_EQ(memory.read(last + 0x1ffe, two).error(), Hole{~uint64_t{0}});
}

// A page that was looked at stays as it was; a pass over all memory sees what is there now.
TEST_F(ImageUnmapped, PagesThatWereAskedForDoNotChange) {
  const std::string path = folder_.write(std::string(12288, 'x'));
  UnmappedMemory memory(descriptor(path), {{0x1000, 0, 4096}, {0x2000, 4096, 4096}, {0x3000, 8192, 4096}});
  const auto kept = memory.run(0x1000);
  std::fstream(path, std::ios::in | std::ios::out) << std::string(12288, 'y');
  EXPECT_EQ(kept[5], std::byte{'x'});
  EXPECT_EQ(memory.run(0x1005)[0], std::byte{'x'});
  EXPECT_EQ(memory.run(0x2000)[0], std::byte{'y'});
  std::vector<std::byte> one(1);
  EXPECT_TRUE(memory.read(0x3000, one));
  memory.hold();
  EXPECT_TRUE(memory.read(0x3000, one));
  EXPECT_EQ(one[0], std::byte{'y'});
  std::fstream(path, std::ios::in | std::ios::out) << std::string(12288, 'z');
  EXPECT_TRUE(memory.read(0x1000, one));
  EXPECT_EQ(one[0], std::byte{'x'});
  EXPECT_TRUE(memory.read(0x3000, one));
  EXPECT_EQ(one[0], std::byte{'y'});
}

TEST_F(ImageUnmapped, NamesWhatItCannotRead) {
  const auto refused = [](const std::string& path) {
    const Result<Image> image = image::open(path, {});
    return image ? "" : sentence(image.error());
  };
  EXPECT_NE(refused("/proc/self/cmdline").find("is not an ELF core"), std::string::npos);
  EXPECT_NE(refused("/proc/nothing").find("cannot be opened"), std::string::npos);
}

}  // namespace
}  // namespace khover::image
