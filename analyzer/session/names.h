// What people call a record, as its pack says: with values of the records that it leads to.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "evaluate/outcome.h"
#include "walk/vm/columns.h"

namespace khover::session {

class Names {
 public:
  explicit Names(const walk::World& world) : world_(world), columns_(world) {}

  // Its label, where the pack has no other name for it.
  std::string of(evaluate::RecordRef record) { return of(record, 0); }

 private:
  std::string of(evaluate::RecordRef record, int depth);
  std::optional<std::string> piece(const pack::NamePiece& piece, evaluate::RecordRef record, int depth);
  std::optional<uint32_t> find(const pack::NamePart& part, evaluate::RecordRef record);

  const walk::World& world_;
  walk::Columns columns_;
  std::map<const pack::NamePart*, std::unordered_map<uint64_t, uint32_t>> rows_;  // of the other set, by key
};

}  // namespace khover::session
