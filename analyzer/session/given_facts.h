// Facts that a user gave beside an image, held against it before anything is said of the image.
#pragma once

#include "session/layouts.h"

namespace khover::session {

// An error names the option that cannot be right: the image is not judged by facts of another machine or
// moment.
Result<void> check_given_facts(const Reading& reading);

}  // namespace khover::session
