#include "image/kdump_header.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <limits>

#include "error/try.h"
#include "image/bytes.h"
#include "image/kdump_page.h"

namespace khover::image {
namespace {

constexpr std::string_view kSignature = "KDUMP   ";

// struct disk_dump_header of a 64-bit machine.
constexpr size_t kUtsMachine = 8 + 4 + 4 * 65;  // after signature, header_version and four fields of utsname
constexpr size_t kUtsField = 65;
constexpr size_t kStatus = 424;
constexpr size_t kBlockSize = 428;
constexpr size_t kSubHeaderBlocks = 432;
constexpr size_t kBitmapBlocks = 436;
constexpr size_t kMaxMapNr = 440;
constexpr size_t kHeaderBytes = 464;
constexpr uint32_t kStatusIncomplete = 0x8;  // DUMP_DH_COMPRESSED_INCOMPLETE

// struct kdump_sub_header of a 64-bit machine, in the second block.
constexpr size_t kSplit = 12;
constexpr size_t kStartFrame = 16;
constexpr size_t kEndFrame = 24;
constexpr size_t kVmcoreinfo = 32;
constexpr size_t kStartFrame64 = 80;
constexpr size_t kEndFrame64 = 88;
constexpr size_t kMaxMapNr64 = 96;
constexpr size_t kSubHeaderBytes = 104;

constexpr uint64_t kMaxVmcoreinfo = uint64_t{1} << 20;
// A bitmap may be mostly zeros, which take no room in a sparse file, but time to read.
constexpr uint64_t kBitmapTimes = 8, kFreeBitmap = uint64_t{16} << 20;
constexpr size_t kMaxRamRanges = size_t{1} << 20;  // a machine has tens of them

// Calls each(first, count) for the runs of set bits in [from, to); stops when it says false.
template <typename Each>
bool for_runs(std::span<const std::byte> bitmap, uint64_t from, uint64_t to, Each each) {
  const auto word_at = [&](uint64_t frame) {
    uint64_t word = 0;
    const size_t at = frame / 64 * 8;
    std::memcpy(&word, bitmap.data() + at, std::min<size_t>(8, bitmap.size() - at));
    return word;
  };
  // The first frame from `frame` on whose bit is `wanted`.
  const auto find = [&](uint64_t frame, bool wanted) {
    while (frame < to) {
      const uint64_t word = (wanted ? word_at(frame) : ~word_at(frame)) >> (frame % 64);
      if (word != 0) return std::min(to, frame + static_cast<uint64_t>(std::countr_zero(word)));
      frame = (frame / 64 + 1) * 64;
    }
    return to;
  };
  for (uint64_t first = find(from, true); first < to;) {
    const uint64_t end = find(first, false);
    if (!each(first, end - first)) return false;
    first = find(end, true);
  }
  return true;
}

class HeaderReader {
 public:
  HeaderReader(std::span<const std::byte> bytes, uint64_t content, const std::string& path)
      : bytes_(bytes), content_(content), path_(path) {}

  Result<KdumpHeader> read() {
    if (bytes_.size() < kHeaderBytes) return cut("header");
    const auto block = little_endian<uint32_t>(bytes_, kBlockSize);
    if (block < 4096 || block > 65536 || !std::has_single_bit(block)) {
      return fail(path_, "has no valid page size where the header of a 64-bit machine has it",
                  "copy the dump again; KHO exists on 64-bit machines only");
    }
    header_.block_size = block;
    version_ = little_endian<int32_t>(bytes_, 8);
    if (version_ < 1)
      return fail(path_, fmt::format("is a kdump of unknown version {}", version_), "copy the dump again");
    header_.incomplete = (little_endian<uint32_t>(bytes_, kStatus) & kStatusIncomplete) != 0;
    read_machine();
    if (bytes_.size() < block + kSubHeaderBytes) return cut("header");
    TRY(read_sub_header(bytes_.subspan(block)));
    TRY(read_bitmaps());
    return std::move(header_);
  }

 private:
  tl::unexpected<Error> cut(const char* where) const {
    return fail(path_, fmt::format("is truncated within its {}", where), "copy the dump again");
  }

  void read_machine() {
    const std::string_view field(reinterpret_cast<const char*>(bytes_.data()) + kUtsMachine, kUtsField);
    const std::string_view name = field.substr(0, field.find('\0'));
    if (name == "x86_64") header_.machine = Machine::x86_64;
    if (name == "aarch64") header_.machine = Machine::aarch64;
  }

  Result<void> read_sub_header(std::span<const std::byte> sub) {
    const bool wide = version_ >= 6;
    header_.frames =
        wide ? little_endian<uint64_t>(sub, kMaxMapNr64) : little_endian<uint32_t>(bytes_, kMaxMapNr);
    header_.split = version_ >= 2 && little_endian<uint32_t>(sub, kSplit) != 0;
    header_.split_end = header_.frames;
    if (header_.split) {
      header_.split_first = little_endian<uint64_t>(sub, wide ? kStartFrame64 : kStartFrame);
      header_.split_end = little_endian<uint64_t>(sub, wide ? kEndFrame64 : kEndFrame);
      if (header_.split_first > header_.split_end || header_.split_end > header_.frames) {
        return fail(path_, "is part of a split dump, but has no valid part number", "copy the dump again");
      }
    }
    if (version_ < 3) return {};
    const auto at = little_endian<uint64_t>(sub, kVmcoreinfo);
    const auto size = little_endian<uint64_t>(sub, kVmcoreinfo + 8);
    if (at < bytes_.size() && size <= bytes_.size() - at && size <= kMaxVmcoreinfo) {
      header_.vmcoreinfo.assign(reinterpret_cast<const char*>(bytes_.data()) + at, size);
    }
    return {};
  }

  Result<void> read_bitmaps() {
    const uint64_t block = header_.block_size;
    const uint64_t at = (1 + uint64_t{little_endian<uint32_t>(bytes_, kSubHeaderBlocks)}) * block;
    uint64_t size = uint64_t{little_endian<uint32_t>(bytes_, kBitmapBlocks)} * block;
    if (at > bytes_.size() || size > bytes_.size() - at) return cut("bitmaps");
    if (size / kBitmapTimes > content_ + kFreeBitmap) {
      return fail(path_, "declares bitmaps of far more bytes than it has", "copy the dump again");
    }
    header_.descriptors_at = at + size;
    std::span<const std::byte> dumped = bytes_.subspan(at, size);
    std::span<const std::byte> memory = dumped;
    if (header_.frames <= size * 8 / 2) {  // two bitmaps: what is memory, and what of it is in the dump
      size /= 2;
      memory = dumped.first(size);
      dumped = dumped.subspan(size);
    }
    if (header_.frames > size * 8 || header_.frames > std::numeric_limits<uint64_t>::max() / block) {
      return fail(path_, "is damaged: its bitmaps are smaller than its memory", "copy the dump again");
    }

    const uint64_t descriptors = (bytes_.size() - header_.descriptors_at) / kPageDescriptorBytes;
    uint64_t used = 0;
    const bool fit =
        for_runs(dumped, header_.split_first, header_.split_end, [&](uint64_t first, uint64_t count) {
          if (count > descriptors - used) return false;
          header_.dumped.push_back({first, count, used});
          used += count;
          return true;
        });
    if (!fit) return cut("page descriptors");

    std::vector<Range> ram;
    const bool plausible = for_runs(memory, 0, header_.frames, [&](uint64_t first, uint64_t count) {
      ram.push_back({first * block, count * block});
      return ram.size() < kMaxRamRanges;
    });
    if (plausible && !ram.empty()) header_.ram = std::move(ram);
    return {};
  }

  std::span<const std::byte> bytes_;
  uint64_t content_;
  const std::string& path_;
  int32_t version_ = 0;
  KdumpHeader header_;
};

}  // namespace

bool is_kdump(std::span<const std::byte> bytes) {
  return bytes.size() >= kSignature.size() &&
         std::memcmp(bytes.data(), kSignature.data(), kSignature.size()) == 0;
}

Result<KdumpHeader> read_kdump_header(std::span<const std::byte> bytes, uint64_t content,
                                      const std::string& path) {
  return HeaderReader(bytes, content, path).read();
}

}  // namespace khover::image
