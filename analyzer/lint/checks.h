// Every check, each defined in the file of its name.
#pragma once

#include "lint/check.h"

namespace khover::lint {

extern const Check bit_field_check;
extern const Check bool_member_check;
extern const Check config_member_check;
extern const Check doc_members_check;
extern const Check doc_version_check;
extern const Check enum_member_check;
extern const Check flexible_array_check;
extern const Check implicit_padding_check;
extern const Check kernel_type_member_check;
extern const Check layout_not_pinned_check;
extern const Check layout_reuse_check;
extern const Check long_member_check;
extern const Check pointer_member_check;
extern const Check record_without_version_check;
extern const Check reserved_name_check;
extern const Check runtime_record_check;
extern const Check string_buffer_check;
extern const Check unaligned_member_check;
extern const Check unused_version_check;

}  // namespace khover::lint
