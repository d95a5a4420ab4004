// A YAML tree as bytes that are read back without parsing. khover carries its rule packs and
// ABI snapshots in this form: yaml-cpp would take most of the start-up time.
#pragma once

#include <string>
#include <string_view>

#include "yaml/tree.h"

namespace khover::yaml {

std::string pack(const Node& root);
// Errors: bytes that pack() did not write.
Result<Node> unpack(std::string_view bytes, const std::string& name);

}  // namespace khover::yaml
