// Slim cores read back as they were written: bytes, holes, facts, more segments than 16 bits count.
#include <gtest/gtest.h>

#include "image/core_writer.h"
#include "image_elf_builder.h"

namespace khover::image {
namespace {

Result<void> write(const std::string& path, const Image& dump, const std::vector<Range>& pieces,
                   const Facts& facts) {
  Result<output::File> file = output::File::create(path, kCoreMode);
  if (!file) return tl::unexpected(file.error());
  if (auto done = write_core(*file, dump.machine, *dump.memory, pieces, facts); !done) return done;
  return file->commit();
}

TEST(CoreWriter, IsReadBackByteByByte) {
  const TemporaryFolder folder;
  std::string content(1 << 20, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7 / 3);
  ElfBuilder core;
  core.load(0x10000, content);
  const Result<Image> dump = image::open(folder.write(core.bytes()), {});
  ASSERT_TRUE(dump);
  std::vector<Range> pieces;
  for (uint64_t at = 0x10003; at + 5 < 0x110000; at += 15) pieces.push_back({at, 1 + at % 13});
  ASSERT_GT(pieces.size(), 65535u);
  Facts facts;
  facts.root = Fact<uint64_t>{0x12000, Origin::dump};
  facts.ram = Fact<std::vector<Range>>{{{0, 0x200000}}, Origin::dump};
  facts.page_size = Fact<uint64_t>{4096, Origin::dump};
  const std::string path = folder.path("small");
  ASSERT_TRUE(write(path, *dump, pieces, facts));

  const Result<Image> small = image::open(path, {});
  ASSERT_TRUE(small) << sentence(small.error());
  EXPECT_EQ(small->memory->present(), pieces);
  EXPECT_EQ(small->machine, Machine::x86_64);
  EXPECT_EQ(small->facts.root->value, 0x12000u);
  EXPECT_EQ(small->facts.root->origin, Origin::note);
  EXPECT_EQ(small->facts.ram->value, facts.ram->value);
  for (const Range& piece : pieces) {
    const auto bytes = small->memory->run(piece.start);
    ASSERT_EQ(bytes.size(), piece.length);
    ASSERT_EQ(std::memcmp(bytes.data(), content.data() + (piece.start - 0x10000), piece.length), 0);
  }
}

TEST(CoreWriter, LeavesNothingBehindWhenItFails) {
  const TemporaryFolder folder;
  ElfBuilder core;
  core.load(0x10000, std::string(4096, 'x'));
  const Result<Image> dump = image::open(folder.write(core.bytes()), {});
  ASSERT_TRUE(dump);
  const std::string path = folder.path("small");
  EXPECT_FALSE(write(path, *dump, {{0x20000, 1}}, {}));
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path("")), {}), 1);
  EXPECT_FALSE(write(folder.path("no/folder"), *dump, {}, {}));
}

}  // namespace
}  // namespace khover::image
