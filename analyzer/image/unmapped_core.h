// ELF cores that cannot be mapped into memory: /proc/kcore of the running kernel, /proc/vmcore.
#pragma once

#include <optional>
#include <string>

#include "error/error.h"
#include "image/image.h"

namespace khover::image {

// Whether the file is one of procfs, or larger than any address space: it is read in place.
bool must_be_read_in_place(const std::string& path);

// Fills everything of `image` but its path.
Result<void> open_unmapped_core(const std::string& path, Image& image);

}  // namespace khover::image
