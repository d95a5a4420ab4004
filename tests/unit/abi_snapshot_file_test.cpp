// The snapshot file: what is written is read back, what is wrong is refused where it is.
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "abi/integer_text.h"
#include "abi/snapshot.h"

namespace khover::abi {
namespace {

constexpr const char* smallest = R"(format: 1
source:
  release: "1"
  arch: x86_64
  page_size: 4096
  pointer_size: 8
  endian: little
  headers: []
  configuration: []
records:
  pair:
    size: 16
    alignment: 8
    fields:
      - {name: first, offset: 0, size: 8, kind: integer, type: u64}
      - {name: second, offset: 8, size: 8, kind: integer, type: u64}
enumerations: {}
constants:
  ANSWER: {integer: 42, at: "a.h:1"}
documented_versions: []
)";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(SnapshotFile, ReadsTheSmallest) {
  const Result<Snapshot> snapshot = read_snapshot(smallest, "s.yaml");
  ASSERT_TRUE(snapshot) << sentence(snapshot.error());
  EXPECT_EQ(snapshot->records.at("pair").fields.at(1).offset, 8u);
  EXPECT_EQ(snapshot->integer("ANSWER"), 42);
  EXPECT_EQ(snapshot->integer("QUESTION"), std::nullopt);
}

TEST(SnapshotFile, FindsIntegersOfMacrosAndEnumerators) {
  Snapshot snapshot;
  snapshot.constants["TEXT"] = {"TEXT", {}, "kho-v9", "a.h", 1};
  snapshot.enumerations["e"].enumerators = {{"LEVELS", 6}};
  EXPECT_EQ(snapshot.integer("LEVELS"), 6);
  EXPECT_EQ(snapshot.integer("TEXT"), std::nullopt);
  EXPECT_EQ(snapshot.text("TEXT"), "kho-v9");
  EXPECT_EQ(snapshot.text("LEVELS"), std::nullopt);
}

struct BadFile {
  const char* name;
  const char* from;
  const char* to;
  const char* message;  // start of the sentence, position included
};

// Without it a test's name would be the bytes of its pointers.
void PrintTo(const BadFile& bad, std::ostream* out) { *out << bad.name; }

class RefusedSnapshot : public testing::TestWithParam<BadFile> {};

TEST_P(RefusedSnapshot, SaysWhereAndWhy) {
  const BadFile& bad = GetParam();
  const Result<Snapshot> snapshot = read_snapshot(replaced(smallest, bad.from, bad.to), "s.yaml");
  ASSERT_FALSE(snapshot);
  EXPECT_EQ(sentence(snapshot.error()).substr(0, std::string(bad.message).size()), bad.message);
}

INSTANTIATE_TEST_SUITE_P(
    Each, RefusedSnapshot,
    testing::Values(
        BadFile{"UnknownKey", "    alignment: 8", "    alignement: 8",
                "s.yaml:12:5: a record has no 'alignment'"},
        BadFile{"ExtraKey", "    alignment: 8", "    alignment: 8\n    colour: 3",
                "s.yaml:14:13: unknown key 'colour' in a record"},
        BadFile{"DuplicateKey", "    alignment: 8", "    alignment: 8\n    alignment: 8",
                "s.yaml:14:5: duplicate key 'alignment'"},
        BadFile{"DuplicateRecord", "enumerations: {}",
                "  pair: {size: 0, alignment: 1, fields: []}\nenumerations: {}",
                "s.yaml:17:3: duplicate key 'pair'"},
        BadFile{"WrongType", "size: 16", "size: [16]", "s.yaml:12:11: 'size' must be a word, found a list"},
        BadFile{"NotANumber", "size: 16", "size: many",
                "s.yaml:12:11: 'size' must be an integer, found 'many'"},
        BadFile{"QuotedNumber", "size: 16", "size: \"16\"", "s.yaml:12:11: 'size' must be an integer"},
        BadFile{"Negative", "size: 16", "size: -1", "s.yaml:12:11: 'size' must be between 0 and"},
        BadFile{"Huge", "size: 16", "size: 0xffffffffffffffff", "s.yaml:12:11: 'size' must be between 0 and"},
        BadFile{"Alignment", "alignment: 8", "alignment: 12",
                "s.yaml:13:16: 'alignment' must be a power of two"},
        BadFile{"FieldBeyondRecord", "offset: 8", "offset: 9",
                "s.yaml:16:9: field 'second' ends past the 16 bytes of 'pair'"},
        BadFile{"FieldTwice", "name: second", "name: first", "s.yaml:16:9: duplicate field 'first'"},
        BadFile{"UnknownKind", "kind: integer", "kind: octonion",
                "s.yaml:15:49: 'octonion' is not a kind of type"},
        BadFile{"ArrayBounds", "size: 8, kind: integer",
                "size: 8, dimensions: [3], element: 2, kind: integer",
                "s.yaml:15:9: field 'first' has 8 bytes, its elements 6"},
        BadFile{"BoundsOverflow", "size: 8, kind: integer",
                "size: 8, dimensions: [0x800000000000, 0x800000000000], element: 8, kind: integer",
                "s.yaml:15:9: array bounds overflow"},
        BadFile{"RecordMissing", "kind: integer", "kind: record, record: nothing",
                "s.yaml:12:5: field 'first' of 'pair' has the unknown record 'nothing'"},
        BadFile{"RecordSize", "    fields:",
                "    fields:\n      - {name: x, offset: 0, size: 8, kind: record, record: pair, type: x}",
                "s.yaml:12:5: field 'x' of 'pair' has elements of 8 bytes, 'pair' has 16"},
        BadFile{"RecordInItself", "    fields:",
                "    fields:\n      - {name: x, offset: 0, size: 16, kind: record, record: pair, type: x}",
                "s.yaml:12:5: record 'pair' is part of records nested deeper than 64 levels"},
        BadFile{"KindWithoutRecord", "kind: integer", "kind: record",
                "s.yaml:15:9: field 'first' needs both or neither of kind record and 'record'"},
        BadFile{"BitsTooWide", "size: 8, kind: integer", "size: 8, bits: [0, 3], kind: integer",
                "s.yaml:15:9: the bits of field 'first' do not fill 8 bytes"},
        BadFile{"Format", "format: 1", "format: 2", "s.yaml:1:9: khover reads snapshots of format 1"},
        BadFile{"Endian", "endian: little", "endian: middle", "s.yaml:7:11: 'endian' must be little or big"},
        BadFile{"Place", "at: \"a.h:1\"", "at: nowhere", "s.yaml:19:29: 'at' must be file:line"},
        BadFile{"NoValue", "{integer: 42, at: \"a.h:1\"}", "{}", "s.yaml:19:11: constant 'ANSWER' must be"},
        BadFile{"Anchor", "headers: []", "headers: &a []", "s.yaml:8:12: anchors are not allowed"},
        BadFile{"Tag", "arch: x86_64", "arch: !!str x86_64", "s.yaml:4:9: tags are not allowed"},
        BadFile{"MapAsKey", "enumerations: {}", "? {a: b}\n: {}", "s.yaml:17:3: a key must be a plain word"},
        BadFile{"Unclosed", "documented_versions: []", "documented_versions: [", "s.yaml:"}),
    [](const auto& bad) { return bad.param.name; });

TEST(SnapshotFile, RefusesWhatIsNoSnapshot) {
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("a"), std::string("- a"), std::string("\0\1\2", 3),
        std::string("format: 1"), std::string("{{{{{{{{"), std::string(smallest) + "---\na: b\n",
        std::string(100000, '['), std::string(100000, '{'), std::string(5u << 20, 'a')}) {
    const Result<Snapshot> snapshot = read_snapshot(text, "s.yaml");
    ASSERT_FALSE(snapshot) << text.substr(0, 20);
    EXPECT_TRUE(snapshot.error().where.starts_with("s.yaml")) << sentence(snapshot.error());
  }
}

// Cut off anywhere, a file is refused or reads as a whole; it never crashes.
TEST(SnapshotFile, SurvivesTruncation) {
  const std::string text = smallest;
  for (size_t length = 0; length < text.size(); ++length)
    (void)read_snapshot(text.substr(0, length), "s.yaml");
}

TEST(IntegerText, RoundTripsTheLimits) {
  const __int128 largest = static_cast<__int128>(~static_cast<unsigned __int128>(0) >> 1);
  for (__int128 value : {__int128{0}, __int128{1}, __int128{-1}, __int128{65535}, __int128{65536},
                         __int128{UINT64_MAX}, __int128{INT64_MIN}, largest, -largest, -largest - 1}) {
    EXPECT_TRUE(parse_integer(integer_text(value)) == value) << integer_text(value);
  }
  EXPECT_EQ(integer_text(65536), "0x10000");
  EXPECT_EQ(integer_text(-65536), "-65536");
  for (const char* text : {"", "-", "0x", "0xg", "12a", "--1", "1 ", "0x100000000000000000000000000000000",
                           "170141183460469231731687303715884105728"}) {
    EXPECT_FALSE(parse_integer(text)) << text;
  }
}

// Any consistent snapshot that a generator can think of, words that YAML would misread included.
class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  Snapshot snapshot() {
    Snapshot snapshot;
    snapshot.source = {word(),
                       word(),
                       uint64_t{1} << number(17),
                       static_cast<uint32_t>(number(16)),
                       chance(),
                       words(),
                       words(),
                       chance() ? "BTF" : "",
                       chance() ? word() : ""};
    for (size_t i = number(5); i > 0; --i) add_record(snapshot);
    for (size_t i = number(4); i > 0; --i) {
      Enumeration enumeration{word(), number(16), chance(), chance(), word(), line(), {}};
      for (size_t j = number(4); j > 0; --j) enumeration.enumerators.push_back({word(), integer()});
      snapshot.enumerations.insert_or_assign(enumeration.name, enumeration);
    }
    for (size_t i = number(6); i > 0; --i) {
      Constant constant{word(), {}, {}, word(), line()};
      if (chance()) {
        constant.integer = integer();
      } else {
        constant.text = bytes();
      }
      snapshot.constants.insert_or_assign(constant.name, constant);
    }
    for (size_t i = number(4); i > 0; --i) snapshot.documented_versions.push_back({word(), word(), line()});
    return snapshot;
  }

 private:
  size_t number(size_t limit) { return random_() % (limit + 1); }
  bool chance() { return number(1) == 1; }
  uint32_t line() { return static_cast<uint32_t>(number(100000)); }

  __int128 integer() {
    const __int128 value = static_cast<__int128>(static_cast<unsigned __int128>(random_()) << 64 | random_());
    return value >> number(127);
  }

  std::string bytes() {
    std::string text;
    for (size_t i = number(12); i > 0; --i) text += static_cast<char>(number(255));
    return text;
  }

  std::string word() {
    static const char* const odd[] = {"",     "null", "~",   "true", "y",  "0x10", "-1",   "a: b",
                                      "a #b", "#",    "- a", "*x",   "&x", "!x",   "[a]",  "{a}",
                                      "a,b",  "'",    "\"",  "\\",   " a", "a ",   "a\nb", "\t",
                                      "? a",  ": ",   "é/ü", "%x",   "@x", "`"};
    if (number(3) == 0) return odd[number(std::size(odd) - 1)];
    std::string text = "n";
    for (size_t i = number(8); i > 0; --i) text += static_cast<char>(0x20 + number(0x5e));
    return text;
  }

  std::vector<std::string> words() {
    std::vector<std::string> list;
    for (size_t i = number(3); i > 0; --i) list.push_back(word());
    return list;
  }

  void add_record(Snapshot& snapshot) {
    Record record{word(), chance(), chance(), chance(), 1000, uint64_t{1} << number(6),
                  word(), line(),   word(),   words(),  {}};
    if (!snapshot.source.layouts_from.empty() && chance()) record.alignment = 0;  // BTF does not say it
    if (snapshot.records.contains(record.name)) return;
    for (size_t i = number(5); i > 0; --i) {
      Field field;
      field.name = word() + std::to_string(i);  // no two alike
      field.offset = number(100);
      field.is_signed = chance();
      field.type = word();
      field.element_size = number(8);
      if (number(4) == 0) {
        field.bit_offset = static_cast<uint32_t>(number(7));
        field.bit_width = static_cast<uint32_t>(1 + number(63));
        field.size = (field.bit_offset + field.bit_width + 7) / 8;
      } else {
        field.kind = static_cast<TypeKind>(number(5));
        if (!snapshot.records.empty() && number(3) == 0) {
          const Record& nested = snapshot.records.begin()->second;
          field.kind = TypeKind::record;
          field.record = nested.name;
          field.element_size = nested.size;
          field.offset = 0;
          if (nested.name.empty()) continue;
        }
        field.flexible_array = number(4) == 0;
        field.size = field.flexible_array ? 0 : field.element_size;
        if (field.kind != TypeKind::record) {
          for (size_t j = number(2); j > 0; --j) {
            field.dimensions.push_back(number(4));
            field.size *= field.dimensions.back();
          }
        }
      }
      record.fields.push_back(field);
    }
    snapshot.records.insert_or_assign(record.name, record);
  }

  std::mt19937_64 random_;
};

TEST(SnapshotFile, ReadsBackWhatItWrites) {
  for (unsigned seed = 0; seed < 2000; ++seed) {
    const Snapshot snapshot = Generator(seed).snapshot();
    const std::string yaml = write_snapshot(snapshot);
    const Result<Snapshot> again = read_snapshot(yaml, "s.yaml");
    ASSERT_TRUE(again) << "seed " << seed << ": " << sentence(again.error()) << "\n" << yaml;
    ASSERT_TRUE(*again == snapshot) << "seed " << seed << "\n" << yaml;
    ASSERT_EQ(write_snapshot(*again), yaml) << "seed " << seed;
  }
}

TEST(SnapshotFile, ShippedOnesAreAsTheWriterWritesThemAndQuickToRead) {
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(KHOVER_SOURCE_DIR "/rules/abi")) {
    if (entry.path().extension() != ".yaml") continue;
    ++count;
    const std::string yaml = contents(entry.path());
    const auto start = std::chrono::steady_clock::now();
    const Result<Snapshot> snapshot = read_snapshot(yaml, entry.path().filename());
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    ASSERT_TRUE(snapshot) << sentence(snapshot.error());
    EXPECT_EQ(write_snapshot(*snapshot), yaml) << entry.path();
    RecordProperty("milliseconds", std::to_string(taken.count()));
    // start-up has 20 ms for everything; generous here, for sanitizers and busy machines
    EXPECT_LT(taken.count(), 100.0) << entry.path();
  }
  EXPECT_GE(count, 8u);
}

}  // namespace
}  // namespace khover::abi
