// Writes dumps for the tests of analyzer/image, by struct <elf.h> and nothing of khover.
#pragma once

#include <elf.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace khover::image {

struct BuiltNote {
  std::string name;
  uint32_t type = 0;
  std::string content;
};

// Public members on purpose: a test breaks what it wants broken and then calls bytes().
struct ElfBuilder {
  Elf64_Ehdr header{};
  std::vector<Elf64_Phdr> segments;
  std::string data;  // what the segments' p_offset points into, from `data_at` on
  std::vector<BuiltNote> notes;
  bool extended_count = false;  // PN_XNUM: the number of segments is in section header 0

  ElfBuilder() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_CORE;
    header.e_machine = EM_X86_64;
    header.e_version = EV_CURRENT;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phoff = sizeof(Elf64_Ehdr);
  }

  // p_offset is relative to the data until bytes() moves it.
  Elf64_Phdr& load(uint64_t phys, uint64_t offset, uint64_t file_size, uint64_t memory_size) {
    Elf64_Phdr segment{};
    segment.p_type = PT_LOAD;
    segment.p_paddr = phys;
    segment.p_offset = offset;
    segment.p_filesz = file_size;
    segment.p_memsz = memory_size;
    return segments.emplace_back(segment);
  }

  Elf64_Phdr& load(uint64_t phys, const std::string& content) {
    data += content;
    return load(phys, data.size() - content.size(), content.size(), content.size());
  }

  std::string bytes() const {
    Elf64_Ehdr ehdr = header;
    std::vector<Elf64_Phdr> table = segments;
    std::string note_bytes;
    for (const BuiltNote& note : notes) {
      const Elf64_Nhdr nhdr{static_cast<uint32_t>(note.name.size() + 1),
                            static_cast<uint32_t>(note.content.size()), note.type};
      note_bytes.append(reinterpret_cast<const char*>(&nhdr), sizeof nhdr);
      note_bytes.append(padded(note.name + '\0')).append(padded(note.content));
    }
    const uint64_t count = table.size() + (notes.empty() ? 0 : 1);
    const uint64_t notes_at = sizeof ehdr + count * sizeof(Elf64_Phdr) + sizeof(Elf64_Shdr);
    const uint64_t data_at = notes_at + note_bytes.size();
    for (Elf64_Phdr& segment : table) segment.p_offset += data_at;
    if (!notes.empty()) {
      Elf64_Phdr segment{};
      segment.p_type = PT_NOTE;
      segment.p_offset = notes_at;
      segment.p_filesz = note_bytes.size();
      segment.p_align = 4;
      table.push_back(segment);
    }
    Elf64_Shdr section{};
    if (extended_count) {
      ehdr.e_phnum = PN_XNUM;
      ehdr.e_shoff = notes_at - sizeof section;
      ehdr.e_shnum = 1;
      ehdr.e_shentsize = sizeof section;
      section.sh_info = static_cast<uint32_t>(count);
    } else if (ehdr.e_phnum == 0) {
      ehdr.e_phnum = static_cast<uint16_t>(count);
    }
    std::string out(reinterpret_cast<const char*>(&ehdr), sizeof ehdr);
    out.append(reinterpret_cast<const char*>(table.data()), table.size() * sizeof(Elf64_Phdr));
    out.append(reinterpret_cast<const char*>(&section), sizeof section);
    return out + note_bytes + data;
  }

 private:
  static std::string padded(std::string text) {
    text.resize((text.size() + 3) / 4 * 4, '\0');
    return text;
  }
};

// A folder of its own for each test, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "khover-test-XXXXXX").string();
    if (!::mkdtemp(name.data())) std::abort();
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  std::string path(const std::string& name) const { return (path_ / name).string(); }

  std::string write(const std::string& content, const std::string& name = "image") const {
    std::filesystem::remove(
        path(name));  // truncating a file in place makes some file systems wait for the disk
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace khover::image
