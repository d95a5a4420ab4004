#include "image/kdump.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "error/try.h"
#include "image/kdump_header.h"
#include "image/kdump_memory.h"
#include "image/ranges.h"
#include "image/vmcoreinfo.h"

namespace khover::image {
namespace {

struct Part {
  KdumpFile kdump;
  std::string path;
};

// Sorts the parts by their frames; an error when they are not of one dump.
Result<void> arrange(std::vector<Part>& parts, Image& image) {
  const auto header = [](const Part& part) -> const KdumpHeader& { return part.kdump.header; };
  std::sort(parts.begin(), parts.end(), [&](const Part& a, const Part& b) {
    return std::pair(header(a).split_first, header(a).split_end) <
           std::pair(header(b).split_first, header(b).split_end);
  });
  const KdumpHeader& first = header(parts.front());
  uint64_t next = 0;
  for (const Part& part : parts) {
    const KdumpHeader& one = header(part);
    if (parts.size() > 1 && !one.split) {
      return fail(part.path, "is not part of a split dump", "name files of one `makedumpfile --split` only");
    }
    if (one.block_size != first.block_size || one.frames != first.frames) {
      return fail(part.path, fmt::format("is not of the same dump as {}", parts.front().path),
                  "name files of one `makedumpfile --split` only");
    }
    if (one.split_first < next) {
      return fail(part.path, "has pages that another file has, too", "name each file of the set once");
    }
    if (one.split_first > next) {
      image.warnings.push_back(
          fmt::format("the files of the split dump leave out {:#x} to {:#x}; it counts as a hole",
                      next * one.block_size, one.split_first * one.block_size));
    }
    next = one.split_end;
  }
  if (next < first.frames) {
    image.warnings.push_back(
        fmt::format("the files of the split dump leave out everything from {:#x} on; it counts as a hole",
                    next * first.block_size));
  }
  return {};
}

}  // namespace

Result<void> open_kdump(std::vector<KdumpPart> files, Image& image) {
  std::vector<Part> parts;
  for (KdumpPart& one : files) {
    KdumpHeader header = TRY(read_kdump_header(one.file.bytes(), one.file.data().bytes(), one.path));
    parts.push_back({{std::move(one.file), std::move(header)}, one.path});
  }
  TRY(arrange(parts, image));

  KdumpHeader& first = parts.front().kdump.header;
  image.format = "kdump-compressed";
  if (parts.size() > 1) image.format += fmt::format(", split in {} files", parts.size());
  image.machine = first.machine;
  image.vmcoreinfo = first.vmcoreinfo;
  const std::optional<uint64_t> page_size = vmcoreinfo_number(image.vmcoreinfo, "PAGESIZE");
  image.facts.page_size = Fact<uint64_t>{page_size.value_or(first.block_size), Origin::dump};
  if (first.ram) image.facts.ram = Fact<std::vector<Range>>{join(*first.ram), Origin::dump};

  std::vector<KdumpFile> kdumps;
  bool incomplete = false;
  for (Part& part : parts) {
    incomplete = incomplete || part.kdump.header.incomplete;
    kdumps.push_back(std::move(part.kdump));
  }
  auto memory = std::make_unique<KdumpMemory>(std::move(kdumps));
  if (memory->missing_pages() > 0) {
    image.warnings.push_back(fmt::format(
        "the dump is {}: {} pages that it should have are missing and count as holes",
        incomplete ? "incomplete, as makedumpfile noted in it" : "truncated", memory->missing_pages()));
  }
  if (memory->present().empty()) return fail(image.path, "has no page of memory", "take the dump again");
  image.memory = std::move(memory);
  return {};
}

}  // namespace khover::image
