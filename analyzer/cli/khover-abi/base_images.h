// Well-formed images that khover-abi carries, of many ABIs: see corpus/base_images.txt. Written at build time
// (yaml/embed.cpp).
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
