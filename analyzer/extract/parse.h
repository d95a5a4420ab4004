// One run of clang over one synthetic unit that includes every header.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "error/error.h"
#include "extract/header_names.h"

namespace khover::extract {

struct Unit {
  std::vector<std::string> flags;
  std::vector<std::string> includes;  // operands of #include, in order
  std::string configuration;          // contents of configuration_path, see extract.h
  std::vector<std::string> folders;   // see Request
};

struct ParsedUnit {
  abi::Snapshot snapshot;  // everything but its source
  std::optional<__int128> page_size;
  uint32_t pointer_size = 0;
  bool little_endian = true;
  std::vector<std::string> notes;
};

Result<ParsedUnit> parse(const Unit& unit, const HeaderNames& names);

}  // namespace khover::extract
