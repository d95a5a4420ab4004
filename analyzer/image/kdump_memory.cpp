#include "image/kdump_memory.h"

#include <algorithm>
#include <cstring>

#include "image/kdump_page.h"
#include "image/ranges.h"

namespace khover::image {
namespace {

const FrameRun* run_of(const std::vector<FrameRun>& runs, uint64_t frame) {
  const auto after = std::upper_bound(runs.begin(), runs.end(), frame,
                                      [](uint64_t value, const FrameRun& run) { return value < run.first; });
  if (after == runs.begin()) return nullptr;
  const FrameRun& run = *std::prev(after);
  return frame - run.first < run.count ? &run : nullptr;
}

}  // namespace

KdumpMemory::KdumpMemory(std::vector<KdumpFile> files)
    : files_(std::move(files)), block_(files_.front().header.block_size) {
  find_present();
}

// One bit in a bitmap is a page, unless the file was cut after its descriptors: only then is it worth
// the time to look at every descriptor.
void KdumpMemory::find_present() {
  std::vector<Range> ranges;
  for (const KdumpFile& one : files_) {
    const auto descriptor_at = [&](uint64_t index) {
      return one.header.descriptors_at + index * kPageDescriptorBytes;
    };
    const std::vector<FrameRun>& runs = one.header.dumped;
    if (runs.empty()) continue;
    const uint64_t last = runs.back().descriptor + runs.back().count - 1;
    const bool whole = !one.header.incomplete && has_page(one.file, descriptor_at(last), block_);
    for (const FrameRun& run : runs) {
      if (whole) {
        ranges.push_back({run.first * block_, run.count * block_});
        continue;
      }
      uint64_t next = 0;  // frame of the run
      for (const FileRange& table :
           one.file.data().within(descriptor_at(run.descriptor), run.count * kPageDescriptorBytes)) {
        // Descriptors of zeros are none, and an incomplete dump has room for very many.
        const uint64_t from = (table.offset - descriptor_at(run.descriptor)) / kPageDescriptorBytes;
        const uint64_t to =
            std::min(run.count, (table.end() - descriptor_at(run.descriptor) - 1) / kPageDescriptorBytes + 1);
        if (from > next) missing_ += from - next;
        for (uint64_t i = std::max(from, next); i < to; ++i) {
          if (!has_page(one.file, descriptor_at(run.descriptor + i), block_)) {
            ++missing_;
          } else if (const uint64_t phys = (run.first + i) * block_;
                     !ranges.empty() && ranges.back().end() == phys) {
            ranges.back().length += block_;
          } else {
            ranges.push_back({phys, block_});
          }
        }
        next = std::max(next, to);
      }
      missing_ += run.count - next;
    }
  }
  present_ = join(std::move(ranges));
}

std::optional<std::pair<const KdumpFile*, uint64_t>> KdumpMemory::descriptor(uint64_t frame) const {
  for (const KdumpFile& one : files_) {
    if (frame < one.header.split_first || frame >= one.header.split_end) continue;
    const FrameRun* const run = run_of(one.header.dumped, frame);
    if (!run) return std::nullopt;
    return std::pair(
        &one, one.header.descriptors_at + (run->descriptor + (frame - run->first)) * kPageDescriptorBytes);
  }
  return std::nullopt;
}

std::span<const std::byte> KdumpMemory::page(uint64_t frame) const {
  if (const auto known = pages_.find(frame); known != pages_.end()) return known->second;
  if (last_frame_ == frame) return last_;
  const auto where = descriptor(frame);
  if (!where) return {};
  last_frame_.reset();
  last_.resize(block_);
  if (!read_page(where->first->file, where->second, last_)) return {};
  last_frame_ = frame;
  return last_;
}

std::span<const std::byte> KdumpMemory::run(uint64_t phys) const {
  const uint64_t frame = phys / block_;
  const std::lock_guard lock(mutex_);
  std::span<const std::byte> bytes = page(frame);
  if (bytes.empty()) return {};
  if (bytes.data() == last_.data()) {
    const std::span<std::byte> kept = store_.take(block_);
    if (kept.empty()) return {};
    std::memcpy(kept.data(), bytes.data(), bytes.size());
    bytes = pages_.emplace(frame, kept).first->second;
  }
  return bytes.subspan(phys % block_);
}

tl::expected<void, Hole> KdumpMemory::read(uint64_t phys, std::span<std::byte> out) const {
  const std::lock_guard lock(mutex_);
  while (!out.empty()) {
    const std::span<const std::byte> whole = page(phys / block_);
    if (whole.empty()) return tl::unexpected(Hole{phys});
    const std::span<const std::byte> bytes = whole.subspan(phys % block_);
    const size_t count = std::min(bytes.size(), out.size());
    std::memcpy(out.data(), bytes.data(), count);
    out = out.subspan(count);
    phys += count;
  }
  return {};
}

}  // namespace khover::image
