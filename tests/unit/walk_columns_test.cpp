// Column programs: what bytes mean as fields, and three-valued logic where bytes are missing.
#include <gtest/gtest.h>

#include <random>

#include "tiny_world.h"
#include "walk/vm/columns.h"

namespace khover::walk {
namespace {

const std::string kBitsPack = R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: bits}
)";

class FieldsOf {
 public:
  explicit FieldsOf(const std::string& bytes) : image_(kBitsPack), columns_(image_.world) {
    image_.memory.put(kRoot, bytes);
    image_.walk();
  }
  int64_t operator[](const std::string& name) {
    const auto value = columns_.column(0, image_.model->sets[0].find(name), 0);
    EXPECT_TRUE(value.known);
    return static_cast<int64_t>(value.value);
  }

 private:
  TinyImage image_;
  Columns columns_;
};

std::string little_endian(uint64_t value, size_t size) {
  std::string bytes(size, '\0');
  std::memcpy(bytes.data(), &value, size);
  return bytes;
}

TEST(WalkColumns, ReadsBitFieldsUnalignedAndSignedFields) {
  FieldsOf fields(little_endian(0xabc'fedcba9876543, 8) + "\x7f" + little_endian(0xfffffffe, 4) + "\x34\x12" +
                  "\xa0");
  EXPECT_EQ(fields["pfn"], 0xfedcba9876543);
  EXPECT_EQ(fields["flags"], 0xabc);
  EXPECT_EQ(fields["small"], 0x7f);
  EXPECT_EQ(fields["odd"], -2);
  EXPECT_EQ(fields["half"], 0x1234);
  EXPECT_EQ(fields["sign"], -3);  // 0b101 of three bits
}

TEST(WalkColumns, ReadsBitFieldsOfRandomBytes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 500; ++i) {
    const uint64_t low = random(), high = random();
    FieldsOf fields(little_endian(low, 8) + little_endian(high, 8));
    EXPECT_EQ(fields["pfn"], static_cast<int64_t>(low & 0xfffffffffffff));
    EXPECT_EQ(fields["flags"], static_cast<int64_t>(low >> 52));
    EXPECT_EQ(fields["odd"], static_cast<int32_t>(high >> 8));
    EXPECT_EQ(fields["sign"], static_cast<int64_t>(high) >> 61);
  }
}

TEST(WalkColumns, ReadsTexts) {
  TinyImage image(tiny_pack(""));
  image.items({{0, 0, 0, "abc"}, {0, 0, 0, "12345678"}, {0, 0, 0, std::string("a\0b", 3)}, {}});
  const World& world = image.walk();
  Columns columns(world);
  const uint32_t set = image.model->find_set("tiny.items");
  const auto value = [&](const std::string& column, uint32_t row) {
    return columns.column(set, world.model->sets[set].find(column), row).value;
  };
  const auto text = [&](uint32_t row) {
    return world.strings.text(static_cast<uint64_t>(value("name", row)));
  };
  EXPECT_EQ(text(0), "abc");
  EXPECT_EQ(text(1), "12345678");
  EXPECT_EQ(text(2), "a");
  EXPECT_EQ(text(3), "");
  const std::vector<std::array<int, 3>> expected = {{1, 1, 3}, {0, 1, 8}, {1, 0, 1}, {1, 1, 0}};
  for (uint32_t row = 0; row < 4; ++row) {
    EXPECT_TRUE(value("name.terminated", row) == expected[row][0]) << row;
    EXPECT_TRUE(value("name.tail_zero", row) == expected[row][1]) << row;
    EXPECT_TRUE(value("name.length", row) == expected[row][2]) << row;
  }
}

// Records that a hole cuts, and runs that end inside a record, are read field by field.
TEST(WalkColumns, ReadsAcrossRunsAndStopsAtHoles) {
  TinyImage image(R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head}
  one: {singular: one, in: root, at: items, record: item}
)");
  image.root(0, 0x20ff4);
  image.memory.map(0x20ff4, 12);  // ends inside `length`
  image.memory.map(0x21000, 8);   // goes on there, and ends inside `key`
  image.memory.put_u32(0x20ff4, 7);
  image.memory.put_u32(0x20ffc, 0x11111111);
  image.memory.put_u32(0x21000, 0x22222222);
  const World& world = image.walk();
  Columns columns(world);
  std::vector<uint64_t> holes;
  columns.trace_holes(&holes);
  const auto read = [&](const std::string& column) {
    return columns.column(1, world.model->sets[1].find(column), 0);
  };
  EXPECT_TRUE(read("start").value == 7);
  EXPECT_TRUE(read("length").value == 0x2222222211111111);
  EXPECT_TRUE(holes.empty());
  EXPECT_FALSE(read("key").known);
  EXPECT_EQ(holes, (std::vector<uint64_t>{0x21008}));
}

enum Truth { no, yes, unknown };
constexpr Truth kTruths[] = {no, yes, unknown};

// `first` and `second` are fields of records of which nothing, or nothing useful, is present.
class ThreeValued {
 public:
  ThreeValued(const std::string& claim, Truth first, Truth second) {
    TinyImage image(
        "pack: tiny\ntitle: Tiny\nsets:\n"
        "  root: {singular: root, at: root_address, record: head}\n"
        "  a: {singular: a, in: root, at: items, record: link}\n"
        "  b: {singular: b, in: a, at: root.others, record: link}\nrules:\n" +
        tiny_rule("r", "for b: " + claim));
    place(image, 0, kItems, first);
    place(image, 16, kOthers, second);
    const World& world = image.walk();
    Columns columns(world);
    const auto value =
        columns.evaluate(*image.model->rules[0].claim.predicate, image.model->find_set("tiny.b"), 0);
    result = !value.known ? unknown : value.value != 0 ? yes : no;
  }
  Truth result;

 private:
  static void place(TinyImage& image, uint64_t pointer, uint64_t at, Truth truth) {
    image.root(pointer, at);
    image.memory.map(at, truth == unknown ? 8 : 16);  // `value` is after byte 8
    if (truth != unknown) image.memory.put_u64(at + 8, truth == yes ? 1 : 0);
  }
};

TEST(WalkColumns, KnowsWhatEitherSideDecides) {
  for (const Truth a : kTruths) {
    for (const Truth b : kTruths) {
      const Truth both = a == no || b == no ? no : a == yes && b == yes ? yes : unknown;
      const Truth either = a == yes || b == yes ? yes : a == no && b == no ? no : unknown;
      const Truth not_a = a == unknown ? unknown : a == yes ? no : yes;
      const Truth implied = not_a == yes || b == yes ? yes : not_a == no && b == no ? no : unknown;
      EXPECT_EQ(ThreeValued("a.value == 1 and value == 1", a, b).result, both) << a << b;
      EXPECT_EQ(ThreeValued("a.value == 1 or value == 1", a, b).result, either) << a << b;
      EXPECT_EQ(ThreeValued("a.value == 1 => value == 1", a, b).result, implied) << a << b;
      EXPECT_EQ(ThreeValued("not a.value == 1", a, b).result, not_a) << a << b;
      const Truth sum = a == unknown || b == unknown ? unknown : a == yes && b == yes ? yes : no;
      EXPECT_EQ(ThreeValued("a.value + value == 2", a, b).result, sum) << a << b;
    }
  }
}

TEST(WalkColumns, ChoosesBetweenKnownAndUnknown) {
  EXPECT_EQ(ThreeValued("if(a.value == 1, 1, value) == 1", yes, unknown).result, yes);
  EXPECT_EQ(ThreeValued("if(a.value == 1, value, 1) == 1", yes, unknown).result, unknown);
  EXPECT_EQ(ThreeValued("if(value == 1, 1, 1) == 1", yes, unknown).result, unknown);
}

// Functions, on the fields of one record.
class FunctionOf : public testing::Test {
 protected:
  Truth holds(const std::string& claim, const Item& item, uint64_t page_size = 4096) {
    TinyImage image(tiny_pack("rules:\n" + tiny_rule("r", "for items: " + claim)), page_size);
    image.items({item});
    if (ram) image.facts.ram = image::Fact<std::vector<image::Range>>{*ram, image::Origin::given};
    const World& world = image.walk();
    Columns columns(world);
    const auto value =
        columns.evaluate(*image.model->rules[0].claim.predicate, image.model->find_set("tiny.items"), 0);
    return !value.known ? unknown : value.value != 0 ? yes : no;
  }
  std::optional<std::vector<image::Range>> ram;
};

TEST_F(FunctionOf, NumbersAndPages) {
  EXPECT_EQ(holds("pages(start) == 2", {4097, 0, 0, ""}), yes);
  EXPECT_EQ(holds("pages(start) == 0", {0, 0, 0, ""}), yes);
  EXPECT_EQ(holds("pages(start) == 1", {4097, 0, 0, ""}, 65536), yes);
  EXPECT_EQ(holds("order_of(start) == 0", {1, 0, 0, ""}), yes);
  EXPECT_EQ(holds("order_of(start) == 1", {4097, 0, 0, ""}), yes);
  EXPECT_EQ(holds("order_of(start) == 52", {~uint64_t{0}, 0, 0, ""}), yes);
  EXPECT_EQ(holds("min(start, length) == 3 and max(start, length) == 5", {3, 5, 0, ""}), yes);
  EXPECT_EQ(holds("if(start < length, 1, 2) == 1", {3, 5, 0, ""}), yes);
  EXPECT_EQ(holds("start - length < 0", {3, 5, 0, ""}), yes);
  EXPECT_EQ(holds("start + length > 0xffffffffffffffff", {~uint64_t{0}, 1, 0, ""}), yes);
  EXPECT_EQ(holds("PAGE_SIZE == 16384 and PAGE_SHIFT == 14", {}, 16384), yes);
  EXPECT_EQ(holds("sizeof(item) == 32 and LIMIT == 10", {}), yes);
}

TEST_F(FunctionOf, NamesAndVersions) {
  EXPECT_EQ(holds(R"(known("thing", name))", {0, 0, 0, "thing-v2"}), yes);
  EXPECT_EQ(holds(R"(known("thing", name))", {0, 0, 0, "thing-v0"}), no);
  EXPECT_EQ(holds(R"(known("thing", name))", {0, 0, 0, "thing-v3"}), unknown);  // newer than every served one
  EXPECT_EQ(holds(R"(known("thing", name))", {0, 0, 0, "thong-v3"}), no);
  EXPECT_EQ(holds(R"(known("nothing", name))", {0, 0, 0, "thing-v1"}), no);
  EXPECT_EQ(holds("is_version(start, 2)", {2, 0, 0, ""}), yes);
  EXPECT_EQ(holds("is_version(start, 2)", {1, 0, 0, ""}), no);
  EXPECT_EQ(holds("is_version(start, 2)", {3, 0, 0, ""}), unknown);
  EXPECT_EQ(holds(R"(stem(name) == "thing-v")", {0, 0, 0, "thing-v2"}), yes);
  EXPECT_EQ(holds(R"(stem(name) == "2")", {0, 0, 0, "2"}), yes);
  EXPECT_EQ(holds(R"(stem(name) == "plain")", {0, 0, 0, "plain"}), yes);
  EXPECT_EQ(holds("MAGIC == \"tiny-v2\"", {}), yes);
}

TEST_F(FunctionOf, BytesAndRam) {
  EXPECT_EQ(holds("zero(_addr + 8, _addr + 16)", {5, 0, 6, ""}), yes);
  EXPECT_EQ(holds("zero(_addr + 8, _addr + 17)", {5, 0, 6, ""}), no);
  EXPECT_EQ(holds("zero(_addr + 8, _addr + 8)", {5, 1, 6, ""}), yes);
  EXPECT_EQ(holds("zero(_addr + 24, _addr + 1000)", {5, 1, 6, ""}), unknown);
  EXPECT_EQ(holds("zero(_addr, _addr + 1000)", {5, 1, 6, ""}), no);
  EXPECT_EQ(holds("zero(start, start + 100)", {~uint64_t{0} - 3, 0, 0, ""}), unknown);
  EXPECT_EQ(holds("in_known_ram(start, 16)", {0x5000, 0, 0, ""}), yes);  // nothing is known of RAM
  ram = {{0x1000, 0x1000}, {0x8000, 0x1000}};
  EXPECT_EQ(holds("in_known_ram(start, 4096)", {0x1000, 0, 0, ""}), yes);
  EXPECT_EQ(holds("in_known_ram(start, 4097)", {0x1000, 0, 0, ""}), no);
  EXPECT_EQ(holds("in_known_ram(start, 1)", {0x2000, 0, 0, ""}), no);
  EXPECT_EQ(holds("in_known_ram(start, 1)", {0xfff, 0, 0, ""}), no);
  EXPECT_EQ(holds("in_known_ram(start, 16)", {~uint64_t{0}, 0, 0, ""}), no);
}

// Rows in batches, with gaps, on both sides of a batch border.
TEST(WalkColumns, EvaluatesBatches) {
  TinyImage image(tiny_pack("rules:\n" + tiny_rule("r", "for items: start * 3 == key")));
  std::vector<Item> items(3000);
  for (size_t i = 0; i < items.size(); ++i) items[i] = {i, 0, i % 7 == 0 ? 3 * i : 1, ""};
  image.items(items);
  const World& world = image.walk();
  Columns columns(world);
  std::vector<uint32_t> rows;
  for (uint32_t row = 5; row < 3000 && rows.size() < kBatch; row += 2) rows.push_back(row);
  Lane lane;
  columns.evaluate(*image.model->rules[0].claim.predicate, image.model->find_set("tiny.items"), rows, lane);
  ASSERT_EQ(lane.values.size(), rows.size());
  for (size_t i = 0; i < rows.size(); ++i) EXPECT_EQ(lane.values[i] != 0, rows[i] % 7 == 0) << rows[i];
}

}  // namespace
}  // namespace khover::walk
