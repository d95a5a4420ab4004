// The root FDT of a dump that was not given: what the dumped kernel says itself, then a scan.
#pragma once

#include <string>
#include <vector>

#include "image/image.h"
#include "pack/kernel_symbols.h"

namespace khover::kernel {

struct FoundRoots {
  // Best first. One that is `decisive` is the only candidate.
  std::vector<image::RootCandidate> roots;
  // Other roots that the kernel names, e.g. the one that it was handed itself; for a warning.
  std::vector<image::RootCandidate> aside;
  // Where the kernel's variables say that a root is, and none can be read: damaged, or a layout of another
  // kernel.
  std::vector<image::RootCandidate> unreadable;
  std::string vmcoreinfo;  // that was used: of the dump, or found in its memory
  // Why this kernel hands over nothing, in the words of its own symbols; empty: they do not say so. There are
  // no roots then, and the memory was not scanned.
  std::string no_handover;
  std::string why_no_symbols;  // empty when the kernel's symbols could be read, or nothing speaks of them
};

// `all`: also those that a look at all of memory finds, after the ones that the kernel names.
FoundRoots find_all_roots(const image::Image& image, const pack::KernelSymbols& symbols);
FoundRoots find_roots(const image::Image& image, const pack::KernelSymbols& symbols);

}  // namespace khover::kernel
