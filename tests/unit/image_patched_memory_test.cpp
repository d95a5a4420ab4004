// Bytes exchanged in a memory: against a map of bytes as oracle.
#include <gtest/gtest.h>

#include <random>

#include "fake_memory.h"
#include "image/patched_memory.h"

namespace khover::image {
namespace {

TEST(PatchedMemory, ReadsWhatWasWrittenAndTheDumpElsewhere) {
  FakeMemory dump;
  dump.map(0x1800, 0x2a00);  // begins and ends within a page, and two holes follow
  dump.map(0x4400, 0x100);
  std::map<uint64_t, std::byte> expected;
  for (const Range& range : dump.present()) {
    for (uint64_t at = range.start; at < range.end(); ++at) {
      dump.put(at, std::string(1, static_cast<char>(at * 7)));
      expected[at] = static_cast<std::byte>(at * 7);
    }
  }
  PatchedMemory memory(dump);
  std::mt19937 random(3);
  for (int i = 0; i < 200; ++i) {
    const uint64_t at = 0x1700 + random() % 0x3000;
    std::vector<std::byte> bytes(1 + random() % 5000, static_cast<std::byte>(random()));
    bool whole = true;
    for (uint64_t k = 0; k < bytes.size(); ++k) whole = whole && expected.contains(at + k);
    ASSERT_EQ(memory.write(at, bytes), whole) << at;
    for (uint64_t k = 0; whole && k < bytes.size(); ++k) expected[at + k] = bytes[k];
  }
  for (uint64_t at = 0x1000; at < 0x5000; ++at) {
    std::byte one{};
    const bool hole = !memory.read(at, std::span(&one, 1));
    ASSERT_EQ(hole, !expected.contains(at)) << at;
    if (!hole) {
      ASSERT_EQ(one, expected[at]) << at;
    }
    const auto run = memory.run(at);
    for (size_t k = 0; k < run.size(); ++k) ASSERT_EQ(run[k], expected.at(at + k)) << at;
  }
  memory.clear();
  std::byte one{};
  EXPECT_TRUE(memory.read(0x1800, std::span(&one, 1)));
  EXPECT_EQ(one, static_cast<std::byte>(uint8_t(0x1800 * 7)));
}

}  // namespace
}  // namespace khover::image
