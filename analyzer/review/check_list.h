// The checks by name, for who does not look at C.
#pragma once

#include <vector>

#include "lint/finding.h"

namespace khover::review {

std::vector<lint::CheckInfo> check_list();

}  // namespace khover::review
