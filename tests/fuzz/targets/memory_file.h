// An input as a file that readers can open by name.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <span>
#include <string>

namespace khover::fuzz {

class MemoryFile {
 public:
  explicit MemoryFile(std::span<const std::byte> content) : number_(memfd_create("input", MFD_CLOEXEC)) {
    if (number_ < 0 || write(number_, content.data(), content.size()) != static_cast<ssize_t>(content.size()))
      std::abort();
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(number_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(number_); }

 private:
  int number_;
};

}  // namespace khover::fuzz
