// The values of two enumerations, one by one. Used by compare.cpp only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "abi_diff/compare.h"

namespace khover::abi_diff {

// Adds what changed to `item`. `user`: a member that has the enumeration as its type.
void compare_enumerators(const abi::Enumeration& before, const abi::Enumeration& after,
                         const std::optional<std::string>& user, Item& item);

Effect worst_of(const std::vector<Change>& changes);

}  // namespace khover::abi_diff
