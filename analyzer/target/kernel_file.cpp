#include "target/kernel_file.h"

#include <elf.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "error/try.h"
#include "image/bytes.h"
#include "target/unpack.h"

namespace khover::target {
namespace {

using Bytes = std::span<const std::byte>;

bool has(Bytes bytes, size_t at, std::string_view magic) {
  return at <= bytes.size() && bytes.size() - at >= magic.size() &&
         std::memcmp(bytes.data() + at, magic.data(), magic.size()) == 0;
}

template <typename T>
T number(Bytes bytes, size_t at) {
  return at + sizeof(T) <= bytes.size() ? image::little_endian<T>(bytes, at) : T{0};
}

tl::unexpected<Error> cut(const std::string& path) {
  return fail(path, "is a kernel image whose payload is not in the file", "copy the file again");
}

Result<Bytes> part(Bytes bytes, uint64_t at, uint64_t length, const std::string& path) {
  if (at > bytes.size() || length > bytes.size() - at || length == 0) return cut(path);
  return bytes.subspan(at, length);
}

// What Documentation/arch/x86/boot.rst calls the payload.
Result<Bytes> bzimage_payload(Bytes bytes, const std::string& path) {
  constexpr size_t kSectors = 0x1f1, kProtocol = 0x206, kOffset = 0x248, kLength = 0x24c;
  constexpr uint16_t kHasPayload = 0x208;
  if (number<uint16_t>(bytes, kProtocol) < kHasPayload)
    return fail(path, "is a bzImage of a kernel before 2.6.26", "name the kernel that is to be booted");
  const uint64_t sectors = number<uint8_t>(bytes, kSectors);
  return part(bytes, ((sectors == 0 ? 4 : sectors) + 1) * 512 + number<uint32_t>(bytes, kOffset),
              number<uint32_t>(bytes, kLength), path);
}

// drivers/firmware/efi/libstub/zboot-header.S
Result<Bytes> zboot_payload(Bytes bytes, const std::string& path) {
  return part(bytes, number<uint32_t>(bytes, 8), number<uint32_t>(bytes, 12), path);
}

// vmlinux: what lies in its segments. One without segments has only sections, such as types.
Result<void> take_elf(KernelFile& kernel, const std::string& path) {
  const Bytes bytes = kernel.all;
  if (bytes.size() < sizeof(Elf64_Ehdr)) return cut(path);
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
    return fail(path, "is not for a little-endian 64-bit machine", "KHO needs a 64-bit kernel");
  if (header.e_type == ET_CORE) return fail(path, "is a dump, not a kernel", "name the kernel to be booted");
  kernel.arch = header.e_machine == EM_X86_64 ? "x86_64" : header.e_machine == EM_AARCH64 ? "arm64" : "";
  for (size_t i = 0; i < header.e_phnum; ++i) {
    const uint64_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
    if (header.e_phoff > bytes.size() || at + sizeof(Elf64_Phdr) > bytes.size()) return cut(path);
    Elf64_Phdr segment;
    std::memcpy(&segment, bytes.data() + at, sizeof(segment));
    if (segment.p_type != PT_LOAD || segment.p_filesz == 0) continue;
    kernel.loaded.push_back(TRY(part(bytes, segment.p_offset, segment.p_filesz, path)));
  }
  return {};
}

// An arm64 Image or a vmlinux, of which `kernel.all` is the bytes.
Result<void> take_kernel(KernelFile& kernel, const std::string& path) {
  constexpr size_t kArm64Magic = 0x38;
  if (has(kernel.all, 0, ELFMAG)) return take_elf(kernel, path);
  if (!has(kernel.all, kArm64Magic, "ARM\x64"))
    return fail(path, "is no kernel: neither vmlinux nor bzImage nor Image",
                "name the kernel that is to be booted, an ABI snapshot or a BTF file");
  kernel.arch = "arm64";
  kernel.loaded = {kernel.all};
  return {};
}

}  // namespace

Result<KernelFile> read_kernel(const std::string& path) {
  constexpr size_t kBootMagic = 0x202, kZboot = 4;
  KernelFile kernel;
  kernel.file = TRY(image::MappedFile::open(path));
  Bytes bytes = kernel.file->bytes();
  if (has(bytes, kBootMagic, "HdrS")) {
    kernel.format = "bzImage";
    kernel.arch = "x86_64";
    bytes = TRY(bzimage_payload(bytes, path));
  } else if (has(bytes, 0, "MZ") && has(bytes, kZboot, "zimg")) {
    kernel.format = "EFI zboot";
    bytes = TRY(zboot_payload(bytes, path));
  }
  const std::string compression = compression_of(bytes);
  if (!compression.empty()) {
    kernel.unpacked = TRY(unpack(bytes, path));
    bytes = kernel.unpacked;
    kernel.format += (kernel.format.empty() ? "" : ", ") + compression;
  }
  kernel.all = bytes;
  if (kernel.format.empty()) kernel.format = has(bytes, 0, ELFMAG) ? "vmlinux" : "Image";
  TRY(take_kernel(kernel, path));
  return kernel;
}

}  // namespace khover::target
