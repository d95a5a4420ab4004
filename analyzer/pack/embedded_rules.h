// Written at build time from rules/ (yaml/embed.cpp).
#pragma once

#include <string_view>
#include <vector>

namespace khover::pack {

struct EmbeddedFile {
  const char* path;        // relative to rules/
  std::string_view bytes;  // packed tree
};
const std::vector<EmbeddedFile>& embedded_rules();

}  // namespace khover::pack
