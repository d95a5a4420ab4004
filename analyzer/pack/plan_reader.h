// The container of a set, as it is written.
#pragma once

#include "pack/pack_file.h"
#include "pack/pack_text.h"

namespace khover::pack {

// `map`: of the set. Fills in its plan, record and element; errors go to `map` and `text`.
void read_plan(PackText& text, YamlMap& map, SetDefinition& set);

}  // namespace khover::pack
