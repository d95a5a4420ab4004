#include "image/extents.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace khover::image {
namespace {

// The first that ends after `offset`, or end().
auto first_beyond(const std::vector<FileRange>& ranges, uint64_t offset) {
  return std::partition_point(ranges.begin(), ranges.end(),
                              [offset](const FileRange& one) { return one.end() <= offset; });
}

}  // namespace

Extents::Extents(std::vector<FileRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const FileRange& a, const FileRange& b) { return a.offset < b.offset; });
  for (const FileRange& one : ranges) {
    if (one.length == 0) continue;
    if (!ranges_.empty() && one.offset <= ranges_.back().end()) {
      ranges_.back().length = std::max(ranges_.back().end(), one.end()) - ranges_.back().offset;
    } else {
      ranges_.push_back(one);
    }
  }
  uint64_t sum = 0;
  for (const FileRange& one : ranges_) before_.push_back(sum += one.length);
}

Extents Extents::of(int file, uint64_t size) {
  std::vector<FileRange> ranges;
  for (uint64_t at = 0; at < size;) {
    const off_t data = ::lseek(file, static_cast<off_t>(at), SEEK_DATA);
    if (data < 0) {
      // ENXIO: nothing but a hole from here on. Otherwise the file system keeps no account of holes.
      if (errno != ENXIO) return Extents({{0, size}});
      break;
    }
    const off_t hole = ::lseek(file, data, SEEK_HOLE);
    if (hole <= data) return Extents({{0, size}});
    at = static_cast<uint64_t>(hole);
    if (static_cast<uint64_t>(data) >= size) break;
    ranges.push_back({static_cast<uint64_t>(data), std::min(at, size) - static_cast<uint64_t>(data)});
  }
  return Extents(std::move(ranges));
}

uint64_t Extents::bytes_before(uint64_t offset) const {
  const auto one = first_beyond(ranges_, offset);
  const auto index = static_cast<size_t>(one - ranges_.begin());
  const uint64_t whole = index == 0 ? 0 : before_[index - 1];
  return one == ranges_.end() || one->offset >= offset ? whole : whole + (offset - one->offset);
}

uint64_t Extents::bytes_in(uint64_t offset, uint64_t length) const {
  return bytes_before(offset + length) - bytes_before(offset);
}

std::vector<FileRange> Extents::within(uint64_t offset, uint64_t length) const {
  std::vector<FileRange> found;
  const uint64_t end = offset + length;
  for (auto one = first_beyond(ranges_, offset); one != ranges_.end() && one->offset < end; ++one) {
    const uint64_t from = std::max(one->offset, offset);
    found.push_back({from, std::min(one->end(), end) - from});
  }
  return found;
}

}  // namespace khover::image
