// libkdumpfile 0.5.1, which Debian 12 has, is not used here: on damaged files it reads past the end of
// its mappings and frees what it never set up (docs/dump-formats.md). The tests hold khover against it.
#include "image/kdump_page.h"

#include <lzo/lzo1x.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>

#include "image/bytes.h"

namespace khover::image {
namespace {

constexpr uint32_t kZlib = 0x1;
constexpr uint32_t kLzo = 0x2;
constexpr uint32_t kSnappy = 0x4;
constexpr uint32_t kZstd = 0x20;
constexpr uint32_t kCompressed = kZlib | kLzo | kSnappy | kZstd;

struct Descriptor24 {
  uint64_t offset;
  uint32_t size;
  uint32_t flags;
};

Descriptor24 descriptor(std::span<const std::byte> file, uint64_t at) {
  return {little_endian<uint64_t>(file, at), little_endian<uint32_t>(file, at + 8),
          little_endian<uint32_t>(file, at + 12)};
}

bool plausible(const MappedFile& file, const Descriptor24& page, uint64_t block_size) {
  if (page.offset == 0 || page.size == 0 || page.size > block_size) return false;
  if ((page.flags & kCompressed) == 0 && page.size != block_size) return false;
  const size_t size = file.bytes().size();
  return page.offset < size && page.size <= size - page.offset &&
         file.stated().has_all(page.offset, page.size);
}

bool from_zlib(std::span<const std::byte> data, std::span<std::byte> out) {
  uLongf length = out.size();
  const int code = uncompress(reinterpret_cast<Bytef*>(out.data()), &length,
                              reinterpret_cast<const Bytef*>(data.data()), data.size());
  return code == Z_OK && length == out.size();
}

bool from_lzo(std::span<const std::byte> data, std::span<std::byte> out) {
  lzo_uint length = out.size();
  const int code = lzo1x_decompress_safe(reinterpret_cast<const unsigned char*>(data.data()), data.size(),
                                         reinterpret_cast<unsigned char*>(out.data()), &length, nullptr);
  return code == LZO_E_OK && length == out.size();
}

bool from_snappy(std::span<const std::byte> data, std::span<std::byte> out) {
  const char* const from = reinterpret_cast<const char*>(data.data());
  size_t length = 0;
  if (snappy_uncompressed_length(from, data.size(), &length) != SNAPPY_OK || length != out.size())
    return false;
  return snappy_uncompress(from, data.size(), reinterpret_cast<char*>(out.data()), &length) == SNAPPY_OK;
}

bool from_zstd(std::span<const std::byte> data, std::span<std::byte> out) {
  return ZSTD_decompress(out.data(), out.size(), data.data(), data.size()) == out.size();
}

}  // namespace

bool has_page(const MappedFile& file, uint64_t descriptor_at, uint64_t block_size) {
  return plausible(file, descriptor(file.bytes(), descriptor_at), block_size);
}

bool read_page(const MappedFile& file, uint64_t descriptor_at, std::span<std::byte> out) {
  const Descriptor24 page = descriptor(file.bytes(), descriptor_at);
  if (!plausible(file, page, out.size())) return false;
  const std::span<const std::byte> data = file.bytes().subspan(page.offset, page.size);
  switch (page.flags & kCompressed) {
    case 0:
      std::memcpy(out.data(), data.data(), out.size());
      return true;
    case kZlib:
      return from_zlib(data, out);
    case kLzo:
      return from_lzo(data, out);
    case kSnappy:
      return from_snappy(data, out);
    case kZstd:
      return from_zstd(data, out);
    default:
      return false;
  }
}

}  // namespace khover::image
