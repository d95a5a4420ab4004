// What a container works with: the records of one set below one parent record.
#pragma once

#include <any>
#include <initializer_list>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <variant>
#include <vector>

#include "walk/vm/columns.h"
#include "walk/world.h"

namespace khover::walk {

constexpr uint64_t kMaxRows = 0xfffffff0;  // of one set

// One walk through an image: what all families share.
class Walk {
 public:
  Walk(const pack::Model& model, const image::Memory& memory, const image::Facts& facts);
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  World world;
  Columns columns;
  // Bytes that the runs of one set may have in all. Runs that overlap are followed, but no more often than
  // this, so that the work is bounded by the bytes present: twice as many.
  uint64_t claimable = 0;

  RecordSet& set(uint32_t index) { return world.sets[index]; }
  bool is_done(uint32_t set) const { return done_[set]; }
  void set_done(uint32_t set) { done_[set] = true; }
  // False: the set was at this address before.
  bool visit(const RecordSet& set, uint64_t address) { return visited_[set.index].insert(address).second; }
  // Whether a record of the set begins at the address; all its records are read.
  bool has_record_at(const RecordSet& set, uint64_t address);

  // What a container remembers of a set from one family to the next: a struct of its own.
  template <typename Notes>
  Notes& notes(const RecordSet& set) {
    std::any& slot = notes_[set.index];
    if (!slot.has_value()) slot = Notes();
    return *std::any_cast<Notes>(&slot);
  }

  enum class Pass { yes, no, unknown };
  Pass passes(uint32_t rule, uint32_t set, uint32_t row);

 private:
  std::vector<bool> done_;
  std::unordered_map<uint32_t, std::any> notes_;                          // by set
  std::unordered_map<uint32_t, std::unordered_set<uint64_t>> visited_;    // by set
  std::unordered_map<uint32_t, std::unordered_set<uint64_t>> addresses_;  // by set
};

class Family {
 public:
  // `parent`: its row, kNone for a set without a parent. Both must outlive it.
  Family(Walk& walk, RecordSet& set, uint32_t parent) : walk_(walk), set_(set), parent_(parent) {}

  RecordSet& set() { return set_; }
  const pack::SetType& type() const { return *set_.type; }
  uint32_t parent() const { return parent_; }
  World& world() { return walk_.world; }
  Walk& walk() { return walk_; }

  // The value of an expression over the parent; an opening where it cannot be known.
  std::optional<pack::Integer> value(const pack::ExprPtr& expr);
  std::optional<pack::Integer> value(const pack::plans::Value& of) { return value(of.expr); }
  // A physical address of 64 bits; nullopt for none (0) or unknown.
  std::optional<uint64_t> start(const pack::plans::Value& at);
  // A column of one of the family's records. Where it is not known, an opening: the hole that hides it.
  std::optional<pack::Integer> column(uint32_t row, const pack::plans::OwnColumn& column);

  // Why records of this family may be missing.
  void hole(uint64_t address);
  void broken(uint64_t address, std::string why);

  // False: the set was at this address before. Each container visits where its records begin, so that the
  // work is bounded by the bytes present.
  bool visit(uint64_t address) { return walk_.visit(set_, address); }
  // Adds records side by side; the first one's row. `numbers`: of one record, or of none.
  uint32_t append(uint64_t address, uint32_t count, uint32_t first_index,
                  std::initializer_list<uint64_t> numbers = {});
  // False: a gate refuses the record.
  bool pass_gates(uint32_t row);
  void pass_gates_from(uint32_t first);

  // How many of the `wanted` bytes from `address` on are present.
  uint64_t present_bytes(uint64_t address, pack::Integer wanted) const;
  // As present_bytes, for records that a count asks for. Where fewer than wanted are there, or where the runs
  // of the set overlap too often, the set is open.
  uint64_t claim(uint64_t address, pack::Integer wanted);
  // The bytes, if they are side by side in host memory; else null.
  const std::byte* contiguous(uint64_t address, uint64_t bytes) const;

  // The set below this one that has this container, and is read along with it: done. Null: there is none.
  template <typename Plan>
  RecordSet* along() {
    for (uint32_t i = 0; i < world().sets.size(); ++i) {
      const pack::SetType& type = *world().sets[i].type;
      if (type.parent != set_.index || !std::holds_alternative<Plan>(type.plan)) continue;
      walk_.set_done(i);
      return &world().sets[i];
    }
    return nullptr;
  }

 private:
  Walk& walk_;
  RecordSet& set_;
  uint32_t parent_;
};

}  // namespace khover::walk
