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
  std::string why_no_symbols;  // empty when the kernel's symbols could be read, or nothing speaks of them
};

FoundRoots find_roots(const image::Image& image, const pack::KernelSymbols& symbols);

}  // namespace khover::kernel
