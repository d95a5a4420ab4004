// --checks: a comma-separated list of globs, a minus in front takes away; later ones win.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "error/error.h"

namespace khover::findings {

// Ids that are selected, in their order; a glob that fits none is an error. A list that begins with a
// minus takes away from all of them.
Result<std::vector<std::string>> select_checks(std::string_view list, const std::vector<std::string>& ids);

}  // namespace khover::findings
