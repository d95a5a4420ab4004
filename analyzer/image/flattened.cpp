#include "image/flattened.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "error/try.h"
#include "image/bytes.h"
#include "output/file.h"

namespace khover::image {
namespace {

constexpr std::string_view kSignature = "makedumpfile";
constexpr size_t kHeaderBytes = 4096;
constexpr size_t kPieceHeaderBytes = 16;  // {s64 offset, s64 length}, both big-endian; -1, -1 is the end

bool write_at(int file, uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    offset += static_cast<uint64_t>(written);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

bool is_flattened(std::span<const std::byte> bytes) {
  return bytes.size() >= kSignature.size() &&
         std::memcmp(bytes.data(), kSignature.data(), kSignature.size()) == 0;
}

Result<Rearranged> rearrange(const MappedFile& flattened, const std::string& path) {
  const std::span<const std::byte> bytes = flattened.bytes();
  if (bytes.size() < kHeaderBytes)
    return fail(path, "is truncated within its flattened header", "copy the dump again");
  if (big_endian<int64_t>(bytes, 16) != 1 || big_endian<int64_t>(bytes, 24) != 1) {
    return fail(path, "is a flattened dump of an unknown type or version",
                "rearrange it with `makedumpfile -R`");
  }
  output::Descriptor file = output::nameless_file();
  if (!file.valid()) {
    return fail(path, std::string("no temporary file to rearrange it into: ") + std::strerror(errno),
                "set TMPDIR to a writable folder");
  }
  bool complete = false;
  std::vector<FileRange> stated;
  for (std::span<const std::byte> rest = bytes.subspan(kHeaderBytes); rest.size() >= kPieceHeaderBytes;) {
    const auto offset = big_endian<int64_t>(rest, 0);
    const auto length = big_endian<int64_t>(rest, 8);
    complete = offset == -1 && length == -1;
    if (complete) break;
    if (offset < 0 || length < 0 || length > std::numeric_limits<int64_t>::max() - offset) {
      return fail(path, "is damaged: a piece of the flattened dump has no valid offset",
                  "copy the dump again");
    }
    rest = rest.subspan(kPieceHeaderBytes);
    const size_t present = std::min<uint64_t>(static_cast<uint64_t>(length), rest.size());
    if (!write_at(file.number(), static_cast<uint64_t>(offset), rest.first(present))) {
      return fail(path, std::string("cannot be rearranged into a temporary file: ") + std::strerror(errno),
                  errno == EFBIG ? "copy the dump again" : "set TMPDIR to a folder with more space");
    }
    stated.push_back({static_cast<uint64_t>(offset), present});
    rest = rest.subspan(present);
  }
  struct stat status{};
  if (::fstat(file.number(), &status) != 0 || status.st_size <= 0) {
    return fail(path, "is a flattened dump without content", "take the dump again");
  }
  MappedFile mapped = TRY(MappedFile::map(std::move(file), static_cast<size_t>(status.st_size), path,
                                          Extents(std::move(stated))));
  return Rearranged{std::move(mapped), complete};
}

}  // namespace khover::image
