// The next kernel: its parameters, its configuration, its strings, the compressions that it comes in.
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstring>

#include "target/command_line.h"
#include "target/config.h"
#include "target/strings.h"
#include "target/unpack.h"

namespace khover::target {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

std::string gzipped(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

TEST(CommandLine, ReadsBooleansAsKstrtobool) {
  for (const auto& [line, value] : std::vector<std::pair<std::string, std::optional<bool>>>{
           {"kho=on", true},
           {"kho=off", false},
           {"kho=1 kho=0", false},
           {"kho=0 kho=y", true},
           {"kho=on kho=what", true},  // an error of kstrtobool() leaves the value
           {"kho=oops", std::nullopt},
           {"kho", std::nullopt},  // a null pointer to kstrtobool()
           {"kho=", std::nullopt},
           {"xkho=on", std::nullopt},
           {"a -- kho=on", std::nullopt},
           {"", std::nullopt},
           {"x=\"a kho=on b\"", std::nullopt},
           {"\"kho=on\"", true},
       })
    EXPECT_EQ(CommandLine(line).boolean("kho"), value) << line;
  EXPECT_EQ(CommandLine("intel-iommu=off").values("intel_iommu"), std::vector<std::string>{"off"});
}

TEST(Config, KnowsWhatIsSet) {
  const auto config =
      read_config("# a comment\nCONFIG_A=y\nCONFIG_B=m\n# CONFIG_C is not set\nCONFIG_D=\"text\"\n", "here");
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->enabled("A"));
  EXPECT_TRUE(config->enabled("B"));
  EXPECT_FALSE(config->enabled("C"));
  EXPECT_FALSE(config->enabled("D"));
  EXPECT_FALSE(config->enabled("E"));
  EXPECT_FALSE(read_config("no configuration\n", "here"));
}

TEST(Config, IsFoundInAKernel) {
  const std::string kernel =
      "code IKCFG_ST that is only a string\0more" + ("IKCFG_ST" + gzipped("CONFIG_A=y\n")) + "IKCFG_ED rest";
  const auto config = carried_config(bytes_of(kernel));
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->enabled("A"));
  EXPECT_FALSE(carried_config(bytes_of(std::string("IKCFG_ST"))));
  EXPECT_FALSE(carried_config(bytes_of(kernel.substr(0, 55))));
}

TEST(Strings, AreWholeOrTheEndOfLongerOnes) {
  const std::string first("a\0luo-v5\0not-memfd-v2\0kho-v4x\0", 31), second("\0memblock-v1", 12);
  const Strings strings({bytes_of(first), bytes_of(second)});
  EXPECT_EQ(strings.find("luo-v5"), Strings::Found::whole);
  EXPECT_EQ(strings.find("a"), Strings::Found::whole);
  EXPECT_EQ(strings.find("memfd-v2"), Strings::Found::inside);
  EXPECT_EQ(strings.find("kho-v4"), Strings::Found::no);
  EXPECT_EQ(strings.find("memblock-v1"), Strings::Found::no);  // without its end, it may be longer
}

TEST(Strings, SayTheRelease) {
  const std::string text("Linux version %s (%s)\0Linux version 7.3.4-a (x@y)\n\0", 51);
  EXPECT_EQ(Strings({bytes_of(text)}).release(), "7.3.4-a");
  EXPECT_EQ(Strings({bytes_of(std::string("Linux version 7"))}).release(), "");
}

TEST(Unpack, IgnoresWhatFollowsTheStream) {
  const std::string text(100000, 'x'), packed = gzipped(text) + "the size";
  const auto out = unpack(bytes_of(packed), "here");
  ASSERT_TRUE(out);
  EXPECT_EQ(out->size(), text.size());
}

TEST(Unpack, RefusesWhatIsCutOrDamaged) {
  const std::string packed = gzipped(std::string(5000, 'x') + "y");
  for (size_t size = 4; size < packed.size(); ++size)
    EXPECT_FALSE(unpack(bytes_of(packed.substr(0, size)), "here")) << size;
  EXPECT_EQ(compression_of(bytes_of(packed)), "gzip");
  // The beginning of each format, and nothing that it promises.
  for (const std::string& magic :
       {std::string("\xfd"
                    "7zXZ\0",
                    6),
        std::string("]\0\0", 3), std::string("BZh9"), std::string("\x28\xb5\x2f\xfd"),
        std::string("\x89LZO\0\r\n\x1a\n", 9), std::string("\x02\x21\x4c\x18")}) {
    EXPECT_NE(compression_of(bytes_of(magic + "x")), "");
    for (const char fill : {'\0', '\1', '\x7f', '\xff'}) {
      for (const size_t size : {1, 20, 100, 4000})
        EXPECT_FALSE(unpack(bytes_of(magic + std::string(size, fill)), "here")) << magic << size;
    }
  }
  EXPECT_FALSE(unpack(bytes_of(std::string("plain text")), "here"));
}

}  // namespace
}  // namespace khover::target
