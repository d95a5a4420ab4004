// What a terminal, a log and a JSON reader get of bytes from outside.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "output/printable.h"

namespace khover::output {
namespace {

TEST(Printable, KeepsText) {
  EXPECT_EQ(printable("vm-7 [x] \"y\""), "vm-7 [x] \"y\"");
  EXPECT_EQ(printable("Größe › ümlaut"), "Größe › ümlaut");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, DefusesWhatTerminalsObey) {
  EXPECT_EQ(printable("\x1b[2J\x1b]0;title\x07"), "\\x1b[2J\\x1b]0;title\\x07");
  EXPECT_EQ(printable("a\r\nb\tc\b"), "a\\x0d\\x0ab\\x09c\\x08");
  EXPECT_EQ(printable("\x7f"), "\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m")
      << "CSI as one C1 character";
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
}

TEST(Printable, EscapesWhatIsNotUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc3"), "\\xc3") << "cut";
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(printable("\xe2\x80"), "\\xe2\\x80");
}

TEST(Printable, LeavesNoControlByteOfRandomBytes) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    for (const char byte : printable(bytes)) {
      EXPECT_GE(static_cast<unsigned char>(byte), 0x20);
      EXPECT_NE(byte, '\x7f');
    }
  }
}

TEST(Printable, EscapesWhatAReaderDoesNotSee) {
  EXPECT_EQ(printable("a\u202e"
                      "b"),
            "a\\u{202e}b")
      << "from right to left";
  EXPECT_EQ(printable("\u200b\u2028\u2066\ufeff\U000e0041"),
            "\\u{200b}\\u{2028}\\u{2066}\\u{feff}\\u{e0041}");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xe0\x80\xaf"), "\\xe0\\x80\\xaf") << "overlong in three bytes";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above U+10FFFF";
}

TEST(Printable, LinesKeepTheirEndsAndTabs) {
  EXPECT_EQ(printable_lines("a\tb\nc\r\x1b[1m\n"), "a\tb\nc\\x0d\\x1b[1m\n");
}

// No byte of the result is one that a terminal obeys, and a second pass changes nothing.
TEST(Printable, IsStableOnAnything) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) c = static_cast<char>(random());
    const std::string shown = printable(text);
    for (const char c : shown) ASSERT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
    ASSERT_EQ(printable(shown), shown);
  }
}

TEST(SafeJson, SaysTheSame) {
  const nlohmann::json all = {{"a\u009b"
                               "31m",
                               "x\x7fy\u202ez\U000e0041 ü › \n\t\x1b"},
                              {"n", {1, 2.5, nullptr}}};
  for (const int indent : {-1, 2}) {
    const std::string text = safe_json(all.dump(indent));
    EXPECT_EQ(nlohmann::json::parse(text), all);
    EXPECT_EQ(printable_lines(text), text);
  }
  EXPECT_NE(safe_json(all.dump()).find("\\u009b"), std::string::npos);
  EXPECT_NE(safe_json(all.dump()).find("›"), std::string::npos) << "what can be seen stays";
}

}  // namespace
}  // namespace khover::output
