// The fields of two records, one by one. Used by compare.cpp only.
#pragma once

#include <string>
#include <vector>

#include "abi/compare.h"

namespace khover::abi {

std::vector<Change> compare_records(const Snapshot& old_abi, const Record& old_record,
                                    const Snapshot& new_abi, const Record& new_record);

// Reserved bytes are written as zero and read by nobody: reserved, rsvd, unused, pad, mbz.
bool is_reserved_name(std::string_view name);

}  // namespace khover::abi
