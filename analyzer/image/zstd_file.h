// Zstandard-compressed dumps.
#pragma once

#include "error/error.h"
#include "image/mapped_file.h"

namespace khover::image {

bool is_zstd(std::span<const std::byte> bytes);

// All frames of `compressed`, decompressed into an unlinked temporary file (in $TMPDIR, else /tmp;
// in memory when neither can be written) and mapped. At most kMaxDecompressed bytes.
Result<MappedFile> decompress_zstd(const MappedFile& compressed, const std::string& path);

}  // namespace khover::image
