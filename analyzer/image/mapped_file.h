// A file's bytes, mapped read-only.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "error/error.h"
#include "image/extents.h"
#include "output/descriptor.h"

namespace khover::image {

// Somebody may shorten the file while it is mapped, and a disk may fail: the process then ends with a
// sentence that names the file, and exit status 2 (output::die). Nothing was decided by then.
class MappedFile {
 public:
  // A regular file with at least one byte; anything else is an error that names what it is.
  static Result<MappedFile> open(const std::string& path);

  static Result<MappedFile> map(output::Descriptor file, size_t size, const std::string& path);
  // For a file of which only some bytes were ever stated.
  static Result<MappedFile> map(output::Descriptor file, size_t size, const std::string& path,
                                Extents stated);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }
  int descriptor() const { return file_.number(); }  // stays open as long as this object lives

  // Bytes that may be other than zero: a pass over the file need look at no others.
  const Extents& data() const { return *data_; }
  // Bytes that the file states at all. The others read as zero, and mean nothing.
  const Extents& stated() const { return *stated_; }

 private:
  MappedFile(output::Descriptor file, std::span<const std::byte> bytes)
      : file_(std::move(file)), bytes_(bytes) {}
  output::Descriptor file_;
  std::span<const std::byte> bytes_;
  std::shared_ptr<const Extents> data_, stated_;
};

}  // namespace khover::image
