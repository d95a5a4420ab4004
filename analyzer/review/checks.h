// Every check, each defined in the file of its name.
#pragma once

#include "review/check.h"

namespace khover::review {

extern const Check address_untested_check;
extern const Check count_unchecked_check;
extern const Check double_free_check;
extern const Check error_path_leak_check;
extern const Check error_pointer_test_check;
extern const Check failure_returns_success_check;
extern const Check null_after_conversion_check;
extern const Check result_ignored_check;
extern const Check shift_before_widening_check;
extern const Check string_unterminated_check;
extern const Check value_unchecked_check;

}  // namespace khover::review
