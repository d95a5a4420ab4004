// What an ELF core, raw or compressed, says about each address; against a map of bytes as oracle.
#include <gtest/gtest.h>
#include <zstd.h>

#include <map>
#include <random>

#include "image/image.h"
#include "image_elf_builder.h"

namespace khover::image {
namespace {

class ImageMemory : public testing::Test {
 protected:
  // The image, or a test failure and an empty one.
  Image open_bytes(const std::string& bytes, const OpenOptions& options = {}) {
    Result<Image> image = image::open(folder_.write(bytes), options);
    if (!image) {
      ADD_FAILURE() << sentence(image.error());
      return {};
    }
    return std::move(*image);
  }

  Error refuse(const std::string& bytes, const OpenOptions& options = {}) {
    Result<Image> image = image::open(folder_.write(bytes), options);
    if (image) {
      ADD_FAILURE() << "opened as " << image->format;
      return {};
    }
    EXPECT_FALSE(image.error().remedy.empty());
    return image.error();
  }

  TemporaryFolder folder_;
};

std::string read_text(const Memory& memory, uint64_t phys, size_t size) {
  std::string text(size, '?');
  const auto whole = memory.read(phys, std::as_writable_bytes(std::span(text)));
  return whole ? text : "hole at " + std::to_string(whole.error().address);
}

std::string compress(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3));
  return out;
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ImageMemory, ReadsAcrossSegmentsThatAreNeighboursInMemoryOnly) {
  ElfBuilder core;
  core.load(0x2000, std::string(4096, 'b'));
  core.load(0x9000, std::string(4096, 'x'));
  core.load(0x1000, std::string(4096, 'a'));
  const Image image = open_bytes(core.bytes());
  EXPECT_EQ(read_text(*image.memory, 0x1ffe, 4), "aabb");
  EXPECT_EQ(image.memory->present(), (std::vector<Range>{{0x1000, 0x2000}, {0x9000, 0x1000}}));
  EXPECT_EQ(image.memory->run(0x1ffe).size(), 2u);
  EXPECT_EQ(read_text(*image.memory, 0x2fff, 2), "hole at 12288");
  EXPECT_EQ(image.format, "ELF core");
  EXPECT_EQ(image.machine, Machine::x86_64);
  EXPECT_TRUE(image.warnings.empty());
}

TEST_F(ImageMemory, RunReachesThePageBoundaryAcrossASeamWithinThePage) {
  ElfBuilder core;
  core.load(0x1800, std::string(0x1000, 'b'));
  core.load(0x1000, std::string(0x800, 'a'));
  const Image image = open_bytes(core.bytes());
  EXPECT_GE(image.memory->run(0x1000).size(), 0x1000u);
  EXPECT_EQ(read_text(*image.memory, 0x17ff, 2), "ab");
  EXPECT_EQ(image.memory->present(), (std::vector<Range>{{0x1000, 0x1800}}));
}

// Random segments, unsorted, overlapping, sharing file bytes, unaligned; every address of the little
// address space is compared, so a wrong winner, a lost byte or an invented zero must show.
TEST_F(ImageMemory, AgreesWithAByteMapOnRandomSegments) {
  std::mt19937_64 random(20260101);
  const auto below = [&](uint64_t limit) { return random() % limit; };
  constexpr uint64_t kSpace = 6 * 4096;
  for (int round = 0; round < 200; ++round) {
    ElfBuilder core;
    core.extended_count = below(2) == 0;
    core.data.resize(1 + below(8192));
    for (char& byte : core.data) byte = static_cast<char>(below(256));
    std::map<uint64_t, char> oracle;
    const uint64_t count = 1 + below(12);
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t align = below(3) == 0 ? 1 : 512;
      const uint64_t offset = below(core.data.size());
      const uint64_t size = 1 + below(core.data.size() - offset);
      const uint64_t memory_size = below(4) == 0 ? 1 + below(2 * size) : size;
      const uint64_t phys = 0x100000 + below(kSpace) / align * align;
      core.load(phys, offset, size, memory_size);
      // emplace() keeps the first in file order.
      for (uint64_t j = 0; j < std::min(size, memory_size); ++j)
        oracle.emplace(phys + j, core.data[offset + j]);
    }
    const Image image = open_bytes(core.bytes());
    ASSERT_NE(image.memory, nullptr);
    for (uint64_t phys = 0x100000 - 1; phys < 0x100000 + kSpace + 8192 + 1; ++phys) {
      const std::span<const std::byte> run = image.memory->run(phys);
      const auto expected = oracle.find(phys);
      ASSERT_EQ(!run.empty(), expected != oracle.end()) << "round " << round << ", address " << phys;
      if (run.empty()) continue;
      ASSERT_EQ(static_cast<char>(run[0]), expected->second) << "round " << round << ", address " << phys;
      // As far as it reaches, run() holds what is there, and it stops short of a page boundary only at a
      // hole.
      ASSERT_TRUE(oracle.contains(phys + run.size() - 1));
      ASSERT_TRUE((phys + run.size()) % 4096 == 0 || run.size() >= 4096 ||
                  !oracle.contains(phys + run.size()) || run.size() > 4096 - phys % 4096)
          << "round " << round << ", address " << phys;
    }
    uint64_t covered = 0;
    uint64_t last_end = 0;
    for (const Range& range : image.memory->present()) {
      ASSERT_GT(range.start, last_end) << "neither sorted nor joined";
      last_end = range.end();
      covered += range.length;
    }
    ASSERT_EQ(covered, oracle.size());
    const uint64_t phys = 0x100000 + below(kSpace);
    std::string expected;
    while (expected.size() < 9000 && oracle.contains(phys + expected.size())) {
      expected += oracle[phys + expected.size()];
    }
    ASSERT_EQ(read_text(*image.memory, phys, expected.size()), expected);
    ASSERT_EQ(read_text(*image.memory, phys, expected.size() + 1).starts_with("hole at ") ||
                  expected.size() == 9000,
              true);
  }
}

TEST_F(ImageMemory, TheFirstOfOverlappingSegmentsWinsAndOnlyADifferenceIsWorthAWarning) {
  ElfBuilder core;
  core.load(0x1000, std::string(4096, 'a'));
  core.load(0x1800, std::string(4096, 'a'));
  EXPECT_TRUE(open_bytes(core.bytes()).warnings.empty());
  core.load(0x1fff, std::string(1, 'c'));
  const Image image = open_bytes(core.bytes());
  ASSERT_EQ(image.warnings.size(), 1u);
  EXPECT_TRUE(mentions(image.warnings[0], "0x1fff")) << image.warnings[0];
  EXPECT_EQ(read_text(*image.memory, 0x1fff, 1), "a");
}

TEST_F(ImageMemory, ReadsMoreSegmentsThanTheFileHeaderCanCount) {
  ElfBuilder core;
  core.extended_count = true;
  core.data = "0123456789";
  for (uint64_t i = 0; i < 70000; ++i) core.load(0x100000 + i * 4096, i % 10, 1, 1);
  const Image image = open_bytes(core.bytes());
  ASSERT_EQ(image.memory->present().size(), 70000u);
  EXPECT_EQ(read_text(*image.memory, 0x100000 + 69999 * 4096, 1), "9");
}

TEST_F(ImageMemory, BytesThatWereNotCapturedAreAHole) {
  ElfBuilder core;
  core.load(0x1000, std::string(16, 'a')).p_memsz = 4096;
  const Image image = open_bytes(core.bytes());
  EXPECT_EQ(image.memory->present(), (std::vector<Range>{{0x1000, 16}}));
}

TEST_F(ImageMemory, ATruncatedFileHasHolesAndAWarning) {
  ElfBuilder core;
  core.load(0x1000, std::string(4096, 'a'));
  core.load(0x5000, std::string(4096, 'b'));
  core.load(0x8000, std::string(4096, 'c'));
  std::string bytes = core.bytes();
  bytes.resize(bytes.size() - 4096 - 96);
  const Image image = open_bytes(bytes);
  ASSERT_EQ(image.warnings.size(), 1u);
  EXPECT_TRUE(mentions(image.warnings[0], "4192 bytes")) << image.warnings[0];
  EXPECT_EQ(image.memory->present(), (std::vector<Range>{{0x1000, 4096}, {0x5000, 4000}}));
}

TEST_F(ImageMemory, NoPrefixOfACoreBreaksIt) {
  ElfBuilder core;
  core.notes.push_back({"KHOVER", 1, R"({"root":"0x1000"})"});
  core.load(0x1000, std::string(64, 'a'));
  const std::string bytes = core.bytes();
  for (size_t size = 0; size < bytes.size(); ++size) {
    Result<Image> image = image::open(folder_.write(bytes.substr(0, size)), {});
    ASSERT_TRUE(!image || !image->warnings.empty()) << "cut to " << size << " bytes";
  }
}

TEST_F(ImageMemory, HostileHeadersNeitherWrapNorCrash) {
  constexpr uint64_t kMax = ~uint64_t{0};
  const std::vector<uint64_t> values = {0, 1, 4096, uint64_t{1} << 63, kMax - 4096, kMax - 1, kMax};
  for (uint64_t phys : values) {
    for (uint64_t offset : values) {
      for (uint64_t size : values) {
        for (uint64_t memory_size : values) {
          ElfBuilder core;
          core.load(0x700000, std::string(8192, 'a'));
          core.load(phys, 0, size, memory_size).p_offset = offset;
          const Image image = open_bytes(core.bytes());
          ASSERT_NE(image.memory, nullptr);
          ASSERT_LE(image.memory->present().size(), 2u);
          for (const Range& range : image.memory->present()) ASSERT_GE(range.end(), range.start);
          scan_roots(*image.memory);
          read_text(*image.memory, kMax, 2);
          EXPECT_EQ(read_text(*image.memory, 0x700000, 1), phys == 0x700000 ? "?" : "a");
        }
      }
    }
  }
}

TEST_F(ImageMemory, HostileFileHeadersNeitherWrapNorCrash) {
  for (uint64_t value :
       {uint64_t{1}, uint64_t{63}, uint64_t{65}, uint64_t{1} << 40, ~uint64_t{0}, ~uint64_t{0} - 55}) {
    ElfBuilder core;
    core.load(0x1000, std::string(4096, 'a'));
    core.header.e_phoff = value;
    Result<Image> image = image::open(folder_.write(core.bytes()), {});
    ElfBuilder sections;
    sections.load(0x1000, std::string(4096, 'a'));
    sections.header.e_shoff = value;
    sections.header.e_shnum = 0;
    sections.header.e_shentsize = 64;
    sections.header.e_phnum = PN_XNUM;
    image = image::open(folder_.write(sections.bytes()), {});
    sections.header.e_shnum = 0xffff;
    image = image::open(folder_.write(sections.bytes()), {});
  }
}

TEST_F(ImageMemory, RefusesFilesThatWouldNeedManyStitchedPages) {
  ElfBuilder core;
  core.data.assign(4097, 'a');
  core.extended_count = true;
  for (uint64_t i = 0; i < 5000; ++i) core.load(0x1001 + i * 4096, i % 2, 4096, 4096);
  EXPECT_TRUE(mentions(refuse(core.bytes()).what, "split between segments"));
}

TEST_F(ImageMemory, PageAlignedSegmentsNeedNoStitchingHoweverMany) {
  ElfBuilder core;
  core.data.assign(3 * 4096, 'a');
  core.extended_count = true;
  for (uint64_t i = 0; i < 5000; ++i) core.load(0x1000 + i * 4096, i % 2 * 8192, 4096, 4096);
  EXPECT_EQ(open_bytes(core.bytes()).memory->present(), (std::vector<Range>{{0x1000, 5000 * 4096}}));
}

TEST_F(ImageMemory, SaysWhenOverlapsAreTooManyToCompare) {
  ElfBuilder core;
  core.data.assign(4096, 'a');
  for (uint64_t i = 0; i < 2000; ++i) core.load(0x1000, i, 2048, 2048);
  const Image image = open_bytes(core.bytes());
  ASSERT_EQ(image.warnings.size(), 1u);
  EXPECT_TRUE(mentions(image.warnings[0], "too often")) << image.warnings[0];
}

TEST_F(ImageMemory, SegmentsWithoutAPhysicalAddressAreNoMemory) {
  ElfBuilder core;
  core.load(~uint64_t{0}, std::string(4096, 'v'));
  core.load(0x1000, std::string(4096, 'a'));
  const Image image = open_bytes(core.bytes());
  EXPECT_TRUE(image.warnings.empty());
  EXPECT_EQ(image.memory->present(), (std::vector<Range>{{0x1000, 4096}}));
}

TEST_F(ImageMemory, NamesWhatItCannotRead) {
  const auto core_with = [](auto change) {
    ElfBuilder core;
    core.load(0x1000, std::string(4096, 'a'));
    change(core);
    return core.bytes();
  };
  EXPECT_TRUE(
      mentions(refuse(core_with([](ElfBuilder& core) { core.header.e_ident[EI_CLASS] = ELFCLASS32; })).what,
               "32-bit"));
  EXPECT_TRUE(
      mentions(refuse(core_with([](ElfBuilder& core) { core.header.e_ident[EI_DATA] = ELFDATA2MSB; })).what,
               "big-endian"));
  EXPECT_TRUE(
      mentions(refuse(core_with([](ElfBuilder& core) { core.header.e_type = ET_EXEC; })).what, "not a core"));
  EXPECT_TRUE(mentions(refuse(core_with([](ElfBuilder& core) { core.header.e_phnum = 999; })).what,
                       "program headers"));
  EXPECT_TRUE(mentions(refuse(core_with([](ElfBuilder& core) { core.segments.clear(); })).what,
                       "without any captured"));
  EXPECT_TRUE(mentions(refuse(core_with([](ElfBuilder& core) {
                         core.segments[0].p_paddr = 0;
                         core.load(0, "x");
                       })).what,
                       "user process"));
  EXPECT_TRUE(mentions(refuse("\x7f"
                              "ELF")
                           .what,
                       "truncated"));
  EXPECT_TRUE(mentions(refuse("not a dump at all").remedy, "--raw-base"));
  EXPECT_TRUE(mentions(refuse("DISKDUMP" + std::string(4096, '\0')).what, "diskdump"));
  EXPECT_TRUE(
      mentions(refuse("LibvirtQemudSave" + std::string(4096, '\0')).remedy, "virsh dump --memory-only"));
  EXPECT_TRUE(mentions(refuse("QEVM" + std::string(4096, '\0')).remedy, "dump-guest-memory"));
  EXPECT_TRUE(mentions(refuse("KDUMP   " + std::string(40, '\0')).what, "truncated within its header"));
  EXPECT_TRUE(mentions(refuse("KDUMP   " + std::string(4096, '\0')).what, "page size"));
  EXPECT_TRUE(mentions(refuse("makedumpfile" + std::string(40, '\0')).what, "flattened header"));
  EXPECT_TRUE(mentions(refuse("makedumpfile" + std::string(5000, '\0')).remedy, "makedumpfile -R"));
  EXPECT_TRUE(mentions(refuse("").what, "empty"));
  EXPECT_TRUE(mentions(image::open(folder_.path("absent"), {}).error().what, "No such file"));
  EXPECT_TRUE(mentions(image::open(folder_.path(""), {}).error().what, "directory"));
  ASSERT_EQ(::mkfifo(folder_.path("fifo").c_str(), 0600), 0);
  EXPECT_TRUE(mentions(image::open(folder_.path("fifo"), {}).error().what, "not a regular file"));
}

TEST_F(ImageMemory, SaysWhenItMayNotRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const std::string path = folder_.write("x", "secret");
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  EXPECT_TRUE(mentions(image::open(path, {}).error().what, "Permission denied"));
}

TEST_F(ImageMemory, RawIsPlacedAtItsBase) {
  OpenOptions options;
  options.raw_base = 0x40000000;
  const Image image = open_bytes("abcdef", options);
  EXPECT_EQ(read_text(*image.memory, 0x40000002, 4), "cdef");
  EXPECT_EQ(image.memory->present(), (std::vector<Range>{{0x40000000, 6}}));
  EXPECT_EQ(image.format, "raw, base 0x40000000");
  options.raw_base = ~uint64_t{0} - 4;
  EXPECT_TRUE(mentions(refuse("abcdef", options).what, "address space"));
}

TEST_F(ImageMemory, ReadsZstdOfManyFramesAndSparseContent) {
  ElfBuilder core;
  core.load(0x1000, std::string(1 << 20, '\0') + std::string(4096, 'z'));
  const std::string bytes = core.bytes();
  const std::string frames = compress(bytes.substr(0, 1000)) + compress("") + compress(bytes.substr(1000));
  const Image image = open_bytes(frames);
  EXPECT_EQ(image.format, "ELF core, zstd");
  EXPECT_EQ(read_text(*image.memory, 0x1000 + (1 << 20) - 1, 3), std::string("\0zz", 3));
  OpenOptions raw;
  raw.raw_base = 0;
  EXPECT_EQ(read_text(*open_bytes(compress("hello"), raw).memory, 0, 5), "hello");
}

TEST_F(ImageMemory, RefusesDamagedZstd) {
  ElfBuilder core;
  core.load(0x1000, std::string(5000, 'a') + "tail");
  const std::string frame = compress(core.bytes());
  for (size_t size = 4; size < frame.size(); ++size) {
    ASSERT_TRUE(mentions(refuse(frame.substr(0, size)).what, "truncated")) << size;
  }
  ASSERT_TRUE(mentions(refuse(frame + frame.substr(0, 3)).what, "truncated"));
  ASSERT_TRUE(mentions(refuse(frame + "garbage").what, "damaged"));
  std::string flipped = frame;
  flipped[8] ^= 0x55;
  EXPECT_FALSE(image::open(folder_.write(flipped), {}));
  EXPECT_TRUE(mentions(refuse(compress("")).what, "nothing"));
}

}  // namespace
}  // namespace khover::image
