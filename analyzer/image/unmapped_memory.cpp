#include "image/unmapped_memory.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <map>

#include "image/ranges.h"

namespace khover::image {
namespace {

constexpr uint64_t kPage = 4096;       // what run() promises to reach
constexpr uint64_t kWindow = 1 << 16;  // read at once

// The parts of the segments that no earlier one has, by address.
std::vector<FileSegment> disjoint(const std::vector<FileSegment>& segments) {
  std::vector<FileSegment> pieces;
  std::map<uint64_t, uint64_t> covered;  // start → end, joined: each range is passed over once
  for (const FileSegment& segment : segments) {
    const uint64_t end = segment.phys + segment.length;
    auto next = covered.upper_bound(segment.phys);
    uint64_t at = segment.phys;
    if (next != covered.begin() && std::prev(next)->second >= at) {
      --next;
      at = next->first;
    }
    const uint64_t start = std::min(at, segment.phys);
    uint64_t reached = segment.phys;
    uint64_t joined = end;
    while (next != covered.end() && next->first <= end) {
      if (next->first > reached)
        pieces.push_back({reached, segment.offset + (reached - segment.phys), next->first - reached});
      reached = std::max(reached, next->second);
      joined = std::max(joined, next->second);
      next = covered.erase(next);
    }
    if (reached < end) pieces.push_back({reached, segment.offset + (reached - segment.phys), end - reached});
    covered[start] = joined;
  }
  std::sort(pieces.begin(), pieces.end(),
            [](const FileSegment& a, const FileSegment& b) { return a.phys < b.phys; });
  return pieces;
}

}  // namespace

UnmappedMemory::UnmappedMemory(output::Descriptor file, const std::vector<FileSegment>& segments)
    : file_(std::move(file)), pieces_(disjoint(segments)) {
  std::vector<Range> ranges;
  for (const FileSegment& one : pieces_) ranges.push_back({one.phys, one.length});
  present_ = join(std::move(ranges));
}

// The first piece that reaches beyond `phys`.
std::vector<FileSegment>::const_iterator UnmappedMemory::first_piece(uint64_t phys) const {
  return std::partition_point(pieces_.begin(), pieces_.end(),
                              [phys](const FileSegment& one) { return one.phys + one.length <= phys; });
}

size_t UnmappedMemory::copy(uint64_t phys, std::span<std::byte> out) const {
  if (phys - window_at_ >= window_.size()) {
    const auto one = first_piece(phys);
    if (one == pieces_.end() || one->phys > phys) return 0;
    const auto block = [&](uint64_t size) {  // the aligned bytes around `phys`, as far as the piece goes
      const Range all = clip(phys / size * size, size);
      const uint64_t start = std::max(one->phys, all.start);
      return Range{start, std::min(one->phys + one->length, all.end()) - start};
    };
    const auto read_block = [&](const Range& wanted) {
      window_at_ = wanted.start;
      window_.resize(wanted.length);
      ssize_t got = -1;
      do {
        got = ::pread(file_.number(), window_.data(), window_.size(),
                      static_cast<off_t>(one->offset + (wanted.start - one->phys)));
      } while (got < 0 && errno == EINTR);
      return got;
    };
    ssize_t got = read_block(block(kWindow));
    // A page beside it may be one that the kernel does not give out.
    if (got <= 0 || window_at_ + static_cast<uint64_t>(got) <= phys) got = read_block(block(kPage));
    window_.resize(got > 0 ? static_cast<size_t>(got) : 0);
    if (phys - window_at_ >= window_.size()) return 0;
  }
  const std::span<const std::byte> bytes = std::span(window_).subspan(phys - window_at_);
  const size_t count = std::min(bytes.size(), out.size());
  std::memcpy(out.data(), bytes.data(), count);
  return count;
}

tl::expected<void, Hole> UnmappedMemory::read(uint64_t phys, std::span<std::byte> out) const {
  const std::lock_guard lock(mutex_);
  while (!out.empty()) {
    size_t count = 0;
    if (hold_) {
      const std::span<const std::byte> bytes = kept(phys);
      count = std::min(bytes.size(), out.size());
      if (count > 0) std::memcpy(out.data(), bytes.data(), count);
    } else {
      count = copy(phys, out);
    }
    if (count == 0) return tl::unexpected(Hole{phys});
    out = out.subspan(count);
    phys += count;
  }
  return {};
}

std::span<const std::byte> UnmappedMemory::run(uint64_t phys) const {
  const std::lock_guard lock(mutex_);
  return kept(phys);
}

std::span<const std::byte> UnmappedMemory::kept(uint64_t phys) const {
  const auto after = std::upper_bound(present_.begin(), present_.end(), phys,
                                      [](uint64_t value, const Range& range) { return value < range.start; });
  if (after == present_.begin() || std::prev(after)->end() <= phys) return {};
  const Range& range = *std::prev(after);
  const uint64_t page = phys / kPage * kPage;
  const uint64_t page_end = clip(page, kPage).end();
  auto known = pages_.find(page);
  if (known == pages_.end()) {
    const std::span<std::byte> room = store_.take(kPage);
    bool whole = !room.empty();
    for (auto one = first_piece(page); whole && one != pieces_.end() && one->phys < page_end; ++one) {
      const uint64_t end = std::min(page_end, one->phys + one->length);
      for (uint64_t at = std::max(page, one->phys); whole && at < end;) {
        const size_t count = copy(at, room.subspan(at - page, end - at));
        whole = count > 0;
        at += count;
      }
    }
    known = pages_.emplace(page, whole ? room : std::span<std::byte>{}).first;
  }
  if (known->second.empty()) return {};
  return known->second.subspan(phys - page, std::min(page_end, range.end()) - phys);
}

}  // namespace khover::image
