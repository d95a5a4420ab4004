#include "image/setup_data.h"

#include <algorithm>
#include <array>
#include <limits>

#include "image/bytes.h"

namespace khover::image {
namespace {

// struct boot_params, Documentation/arch/x86/boot.rst: fixed offsets of the boot protocol.
constexpr uint64_t kBootFlag = 0x1fe;
constexpr uint64_t kHeader = 0x202;
constexpr uint64_t kVersion = 0x206;
constexpr uint64_t kSetupData = 0x250;
constexpr uint32_t kHdrS = 0x53726448;
constexpr uint16_t kVersionWithSetupData = 0x0209;

// struct setup_data {u64 next; u32 type; u32 len; u8 data[]}, and its data for KHO:
// {u64 fdt_addr, fdt_size, scratch_addr, scratch_size}.
constexpr size_t kNodeBytes = 16;
constexpr uint32_t kTypeKho = 10;  // SETUP_KEXEC_KHO
constexpr size_t kKhoBytes = 32;
constexpr int kMaxNodes = 64;  // a real list has a handful, and may not lead in a circle

template <typename T>
std::optional<T> value(const Memory& memory, uint64_t phys) {
  std::array<std::byte, sizeof(T)> bytes;
  if (!memory.read(phys, bytes)) return std::nullopt;
  return little_endian<T>(bytes, 0);
}

}  // namespace

std::vector<KhoSetupData> read_setup_data(const Memory& memory, uint64_t phys) {
  if (phys > std::numeric_limits<uint64_t>::max() - kSetupData - 8) return {};
  if (value<uint32_t>(memory, phys + kHeader) != kHdrS) return {};
  if (value<uint16_t>(memory, phys + kBootFlag) != 0xaa55) return {};
  if (value<uint16_t>(memory, phys + kVersion).value_or(0) < kVersionWithSetupData) return {};
  std::vector<KhoSetupData> found;
  uint64_t at = value<uint64_t>(memory, phys + kSetupData).value_or(0);
  for (int i = 0; at != 0 && i < kMaxNodes; ++i) {
    std::array<std::byte, kNodeBytes + kKhoBytes> node{};
    if (!memory.read(at, std::span(node).first(kNodeBytes))) break;
    const bool is_kho =
        little_endian<uint32_t>(node, 8) == kTypeKho && little_endian<uint32_t>(node, 12) >= kKhoBytes;
    if (is_kho && memory.read(at, node)) {
      KhoSetupData data{little_endian<uint64_t>(node, 16), std::nullopt};
      const auto start = little_endian<uint64_t>(node, 32);
      const auto length = little_endian<uint64_t>(node, 40);
      if (length > 0 && length <= std::numeric_limits<uint64_t>::max() - start)
        data.scratch = Range{start, length};
      found.push_back(data);
    }
    at = little_endian<uint64_t>(node, 0);
  }
  return found;
}

}  // namespace khover::image
