// How a snapshot file spells a TypeKind.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "abi/snapshot.h"

namespace khover::abi {

inline constexpr std::array<std::string_view, 7> type_kind_names = {
    "integer", "boolean", "character", "enumeration", "pointer", "floating", "record"};

inline std::string_view name_of(TypeKind kind) { return type_kind_names[static_cast<size_t>(kind)]; }

inline std::optional<TypeKind> type_kind(std::string_view name) {
  for (size_t i = 0; i < type_kind_names.size(); ++i) {
    if (type_kind_names[i] == name) return static_cast<TypeKind>(i);
  }
  return std::nullopt;
}

}  // namespace khover::abi
