#include "walk/containers/container.h"

namespace khover::walk {

// With the pages that hold them: table.cpp.
void follow(const pack::plans::Entries&, Family&) {}

}  // namespace khover::walk
