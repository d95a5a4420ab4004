#include <fmt/format.h>
#include <libfdt.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <string_view>
#include <tuple>

#include "image/bytes.h"
#include "image/image.h"
#include "image/setup_data.h"

namespace khover::image {
namespace {

constexpr uint64_t kPage = 4096;  // the smallest page any KHO kernel has; larger pages are multiples of it

// The kernel writes the root FDT into one page, 64 KiB at most. Bounds the copies that a file full
// of FDT headers can ask for.
constexpr uint32_t kMaxRootSize = 65536;

// Calls each(phys) for every page of which at least an FDT's header is present, but for those of zeros.
template <typename Each>
void for_each_page(const Memory& memory, Each each) {
  for (const Range& range : memory.populated()) {
    const uint64_t skip = (kPage - range.start % kPage) % kPage;
    if (skip >= range.length) continue;
    // Counts what is left, not addresses: the last page of the address space must not wrap.
    uint64_t phys = range.start + skip;
    for (uint64_t left = range.length - skip; left >= sizeof(fdt_header); phys += kPage) {
      each(phys);
      if (left <= kPage) break;
      left -= kPage;
    }
  }
}

void scan_page(const Memory& memory, uint64_t phys, std::vector<RootCandidate>& candidates) {
  constexpr std::array kMagic = {std::byte{0xd0}, std::byte{0x0d}, std::byte{0xfe}, std::byte{0xed}};
  std::array<std::byte, kMagic.size()> first{};
  if (!memory.read(phys, first) || first != kMagic) return;
  if (std::optional<std::string> compatible = root_compatible(memory, phys)) {
    candidates.push_back({phys, std::move(*compatible), {}, std::nullopt, false, Role::unknown});
  }
}

struct Statement {
  uint64_t root = 0;
  std::optional<Range> scratch;
  std::string source;
};

constexpr size_t kMaxStatements = 256;  // a few kexecs leave a few boot_params; more are noise

constexpr size_t kMaxNotes = 16;

// The note of a kernel's VMCOREINFO, ready for a dump, at the beginning of a page: an ELF note header
// {name size, content size, type 0} and its name (kernel/vmcore_info.c: update_vmcoreinfo_note()).
std::optional<std::string> vmcoreinfo_note(const Memory& memory, uint64_t phys) {
  constexpr std::string_view kName("VMCOREINFO\0\0", 12);
  constexpr uint32_t kMaxContent = 65536;  // VMCOREINFO_BYTES is a page
  std::array<std::byte, 12 + kName.size()> head{};
  if (!memory.read(phys, head)) return std::nullopt;
  const auto size = little_endian<uint32_t>(head, 4);
  if (little_endian<uint32_t>(head, 0) != kName.size() - 1 || size > kMaxContent ||
      little_endian<uint32_t>(head, 8) != 0 || std::memcmp(head.data() + 12, kName.data(), kName.size()) != 0)
    return std::nullopt;
  std::string text(size, '\0');
  if (!memory.read(phys + head.size(), std::as_writable_bytes(std::span(text)))) return std::nullopt;
  return text;
}

}  // namespace

std::optional<std::string> root_compatible(const Memory& memory, uint64_t phys) {
  std::array<std::byte, sizeof(fdt_header)> header;
  if (!memory.read(phys, header)) return std::nullopt;
  const uint32_t size = big_endian<uint32_t>(header, offsetof(fdt_header, totalsize));
  if (size < sizeof(fdt_header) || size > kMaxRootSize) return std::nullopt;

  // libfdt wants eight-byte alignment, which file offsets need not give, and one piece of memory.
  std::vector<uint64_t> copy((size + 7) / 8);
  const std::span<std::byte> bytes = std::as_writable_bytes(std::span(copy)).first(size);
  if (!memory.read(phys, bytes)) return std::nullopt;
  if (fdt_check_full(copy.data(), size) != 0) return std::nullopt;
  int length = 0;
  const void* const value = fdt_getprop(copy.data(), 0, "compatible", &length);
  if (!value || length <= 0) return std::nullopt;
  const std::string_view text(static_cast<const char*>(value), static_cast<size_t>(length));
  const std::string_view compatible = text.substr(0, text.find('\0'));
  constexpr std::string_view kPrefix = "kho-v";
  if (!compatible.starts_with(kPrefix) || compatible.size() == kPrefix.size()) return std::nullopt;
  return std::string(compatible);
}

std::vector<RootCandidate> scan_roots(const Memory& memory) {
  std::vector<RootCandidate> candidates;
  for_each_page(memory, [&](uint64_t phys) { scan_page(memory, phys, candidates); });
  return candidates;
}

Traces find_traces(const Image& image) {
  const Memory& memory = *image.memory;
  Traces traces;
  std::vector<RootCandidate>& candidates = traces.roots;
  std::vector<Statement> statements;
  // One pass for all: a compressed dump is decompressed once.
  for_each_page(memory, [&](uint64_t phys) {
    scan_page(memory, phys, candidates);
    if (image.vmcoreinfo.empty() && traces.vmcoreinfo.size() < kMaxNotes) {
      if (auto note = vmcoreinfo_note(memory, phys)) traces.vmcoreinfo.push_back(std::move(*note));
    }
    if (image.machine == Machine::aarch64 || statements.size() >= kMaxStatements) return;
    for (const KhoSetupData& data : read_setup_data(memory, phys)) {
      statements.push_back(
          {data.root, data.scratch, fmt::format("setup_data of the boot_params at {:#x}", phys)});
    }
  });
  const bool any = !candidates.empty();
  for (const Statement& one : statements) {
    auto place = std::find_if(candidates.begin(), candidates.end(),
                              [&](const auto& it) { return it.phys == one.root; });
    if (place == candidates.end()) {
      // Boot parameters of an earlier kernel outlive what they point to. Where no tree can be seen, their
      // word is all there is; beside one, a place that cannot be read must not look like the better one.
      if (any) continue;
      place = candidates.insert(candidates.end(), {one.root, "", {}, std::nullopt, false, Role::unknown});
    }
    place->reasons.push_back(one.source);
    place->role = Role::received;
    if (!place->scratch) place->scratch = one.scratch;
  }
  std::stable_sort(candidates.begin(), candidates.end(), [](const RootCandidate& a, const RootCandidate& b) {
    const auto rank = [](const RootCandidate& one) {
      return std::tuple(one.compatible.empty(), std::numeric_limits<size_t>::max() - one.reasons.size(),
                        one.phys);
    };
    return rank(a) < rank(b);
  });
  return traces;
}

}  // namespace khover::image
