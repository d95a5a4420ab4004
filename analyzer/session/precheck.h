// From an image, or the memory of the running kernel, to GO, NO-GO or CANNOT SAY.
#pragma once

#include <optional>
#include <string>

#include "findings/precheck.h"
#include "session/analysis.h"

namespace khover::session {

struct PrecheckAsked {
  ImageArguments image;
  std::optional<std::string> command_line;  // of the target
  bool image_only = false;                  // no target is asked
};

// Never fails: what cannot be read is the answer.
findings::Precheck precheck(const PrecheckAsked& asked);

}  // namespace khover::session
