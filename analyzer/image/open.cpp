#include <fmt/format.h>

#include <cstring>
#include <limits>
#include <string_view>
#include <utility>

#include "image/elf_core.h"
#include "image/flattened.h"
#include "image/image.h"
#include "image/kdump.h"
#include "image/mapped_file.h"
#include "image/open_elf.h"
#include "image/ranges.h"
#include "image/segments.h"
#include "image/unmapped_core.h"
#include "image/vmcoreinfo.h"
#include "image/zstd_file.h"

namespace khover::image {
namespace {

struct ForeignFormat {
  std::string_view magic;
  const char* what;
  const char* remedy;
};

// What people have at hand and khover does not read.
constexpr ForeignFormat kForeignFormats[] = {
    {"DISKDUMP", "is a diskdump of an old kernel", "take the dump with makedumpfile, or as ELF"},
    {"LibvirtQemudSave", "is a saved guest of libvirt, not a dump of its memory",
     "take it with `virsh dump --memory-only`"},
    {"LibvirtQemudPart", "is a saved guest of libvirt, and incomplete",
     "take it with `virsh dump --memory-only`"},
    {"QEVM", "is a migration stream of QEMU, not a dump of memory", "take it with QEMU's dump-guest-memory"},
    {"\x1f\x8b", "is compressed with gzip", "decompress it with `gzip -d`"},
    {"\xfd"
     "7zXZ",
     "is compressed with xz", "decompress it with `xz -d`"},
    {"\x04\x22\x4d\x18", "is compressed with lz4", "decompress it with `lz4 -d`"},
};

bool begins_with(std::span<const std::byte> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

std::optional<Error> refuse_foreign_format(std::span<const std::byte> bytes, const std::string& path) {
  for (const ForeignFormat& format : kForeignFormats) {
    if (begins_with(bytes, format.magic)) return Error{path, format.what, format.remedy};
  }
  return std::nullopt;
}

std::optional<Error> place(MappedFile file, const std::vector<Segment>& segments, Image& image) {
  Result<SegmentMemory::Built> built = SegmentMemory::build(std::move(file), segments, image.path);
  if (!built) return built.error();
  if (built->warning) image.warnings.push_back(*built->warning);
  image.memory = std::move(built->memory);
  return std::nullopt;
}

std::optional<Error> open_raw(MappedFile file, uint64_t base, Image& image) {
  const std::span<const std::byte> bytes = file.bytes();
  if (bytes.size() > std::numeric_limits<uint64_t>::max() - base) {
    return Error{image.path, fmt::format("does not fit into the address space from {:#x} on", base),
                 "give a smaller --raw-base"};
  }
  image.format = fmt::format("raw, base {:#x}", base);
  return place(std::move(file), {{base, bytes}}, image);
}

std::optional<Error> open_elf(MappedFile file, Image& image) {
  Result<ElfCore> core = read_elf_core(file.bytes(), file.bytes().size(), image.path);
  if (!core) return core.error();
  std::vector<Segment> segments;
  segments.reserve(core->segments.size());
  for (const FileSegment& one : core->segments)
    segments.push_back({one.phys, file.bytes().subspan(one.offset, one.length)});
  take_facts(std::move(*core), image);
  image.format = "ELF core";
  return place(std::move(file), segments, image);
}

template <typename T>
void prefer(const std::optional<Fact<T>>& given, std::optional<Fact<T>>& fact) {
  if (given) fact = given;
}

std::optional<Error> apply_given(const Facts& given, Facts& facts) {
  prefer(given.ram, facts.ram);
  prefer(given.numa, facts.numa);
  prefer(given.topology, facts.topology);
  prefer(given.scratch, facts.scratch);
  prefer(given.root, facts.root);
  prefer(given.phase, facts.phase);
  prefer(given.page_size, facts.page_size);
  if (facts.ram) facts.ram->value = join(std::move(facts.ram->value));
  if (facts.numa && !sort_disjoint(facts.numa->value)) {
    return Error{"--numa", "has one address in two nodes", "give each node its own ranges"};
  }
  return std::nullopt;
}

// One file's bytes as the dump's writer meant them, and what was undone to get there.
struct Content {
  MappedFile file;
  std::string wrapping;  // appended to the format
  std::vector<std::string> warnings;
};

Result<Content> unwrap(const std::string& path, bool raw) {
  Result<MappedFile> file = MappedFile::open(path);
  if (!file) return tl::unexpected(file.error());
  std::string wrapping;
  std::vector<std::string> warnings;
  if (is_zstd(file->bytes())) {
    file = decompress_zstd(*file, path);
    if (!file) return tl::unexpected(file.error());
    wrapping = ", zstd";
  }
  if (!raw && is_flattened(file->bytes())) {
    Result<Rearranged> straight = rearrange(*file, path);
    if (!straight) return tl::unexpected(straight.error());
    if (!straight->complete) {
      warnings.push_back(
          path + " ends before the end mark of its flattened format; what is missing counts as holes");
    }
    file = std::move(straight->file);
    wrapping = ", flattened" + wrapping;
  }
  return Content{std::move(*file), wrapping, std::move(warnings)};
}

std::optional<Error> open_one(MappedFile file, const OpenOptions& options, Image& image) {
  if (options.raw_base) return open_raw(std::move(file), *options.raw_base, image);
  if (is_elf(file.bytes())) return open_elf(std::move(file), image);
  if (is_kdump(file.bytes())) {
    std::vector<KdumpPart> parts;
    parts.push_back({std::move(file), image.path});
    return open_kdump(std::move(parts), image);
  }
  if (std::optional<Error> error = refuse_foreign_format(file.bytes(), image.path)) return error;
  return Error{image.path, "is neither an ELF file nor kdump-compressed",
               "if it is a flat copy of memory, give its first physical address with --raw-base"};
}

std::optional<Error> open_split(std::vector<KdumpPart> parts, Image& image) {
  for (const KdumpPart& part : parts) {
    if (!is_kdump(part.file.bytes())) {
      return Error{part.path, "is not kdump-compressed", "of other formats, name one file only"};
    }
  }
  return open_kdump(std::move(parts), image);
}

}  // namespace

void take_facts(ElfCore core, Image& image) {
  image.machine = core.machine;
  image.warnings.insert(image.warnings.end(), core.warnings.begin(), core.warnings.end());
  if (core.note) image.facts = std::move(*core.note);
  if (!image.facts.ram && core.ram)
    image.facts.ram = Fact<std::vector<Range>>{std::move(*core.ram), Origin::dump};
  image.vmcoreinfo = std::move(core.vmcoreinfo);
  const std::optional<uint64_t> page_size = vmcoreinfo_number(image.vmcoreinfo, "PAGESIZE");
  if (!image.facts.page_size && page_size) image.facts.page_size = Fact<uint64_t>{*page_size, Origin::dump};
}

Result<Image> open(const std::string& path, const OpenOptions& options) {
  return open(std::vector{path}, options);
}

Result<Image> open(const std::vector<std::string>& paths, const OpenOptions& options) {
  if (paths.empty()) return fail("image", "no file was named", "name a dump");
  Image image;
  image.path = paths.front();
  std::string wrapping;
  if (paths.size() == 1 && !options.raw_base && must_be_read_in_place(paths.front())) {
    std::optional<Error> error = open_unmapped_core(paths.front(), image);
    if (!error) error = apply_given(options.given, image.facts);
    if (error) return tl::unexpected(std::move(*error));
    return image;
  }
  std::vector<KdumpPart> parts;
  for (const std::string& path : paths) {
    Result<Content> content = unwrap(path, options.raw_base.has_value());
    if (!content) return tl::unexpected(content.error());
    wrapping = content->wrapping;
    image.warnings.insert(image.warnings.end(), content->warnings.begin(), content->warnings.end());
    parts.push_back({std::move(content->file), path});
  }
  std::optional<Error> error = parts.size() == 1 ? open_one(std::move(parts.front().file), options, image)
                                                 : open_split(std::move(parts), image);
  if (!error) error = apply_given(options.given, image.facts);
  if (error) return tl::unexpected(std::move(*error));
  image.format += wrapping;
  return image;
}

}  // namespace khover::image
