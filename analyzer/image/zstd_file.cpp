#include "image/zstd_file.h"

#include <fmt/format.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "image/image.h"
#include "output/descriptor.h"
#include "output/file.h"

namespace khover::image {
namespace {

// A frame may ask for a window of 2 GiB; zstd itself refuses more than this unless told --long.
constexpr int kMaxWindowLog = 27;

uint32_t first_word(std::span<const std::byte> bytes) {
  uint32_t word = 0;
  for (size_t i = 4; i-- > 0;) word = word << 8 | std::to_integer<uint32_t>(bytes[i]);
  return word;
}

// Blocks of zeros stay holes of the file: a dump of an idle machine is mostly zeros.
bool write_sparse(int file, uint64_t offset, std::span<const char> bytes) {
  if (std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; })) return true;
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    offset += static_cast<uint64_t>(written);
    bytes = bytes.subspan(static_cast<size_t>(written));
  }
  return true;
}

tl::unexpected<Error> zstd_failure(const std::string& path, size_t code) {
  if (ZSTD_getErrorCode(code) == ZSTD_error_frameParameter_windowTooLarge) {
    return fail(path, "is compressed with a window above 128 MiB", "decompress it with `zstd -d --long=31`");
  }
  return fail(path, std::string("is damaged: zstd says ") + ZSTD_getErrorName(code),
              "test it with `zstd -t` and copy it again");
}

}  // namespace

bool is_zstd(std::span<const std::byte> bytes) {
  if (bytes.size() < 4) return false;
  const uint32_t magic = first_word(bytes);
  return magic == ZSTD_MAGICNUMBER || (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
}

Result<MappedFile> decompress_zstd(const MappedFile& compressed, const std::string& path) {
  output::Descriptor file = output::nameless_file();
  if (!file.valid()) {
    return fail(path, std::string("no temporary file to decompress it into: ") + std::strerror(errno),
                "set TMPDIR to a writable folder");
  }
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  if (!context) return fail(path, "no memory to decompress it", "free some memory");
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kMaxWindowLog);

  const std::span<const std::byte> bytes = compressed.bytes();
  ZSTD_inBuffer input{bytes.data(), bytes.size(), 0};
  std::vector<char> block(ZSTD_DStreamOutSize());
  uint64_t size = 0;
  bool frame_complete = true;
  while (true) {
    const size_t consumed = input.pos;
    ZSTD_outBuffer output{block.data(), block.size(), 0};
    const size_t code = ZSTD_decompressStream(context.get(), &output, &input);
    if (ZSTD_isError(code)) return zstd_failure(path, code);
    if (output.pos == 0 && input.pos == consumed) break;  // at the end: of a frame, or of a cut file
    frame_complete = code == 0;
    if (!write_sparse(file.number(), size, {block.data(), output.pos})) {
      return fail(path, std::string("cannot be decompressed into a temporary file: ") + std::strerror(errno),
                  "set TMPDIR to a folder with more space");
    }
    size += output.pos;
    if (size > kMaxDecompressed) {
      return fail(path, fmt::format("decompresses to more than {} GiB", kMaxDecompressed >> 30),
                  "decompress it with `zstd -d` and name the result");
    }
  }
  if (!frame_complete) {
    return fail(path, fmt::format("is truncated: the zstd stream ends within a frame, after {} bytes", size),
                "copy it again; `zstd -t` must accept it");
  }
  if (size == 0) return fail(path, "decompresses to nothing", "take the dump again");
  if (::ftruncate(file.number(), static_cast<off_t>(size)) != 0) {
    return fail(path, std::string("cannot be decompressed into a temporary file: ") + std::strerror(errno),
                "set TMPDIR to a folder with more space");
  }
  return MappedFile::map(std::move(file), size, path);
}

}  // namespace khover::image
