#include "image/elf_core.h"

#include <elf.h>
#include <fmt/format.h>
#include <gelf.h>
#include <libelf.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>

#include "error/try.h"
#include "image/ranges.h"

namespace khover::image {
namespace {

// NT_PRSTATUS of a thousand CPUs takes half a MiB; libelf may copy what it is asked for.
constexpr uint64_t kMaxNoteBytes = uint64_t{64} << 20;

// The kernel's own limit is a few pages.
constexpr size_t kMaxVmcoreinfo = size_t{1} << 20;

using ElfHandle = std::unique_ptr<Elf, decltype(&elf_end)>;

// KHO is of 64-bit, little-endian machines.
Result<void> refuse_other_machines(std::span<const std::byte> bytes, const std::string& path) {
  const auto ident = [&](size_t i) { return std::to_integer<unsigned>(bytes[i]); };
  if (bytes.size() < sizeof(Elf64_Ehdr))
    return fail(path, "is truncated within its ELF header", "copy the dump again");
  if (ident(EI_CLASS) != ELFCLASS64) {
    return fail(path, "is a 32-bit ELF file", "take the dump as ELF64; KHO exists on 64-bit machines only");
  }
  if (ident(EI_DATA) != ELFDATA2LSB) {
    return fail(path, "is a big-endian ELF file",
                "name a little-endian dump; KHO exists on x86_64 and arm64 only");
  }
  return {};
}

// Fewer than the file header says when the table is cut; libelf shortens it without a word.
std::optional<uint64_t> promised_segments(Elf* elf, const GElf_Ehdr& header) {
  if (header.e_phnum != PN_XNUM) return header.e_phnum;
  GElf_Shdr extended;
  Elf_Scn* const first = elf_getscn(elf, 0);
  if (!first || !gelf_getshdr(first, &extended)) return std::nullopt;
  return extended.sh_info;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Reads one core; collects into `core_`.
class CoreReader {
 public:
  CoreReader(std::span<const std::byte> bytes, uint64_t file_size, const std::string& path)
      : bytes_(bytes), file_size_(file_size), path_(path) {}

  Result<ElfCore> read() {
    TRY(refuse_other_machines(bytes_, path_));
    elf_version(EV_CURRENT);
    // libelf only reads; its interface predates const.
    char* const start = const_cast<char*>(reinterpret_cast<const char*>(bytes_.data()));
    const ElfHandle elf(elf_memory(start, bytes_.size()), elf_end);
    GElf_Ehdr header;
    if (!elf || !gelf_getehdr(elf.get(), &header)) return damaged();
    if (header.e_type != ET_CORE) {
      return fail(path_, "is an ELF file, but not a core", "name a memory dump of the machine");
    }
    if (header.e_machine == EM_X86_64) core_.machine = Machine::x86_64;
    if (header.e_machine == EM_AARCH64) core_.machine = Machine::aarch64;

    size_t count = 0;
    if (elf_getphdrnum(elf.get(), &count) != 0) return damaged();
    const std::optional<uint64_t> promised = promised_segments(elf.get(), header);
    if (!promised || *promised != count) {
      return fail(path_, "is truncated within its program headers", "copy the dump again");
    }
    for (size_t i = 0; i < count; ++i) {
      GElf_Phdr segment;
      if (!gelf_getphdr(elf.get(), static_cast<int>(i), &segment)) return damaged();
      if (segment.p_type == PT_LOAD) load(segment);
      if (segment.p_type == PT_NOTE) TRY(notes(elf.get(), segment));
    }
    return finish();
  }

 private:
  tl::unexpected<Error> damaged() const {
    return fail(path_, std::string("is a damaged ELF file: libelf says ") + elf_errmsg(-1),
                "copy the dump again");
  }

  void load(const GElf_Phdr& segment) {
    // /proc/kcore lists areas that are no memory with p_paddr -1.
    if (segment.p_paddr == std::numeric_limits<uint64_t>::max() || segment.p_memsz == 0) return;
    ++loads_;
    if (segment.p_paddr != 0) any_address_ = true;
    const Range asked = clip(segment.p_paddr, segment.p_memsz);
    if (asked.length < segment.p_memsz) ++wrapping_;
    ram_.push_back(asked);

    // Bytes between p_filesz and p_memsz were not captured: in a core they are no zeros but a hole.
    const uint64_t wanted = std::min(segment.p_filesz, asked.length);
    const uint64_t left = segment.p_offset < file_size_ ? file_size_ - segment.p_offset : 0;
    const uint64_t found = std::min(wanted, left);
    if (found < wanted) {
      ++cut_;
      if (cut_ == 1) first_missing_ = asked.start + found;
      missing_ += static_cast<unsigned __int128>(wanted - found);
    }
    if (found > 0) core_.segments.push_back({asked.start, segment.p_offset, found});
  }

  Result<void> notes(Elf* elf, const GElf_Phdr& segment) {
    if (segment.p_offset >= bytes_.size() || segment.p_filesz > bytes_.size() - segment.p_offset) {
      core_.warnings.push_back("the notes of the core are past the end of the file and not read");
      return {};
    }
    if (segment.p_filesz > kMaxNoteBytes - note_bytes_) {
      core_.warnings.push_back("the notes of the core exceed 64 MiB; the rest is not read");
      return {};
    }
    note_bytes_ += segment.p_filesz;
    Elf_Data* const data = elf_getdata_rawchunk(elf, static_cast<int64_t>(segment.p_offset), segment.p_filesz,
                                                segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
    if (!data) return {};
    const std::span<const std::byte> all{static_cast<const std::byte*>(data->d_buf), data->d_size};
    GElf_Nhdr note;
    size_t name_at = 0;
    size_t content_at = 0;
    for (size_t at = 0; (at = gelf_getnote(data, at, &note, &name_at, &content_at)) > 0;) {
      std::string_view name = as_text(all.subspan(name_at, note.n_namesz));
      name = name.substr(0, name.find('\0'));
      TRY(one_note(name, note.n_type, all.subspan(content_at, note.n_descsz)));
    }
    return {};
  }

  Result<void> one_note(std::string_view name, uint32_t type, std::span<const std::byte> content) {
    if (name == "CORE" && type == NT_PRSTATUS) full_dump_ = true;
    if (name == "VMCOREINFO" && core_.vmcoreinfo.empty())
      core_.vmcoreinfo = as_text(content.first(std::min(content.size(), kMaxVmcoreinfo)));
    if (name != "KHOVER") return {};
    if (type != 1) {
      return fail(path_, fmt::format("has a KHOVER note of unknown type {}", type),
                  "read it with the khover that wrote it, or a newer one");
    }
    if (core_.note) return fail(path_, "has two KHOVER notes", "leave only one of them");
    Result<Facts> facts = read_note(std::string(as_text(content)));
    if (!facts) return fail(path_ + ": " + facts.error().where, facts.error().what, facts.error().remedy);
    core_.note = std::move(*facts);
    return {};
  }

  Result<ElfCore> finish() {
    if (cut_ > 0) {
      core_.warnings.push_back(
          fmt::format("the file is truncated: {} of {} segments end beyond it, {} bytes are missing from "
                      "{:#x} on and count as holes",
                      cut_, loads_, in_words(missing_), first_missing_));
    }
    if (wrapping_ > 0) {
      core_.warnings.push_back(fmt::format(
          "{} segments extend past the 64-bit address space; the part past it is ignored", wrapping_));
    }
    if (core_.segments.empty()) {
      return fail(path_, "is a core without any captured memory", "take the dump again");
    }
    if (!any_address_ && loads_ > 1) {
      return fail(path_, "has no physical addresses, like the core of a user process",
                  "name a dump of the whole machine (/proc/vmcore, QEMU's dump-guest-memory)");
    }
    if (full_dump_) core_.ram = join(std::move(ram_));
    return std::move(core_);
  }

  static std::string in_words(unsigned __int128 count) {
    return count > std::numeric_limits<uint64_t>::max() ? "more than 2^64"
                                                        : fmt::format("{}", static_cast<uint64_t>(count));
  }

  std::span<const std::byte> bytes_;
  uint64_t file_size_;
  const std::string& path_;
  ElfCore core_;
  std::vector<Range> ram_;
  bool full_dump_ = false;  // has the CPUs' NT_PRSTATUS, as QEMU and /proc/vmcore write; slim cores have none
  bool any_address_ = false;
  uint64_t note_bytes_ = 0;
  uint64_t loads_ = 0;
  uint64_t wrapping_ = 0;
  uint64_t cut_ = 0;
  uint64_t first_missing_ = 0;
  unsigned __int128 missing_ = 0;
};

}  // namespace

bool is_elf(std::span<const std::byte> bytes) {
  return bytes.size() >= SELFMAG && std::memcmp(bytes.data(), ELFMAG, SELFMAG) == 0;
}

Result<ElfCore> read_elf_core(std::span<const std::byte> bytes, uint64_t file_size, const std::string& path) {
  return CoreReader(bytes, file_size, path).read();
}

}  // namespace khover::image
