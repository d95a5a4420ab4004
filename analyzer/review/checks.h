// Every check, each defined in the file of its name; the build makes the list from the files in checks/.
#pragma once

#include "review/check.h"

namespace khover::review {

#define KHOVER_CHECK(name) extern const Check name##_check;
#include "review/check_names.inc"
#undef KHOVER_CHECK

}  // namespace khover::review
