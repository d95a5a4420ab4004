#include "image/core_writer.h"

#include <elf.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace khover::image {
namespace {

constexpr size_t kCopyBytes = 65536;

template <typename T>
void put(output::File& file, const T& record) {
  file.write(&record, sizeof record);
}

std::string padded(std::string text) {
  text.resize((text.size() + 3) / 4 * 4, '\0');
  return text;
}

std::string encode_note(const std::string& content) {
  const std::string name("KHOVER", 7);  // with its NUL
  const Elf64_Nhdr header{static_cast<uint32_t>(name.size()), static_cast<uint32_t>(content.size()), 1};
  return std::string(reinterpret_cast<const char*>(&header), sizeof header) + padded(name) + padded(content);
}

Elf64_Ehdr file_header(Machine machine, uint64_t segments) {
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_CORE;
  header.e_machine = machine == Machine::x86_64    ? EM_X86_64
                     : machine == Machine::aarch64 ? EM_AARCH64
                                                   : EM_NONE;
  header.e_version = EV_CURRENT;
  header.e_ehsize = sizeof(Elf64_Ehdr);
  header.e_phoff = sizeof(Elf64_Ehdr) + sizeof(Elf64_Shdr);
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = static_cast<uint16_t>(std::min<uint64_t>(segments, PN_XNUM));
  if (segments >= PN_XNUM) {  // then section header 0 has the number
    header.e_shoff = sizeof(Elf64_Ehdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
    header.e_shnum = 1;
  }
  return header;
}

}  // namespace

Result<void> write_core(output::File& file, Machine machine, const Memory& memory,
                        const std::vector<Range>& pieces, const Facts& facts) {
  if (pieces.size() >= std::numeric_limits<uint32_t>::max()) {
    return fail("the core", "would have more segments than an ELF file can", "carve a smaller dump");
  }
  const std::string note = encode_note(write_note(facts));
  const uint64_t segments = pieces.size() + 1;
  put(file, file_header(machine, segments));
  Elf64_Shdr count{};
  count.sh_info = static_cast<uint32_t>(segments);
  put(file, count);

  Elf64_Phdr segment{};
  segment.p_type = PT_NOTE;
  segment.p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Shdr) + segments * sizeof(Elf64_Phdr);
  segment.p_filesz = segment.p_memsz = note.size();
  segment.p_align = 4;
  put(file, segment);
  uint64_t offset = segment.p_offset + note.size();
  for (const Range& piece : pieces) {
    segment = {};
    segment.p_type = PT_LOAD;
    segment.p_flags = PF_R;
    segment.p_offset = offset;
    segment.p_paddr = piece.start;
    segment.p_filesz = segment.p_memsz = piece.length;
    segment.p_align = 1;
    put(file, segment);
    offset += piece.length;
  }
  file.write(note);

  std::vector<std::byte> bytes(kCopyBytes);
  for (const Range& piece : pieces) {
    for (uint64_t done = 0; done < piece.length;) {
      const auto part = std::span(bytes).first(std::min<uint64_t>(bytes.size(), piece.length - done));
      if (const auto copied = memory.read(piece.start + done, part); !copied) {
        return fail("the core",
                    fmt::format("cannot be completed: {:#x} is no longer readable", copied.error().address),
                    "check the dump");
      }
      file.write(part.data(), part.size());
      done += part.size();
    }
  }
  return {};
}

}  // namespace khover::image
