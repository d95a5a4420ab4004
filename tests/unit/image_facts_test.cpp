// The facts beside the bytes: khover's note, the dump's own headers, the command line.
#include <gtest/gtest.h>

#include "image/image.h"
#include "image_elf_builder.h"

namespace khover::image {
namespace {

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* kFullNote =
    R"({"ram":[["0x0","0x10000000"]],"numa":[["0x0","0x10000000",0]],"scratch":["0xfae4000",48],)"
    R"("pci":[["0000:00:01.0","bridge",null,1],["10000:03:1f.7","endpoint","0000:00:01.0",null]],)"
    R"("root":"0x8a4000","phase":"finalized","page_size":4096})";

TEST(ImageNote, ReadsEveryMember) {
  const Result<Facts> facts = read_note(kFullNote);
  ASSERT_TRUE(facts) << sentence(facts.error());
  EXPECT_EQ(facts->ram->value, (std::vector<Range>{{0, 0x10000000}}));
  EXPECT_EQ(facts->ram->origin, Origin::note);
  ASSERT_EQ(facts->numa->value.size(), 1u);
  EXPECT_EQ(facts->numa->value[0].range, (Range{0, 0x10000000}));
  EXPECT_EQ(facts->numa->value[0].node, 0u);
  EXPECT_EQ(facts->scratch->value, (Range{0xfae4000, 48}));
  ASSERT_EQ(facts->topology->value.size(), 2u);
  const PciFunction& bridge = facts->topology->value[0];
  EXPECT_EQ(bridge.address, (PciAddress{0, 0x08}));
  EXPECT_TRUE(bridge.is_bridge);
  EXPECT_FALSE(bridge.upstream);
  EXPECT_EQ(bridge.group, 1u);
  const PciFunction& endpoint = facts->topology->value[1];
  EXPECT_EQ(endpoint.address, (PciAddress{0x10000, 0x03ff}));
  EXPECT_FALSE(endpoint.is_bridge);
  EXPECT_EQ(endpoint.upstream, bridge.address);
  EXPECT_FALSE(endpoint.group);
  EXPECT_EQ(facts->root->value, 0x8a4000u);
  EXPECT_EQ(facts->phase->value, "finalized");
  EXPECT_EQ(facts->page_size->value, 4096u);
}

TEST(ImageNote, WritesWhatItReads) {
  EXPECT_EQ(write_note(*read_note(kFullNote)), kFullNote);
  EXPECT_EQ(write_note({}), "{}");
  Facts high;
  high.root = Fact<uint64_t>{~uint64_t{0}, Origin::given};
  EXPECT_EQ(read_note(write_note(high))->root->value, ~uint64_t{0});
}

TEST(ImageNote, AbsentMembersAreAbsentFacts) {
  const Result<Facts> facts = read_note("{}");
  ASSERT_TRUE(facts);
  EXPECT_FALSE(facts->ram || facts->numa || facts->scratch || facts->root || facts->phase ||
               facts->page_size);
}

TEST(ImageNote, SortsAndJoinsRam) {
  const Result<Facts> facts =
      read_note(R"({"ram":[["0x3000","0x1000"],["0x0","0x1000"],["0x1000","0x1000"]]})");
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->ram->value, (std::vector<Range>{{0, 0x2000}, {0x3000, 0x1000}}));
}

TEST(ImageNote, NamesTheMemberThatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"rom":1})", "rom"},
      {R"({"ram":[]})", "ram"},
      {R"({"ram":[["0x0"]]})", "ram"},
      {R"({"ram":[["0","0x1000"]]})", "ram"},
      {R"({"ram":[["0x0","0x0"]]})", "ram"},
      {R"({"ram":[["0xffffffffffffffff","0x2"]]})", "ram"},
      {R"({"ram":[[-1,4096]]})", "ram"},
      {R"({"numa":[["0x0","0x1000",0],["0x800","0x1000",1]]})", "numa"},
      {R"({"numa":[["0x0","0x1000",4294967296]]})", "numa"},
      {R"({"pci":[]})", "pci"},
      {R"({"pci":[["0000:00:20.0","endpoint",null,null]]})", "pci"},
      {R"({"pci":[["0000:00:01.8","endpoint",null,null]]})", "pci"},
      {R"({"pci":[["00:01.0","endpoint",null,null]]})", "pci"},
      {R"({"pci":[["0000:00:01.0","switch",null,null]]})", "pci"},
      {R"({"pci":[["0000:00:01.0","bridge","root",null]]})", "pci"},
      {R"({"pci":[["0000:00:01.0","bridge",null,-1]]})", "pci"},
      {R"({"pci":[["0000:00:01.0","bridge",null,1],["0000:00:01.0","bridge",null,2]]})", "pci"},
      {R"({"scratch":["0x0"]})", "scratch"},
      {R"({"root":"0x10000000000000000"})", "root"},
      {R"({"root":"0x"})", "root"},
      {R"({"root":1.5})", "root"},
      {R"({"phase":"later"})", "phase"},
      {R"({"page_size":4097})", "page_size"},
      {R"({"page_size":null})", "page_size"},
  };
  for (const auto& [text, member] : cases) {
    const Result<Facts> facts = read_note(text);
    ASSERT_FALSE(facts) << text;
    EXPECT_TRUE(mentions(sentence(facts.error()), std::string("\"") + member + "\""))
        << sentence(facts.error());
  }
  EXPECT_TRUE(mentions(read_note("{").error().what, "not JSON"));
  EXPECT_TRUE(mentions(read_note("[]").error().what, "object"));
  EXPECT_TRUE(mentions(read_note(std::string(1000000, '[')).error().what, "not JSON"));
}

class ImageFacts : public testing::Test {
 protected:
  Result<Image> open_core(const ElfBuilder& core, const Facts& given = {}) {
    OpenOptions options;
    options.given = given;
    return image::open(folder_.write(core.bytes()), options);
  }

  static ElfBuilder core() {
    ElfBuilder builder;
    builder.load(0x1000, std::string(4096, 'a'));
    builder.load(0x2000, std::string(4096, 'b'));
    return builder;
  }

  TemporaryFolder folder_;
};

TEST_F(ImageFacts, ASlimCoreHasNoRamMap) {
  const Result<Image> image = open_core(core());
  ASSERT_TRUE(image);
  EXPECT_FALSE(image->facts.ram);
}

TEST_F(ImageFacts, AFullDumpStatesItsRam) {
  ElfBuilder builder = core();
  builder.load(0x8000, std::string(16, 'c')).p_memsz = 4096;  // filtered, but RAM
  builder.notes.push_back({"CORE", NT_PRSTATUS, std::string(336, '\0')});
  builder.notes.push_back({"VMCOREINFO", 0, "OSRELEASE=7.3.4\nPAGESIZE=16384\nSYMBOL(x)=0\n"});
  const Result<Image> image = open_core(builder);
  ASSERT_TRUE(image);
  ASSERT_TRUE(image->facts.ram);
  EXPECT_EQ(image->facts.ram->value, (std::vector<Range>{{0x1000, 0x2000}, {0x8000, 0x1000}}));
  EXPECT_EQ(image->facts.ram->origin, Origin::dump);
  ASSERT_TRUE(image->facts.page_size);
  EXPECT_EQ(image->facts.page_size->value, 16384u);
}

TEST_F(ImageFacts, TheNoteOutranksTheDumpAndTheCommandLineOutranksTheNote) {
  ElfBuilder builder = core();
  builder.notes.push_back({"CORE", NT_PRSTATUS, std::string(336, '\0')});
  builder.notes.push_back({"KHOVER", 1, kFullNote});
  Facts given;
  given.root = Fact<uint64_t>{0x1000, Origin::given};
  given.ram = std::nullopt;
  const Result<Image> image = open_core(builder, given);
  ASSERT_TRUE(image) << sentence(image.error());
  EXPECT_EQ(image->facts.ram->origin, Origin::note);
  EXPECT_EQ(image->facts.root->origin, Origin::given);
  EXPECT_EQ(image->facts.root->value, 0x1000u);
  EXPECT_EQ(image->facts.phase->origin, Origin::note);
}

TEST_F(ImageFacts, RefusesABadNote) {
  ElfBuilder unknown = core();
  unknown.notes.push_back({"KHOVER", 1, R"({"moon":1})"});
  EXPECT_TRUE(mentions(sentence(open_core(unknown).error()), "moon"));
  ElfBuilder newer = core();
  newer.notes.push_back({"KHOVER", 2, "{}"});
  EXPECT_TRUE(mentions(open_core(newer).error().what, "type 2"));
  ElfBuilder twice = core();
  twice.notes.push_back({"KHOVER", 1, "{}"});
  twice.notes.push_back({"KHOVER", 1, "{}"});
  EXPECT_TRUE(mentions(open_core(twice).error().what, "two KHOVER notes"));
}

TEST_F(ImageFacts, GivenNumaMustBeDisjoint) {
  Facts given;
  given.numa = Fact<std::vector<NumaRange>>{{{{0, 0x2000}, 0}, {{0x1000, 0x1000}, 1}}, Origin::given};
  EXPECT_TRUE(mentions(sentence(open_core(core(), given).error()), "--numa"));
}

TEST(ParseRanges, ReadsBothForms) {
  const Result<std::vector<Range>> ranges = parse_ranges("0x1000,4096+0x8000-0xa000", "--ram");
  ASSERT_TRUE(ranges);
  EXPECT_EQ(*ranges, (std::vector<Range>{{0x1000, 0x1000}, {0x8000, 0x2000}}));
}

TEST(ParseRanges, RefusesWithTheOptionAndTheRemedy) {
  for (const char* text : {"", "0x1000", "0x1000,", ",0x1000", "0x1000,0", "0x2000-0x1000", "0x1000-0x1000",
                           "1,2+", "-1,2", "0x,1", "1,0xg", "0xffffffffffffffff,2", "0x10000000000000000,1",
                           "1 ,2", "0x1000-0x1fff", "0-0xffffffffffffffff"}) {
    const Result<std::vector<Range>> ranges = parse_ranges(text, "--ram");
    ASSERT_FALSE(ranges) << text;
    EXPECT_TRUE(mentions(ranges.error().where, "--ram")) << text;
    EXPECT_FALSE(ranges.error().remedy.empty()) << text;
  }
  EXPECT_TRUE(mentions(parse_ranges("0x1000-0x1fff", "--ram").error().remedy, "0x1000-0x2000"));
}

}  // namespace
}  // namespace khover::image
