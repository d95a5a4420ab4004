// Every check, each defined in the file of its name; the build makes the list from the files in checks/.
#pragma once

#include "lint/check.h"

namespace khover::lint {

#define KHOVER_CHECK(name) extern const Check name##_check;
#include "lint/check_names.inc"
#undef KHOVER_CHECK

}  // namespace khover::lint
