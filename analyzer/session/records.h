// Records in the words of a person: labels, paths, values.
#pragma once

#include <string>
#include <vector>

#include "evaluate/outcome.h"
#include "walk/vm/columns.h"

namespace khover::session {

// A value, as labels show it: ? where it is not known.
std::string value_text(const walk::World& world, const walk::Columns::Value& value, pack::Type type, bool hex,
                       uint32_t digits);
// session "vm-7"
std::string label(const walk::World& world, walk::Columns& columns, evaluate::RecordRef record);
// LUO › session "vm-7" › file token 0x12 › memfd
std::string path(const walk::World& world, walk::Columns& columns, evaluate::RecordRef record);
// Physical address of the record, or of what it represents (keys).
uint64_t address(const walk::World& world, walk::Columns& columns, evaluate::RecordRef record);
// The first bytes of the record that are present.
std::vector<uint8_t> bytes(const walk::World& world, evaluate::RecordRef record, size_t most);

}  // namespace khover::session
