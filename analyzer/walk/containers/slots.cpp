#include "walk/containers/container.h"

namespace khover::walk {

// With the pages that hold them: radix.cpp.
void follow(const pack::plans::Slots&, Family&) {}

}  // namespace khover::walk
