#include "pack/model.h"

namespace khover::pack {

bool is_condition(Op op) {
  switch (op) {
    case Op::equal:
    case Op::not_equal:
    case Op::less:
    case Op::less_equal:
    case Op::logical_and:
    case Op::logical_or:
    case Op::implies:
    case Op::logical_not:
      return true;
    default:
      return false;
  }
}

bool is_of_text(ColumnKind kind) {
  return kind == ColumnKind::text || kind == ColumnKind::text_terminated ||
         kind == ColumnKind::text_tail_zero || kind == ColumnKind::text_length;
}

uint32_t SetType::find(const std::string& name_of_column) const {
  for (uint32_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name_of_column) return i;
  }
  return kNone;
}

uint32_t Model::find_set(const std::string& name) const {
  for (uint32_t i = 0; i < sets.size(); ++i) {
    if (sets[i].name == name) return i;
  }
  return kNone;
}

uint32_t Model::find_rule(const std::string& id) const {
  for (uint32_t i = 0; i < rules.size(); ++i) {
    if (rules[i].id == id) return i;
  }
  return kNone;
}

uint32_t Model::hops_to(uint32_t set, uint32_t ancestor) const {
  for (uint32_t in = set, hops = 0; in != kNone; in = sets[in].parent, ++hops) {
    if (in == ancestor) return hops;
  }
  return kNone;
}

std::optional<Version> version_of(const std::string& name) {
  const size_t digits = name.find_last_not_of("0123456789") + 1;
  if (digits == name.size() || digits == 0 || name.size() - digits > 9) return std::nullopt;
  return Version{name.substr(0, digits), std::stoull(name.substr(digits))};
}

}  // namespace khover::pack
