// Pages of a kdump-compressed file: a descriptor (page_desc_t of makedumpfile) and its data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "image/mapped_file.h"

namespace khover::image {

constexpr uint64_t kPageDescriptorBytes = 24;  // {u64 offset, u32 size, u32 flags, u64 page_flags}

// Whether the data is stated by the file and has a size that a page can have. Unwritten descriptors of an
// incomplete dump are all zero; a compressed page is never longer than a plain one.
bool has_page(const MappedFile& file, uint64_t descriptor_at, uint64_t block_size);

// The page itself. False: it is not there, or damaged.
bool read_page(const MappedFile& file, uint64_t descriptor_at, std::span<std::byte> out);

}  // namespace khover::image
