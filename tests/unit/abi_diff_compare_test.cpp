// Versions, what they cover, and readings of bytes.
#include <gtest/gtest.h>

#include "abi_diff/compare.h"

namespace khover::abi_diff {
namespace {

using namespace abi;

Constant text_macro(const std::string& name, const std::string& text, const std::string& file = "a.h") {
  return {name, std::nullopt, text, file, 1};
}

Field number(const std::string& name, uint64_t offset, uint64_t size) {
  Field field;
  field.name = name;
  field.offset = offset;
  field.size = field.element_size = size;
  field.type = size == 8 ? "u64" : "u32";
  return field;
}

Record record(const std::string& name, std::vector<Field> fields) {
  Record one;
  one.name = name;
  one.file = "a.h";
  one.alignment = 1;
  for (const Field& field : fields) one.size = std::max(one.size, field.offset + field.size);
  one.fields = std::move(fields);
  return one;
}

Snapshot snapshot_of(const Record& one, const std::string& version) {
  Snapshot snapshot;
  snapshot.source.arch = "x86_64";
  snapshot.records[one.name] = one;
  snapshot.constants["PARCEL_COMPATIBLE"] = text_macro("PARCEL_COMPATIBLE", version);
  return snapshot;
}

Verdict verdict_of(const Snapshot& before, const Snapshot& after) {
  return compare({before, {}}, {after, {}}, {})->verdict;
}

TEST(Versions, AreStringsWithANumberOrMacrosThatSaySo) {
  EXPECT_TRUE(is_version(text_macro("X", "luo-v5")));
  EXPECT_TRUE(is_version(text_macro("X", "luo-v5;block-v1")));
  EXPECT_TRUE(is_version(text_macro("PCI_COMPATIBLE", "pci")));
  EXPECT_TRUE(is_version({"PCI_VERSION", 2, std::nullopt, "a.h", 1}));
  EXPECT_FALSE(is_version(text_macro("X", "preserved-data")));
  EXPECT_FALSE(is_version(text_macro("X", "luo-v5;block")));
  EXPECT_FALSE(is_version(text_macro("X", "-v5")));
  EXPECT_FALSE(is_version({"COMPAT_LENGTH", 48, std::nullopt, "a.h", 1}));
}

TEST(Versions, StepsAreToldApart) {
  EXPECT_EQ(compare_versions("luo-v5", "luo-v5"), VersionStep::same);
  EXPECT_EQ(compare_versions("luo-v5", "luo-v6"), VersionStep::raised);
  EXPECT_EQ(compare_versions("luo-v10", "luo-v9"), VersionStep::lowered);
  EXPECT_EQ(compare_versions("pci-v2", "pci"), VersionStep::other);
  EXPECT_EQ(compare_versions("luo-v5", "luo-v5;block-v1"), VersionStep::other);
  EXPECT_EQ(compare_versions("luo-v5;block-v1", "luo-v5;block-v2"), VersionStep::raised);
  EXPECT_EQ(compare_versions("1", "2"), VersionStep::raised);
  EXPECT_EQ(compare_versions("luo-v99999999999999999999", "luo-v1"), VersionStep::other);
}

TEST(Covers, StrongerOriginsComeFirst) {
  Snapshot snapshot;
  for (const char* name : {"PARCEL_COMPATIBLE", "CRATE_COMPATIBLE"})
    snapshot.constants[name] = text_macro(name, "x-v1");
  DocumentedCovers documented;
  read_documented_covers(
      "/**\n * DOC: all\n * see CRATE_COMPATIBLE\n */\n/**\n * struct lid_ser - A lid.\n * Bump "
      "PARCEL_COMPATIBLE.\n */\n",
      "a.h", snapshot, documented);
  const auto origin = [&](const std::string& name) {
    const std::vector<Cover> covers = covers_of(snapshot, name, "a.h", {}, documented);
    return covers.size() == 1 ? covers[0].macro + " " + covers[0].origin : "";
  };
  EXPECT_EQ(origin("lid_ser"), "PARCEL_COMPATIBLE kernel-doc");
  EXPECT_EQ(origin("lid_ser.inner"), "PARCEL_COMPATIBLE kernel-doc");
  EXPECT_EQ(origin("parcel_ser"), "PARCEL_COMPATIBLE name");
  EXPECT_EQ(origin("bag_ser"), "CRATE_COMPATIBLE DOC block");
  EXPECT_EQ(covers_of(snapshot, "bag_ser", "a.h", {}, {}).size(), 2u);  // all of the header
  EXPECT_TRUE(covers_of(snapshot, "bag_ser", "b.h", {}, {}).empty());
  EXPECT_EQ(covers_of(snapshot, "bag_ser", "b.h", {{"CRATE_COMPATIBLE", {"bag*"}}}, {}).at(0).origin,
            "stated");
}

TEST(Compare, MembersThatExchangePlacesAreABreak) {
  const Snapshot before =
      snapshot_of(record("parcel_ser", {number("a", 0, 8), number("b", 8, 8)}), "parcel-v1");
  const Snapshot after =
      snapshot_of(record("parcel_ser", {number("b", 0, 8), number("a", 8, 8)}), "parcel-v1");
  EXPECT_EQ(verdict_of(before, after), Verdict::broken);
  EXPECT_EQ(verdict_of(before, before), Verdict::same);
  EXPECT_FALSE(layouts_agree(before, before.records.at("parcel_ser"), after, after.records.at("parcel_ser")));
  const Snapshot bumped = snapshot_of(after.records.at("parcel_ser"), "parcel-v2");
  EXPECT_EQ(verdict_of(before, bumped), Verdict::bumped);
}

TEST(Compare, RefusesSnapshotsOfDifferentMachines) {
  const Snapshot before = snapshot_of(record("parcel_ser", {number("a", 0, 8)}), "parcel-v1");
  Snapshot after = before;
  after.source.page_size = 65536;
  EXPECT_FALSE(compare({before, {}}, {after, {}}, {}));
}

TEST(Readings, TellValuesFromBytes) {
  Reading bits{"pfn", 4, 12, Meaning::number, {}};
  EXPECT_EQ(value_text(bits, {0x10, 0x32}, true), "0x321");
  Reading negative{"a", 0, 16, Meaning::signed_number, {}};
  EXPECT_EQ(value_text(negative, {0xff, 0xff}, true), "-0x1");
  EXPECT_EQ(value_text({"a", 0, 32, Meaning::number, {}}, {1, 2, 3, 4}, false), "0x1020304");
  EXPECT_EQ(value_text({"a", 8, 8, Meaning::truth, {}}, {0, 2}, true), "true");
  EXPECT_EQ(value_text({"a", 64, 8, Meaning::number, {}}, {0, 2}, true), "");
}

}  // namespace
}  // namespace khover::abi_diff
