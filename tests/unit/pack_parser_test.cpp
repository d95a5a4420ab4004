// The grammar of the rule language: what is read, how it binds, and where an error is.
#include <gtest/gtest.h>

#include "pack/syntax.h"

namespace khover::pack {
namespace {

const Origin kOrigin{{"p.yaml", 10, 5}, 5};

// An expression with all its brackets.
std::string bracketed(const NodePtr& node) {
  std::string text;
  switch (node->kind) {
    case NodeKind::number:
      return std::to_string(static_cast<int64_t>(node->number));
    case NodeKind::text:
      return '"' + node->text + '"';
    case NodeKind::name:
      return node->text;
    case NodeKind::unary:
      return "(" + node->text + " " + bracketed(node->args[0]) + ")";
    case NodeKind::binary:
      return "(" + bracketed(node->args[0]) + " " + node->text + " " + bracketed(node->args[1]) + ")";
    case NodeKind::call:
      for (const NodePtr& arg : node->args) text += (text.empty() ? "" : ", ") + bracketed(arg);
      return node->text + "(" + text + ")";
    case NodeKind::membership:
    case NodeKind::aggregate:
      return node->source;
  }
  return text;
}

std::string read(const std::string& text) {
  auto node = parse_expression(text, kOrigin);
  return node ? bracketed(*node) : sentence(node.error());
}

std::string complaint(const std::string& text) {
  auto claim = parse_claim(text, kOrigin);
  return claim ? "accepted" : sentence(claim.error());
}

TEST(PackParser, BindsByPrecedence) {
  EXPECT_EQ(read("a + b * c"), "(a + (b * c))");
  EXPECT_EQ(read("a - b - c"), "((a - b) - c)");
  EXPECT_EQ(read("a << b + c"), "(a << (b + c))");
  EXPECT_EQ(read("a & b << c"), "(a & (b << c))");
  EXPECT_EQ(read("a & b != 0"), "((a & b) != 0)");
  EXPECT_EQ(read("a % b == 0 and c"), "(((a % b) == 0) and c)");
  EXPECT_EQ(read("not a == b"), "(not (a == b))");
  EXPECT_EQ(read("not a and b"), "((not a) and b)");
  EXPECT_EQ(read("a or b and c"), "(a or (b and c))");
  EXPECT_EQ(read("a and b => c or d"), "((a and b) => (c or d))");
  EXPECT_EQ(read("a => b => c"), "(a => (b => c))");
  EXPECT_EQ(read("(a or b) and c"), "((a or b) and c)");
}

TEST(PackParser, ChainsComparisons) {
  EXPECT_EQ(read("1 <= a < b"), "((1 <= a) and (a < b))");
  EXPECT_EQ(read("a == b == c == d"), "(((a == b) and (b == c)) and (c == d))");
}

TEST(PackParser, ReadsNumbers) {
  EXPECT_EQ(read("0x7fffffff"), "2147483647");
  EXPECT_EQ(read("0"), "0");
  EXPECT_EQ(read("0x"), "p.yaml:10:5: malformed number");
  EXPECT_EQ(read("12ab"), "p.yaml:10:5: malformed number");
  EXPECT_EQ(read("1 + 0xfffffffffffffffffffffffffffffff"), "p.yaml:10:9: number too large");
}

TEST(PackParser, KeepsHyphensInNamesAndSubtractsBeforeDigits) {
  EXPECT_EQ(read("kexec-metadata.root"), "kexec-metadata.root");
  EXPECT_EQ(read("a -b"), "(a - b)");
  EXPECT_EQ(read("a-1"), "(a - 1)");
  EXPECT_EQ(read("a - b"), "(a - b)");
}

TEST(PackParser, SkipsCommentsAndFoldsBlanksInSources) {
  auto node = parse_expression("a ==   # why\n     b", kOrigin);
  ASSERT_TRUE(node) << sentence(node.error());
  EXPECT_EQ(bracketed(*node), "(a == b)");
  auto folded = parse_expression("a\n     ==\n     b", kOrigin);
  ASSERT_TRUE(folded);
  EXPECT_EQ((*folded)->source, "a == b");
}

TEST(PackParser, ReadsCallsAggregatesAndMemberships) {
  EXPECT_EQ(read("if(a == 1, min(b, 2), 3)"), "if((a == 1), min(b, 2), 3)");
  EXPECT_EQ(read("count(s where x > 0) == 1"), "(count(s where x > 0) == 1)");
  EXPECT_EQ(read("sum(n of s by item) == m"), "(sum(n of s by item) == m)");
  EXPECT_EQ(read("sum(n of s by (k) = (id))"), "sum(n of s by (k) = (id))");
  EXPECT_EQ(read("(a, b) in s (x, y) where z"), "(a, b) in s (x, y) where z");
  EXPECT_EQ(read("(a, b) in s (x)"),
            "p.yaml:10:20: the two tuples differ in length, found the end; see the grammar in "
            "docs/rule-language.md");
  EXPECT_EQ(
      read("(a, b) + 1"),
      "p.yaml:10:12: a tuple is only allowed before 'in' or 'determines', found '+'; see the grammar in "
      "docs/rule-language.md");
}

TEST(PackParser, ReadsEveryClaimForm) {
  const std::vector<std::pair<const char*, Form>> forms = {
      {"for s: a == b", Form::row},
      {"for s where a: b", Form::row},
      {"unique (a, b) in s, (c, d) in t where e", Form::unique},
      {"in s: (a) determines (b, c)", Form::determines},
      {"for s: [a, +b) in t where c tile [0, d) overshoot", Form::tiles},
      {"disjoint [a, +b) in s, [c, d) in t", Form::disjoint},
      {"disjoint walk.allocations", Form::disjoint},
      {"apart [a, +b) in s from walk.structures", Form::apart},
      {"for s: [a, +b) within one [c, d) in t", Form::within},
      {"for s: [a, +b) preserved as natural keys", Form::preserved},
      {"for s: [a, +b) preserved", Form::preserved},
      {"acyclic s", Form::acyclic},
  };
  for (const auto& [text, form] : forms) {
    auto claim = parse_claim(text, kOrigin);
    ASSERT_TRUE(claim) << text << ": " << sentence(claim.error());
    EXPECT_EQ(claim->form, form) << text;
  }
  auto tiles = parse_claim(forms[4].first, kOrigin);
  EXPECT_TRUE(tiles->overshoot);
  auto one = parse_claim(forms[8].first, kOrigin);
  EXPECT_TRUE(one->within_one);
  auto natural = parse_claim(forms[9].first, kOrigin);
  EXPECT_EQ(natural->preserved_as, PreservedAs::natural_keys);
}

TEST(PackParser, SaysWhereAClaimIsWrong) {
  const std::string see = "; see the grammar in docs/rule-language.md";
  EXPECT_EQ(
      complaint(""),
      "p.yaml:10:5: expected 'for', 'in', 'unique', 'disjoint', 'apart' or 'acyclic', found the end" + see);
  EXPECT_EQ(complaint("for: a"), "p.yaml:10:8: expected the name of a record set, found ':'" + see);
  EXPECT_EQ(complaint("for s a"), "p.yaml:10:11: expected ':', found 'a'" + see);
  EXPECT_EQ(complaint("for s:\n  a ==\n  b c"),
            "p.yaml:12:9: expected the end of the claim, found 'c'" + see);
  EXPECT_EQ(complaint("for s: [a, b] within t"), "p.yaml:10:17: expected ')', found ']'" + see);
  EXPECT_EQ(complaint("for s: [a, b)"),
            "p.yaml:10:18: expected 'within', 'preserved' or 'in SET tile', found the end" + see);
  EXPECT_EQ(complaint("for s: [a, +b) preserved as two keys"),
            "p.yaml:10:33: expected 'one key', 'natural keys' or 'a folio', found 'two'" + see);
  EXPECT_EQ(complaint("for where: a"), "p.yaml:10:9: expected the name of a record set, found 'where'" + see);
  EXPECT_EQ(complaint("for s: a $ b"), "p.yaml:10:14: unexpected character '$'");
  EXPECT_EQ(complaint("for s: a == \"x"), "p.yaml:10:17: string without end");
  EXPECT_EQ(complaint("for s: a ? b"), "p.yaml:10:14: expected the end of the claim, found '?'" + see);
}

TEST(PackParser, BoundsDepthAndLength) {
  const std::string brackets = std::string(2000, '(') + "1" + std::string(2000, ')');
  EXPECT_NE(read(brackets).find("expression nested too deeply"), std::string::npos);
  std::string nots;
  for (int i = 0; i < 900; ++i) nots += "not ";
  EXPECT_NE(read(nots + "a").find("expression nested too deeply"), std::string::npos);
  std::string arrows;
  for (int i = 0; i < 900; ++i) arrows += "a=>";
  EXPECT_NE(read(arrows + "a").find("expression nested too deeply"), std::string::npos);
  const std::string most = std::string(4095, ' ') + "a";
  EXPECT_EQ(read(most), "a");
  EXPECT_EQ(read(most + " "), "p.yaml:10:5: an expression of more than 4 KiB; split it into several rules");
}

// A left-associative chain grows a deep tree without deep recursion of the parser. 4 KiB of it must
// not exhaust the stack of whoever walks the tree.
TEST(PackParser, ReadsTheLongestChain) {
  std::string text = "a";
  while (text.size() + 2 <= 4096) text += "+a";
  EXPECT_NE(read(text).find("a"), std::string::npos);
}

}  // namespace
}  // namespace khover::pack
