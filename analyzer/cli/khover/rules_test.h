// khover rules test: is a folder of packs right, and are the images beside them judged as they should be?
#pragma once

#include <string>

namespace khover::cli {

// `folder`: laid out as rules/ is. One that has no ABIs of kernels is checked beside the built-in packs.
// `abi`: checked against this one alone; empty: the newest kernel's, and for packs that it is not for, the
// others.
int test_rules(const std::string& folder, const std::string& abi);

}  // namespace khover::cli
