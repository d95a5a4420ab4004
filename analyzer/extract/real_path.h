// The one path of a header, however an #include spelled it.
#pragma once

#include <clang/Basic/FileEntry.h>
#include <clang/Basic/SourceManager.h>

#include <string>

namespace khover::extract {

// Of the file that `location`, an expansion location, is in; "" for built-in text.
inline std::string real_path(const clang::SourceManager& sources, clang::SourceLocation location) {
  const clang::OptionalFileEntryRef file = sources.getFileEntryRefForID(sources.getFileID(location));
  if (!file) return "";
  const llvm::StringRef canonical = file->getFileEntry().tryGetRealPathName();
  return (canonical.empty() ? file->getName() : canonical).str();
}

}  // namespace khover::extract
