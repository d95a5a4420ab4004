// kdump-compressed dumps: one file, or all files of a split set.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "error/error.h"
#include "image/image.h"
#include "image/mapped_file.h"

namespace khover::image {

bool is_kdump(std::span<const std::byte> bytes);

struct KdumpPart {
  MappedFile file;
  std::string path;
};

// Fills everything of `image` but its path.
Result<void> open_kdump(std::vector<KdumpPart> parts, Image& image);

}  // namespace khover::image
