#include "target/unpack.h"

#include <bzlib.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>

#ifdef KHOVER_LZ4
#include <lz4.h>
#endif

namespace khover::target {
namespace {

using Bytes = std::span<const std::byte>;
using Unpacked = std::vector<std::byte>;

constexpr size_t kStep = size_t{4} << 20;

tl::unexpected<Error> damaged(const std::string& where, const char* how) {
  return fail(where, std::string("its ") + how + " stream is damaged or cut", "copy the file again");
}
tl::unexpected<Error> too_large(const std::string& where) {
  return fail(where, "unpacks to more than any kernel has", "name a kernel image");
}

// What a decoder that works in steps reports of one.
enum class Step { more, end, failed };

// Grows with what the decoder yields. `step` fills a part of the buffer and returns how much it used of it.
Result<Unpacked> in_steps(const std::string& where, const char* how,
                          const std::function<Step(std::span<std::byte>, size_t& filled)>& step) {
  Unpacked out;
  while (true) {
    const size_t had = out.size();
    if (had >= kMaxUnpacked) return too_large(where);
    out.resize(had + kStep);
    size_t filled = 0;
    const Step done = step(std::span(out).subspan(had), filled);
    out.resize(had + filled);
    if (done == Step::failed || (done == Step::more && filled == 0)) return damaged(where, how);
    if (done == Step::end) return out;
  }
}

Result<Unpacked> gunzip(Bytes in, const std::string& where) {
  z_stream stream{};
  constexpr int kGzip = 16;  // added to the window's size: a gzip header, not zlib's
  if (inflateInit2(&stream, MAX_WBITS + kGzip) != Z_OK) return damaged(where, "gzip");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> end(&stream, inflateEnd);
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
  stream.avail_in = static_cast<uInt>(std::min<size_t>(in.size(), kMaxUnpacked));
  return in_steps(where, "gzip", [&](std::span<std::byte> out, size_t& filled) {
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    filled = out.size() - stream.avail_out;
    return result == Z_STREAM_END ? Step::end : result == Z_OK ? Step::more : Step::failed;
  });
}

Result<Unpacked> unxz(Bytes in, const std::string& where, bool alone) {
  lzma_stream stream = LZMA_STREAM_INIT;
  constexpr uint64_t kMemory = uint64_t{256} << 20;
  const lzma_ret begun =
      alone ? lzma_alone_decoder(&stream, kMemory) : lzma_stream_decoder(&stream, kMemory, 0);
  const std::unique_ptr<lzma_stream, void (*)(lzma_stream*)> end(&stream, lzma_end);
  if (begun != LZMA_OK) return damaged(where, "xz");
  stream.next_in = reinterpret_cast<const uint8_t*>(in.data());
  stream.avail_in = in.size();
  return in_steps(where, alone ? "lzma" : "xz", [&](std::span<std::byte> out, size_t& filled) {
    stream.next_out = reinterpret_cast<uint8_t*>(out.data());
    stream.avail_out = out.size();
    const lzma_ret result = lzma_code(&stream, LZMA_RUN);
    filled = out.size() - stream.avail_out;
    return result == LZMA_STREAM_END ? Step::end : result == LZMA_OK ? Step::more : Step::failed;
  });
}

Result<Unpacked> bunzip2(Bytes in, const std::string& where) {
  bz_stream stream{};
  if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) return damaged(where, "bzip2");
  const std::unique_ptr<bz_stream, int (*)(bz_stream*)> end(&stream, BZ2_bzDecompressEnd);
  stream.next_in = const_cast<char*>(reinterpret_cast<const char*>(in.data()));
  stream.avail_in = static_cast<unsigned>(std::min<size_t>(in.size(), kMaxUnpacked));
  return in_steps(where, "bzip2", [&](std::span<std::byte> out, size_t& filled) {
    stream.next_out = reinterpret_cast<char*>(out.data());
    stream.avail_out = static_cast<unsigned>(out.size());
    const int result = BZ2_bzDecompress(&stream);
    filled = out.size() - stream.avail_out;
    return result == BZ_STREAM_END ? Step::end : result == BZ_OK ? Step::more : Step::failed;
  });
}

Result<Unpacked> unzstd(Bytes in, const std::string& where) {
  const std::unique_ptr<ZSTD_DCtx, size_t (*)(ZSTD_DCtx*)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  constexpr int kWindow = 27;  // bits; the kernel is compressed with --ultra -22
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, kWindow);
  ZSTD_inBuffer source{in.data(), in.size(), 0};
  return in_steps(where, "zstd", [&](std::span<std::byte> out, size_t& filled) {
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const size_t result = ZSTD_decompressStream(context.get(), &to, &source);
    filled = to.pos;
    return ZSTD_isError(result) != 0 ? Step::failed : result == 0 ? Step::end : Step::more;
  });
}

// Numbers of a stream, none past its end.
class Cursor {
 public:
  explicit Cursor(Bytes bytes) : bytes_(bytes) {}

  uint64_t big_endian(size_t count) {
    uint64_t value = 0;
    for (const std::byte byte : take(count)) value = value << 8 | std::to_integer<uint64_t>(byte);
    return value;
  }
  uint32_t little_endian32() {
    const Bytes bytes = take(4);
    uint32_t value = 0;
    for (size_t i = bytes.size(); i > 0; --i) value = value << 8 | std::to_integer<uint32_t>(bytes[i - 1]);
    return value;
  }
  Bytes take(size_t count) {
    good_ = good_ && count <= bytes_.size();
    const Bytes taken = good_ ? bytes_.first(count) : Bytes{};
    bytes_ = bytes_.subspan(taken.size());
    return taken;
  }
  bool good() const { return good_; }
  size_t left() const { return bytes_.size(); }

 private:
  Bytes bytes_;
  bool good_ = true;
};

// The file format of lzop: a header, then blocks with their sizes.
Result<Unpacked> unlzo(Bytes in, const std::string& where) {
  constexpr uint64_t kAdlerOfData = 0x1, kAdlerOfPacked = 0x2, kExtra = 0x40, kCrcOfData = 0x100,
                     kCrcOfPacked = 0x200, kFilter = 0x800;
  constexpr uint64_t kWithLevel = 0x0940;   // the first version with that field
  constexpr uint64_t kMaxBlock = 64 << 20;  // lzop's own limit
  if (lzo_init() != LZO_E_OK) return damaged(where, "lzo");
  Cursor cursor(in);
  cursor.take(9);
  const uint64_t version = cursor.big_endian(2);
  cursor.take(2);
  if (version >= kWithLevel) cursor.take(2);
  cursor.take(1);
  if (version >= kWithLevel) cursor.take(1);
  const uint64_t flags = cursor.big_endian(4);
  if ((flags & kFilter) != 0) cursor.take(4);
  cursor.take(version >= kWithLevel ? 12 : 8);
  cursor.take(cursor.big_endian(1));
  cursor.take(4);
  if ((flags & kExtra) != 0) {
    cursor.take(cursor.big_endian(4));
    cursor.take(4);
  }
  Unpacked out;
  while (true) {
    const uint64_t size = cursor.big_endian(4);
    if (cursor.good() && size == 0) return out;
    const uint64_t packed = cursor.big_endian(4);
    if (!cursor.good() || size > kMaxBlock || packed > size) return damaged(where, "lzo");
    for (const uint64_t checksum : {kAdlerOfData, kCrcOfData}) cursor.take((flags & checksum) != 0 ? 4 : 0);
    if (packed < size) {
      for (const uint64_t checksum : {kAdlerOfPacked, kCrcOfPacked})
        cursor.take((flags & checksum) != 0 ? 4 : 0);
    }
    const Bytes block = cursor.take(packed);
    if (!cursor.good()) return damaged(where, "lzo");
    if (out.size() + size > kMaxUnpacked) return too_large(where);
    const size_t had = out.size();
    out.resize(had + size);
    if (packed == size) {
      std::copy(block.begin(), block.end(), out.begin() + static_cast<std::ptrdiff_t>(had));
      continue;
    }
    lzo_uint filled = size;
    const int result =
        lzo1x_decompress_safe(reinterpret_cast<const unsigned char*>(block.data()), block.size(),
                              reinterpret_cast<unsigned char*>(out.data() + had), &filled, nullptr);
    if (result != LZO_E_OK || filled != size) return damaged(where, "lzo");
  }
}

#ifdef KHOVER_LZ4
// The legacy frames of `lz4 -l`: blocks of 8 MiB each, with their packed sizes. What follows the last one
// (the size that the kernel's build appends) is no block.
Result<Unpacked> unlz4(Bytes in, const std::string& where) {
  constexpr size_t kBlock = size_t{8} << 20;
  Cursor cursor(in);
  cursor.take(4);
  Unpacked out;
  while (cursor.left() > 4) {
    const uint32_t packed = cursor.little_endian32();
    if (packed == 0 || packed > cursor.left()) break;
    const Bytes block = cursor.take(packed);
    if (out.size() + kBlock > kMaxUnpacked) return too_large(where);
    const size_t had = out.size();
    out.resize(had + kBlock);
    const int filled = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()),
                                           reinterpret_cast<char*>(out.data() + had),
                                           static_cast<int>(block.size()), static_cast<int>(kBlock));
    if (filled < 0) return damaged(where, "lz4");
    out.resize(had + static_cast<size_t>(filled));
    if (static_cast<size_t>(filled) < kBlock) return out;
  }
  if (out.empty()) return damaged(where, "lz4");
  return out;
}
#else
Result<Unpacked> unlz4(Bytes, const std::string& where) {
  return fail(where, "is compressed with lz4, and this khover was built without lz4",
              "name the vmlinux, or build khover with liblz4-dev installed");
}
#endif

struct Format {
  std::string_view magic;
  const char* name;
  Result<Unpacked> (*unpack)(Bytes, const std::string&);
};

using namespace std::string_view_literals;
constexpr std::array kFormats = {
    Format{"\x1f\x8b\x08"sv, "gzip", gunzip},
    Format{"\xfd"
           "7zXZ\0"sv,
           "xz", [](Bytes in, const std::string& where) { return unxz(in, where, false); }},
    Format{"]\0\0"sv, "lzma", [](Bytes in, const std::string& where) { return unxz(in, where, true); }},
    Format{"BZh"sv, "bzip2", bunzip2},
    Format{"\x28\xb5\x2f\xfd"sv, "zstd", unzstd},
    Format{"\x89LZO\0\r\n\x1a\n"sv, "lzo", unlzo},
    Format{"\x02\x21\x4c\x18"sv, "lz4", unlz4},
};

const Format* format_of(Bytes bytes) {
  const auto found = std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& format) {
    return bytes.size() > format.magic.size() &&
           std::memcmp(bytes.data(), format.magic.data(), format.magic.size()) == 0;
  });
  return found == kFormats.end() ? nullptr : &*found;
}

}  // namespace

std::string compression_of(Bytes bytes) {
  const Format* format = format_of(bytes);
  return format ? format->name : "";
}

Result<Unpacked> unpack(Bytes bytes, const std::string& where) {
  const Format* format = format_of(bytes);
  if (!format) return fail(where, "is compressed in no way that kernels are", "name a kernel image");
  auto unpacked = format->unpack(bytes, where);
  if (unpacked && unpacked->empty()) return damaged(where, format->name);
  return unpacked;
}

}  // namespace khover::target
