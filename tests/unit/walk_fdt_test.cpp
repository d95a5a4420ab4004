// Device trees: what libfdt wrote is read back; what is damaged is survived.
#include <gtest/gtest.h>
#include <libfdt.h>

#include <random>

#include "tiny_world.h"
#include "walk/vm/columns.h"

namespace khover::walk {
namespace {

const std::string kFdtPack = R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, fdt: {at: root_address, limit: '0x10000'}, properties: {compatible: {property: compatible, type: text}, place: {property: place, type: u64}}}
  parts: {singular: part, in: root, nodes: true, properties: {data: {property: data, type: u64}, small: {property: small, type: u32}}}
)";

std::string tree() {
  std::string blob(4096, '\0');
  char* fdt = blob.data();
  const uint64_t place = 0x1122334455667788, data = 0x99000;
  const uint32_t small = 7;
  EXPECT_EQ(fdt_create(fdt, 4096), 0);
  EXPECT_EQ(fdt_finish_reservemap(fdt), 0);
  fdt_begin_node(fdt, "");
  fdt_property_string(fdt, "compatible", "tiny-v2");
  fdt_property(fdt, "place", &place, sizeof place);
  fdt_begin_node(fdt, "first");
  fdt_property(fdt, "data", &data, sizeof data);
  fdt_property(fdt, "small", &small, sizeof small);
  fdt_end_node(fdt);
  fdt_begin_node(fdt, "second");
  fdt_property(fdt, "data", &data, 4);  // too short
  fdt_end_node(fdt);
  fdt_end_node(fdt);
  EXPECT_EQ(fdt_finish(fdt), 0);
  blob.resize(fdt_totalsize(fdt));
  return blob;
}

class FdtImage : public TinyImage {
 public:
  explicit FdtImage(const std::string& blob) : TinyImage(kFdtPack) {
    facts.root->value = kItems;
    memory.map(kItems, blob.size());
    memory.put(kItems, blob);
    walk();
  }
  int64_t number(const std::string& set, const std::string& column, uint32_t row = 0) {
    Columns columns(world);
    const uint32_t index = model->find_set(set);
    return static_cast<int64_t>(columns.column(index, model->sets[index].find(column), row).value);
  }
  std::string text(const std::string& set, const std::string& column, uint32_t row = 0) {
    return world.strings.text(static_cast<uint64_t>(number(set, column, row)));
  }
};

TEST(WalkFdt, ReadsPropertiesInTheWritersByteOrder) {
  FdtImage image(tree());
  EXPECT_EQ(image.number("tiny.root", "sound"), 1);
  EXPECT_EQ(image.text("tiny.root", "compatible"), "tiny-v2");
  EXPECT_EQ(image.number("tiny.root", "compatible.terminated"), 1);
  EXPECT_EQ(image.number("tiny.root", "place"), 0x1122334455667788);
  ASSERT_EQ(image.set("tiny.parts").rows, 2u);
  EXPECT_EQ(image.text("tiny.parts", "name", 0), "first");
  EXPECT_EQ(image.number("tiny.parts", "data", 0), 0x99000);
  EXPECT_EQ(image.number("tiny.parts", "small", 0), 7);
  EXPECT_EQ(image.number("tiny.parts", "data.bytes", 1), 4);
  EXPECT_EQ(image.number("tiny.parts", "data", 1), 0) << "a property that is too short has no value";
  EXPECT_EQ(image.number("tiny.parts", "small.bytes", 1), -1);
}

TEST(WalkFdt, IsNotSoundBeyondTheLimit) {
  std::string blob = tree();
  fdt_set_totalsize(blob.data(), 0x20000);
  FdtImage image(blob);
  EXPECT_EQ(image.number("tiny.root", "sound"), 0);
  EXPECT_EQ(image.number("tiny.root", "totalsize"), 0x20000);
  EXPECT_EQ(image.set("tiny.parts").rows, 0u);
}

TEST(WalkFdt, IsNotSoundWhenItIsNone) {
  FdtImage image(std::string(64, 'x'));
  EXPECT_EQ(image.number("tiny.root", "sound"), 0);
  EXPECT_EQ(image.set("tiny.parts").rows, 0u);
}

TEST(WalkFdt, SurvivesTenThousandDamagedOnes) {
  const std::string sound = tree();
  std::mt19937_64 random(1);
  uint32_t still_sound = 0;
  for (int round = 0; round < 10000; ++round) {
    std::string blob = sound;
    for (uint64_t i = 1 + random() % 4; i > 0; --i) {
      const size_t at = random() % blob.size();
      switch (random() % 4) {
        case 0:
          blob[at] = static_cast<char>(blob[at] ^ 1 << random() % 8);
          break;
        case 1:
          blob[at] = static_cast<char>(random());
          break;
        case 2: {
          const uint32_t value = random() % 3 == 0 ? 0xffffffff : static_cast<uint32_t>(random() % 512);
          const size_t word = at / 4 * 4;
          if (word + 4 <= blob.size()) fdt32_st(blob.data() + word, value);
          break;
        }
        default:
          blob.resize(1 + random() % sound.size());
          break;
      }
      if (blob.size() < 2) break;
    }
    FdtImage image(blob);
    const RecordSet& root = image.set("tiny.root");
    ASSERT_LE(image.set("tiny.parts").rows, sound.size());
    if (root.rows == 0) continue;
    still_sound += image.number("tiny.root", "sound") == 1;
    for (const pack::Column& column : root.type->columns) image.number("tiny.root", column.name);
    for (uint32_t row = 0; row < image.set("tiny.parts").rows; ++row) {
      for (const pack::Column& column : image.set("tiny.parts").type->columns)
        image.number("tiny.parts", column.name, row);
    }
  }
  EXPECT_GT(still_sound, 100u) << "or the damage never reaches what lies behind the check";
}

}  // namespace
}  // namespace khover::walk
