// Headers of a tree as they are in one of its commits.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "error/error.h"
#include "series/git.h"

namespace khover::series {

// What a compiler needs of headers at `revision`, in a folder of its own: include/ and the architectures'
// include/ folders. Nothing is checked out, nothing is executed.
Result<std::unique_ptr<TemporaryFolder>> headers_at(const std::string& tree, const std::string& revision);

}  // namespace khover::series
