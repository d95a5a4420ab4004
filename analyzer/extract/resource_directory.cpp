#include "extract/resource_directory.h"

#include <clang/Basic/Version.h>
#include <dlfcn.h>

#include <filesystem>
#include <vector>

namespace khover::extract {

std::string resource_directory() {
  namespace fs = std::filesystem;
  const std::string version = std::string("clang/") + CLANG_VERSION_MAJOR_STRING;
  std::vector<fs::path> libraries;
  Dl_info library;
  // A function of libclang-cpp: the headers are installed beside the library that it is in.
  const auto* inside = reinterpret_cast<const void*>(&clang::getClangFullRepositoryVersion);
  if (dladdr(inside, &library) != 0 && library.dli_fname != nullptr) {
    std::error_code error;
    const fs::path real = fs::canonical(library.dli_fname, error);
    libraries.push_back(fs::path(library.dli_fname).parent_path());
    if (!error) libraries.push_back(real.parent_path());
  }
  libraries.push_back(KHOVER_CLANG_LIBRARY_DIR);
  for (const fs::path& folder : libraries) {
    std::error_code error;
    if (fs::is_regular_file(folder / version / "include/stddef.h", error)) return (folder / version).string();
  }
  return "";
}

}  // namespace khover::extract
