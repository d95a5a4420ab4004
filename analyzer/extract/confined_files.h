// Files as clang sees them when the source is not to be trusted: what is outside the given folders is
// not there, wherever an #include or a link points.
#pragma once

#include <llvm/Support/VirtualFileSystem.h>

#include <string>
#include <vector>

namespace khover::extract {

// `folders`: absolute and canonical.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> confined_files(
    llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> below, std::vector<std::string> folders);

}  // namespace khover::extract
