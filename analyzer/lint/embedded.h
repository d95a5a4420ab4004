// Files of tables/ as they were when khover-abi was built.
#pragma once

#include <string>

namespace khover::lint {

std::string shipped_versions();  // versions.yaml
std::string shipped_layouts();   // layouts.yaml

}  // namespace khover::lint
