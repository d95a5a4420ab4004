// A kernel as it lies in /boot: vmlinux, bzImage, arm64's Image or EFI zboot, or one of them compressed.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "error/error.h"
#include "image/mapped_file.h"

namespace khover::target {

// The kernel itself, unpacked; owns what `loaded` and `all` point to.
struct KernelFile {
  std::string format;  // "bzImage, zstd"; "vmlinux"
  std::string arch;    // "x86_64", "arm64"; empty: not said
  std::optional<image::MappedFile> file;
  std::vector<std::byte> unpacked;  // empty: `file` is the kernel
  std::span<const std::byte> all;
  std::vector<std::span<const std::byte>> loaded;  // what a boot loads of it: no debug information
};

// Errors: unreadable, damaged, or no kernel.
Result<KernelFile> read_kernel(const std::string& path);

}  // namespace khover::target
