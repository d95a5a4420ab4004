// A file's bytes, mapped read-only.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "error/error.h"
#include "image/descriptor.h"

namespace khover::image {

class MappedFile {
 public:
  // A regular file with at least one byte; anything else is an error that names what it is.
  static Result<MappedFile> open(const std::string& path);

  static Result<MappedFile> map(Descriptor file, size_t size, const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }
  int descriptor() const { return file_.number(); }  // stays open as long as this object lives

 private:
  MappedFile(Descriptor file, std::span<const std::byte> bytes) : file_(std::move(file)), bytes_(bytes) {}
  Descriptor file_;
  std::span<const std::byte> bytes_;
};

}  // namespace khover::image
