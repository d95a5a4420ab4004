// Well-formed images that a program carries, written by khover-write-image while it is built
// (yaml/embed.cpp): khover-abi those of corpus/base_images.txt, khover those of corpus/spare_images.txt.
#pragma once

#include <string_view>
#include <vector>

namespace khover::cli {

struct BaseImage {
  const char* name;        // "2026-03"
  std::string_view bytes;  // an ELF core, compressed with zstd
};
const std::vector<BaseImage>& base_images();

}  // namespace khover::cli
