// What keeps the target from taking over what an image hands over, beyond the rules on the image itself.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pack/requirements.h"
#include "target/target.h"

namespace khover::target {

// A name by which something is handed over: a subtree, a file, an FLB.
struct HandedOver {
  std::string registry;
  std::string name;
  std::string path;       // of the first such record, for people
  uint64_t count = 0;     // records
  bool has_pack = false;  // whose rules ask for the versions below it
};

struct Objection {
  std::string id;
  pack::Severity severity = pack::Severity::silent;
  bool decided = true;  // false: it cannot be said whether the target objects
  std::string what;     // "the target does not know file 'vfio-pci-v1'"
  std::string because;
  std::string remedy;  // of those that are not decided
};

// Names that the target does not know, or of which it cannot be said.
std::vector<Objection> object_to_names(const Target& target, const std::vector<HandedOver>& names);

// Its configuration and command line. `command_line`: nothing: not given.
std::vector<Objection> object_to_settings(const Target& target, const std::vector<HandedOver>& names,
                                          const std::vector<pack::Requirement>& requirements,
                                          const std::optional<std::string>& command_line);

// Records that both have under one name and the target lays out differently; and version numbers that
// differ. `records`: those that the image has, of the ABI `image`.
std::vector<Objection> object_to_layouts(const Target& target, const abi::Snapshot& image,
                                         const std::vector<std::string>& records);

}  // namespace khover::target
