// Every check, each defined in the file of its name.
#pragma once

#include "review/check.h"

namespace khover::review {

extern const Check address_anywhere_check;
extern const Check address_untested_check;
extern const Check array_alignment_check;
extern const Check chain_unbounded_check;
extern const Check checked_late_check;
extern const Check count_kept_above_check;
extern const Check count_not_set_check;
extern const Check count_unchecked_check;
extern const Check deleted_record_kept_check;
extern const Check double_free_check;
extern const Check double_step_check;
extern const Check equal_keys_check;
extern const Check error_folded_check;
extern const Check error_path_leak_check;
extern const Check error_pointer_test_check;
extern const Check failure_forgotten_check;
extern const Check failure_returns_success_check;
extern const Check fatal_on_image_check;
extern const Check freed_in_use_check;
extern const Check index_unaligned_check;
extern const Check index_unbounded_check;
extern const Check iterator_after_loop_check;
extern const Check log_of_zero_check;
extern const Check null_after_conversion_check;
extern const Check object_twice_check;
extern const Check order_ignored_check;
extern const Check order_recomputed_check;
extern const Check overwriting_insert_check;
extern const Check page_count_cut_check;
extern const Check partial_page_check;
extern const Check property_alignment_check;
extern const Check record_may_be_null_check;
extern const Check record_not_deleted_check;
extern const Check records_moved_check;
extern const Check reference_untested_check;
extern const Check reserved_ignored_check;
extern const Check restored_freed_check;
extern const Check result_ignored_check;
extern const Check shift_before_widening_check;
extern const Check slab_in_image_check;
extern const Check string_unterminated_check;
extern const Check tree_freed_check;
extern const Check truncated_value_check;
extern const Check unit_mismatch_check;
extern const Check value_unchecked_check;
extern const Check version_not_written_check;

}  // namespace khover::review
