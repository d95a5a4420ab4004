// makedumpfile's flattened format: a dump written to a pipe, as pieces with their offsets.
#pragma once

#include "error/error.h"
#include "image/mapped_file.h"

namespace khover::image {

bool is_flattened(std::span<const std::byte> bytes);

struct Rearranged {
  MappedFile file;
  bool complete = true;  // false: the stream ends before its end mark
};

// The dump inside, its pieces at their offsets in an unlinked temporary file. A later piece overwrites
// an earlier one, as makedumpfile -R has it. What no piece holds is not stated by the file
// (MappedFile::stated).
Result<Rearranged> rearrange(const MappedFile& flattened, const std::string& path);

}  // namespace khover::image
