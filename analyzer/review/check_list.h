// The checks by name, for who does not look at C.
#pragma once

#include <vector>

#include "findings/finding.h"

namespace khover::review {

std::vector<findings::CheckInfo> check_list();

}  // namespace khover::review
