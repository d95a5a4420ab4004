// The fields of two records, one by one. Used by compare.cpp only.
#pragma once

#include <string>
#include <vector>

#include "abi_diff/compare.h"

namespace khover::abi_diff {

std::vector<Change> compare_records(const abi::Snapshot& old_abi, const abi::Record& old_record,
                                    const abi::Snapshot& new_abi, const abi::Record& new_record);

// Reserved bytes are written as zero and never read: reserved, rsvd, unused, pad, mbz.
bool is_reserved_name(std::string_view name);

}  // namespace khover::abi_diff
