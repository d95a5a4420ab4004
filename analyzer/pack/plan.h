// How the rows of a set are found: one of the structs of plans/, whose list is made from the names of its
// files. Format of each: docs/rule-language.md.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "pack/plan_list.h"

namespace khover::pack {

const char* container_of(const Plan& plan);  // "chain"
RowKind rows_of(const Plan& plan);

// Where the first record is; null: a container without the key `at`.
const plans::Value* start_of(const Plan& plan);
// The column of the set that leads from a record to another one, as in a chain; kNone: the container has
// none.
uint32_t link_of(const Plan& plan);
// Everything that is computed over the parent, in the order of the keys.
std::vector<ExprPtr> values_of(const Plan& plan);
// Names of the sets that have to be linked before a set of this plan, as written.
std::vector<std::string> sets_before(const Plan& plan);

}  // namespace khover::pack
