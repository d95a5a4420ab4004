// Files of rules/abi/fingerprints/ as they were when khover-abi was built.
#pragma once

#include <string>

namespace khover::lint {

std::string shipped_versions();  // versions.yml
std::string shipped_layouts();   // layouts.yml

}  // namespace khover::lint
