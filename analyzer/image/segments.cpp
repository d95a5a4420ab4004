#include "image/segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "image/ranges.h"

namespace khover::image {
namespace {

constexpr uint64_t kPage = 4096;  // what Memory::run() promises to reach, whatever the kernel's page size

// A file of one phdr per page could ask for 73 times its size in stitched pages. Real dumps need
// none, since their segments are page-aligned; sixteen MiB is beyond anything honest.
constexpr size_t kMaxStitchedPages = 4096;

constexpr size_t kFreeComparisons = size_t{1}
                                    << 20;  // bytes that overlapping segments may be compared by anyhow

uint64_t end_of(const Segment& piece) { return piece.phys + piece.bytes.size(); }

void append(std::vector<Segment>& pieces, const Segment& piece) {
  if (piece.bytes.empty()) return;
  if (!pieces.empty()) {
    Segment& last = pieces.back();
    if (end_of(last) == piece.phys && last.bytes.data() + last.bytes.size() == piece.bytes.data()) {
      last.bytes = {last.bytes.data(), last.bytes.size() + piece.bytes.size()};
      return;
    }
  }
  pieces.push_back(piece);
}

// Looks for one address that two segments give different bytes. The work is bounded by the
// bytes that the file has: segments may share file bytes, so n of them can ask for n² comparisons.
class Conflicts {
 public:
  explicit Conflicts(size_t budget) : budget_(budget) {}

  // False: nothing more to learn.
  bool compare(uint64_t phys, const std::byte* first, const std::byte* second, size_t length) {
    if (found_ || unchecked_) return false;
    // One mapping listed twice needs no look at its bytes.
    constexpr size_t kCostOfACall = 64;
    const size_t cost = first == second ? 1 : std::max(length, kCostOfACall);
    unchecked_ = budget_ < cost;
    if (unchecked_) return false;
    budget_ -= cost;
    const std::byte* const stop = first == second ? first : first + length;
    const std::byte* const difference = std::mismatch(first, stop, second).first;
    found_ = difference != stop;
    if (found_) address_ = phys + static_cast<uint64_t>(difference - first);
    return !found_;
  }

  std::optional<std::string> warning() const {
    if (found_) {
      return fmt::format("two segments have different bytes for {:#x}; the first in file order is used",
                         address_);
    }
    if (unchecked_) {
      return "segments overlap too often to compare all of them; the first in file order is used";
    }
    return std::nullopt;
  }

 private:
  size_t budget_;
  bool found_ = false;
  uint64_t address_ = 0;
  bool unchecked_ = false;
};

// Sweeps over all starts and ends; of the segments open at an address, the lowest index wins.
std::vector<Segment> flatten(const std::vector<Segment>& segments, Conflicts& conflicts) {
  struct Edge {
    uint64_t phys;
    size_t index;
    bool opens;
  };
  std::vector<Edge> edges;
  edges.reserve(2 * segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].bytes.empty()) continue;
    edges.push_back({segments[i].phys, i, true});
    edges.push_back({end_of(segments[i]), i, false});
  }
  std::sort(edges.begin(), edges.end(), [](const Edge& a, const Edge& b) { return a.phys < b.phys; });

  std::vector<Segment> pieces;
  std::set<size_t> open;
  uint64_t from = 0;
  for (const Edge& edge : edges) {
    if (!open.empty() && edge.phys > from) {
      const size_t length = edge.phys - from;
      const auto at = [&](size_t index) {
        return segments[index].bytes.data() + (from - segments[index].phys);
      };
      const std::byte* const winner = at(*open.begin());
      append(pieces, {from, {winner, length}});
      for (auto other = std::next(open.begin()); other != open.end(); ++other) {
        if (!conflicts.compare(from, winner, at(*other), length)) break;
      }
    }
    from = edge.phys;
    if (edge.opens) {
      open.insert(edge.index);
    } else {
      open.erase(edge.index);
    }
  }
  return pieces;
}

// Pages in the middle of which one piece ends and the next begins.
std::vector<uint64_t> seam_pages(const std::vector<Segment>& pieces) {
  std::vector<uint64_t> pages;
  for (size_t i = 1; i < pieces.size(); ++i) {
    const uint64_t seam = pieces[i].phys;
    if (seam % kPage == 0 || end_of(pieces[i - 1]) != seam) continue;
    if (pages.empty() || pages.back() != seam / kPage) pages.push_back(seam / kPage);
  }
  return pages;
}

// Redirects the parts of `pieces` that are in seam pages to copies in `stitched`, where they are
// neighbours; append() then joins them.
std::vector<Segment> stitch(const std::vector<Segment>& pieces, const std::vector<uint64_t>& seams,
                            std::vector<std::byte>& stitched) {
  std::vector<Segment> result;
  result.reserve(pieces.size());
  for (Segment rest : pieces) {
    while (!rest.bytes.empty()) {
      const auto seam = std::lower_bound(seams.begin(), seams.end(), rest.phys / kPage);
      const bool inside = seam != seams.end() && *seam == rest.phys / kPage;
      size_t length = rest.bytes.size();
      if (inside) {
        length = std::min<size_t>(length, kPage - rest.phys % kPage);
      } else if (seam != seams.end()) {
        length = std::min<size_t>(length, *seam * kPage - rest.phys);
      }
      const std::span<const std::byte> part = rest.bytes.first(length);
      if (inside) {
        std::byte* const copy =
            stitched.data() + static_cast<size_t>(seam - seams.begin()) * kPage + rest.phys % kPage;
        std::memcpy(copy, part.data(), part.size());
        append(result, {rest.phys, {copy, part.size()}});
      } else {
        append(result, {rest.phys, part});
      }
      rest = {rest.phys + length, rest.bytes.subspan(length)};
    }
  }
  return result;
}

uint64_t offset_in(const MappedFile& file, const Segment& piece) {
  return static_cast<uint64_t>(piece.bytes.data() - file.bytes().data());
}

// Bytes of the file that are memory at many addresses: a table of segments of a few MB could declare
// terabytes for a file to be searched. Pieces are disjoint here, so no honest dump has any of it.
bool declares_too_much(const MappedFile& file, const std::vector<Segment>& pieces) {
  constexpr uint64_t kFree = uint64_t{64} << 20, kTimes = 4;
  const uint64_t most = kFree + kTimes * file.data().bytes();
  uint64_t declared = 0;
  for (const Segment& piece : pieces) {
    declared += file.data().bytes_in(offset_in(file, piece), piece.bytes.size());
    if (declared > most) return true;
  }
  return false;
}

// What the file does not state is a hole.
std::vector<Segment> stated(const MappedFile& file, std::vector<Segment> pieces) {
  if (file.stated().has_all(0, file.bytes().size())) return pieces;
  std::vector<Segment> parts;
  for (const Segment& piece : pieces) {
    const uint64_t offset = offset_in(file, piece);
    for (const FileRange& one : file.stated().within(offset, piece.bytes.size()))
      parts.push_back({piece.phys + (one.offset - offset), file.bytes().subspan(one.offset, one.length)});
  }
  return parts;
}

std::vector<Range> with_data(const MappedFile& file, const std::vector<Segment>& pieces) {
  std::vector<Range> ranges;
  for (const Segment& piece : pieces) {
    const std::byte* const start = file.bytes().data();
    if (piece.bytes.data() < start || piece.bytes.data() >= start + file.bytes().size()) {
      ranges.push_back({piece.phys, piece.bytes.size()});  // stitched
      continue;
    }
    const uint64_t offset = offset_in(file, piece);
    for (const FileRange& one : file.data().within(offset, piece.bytes.size()))
      ranges.push_back({piece.phys + (one.offset - offset), one.length});
  }
  return join(std::move(ranges));
}

}  // namespace

Result<SegmentMemory::Built> SegmentMemory::build(MappedFile file, const std::vector<Segment>& segments,
                                                  const std::string& path) {
  Conflicts conflicts(kFreeComparisons + file.data().bytes());
  std::vector<Segment> pieces = flatten(segments, conflicts);
  if (declares_too_much(file, pieces)) {
    return fail(path, "declares many times the memory that it has bytes for: its segments share them",
                "take the dump again; no writer of dumps does this");
  }
  pieces = stated(file, std::move(pieces));
  if (pieces.empty()) return fail(path, "has no byte of the memory that it declares", "copy the dump again");
  const std::vector<uint64_t> seams = seam_pages(pieces);
  if (seams.size() > kMaxStitchedPages) {
    return fail(path, fmt::format("{} pages are split between segments", seams.size()),
                "take a dump whose segments are page-aligned");
  }
  std::vector<std::byte> stitched(seams.size() * kPage);
  if (!seams.empty()) pieces = stitch(pieces, seams, stitched);
  return Built{std::unique_ptr<SegmentMemory>(
                   new SegmentMemory(std::move(file), std::move(pieces), std::move(stitched))),
               conflicts.warning()};
}

SegmentMemory::SegmentMemory(MappedFile file, std::vector<Segment> pieces, std::vector<std::byte> stitched)
    : file_(std::move(file)), stitched_(std::move(stitched)), pieces_(std::move(pieces)) {
  std::vector<Range> ranges;
  ranges.reserve(pieces_.size());
  for (const Segment& piece : pieces_) ranges.push_back({piece.phys, piece.bytes.size()});
  present_ = join(std::move(ranges));
  populated_ = with_data(file_, pieces_);
}

std::span<const std::byte> SegmentMemory::run(uint64_t phys) const {
  auto after = std::upper_bound(pieces_.begin(), pieces_.end(), phys,
                                [](uint64_t address, const Segment& piece) { return address < piece.phys; });
  if (after == pieces_.begin()) return {};
  const Segment& piece = *std::prev(after);
  const uint64_t offset = phys - piece.phys;
  return offset < piece.bytes.size() ? piece.bytes.subspan(offset) : std::span<const std::byte>{};
}

}  // namespace khover::image
