// Names, types and bounds: what a pack means under an ABI, and what it cannot mean.
#include <gtest/gtest.h>

#include "marked_text.h"
#include "pack/signature.h"
#include "tiny_world.h"

namespace khover::pack {
namespace {

// The error of a pack with a mark, which must be at the mark; the text after the position.
std::string refused(const std::string& marked) {
  const MarkedText yaml(marked);
  const auto model = link_tiny(yaml.text);
  if (model) return "accepted";
  EXPECT_EQ(model.error().where, "rules/tiny.yaml:" + yaml.position) << sentence(model.error());
  return model.error().what;
}

std::string refused_claim(const std::string& claim) {
  return refused(tiny_pack("rules:\n" + tiny_rule("r", claim)));
}

TEST(PackLink, LinksTheTinyPack) {
  const auto model = link_tiny(tiny_pack("rules:\n" + tiny_rule("r", "for items: start < LIMIT")));
  ASSERT_TRUE(model) << sentence(model.error());
  EXPECT_EQ(model->rules.size(), 1u);
  EXPECT_NE(model->find_set("tiny.items"), kNone);
  EXPECT_EQ(model->find_set("items"), kNone);
  EXPECT_EQ(model->hops_to(model->find_set("tiny.items"), model->find_set("tiny.root")), 1u);
  EXPECT_EQ(model->served.at("root").front().name, "tiny-v2");
}

TEST(PackLink, NamesThatPeopleChoseAreText) {
  const auto model = link_tiny(tiny_pack("names: {items: name}\n"));
  ASSERT_TRUE(model) << sentence(model.error());
  const SetType& items = model->sets[model->find_set("tiny.items")];
  EXPECT_EQ(items.names, std::vector{items.find("name")});
  EXPECT_EQ(refused(tiny_pack("names: {items: @@start}\n")),
            "'start' is not a text in the records of 'items'");
  EXPECT_EQ(refused(tiny_pack("names: {items: @@nmae}\n")), "'nmae' is not a text in the records of 'items'");
  EXPECT_EQ(refused(tiny_pack("names: {itms: @@name}\n")), "unknown record set 'itms'");
}

TEST(PackLink, RefusesUnknownNames) {
  EXPECT_EQ(refused_claim("for @@itms: start == 1"), "unknown record set 'itms'");
  EXPECT_EQ(refused_claim("for items: @@strat == 1"),
            "'strat' is not a column or constant of a item or the ABI tiny");
  EXPECT_EQ(refused_claim("for items:\n        start == @@root.cuont"), "a root has no column 'cuont'");
  EXPECT_EQ(refused_claim("for items: @@even(start)"), "unknown function 'even'");
  EXPECT_EQ(refused_claim("for items: start == @@sizeof(itm)"), "the ABI tiny has no record 'itm'");
}

TEST(PackLink, ImpliedByNamesRules) {
  const auto rules = [](const std::string& by) {
    return tiny_pack("rules:\n" + tiny_rule("a", "for items: start < 9") +
                     tiny_rule("b", "for items: start < 10", "    implied-by: [" + by + "]\n"));
  };
  const auto model = link_tiny(rules("a"));
  ASSERT_TRUE(model) << sentence(model.error());
  EXPECT_EQ(model->rules[model->find_rule("b")].implied_by, std::vector{model->find_rule("a")});
  const auto unknown = link_tiny(rules("aa"));
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().what, "unknown rule in 'implied-by': 'aa'");
}

TEST(PackLink, RefusesWrongTypes) {
  EXPECT_EQ(refused_claim("for items: @@start"), "expected a condition, this is a number");
  EXPECT_EQ(refused_claim("for items: start == 1 and @@key"), "'and' joins conditions, this is a number");
  EXPECT_EQ(refused_claim("for items: @@start == name"), "'==' compares a number with a string");
  EXPECT_EQ(refused_claim("for items: @@name < \"b\""), "only numbers have an order");
  EXPECT_EQ(refused_claim("for items: @@name + 1 == 2"), "'+' needs numbers, this is a string");
  EXPECT_EQ(refused_claim("for items: zero(@@name, 2)"), "expected a number, this is a string");
  EXPECT_EQ(refused_claim("for items: @@min(1) == 1"), "'min' takes 2 values");
  EXPECT_EQ(refused_claim("for items: [@@name, +1) preserved"), "expected a number, this is a string");
}

TEST(PackLink, RefusesWhatHasNoBound) {
  EXPECT_EQ(refused_claim("for items: @@1 << start == 0"), "'1 << start' is not bounded");
  EXPECT_EQ(refused_claim("for items: @@start * start == 0"), "'start * start' is not bounded");
  EXPECT_EQ(refused_claim("for items: @@start / key == 0"), "'start / key' is not bounded");
  EXPECT_EQ(refused_claim("for items: @@(start - key) & 1 == 0").substr(0, 1), "'");
  EXPECT_EQ(refused_claim("for items: 1 << min(start, 63) == 1"), "accepted");
  EXPECT_EQ(refused_claim("for items: start - key < 0 and start + key > 0"), "accepted");
}

TEST(PackLink, InfersRangesThatHoldEveryResult) {
  const auto model = link_tiny(tiny_pack("rules:\n" + tiny_rule("r", "for items: start + key * 4 >= 0")));
  ASSERT_TRUE(model) << sentence(model.error());
  const Expr& sum = *model->rules[0].claim.predicate->args[1];
  const Expr& other = *model->rules[0].claim.predicate->args[0];
  const Expr& widest = sum.range.high > other.range.high ? sum : other;
  EXPECT_TRUE(widest.range.high == ((Integer{1} << 64) - 1) * 5);
  EXPECT_TRUE(widest.range.low == 0);
}

TEST(PackLink, RefusesRulesThatNeedEachOther) {
  const std::string rules = "rules:\n" + tiny_rule("one", "acyclic links", "    needs: [two]\n") +
                            tiny_rule("two", "acyclic links", "    needs: [one]\n");
  const auto cycle = link_tiny(tiny_pack(rules));
  ASSERT_FALSE(cycle);
  EXPECT_EQ(cycle.error().what, "cyclic 'needs': 'one'");
  const auto missing =
      link_tiny(tiny_pack("rules:\n" + tiny_rule("one", "acyclic links", "    needs: three\n")));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().what, "unknown rule in 'needs': 'three'");
  const auto twice = link_tiny(
      tiny_pack("rules:\n" + tiny_rule("one", "acyclic links") + tiny_rule("one", "acyclic links")));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().what, "duplicate rule id 'one'");
}

TEST(PackLink, PutsARuleBehindThoseItNeeds) {
  const auto model = link_tiny(tiny_pack(
      "rules:\n" + tiny_rule("last", "acyclic links", "    needs: [first]\n") +
      tiny_rule("first", "acyclic links") + tiny_rule("middle", "acyclic links", "    precedes: [last]\n")));
  ASSERT_TRUE(model) << sentence(model.error());
  EXPECT_EQ(model->rules.back().id, "last");
  EXPECT_EQ(model->rules.back().needs.size(), 2u);
}

TEST(PackLink, RefusesGatesThatTheWalkCannotAsk) {
  const auto with_gate = [](const std::string& claim, const std::string& gate) {
    const auto model = link_tiny(tiny_pack("rules:\n" + tiny_rule("r", claim, "    gate: " + gate + "\n")));
    return model ? std::string("accepted") : model.error().what;
  };
  EXPECT_EQ(with_gate("for root: count(items) == count", "record"),
            "a gate must be a condition on single records");
  EXPECT_EQ(with_gate("unique (key) in items", "record"), "a gate must be a condition on single records");
  EXPECT_EQ(with_gate("for root: count < 5", "[links, nothing]"), "unknown record set 'nothing'");
  EXPECT_EQ(with_gate("for items: key < 5", "[links]"), "'links' is not below the records of the claim");
  EXPECT_EQ(with_gate("for root: count < 5", "[links]"), "accepted");
}

TEST(PackLink, DemandsAClaimForEveryAllocation) {
  const std::string pages = R"(pack: tiny
title: Tiny
sets:
  root: {singular: root, at: root_address, record: head, allocation: {size: PAGE_SIZE, as: one key}}
)";
  const auto unclaimed = link_tiny(pages);
  ASSERT_FALSE(unclaimed);
  EXPECT_EQ(unclaimed.error().what, "no rule claims that the allocations of 'tiny.root' are preserved");
  EXPECT_TRUE(
      link_tiny(pages + "rules:\n" + tiny_rule("r", "for root: [_addr, +PAGE_SIZE) preserved as one key")));
}

TEST(PackLink, LeavesOutPacksWhoseNamesTheAbiLacks) {
  const auto model =
      link_tiny(tiny_pack("has: [MAGIC, missing_record]\nrules:\n" + tiny_rule("r", "acyclic links")));
  ASSERT_TRUE(model) << sentence(model.error());
  ASSERT_EQ(model->packs.size(), 1u);
  EXPECT_FALSE(model->packs[0].applies);
  EXPECT_EQ(model->packs[0].why_not, "the ABI has no 'missing_record'");
  EXPECT_TRUE(model->rules.empty());
  EXPECT_TRUE(model->sets.empty());
}

TEST(PackLink, LooksForFieldsInNamelessMembers) {
  const auto model =
      link_tiny(tiny_pack("rules:\n" + tiny_rule("r", "acyclic links", "    has: joined.right\n") +
                          tiny_rule("s", "acyclic links", "    has: joined.neither\n") +
                          tiny_rule("t", "acyclic links", "    lacks: joined.neither\n")));
  ASSERT_TRUE(model) << sentence(model.error());
  ASSERT_EQ(model->rules.size(), 2u);
  EXPECT_EQ(model->rules[0].id, "r");
  EXPECT_EQ(model->rules[1].id, "t");
}

TEST(PackLink, LeavesOutRulesForOtherAbis) {
  const auto model = link_tiny(tiny_pack("rules:\n" + tiny_rule("r", "acyclic links", "    has: NEWER\n") +
                                         tiny_rule("s", "acyclic links")));
  ASSERT_TRUE(model) << sentence(model.error());
  ASSERT_EQ(model->rules.size(), 1u);
  EXPECT_EQ(model->rules[0].id, "s");
}

TEST(PackLink, TrueAndFalseAreConditions) {
  EXPECT_TRUE(link_tiny(tiny_pack("rules:\n" + tiny_rule("r", "for items: true and not false"))));
  EXPECT_EQ(refused_claim("for items: @@start == true"), "'==' compares a number with a condition");
}

TEST(PackLink, TellsEveryErrorButNotItsConsequences) {
  const auto pack = read_pack(
      R"(pack: t
title: T
sets:
  root: {singular: root, at: root_address, record: head}
  lost: {singular: lost, in: root, at: itmes, record: item}
  below: {singular: below, in: lost, at: start, record: item}
  items: {singular: item, in: root, array: {at: items, record: item, count: count, capacity: 4}, derive: {end: start + lenght}}
rules:
)" + tiny_rule("a", "for lost: start == 0") +
          tiny_rule("b", "for items: end == 0") + tiny_rule("c", "for itms: start == 0") +
          tiny_rule("d", "for items: start == 0", "    needs: [zz]\n"),
      "t.yaml", {});
  ASSERT_TRUE(pack) << sentence(pack.error());
  std::vector<Error> all;
  const auto model = link(tiny_snapshot(), "tiny", {*pack}, &all);
  ASSERT_FALSE(model);
  std::vector<std::string> said;
  for (const Error& error : all) said.push_back(error.what + "; " + error.remedy);
  EXPECT_EQ(said, (std::vector<std::string>{
                      "'itmes' is not a column or constant of a root or the ABI tiny; did you mean 'items'",
                      "'lenght' is not a column or constant of a item or the ABI tiny; did you mean 'length'",
                      "unknown record set 'itms'; did you mean 'items'",
                      "unknown rule in 'needs': 'zz'; ",
                  }));
}

TEST(PackLink, RefusesSetsThatHangNowhere) {
  const auto model = link_tiny(
      "pack: t\ntitle: T\nsets:\n  a: {singular: a, in: b, at: 1, record: item}\n  b: {singular: b, in: a, "
      "at: 1, record: item}\n");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().what, "set 'a' is below 'b', which does not exist or is below it");
  EXPECT_EQ(model.error().where, "rules/tiny.yaml:4:6");
}

// What plans ask of the sets around them.
TEST(PackLink, RefusesContainersThatAreOutOfPlace) {
  const auto with = [](const std::string& set) {
    const auto model = link_tiny(tiny_pack("").append("  x: " + set + "\n"));
    return model ? "accepted" : model.error().what;
  };
  EXPECT_EQ(with("{singular: x, in: root, keys: true}"), "keys must be below a set of container radix");
  EXPECT_EQ(with("{singular: x, slots: true}"), "slots must be below a set of container radix");
  EXPECT_EQ(with("{singular: x, in: root, entries: {element: u64, count: 1, next: value}}"),
            "entries must be below a set of container table");
  EXPECT_EQ(with("{singular: x, in: items, nodes: true}"),
            "nodes must be below a set of container fdt or nodes");
  EXPECT_EQ(with("{singular: x, in: root, ram: true}"), "ram must have no parent");
  EXPECT_EQ(with("{singular: x, in: root, chain: {at: chain, record: link, next: nxt}}"),
            "'link' has no field 'nxt'");
  EXPECT_EQ(
      with("{singular: x, in: root, chain: {at: chain, record: link, next: half}, derive: {half: next / 2}}"),
      "'link' has no field 'half'");
  EXPECT_EQ(
      with("{singular: x, in: root, at: chain, record: link, properties: {p: {property: p, type: u64}}}"),
      "the rows of 'record' have no properties");
  EXPECT_EQ(
      with("{singular: x, in: items, pages: {of: others, page: key, size: 64, record: link, count: 1}}"),
      "'others' is not below 'items'");
  EXPECT_EQ(
      with("{singular: x, in: items, pages: {of: nobody, page: key, size: 64, record: link, count: 1}}"),
      "set 'x' is below 'items', which does not exist or is below it");
  EXPECT_EQ(with("{singular: x, in: root, pages: {of: others, page: kay, size: 64, record: link, count: 1}}"),
            "'others' has no column 'kay'");
  EXPECT_EQ(with("{singular: x, in: root, one-of: items, at: items}"), "accepted");
}

// Models of one meaning are one hypothesis: every value of a plan counts.
TEST(PackLink, SignatureHasEveryValueOfAPlan) {
  const auto of = [](const std::string& keys) {
    const auto model = link_tiny(tiny_pack("").append("  x: {singular: x, in: root, " + keys + "}\n"));
    EXPECT_TRUE(model) << sentence(model.error());
    return model ? signature(*model) : "";
  };
  EXPECT_EQ(of("fdt: {at: map, limit: 4096}"), of("fdt: {at: map, limit: 4096}"));
  EXPECT_NE(of("fdt: {at: map, limit: 4096}"), of("fdt: {at: map, limit: 8192}"));
  EXPECT_NE(of("fdt: {at: map, limit: 4096}"), of("fdt: {at: low, limit: 4096}"));
  EXPECT_NE(of("radix: {at: map, depth: 6, table: 9, bitmap: 15}"),
            of("radix: {at: map, depth: 5, table: 9, bitmap: 15}"));
  EXPECT_NE(of("pci-function: {domain: low, bdf: 1}"), of("pci-function: {domain: low, bdf: 2}"));
}

TEST(PackLink, RefusesAcyclicOfWhatIsNoChainAndTilesElsewhere) {
  EXPECT_EQ(refused_claim("acyclic @@items"), "'items' is not a chain");
  EXPECT_EQ(refused_claim("for @@items: [start, +length) in others tile [0, 5)"),
            "the tiles must be below the records that they tile");
  EXPECT_EQ(refused_claim("unique (key) in items, (key, start) in @@others"), "the tuples differ in length");
  EXPECT_EQ(refused_claim("unique (key, start, length, 1, @@2) in items"), "a tuple has at most 4 values");
}

}  // namespace
}  // namespace khover::pack
