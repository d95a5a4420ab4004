// What a kernel must be built and booted with to take over what an image hands over:
// rules/*/NAME.target.yaml. Docs: rule-language.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "error/error.h"
#include "pack/severity.h"
#include "yaml/tree.h"

namespace khover::pack {

struct Requirement {
  std::string id;
  Severity severity = Severity::silent;
  // It matters to images that hand over this name; both empty: to every image that hands over anything.
  std::string registry;
  std::string name;  // whole, or up to a version: "memfd-v"
  // One of the two.
  std::string config;     // option that is set, without CONFIG_
  std::string parameter;  // of the command line
  // Of a parameter: what it must be, and which option decides where it is absent ("on", "off" or a name);
  // or a word that its comma-separated value must not have.
  std::optional<bool> is;
  std::string absent;
  std::string never;
  std::string because;
  std::string evidence;
};

Result<std::vector<Requirement>> read_requirements(yaml::Node root, const std::string& file);

}  // namespace khover::pack
