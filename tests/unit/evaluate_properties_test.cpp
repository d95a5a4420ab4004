// The forms that sort, sweep and join, against brute force on random worlds.
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "evaluate/evaluate.h"
#include "tiny_world.h"

namespace khover::evaluate {
namespace {

constexpr int kRounds = 400;

struct World {
  std::vector<Item> items, others;
};

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  uint64_t below(uint64_t bound) { return engine_() % bound; }
  // A few small ranges, some of them empty, in a space where they often meet.
  std::vector<Item> ranges(uint64_t space) {
    std::vector<Item> list(below(7));
    for (Item& item : list) item = {below(space), below(5), below(4), ""};
    return list;
  }

 private:
  std::mt19937_64 engine_;
};

bool holds(const std::string& claim, const World& world, uint64_t low = 0, uint64_t high = 0) {
  TinyImage image(tiny_pack("rules:\n" + tiny_rule("r", claim)));
  image.items(world.items);
  image.others(world.others);
  image.root(48, low);
  image.root(56, high);
  const Outcome outcome = evaluate(image.walk(), {pack::Phase::finalized}).at(0);
  EXPECT_TRUE(outcome.verdict == Verdict::holds || outcome.verdict == Verdict::violated) << outcome.why;
  return outcome.verdict == Verdict::holds;
}

bool overlap(const Item& a, const Item& b) {
  return a.length > 0 && b.length > 0 && a.start < b.start + b.length && b.start < a.start + a.length;
}

std::string shown(const World& world) {
  std::string text;
  for (const auto& [name, list] : {std::pair{"items", &world.items}, {"others", &world.others}}) {
    text += name;
    for (const Item& item : *list)
      text += " [" + std::to_string(item.start) + ", +" + std::to_string(item.length) + ") key " +
              std::to_string(item.key);
    text += "\n";
  }
  return text;
}

// Both answers must occur, or the property says nothing.
class Tally {
 public:
  void count(bool expected) { ++(expected ? yes_ : no_); }
  ~Tally() {
    EXPECT_GT(yes_, kRounds / 20);
    EXPECT_GT(no_, kRounds / 20);
  }

 private:
  int yes_ = 0, no_ = 0;
};

TEST(EvaluateProperties, Unique) {
  Random random(1);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    const World world{random.ranges(9), random.ranges(9)};
    std::set<std::pair<uint64_t, uint64_t>> seen;
    bool expected = true;
    for (const Item& item : world.items) expected = seen.insert({item.start, item.key}).second && expected;
    for (const Item& item : world.others)
      expected = (item.length == 0 || seen.insert({item.start, item.key}).second) && expected;
    tally.count(expected);
    ASSERT_EQ(holds("unique (start, key) in items, (start, key) in others where length != 0", world),
              expected)
        << shown(world);
  }
}

TEST(EvaluateProperties, Determines) {
  Random random(2);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    World world{random.ranges(3), {}};
    bool expected = true;
    for (const Item& a : world.items) {
      for (const Item& b : world.items) expected = expected && (a.key != b.key || a.start == b.start);
    }
    tally.count(expected);
    ASSERT_EQ(holds("in items: (key) determines (start)", world), expected) << shown(world);
  }
}

TEST(EvaluateProperties, Disjoint) {
  Random random(3);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    const World world{random.ranges(40), random.ranges(40)};
    std::vector<Item> all = world.items;
    all.insert(all.end(), world.others.begin(), world.others.end());
    bool expected = true;
    for (size_t i = 0; i < all.size(); ++i) {
      for (size_t j = 0; j < i; ++j) expected = expected && !overlap(all[i], all[j]);
    }
    tally.count(expected);
    ASSERT_EQ(holds("disjoint [start, +length) in items, [start, +length) in others", world), expected)
        << shown(world);
  }
}

TEST(EvaluateProperties, Apart) {
  Random random(4);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    const World world{random.ranges(30), random.ranges(30)};
    bool expected = true;
    for (const Item& a : world.items) {
      for (const Item& b : world.others) expected = expected && !overlap(a, b);
    }
    tally.count(expected);
    ASSERT_EQ(holds("apart [start, +length) in items from [start, +length) in others", world), expected)
        << shown(world);
  }
}

TEST(EvaluateProperties, Within) {
  Random random(5);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    World world{random.ranges(12), random.ranges(12)};
    if (world.items.size() > 2) world.items.resize(2);
    std::set<uint64_t> covered;
    for (const Item& area : world.others) {
      for (uint64_t at = area.start; at < area.start + area.length; ++at) covered.insert(at);
    }
    bool expected = true;
    for (const Item& item : world.items) {
      for (uint64_t at = item.start; at < item.start + item.length; ++at)
        expected = expected && covered.count(at) != 0;
    }
    tally.count(expected);
    ASSERT_EQ(holds("for items: [start, +length) within [start, +length) in others", world), expected)
        << shown(world);
  }
}

TEST(EvaluateProperties, WithinOne) {
  Random random(6);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    World world{random.ranges(12), random.ranges(12)};
    if (world.items.size() > 2) world.items.resize(2);
    bool expected = true;
    for (const Item& item : world.items) {
      bool inside = item.length == 0;
      for (const Item& area : world.others) {
        inside = inside || (item.start >= area.start && item.start + item.length <= area.start + area.length);
      }
      expected = expected && inside;
    }
    tally.count(expected);
    ASSERT_EQ(holds("for items: [start, +length) within one [start, +length) in others", world), expected)
        << shown(world);
  }
}

TEST(EvaluateProperties, Tiles) {
  Random random(7);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    // Most random lists tile nothing: cut a range in pieces, shuffle, and sometimes damage one.
    const uint64_t low = random.below(5);
    std::vector<Item> pieces;
    uint64_t end = low;
    for (uint64_t n = random.below(6); n > 0; --n) {
      pieces.push_back({end, 1 + random.below(4), 0, ""});
      end += pieces.back().length;
    }
    for (size_t i = 1; i < pieces.size(); ++i) std::swap(pieces[i], pieces[random.below(i + 1)]);
    if (random.below(2) == 0 && !pieces.empty()) {
      Item& damaged = pieces[random.below(pieces.size())];
      (random.below(2) == 0 ? damaged.start : damaged.length) += 1;
    }
    const uint64_t high = random.below(8) == 0 ? end + 1 : end;
    for (const bool overshoot : {false, true}) {
      std::multiset<uint64_t> covered;
      bool starts_inside = true;
      for (const Item& piece : pieces) {
        starts_inside = starts_inside && piece.start >= low && piece.start < high;
        for (uint64_t at = piece.start; at < piece.start + piece.length; ++at) covered.insert(at);
      }
      bool expected = starts_inside;
      uint64_t last = low;
      for (const uint64_t at : covered) {
        expected = expected && covered.count(at) == 1;
        last = std::max(last, at + 1);
      }
      for (uint64_t at = low; at < high; ++at) expected = expected && covered.count(at) == 1;
      if (!overshoot) expected = expected && last <= high;
      tally.count(expected);
      ASSERT_EQ(holds(std::string("for root: [start, +length) in items tile [low, high)") +
                          (overshoot ? " overshoot" : ""),
                      {pieces, {}}, low, high),
                expected)
          << shown({pieces, {}}) << "[" << low << ", " << high << ")" << (overshoot ? " overshoot" : "");
    }
  }
}

TEST(EvaluateProperties, Lookup) {
  Random random(8);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    World world{random.ranges(3), random.ranges(3)};
    if (world.items.size() > 2) world.items.resize(2);
    bool expected = true;
    for (const Item& item : world.items) {
      bool found = false;
      for (const Item& other : world.others)
        found = found || (item.start == other.start && item.key == other.key);
      expected = expected && found;
    }
    tally.count(expected);
    ASSERT_EQ(holds("for items: (start, key) in others (start, key)", world), expected) << shown(world);
  }
}

TEST(EvaluateProperties, Sums) {
  Random random(9);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    World world{random.ranges(9), random.ranges(3)};
    if (world.others.size() > 2) world.others.resize(2);
    for (Item& other : world.others) other.start = random.below(4);
    bool expected = true;
    for (Item& other : world.others) {
      uint64_t sum = 0;
      for (const Item& item : world.items) sum += item.key == other.key ? item.length : 0;
      if (random.below(3) != 0) other.start = sum;
      expected = expected && other.start == sum;
    }
    tally.count(expected);
    ASSERT_EQ(holds("for others: sum(length of items by (key) = (key)) == start", world), expected)
        << shown(world);
  }
}

// Random successor functions: a chain ends exactly when no node is met twice.
TEST(EvaluateProperties, Acyclic) {
  Random random(10);
  Tally tally;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<int> next(1 + random.below(6));
    for (int& one : next) one = static_cast<int>(random.below(next.size() + 2)) - 2;
    TinyImage image(tiny_pack("rules:\n" + tiny_rule("r", "acyclic links")));
    image.chain(next);
    std::set<int> seen;
    int at = 0;
    while (at >= 0 && seen.insert(at).second) at = next[static_cast<size_t>(at)];
    tally.count(at < 0);
    const Outcome outcome = evaluate(image.walk(), {pack::Phase::finalized}).at(0);
    ASSERT_EQ(outcome.verdict, at < 0 ? Verdict::holds : Verdict::violated) << round;
    EXPECT_EQ(image.set("tiny.links").rows, seen.size());
  }
}

}  // namespace
}  // namespace khover::evaluate
