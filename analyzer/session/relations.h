// Which finding can be why another one is there, as the model has it: rules that need each other, gates,
// pointers that lead to records, records that a claim reads.
#pragma once

#include <optional>
#include <vector>

#include "evaluate/outcome.h"
#include "walk/world.h"

namespace khover::session {

// A rule that objects, with the first record that it objects to.
struct Objection {
  uint32_t rule = pack::kNone;
  bool violated = true;  // or undetermined
  std::optional<evaluate::RecordRef> record, other;
};

class Relations {
 public:
  Relations(const walk::World& world, std::vector<Objection> objections);

  // Whether what the first one speaks of can be why the second one objects; both are indices.
  bool explains(size_t cause, size_t consequence) const;

 private:
  struct Node {
    Objection objection;
    uint32_t set = pack::kNone;    // that the claim is about
    std::vector<uint32_t> feeds;   // sets whose rows are found by what this rule is about
    std::vector<uint32_t> places;  // sets whose memory is where this rule's fields say
    std::vector<uint32_t> reads;   // sets that the claim looks into beside its own
    bool about_owners = false;     // its two records claim the same memory
  };
  Node node_of(const Objection& objection) const;
  std::vector<uint32_t> fed_by(const pack::Rule& rule, uint32_t set) const;
  std::vector<uint32_t> placed_by(const pack::Rule& rule, uint32_t set) const;
  bool is_below(evaluate::RecordRef record, evaluate::RecordRef above) const;
  bool leads_to(const Node& cause, uint32_t fed, const Node& consequence) const;
  bool comes_first(const Node& a, const Node& b) const;

  const walk::World& world_;
  std::vector<Node> nodes_;
};

}  // namespace khover::session
