// Memory of kdump-compressed files, each page decompressed on demand.
// Excluded pages, pages past the end of an incomplete dump and damaged pages are holes.
#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "image/kdump_header.h"
#include "image/mapped_file.h"
#include "image/memory.h"
#include "image/page_store.h"

namespace khover::image {

struct KdumpFile {
  MappedFile file;
  KdumpHeader header;
};

class KdumpMemory : public Memory {
 public:
  // The files of one dump, by the frames that they hold.
  explicit KdumpMemory(std::vector<KdumpFile> files);

  std::span<const std::byte> run(uint64_t phys) const override;
  tl::expected<void, Hole> read(uint64_t phys, std::span<std::byte> out) const override;
  const std::vector<Range>& present() const override { return present_; }

  uint64_t missing_pages() const { return missing_; }  // dumped by their bitmap, but not in the file

 private:
  void find_present();
  std::optional<std::pair<const KdumpFile*, uint64_t>> descriptor(
      uint64_t frame) const;                              // file, and where in it
  std::span<const std::byte> page(uint64_t frame) const;  // valid until the next call; empty: a hole

  std::vector<KdumpFile> files_;
  uint64_t block_;
  std::vector<Range> present_;
  uint64_t missing_ = 0;

  mutable std::mutex mutex_;  // guards everything below
  mutable std::unordered_map<uint64_t, std::span<const std::byte>>
      pages_;  // by frame; those that run() gave out
  mutable PageStore store_;
  mutable std::vector<std::byte> last_;  // the page that was decompressed last
  mutable std::optional<uint64_t> last_frame_;
};

}  // namespace khover::image
