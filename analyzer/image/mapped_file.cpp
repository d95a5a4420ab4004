#include "image/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "image/mapping_guard.h"

namespace khover::image {

Result<MappedFile> MappedFile::open(const std::string& path) {
  // O_NONBLOCK: a FIFO without a writer must be an error, not a wait.
  output::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) {
    const int reason = errno;
    return fail(path, std::string("cannot be opened: ") + std::strerror(reason),
                reason == EACCES ? "run as a user who may read it" : "check the path");
  }
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) {
    return fail(path, std::string("cannot be examined: ") + std::strerror(errno), "check the file system");
  }
  if (S_ISDIR(status.st_mode)) return fail(path, "is a directory", "name the dump file inside it");
  if (!S_ISREG(status.st_mode)) {
    return fail(path, "is not a regular file, but an image needs random access",
                "copy its content to a file and name that");
  }
  if (status.st_size <= 0) return fail(path, "is empty", "take the dump again");
  return map(std::move(file), static_cast<size_t>(status.st_size), path);
}

Result<MappedFile> MappedFile::map(output::Descriptor file, size_t size, const std::string& path) {
  return map(std::move(file), size, path, Extents({{0, size}}));
}

Result<MappedFile> MappedFile::map(output::Descriptor file, size_t size, const std::string& path,
                                   Extents stated) {
  void* const address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, file.number(), 0);
  if (address == MAP_FAILED) {
    const int reason = errno;
    return fail(
        path, std::string("cannot be mapped into memory: ") + std::strerror(reason),
        reason == ENOMEM ? "allow more address space (ulimit -v)" : "copy it to a local file and name that");
  }
  const int number = file.number();
  MappedFile mapped(std::move(file), {static_cast<const std::byte*>(address), size});
  guard_mapping(mapped.bytes_, path);
  mapped.data_ = std::make_shared<const Extents>(Extents::of(number, size));
  mapped.stated_ = std::make_shared<const Extents>(std::move(stated));
  return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : file_(std::move(other.file_)),
      bytes_(std::exchange(other.bytes_, {})),
      data_(std::move(other.data_)),
      stated_(std::move(other.stated_)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(bytes_, other.bytes_);
  std::swap(data_, other.data_);
  std::swap(stated_, other.stated_);
  return *this;
}

MappedFile::~MappedFile() {
  if (bytes_.empty()) return;
  forget_mapping(bytes_);
  ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace khover::image
