// One change of an image, in words.
#pragma once

#include <optional>
#include <string>

#include "evaluate/outcome.h"

namespace khover::prove {

struct Change {
  evaluate::RecordRef record;
  std::string what;  // field; or "preserved memory map", "bytes"
  std::optional<uint64_t>
      address;               // of the first byte that would change; none: of something that is not there
  std::string was, becomes;  // in words; becomes: empty where no single value is meant
  // The value that `becomes` says, of this column of the record, where it is an integer of the image.
  uint32_t column = pack::kNone;
  std::optional<pack::Integer> value = {};
};

}  // namespace khover::prove
