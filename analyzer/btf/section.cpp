#include "btf/section.h"

#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <string_view>

namespace khover::btf {
namespace {

constexpr size_t kMaxBytes = size_t{256} << 20;  // a distribution's kernel has 6 MiB

constexpr const char* kRemedy = "name /sys/kernel/btf/vmlinux, or a vmlinux with a .BTF section";

struct File {
  int number = -1;
  ~File() {
    if (number >= 0) ::close(number);
  }
};

Result<Section> bare(int file, const std::string& path) {
  Section section;
  // Files of sysfs may be read in pieces only, and a device may never end.
  std::vector<std::byte> piece(65536);
  while (true) {
    const ssize_t count = ::read(file, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return fail(path, std::string("cannot be read: ") + std::strerror(errno), kRemedy);
    if (count == 0) return section;
    if (section.bytes.size() + static_cast<size_t>(count) > kMaxBytes)
      return fail(path, "is larger than any BTF section", kRemedy);
    section.bytes.insert(section.bytes.end(), piece.begin(), piece.begin() + count);
  }
}

Result<Section> of_elf(int file, const std::string& path) {
  const auto damaged = [&] {
    return fail(path, std::string("is a damaged ELF file: libelf says ") + elf_errmsg(-1), kRemedy);
  };
  elf_version(EV_CURRENT);
  const std::unique_ptr<Elf, int (*)(Elf*)> elf(elf_begin(file, ELF_C_READ, nullptr), elf_end);
  GElf_Ehdr header;
  size_t names = 0;
  if (!elf || !gelf_getehdr(elf.get(), &header) || elf_getshdrstrndx(elf.get(), &names) != 0)
    return damaged();
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
    return fail(path, "is not for a little-endian 64-bit machine", kRemedy);
  Section section;
  if (header.e_machine == EM_X86_64) section.arch = "x86_64";
  if (header.e_machine == EM_AARCH64) section.arch = "arm64";
  for (Elf_Scn* one = nullptr; (one = elf_nextscn(elf.get(), one)) != nullptr;) {
    GElf_Shdr place;
    if (!gelf_getshdr(one, &place)) return damaged();
    const char* const name = elf_strptr(elf.get(), names, place.sh_name);
    if (!name || std::string_view(name) != ".BTF" || place.sh_type == SHT_NOBITS) continue;
    if (place.sh_size > kMaxBytes) return fail(path, "has a .BTF section larger than any", kRemedy);
    const Elf_Data* const data = elf_rawdata(one, nullptr);
    if (!data || !data->d_buf) return damaged();
    const auto* const bytes = static_cast<const std::byte*>(data->d_buf);
    section.bytes.assign(bytes, bytes + data->d_size);
    return section;
  }
  return fail(path, "has no .BTF section", "build the kernel with CONFIG_DEBUG_INFO_BTF");
}

}  // namespace

Result<Section> read_section(const std::string& path) {
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) return fail(path, std::string("cannot be opened: ") + std::strerror(errno), kRemedy);
  char magic[SELFMAG] = {};
  const bool is_elf = ::pread(file.number, magic, sizeof(magic), 0) == static_cast<ssize_t>(sizeof(magic)) &&
                      std::memcmp(magic, ELFMAG, SELFMAG) == 0;
  return is_elf ? of_elf(file.number, path) : bare(file.number, path);
}

}  // namespace khover::btf
