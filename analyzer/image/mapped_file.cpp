#include "image/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace khover::image {

Result<MappedFile> MappedFile::open(const std::string& path) {
  // O_NONBLOCK: a FIFO without a writer must be an error, not a wait.
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
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

Result<MappedFile> MappedFile::map(Descriptor file, size_t size, const std::string& path) {
  void* const address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, file.number(), 0);
  if (address == MAP_FAILED) {
    return fail(path, std::string("cannot be mapped into memory: ") + std::strerror(errno),
                "copy it to a local file and name that");
  }
  return MappedFile(std::move(file), {static_cast<const std::byte*>(address), size});
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : file_(std::move(other.file_)), bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(file_, other.file_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace khover::image
