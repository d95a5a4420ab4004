#include "image/unmapped_core.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <vector>

#include "error/try.h"
#include "image/elf_core.h"
#include "image/open_elf.h"
#include "image/unmapped_memory.h"
#include "output/descriptor.h"

namespace khover::image {
namespace {

constexpr off_t kLargestMapping = off_t{1} << 46;  // bytes; half of what a process of x86_64 can address
constexpr uint64_t kMaxHead = uint64_t{64} << 20;  // table and notes of the largest machine take far less
constexpr const char* kRunningKernel = "/proc/kcore";

bool is_running_kernel(const std::string& path) {
  std::error_code error;
  return std::filesystem::weakly_canonical(path, error) == kRunningKernel;
}

tl::unexpected<Error> cannot(const std::string& path, const char* what, int reason) {
  const bool forbidden = reason == EACCES || reason == EPERM;
  return fail(path, std::string(what) + ": " + std::strerror(reason),
              forbidden          ? "run as root; a kernel in lockdown denies reading its memory"
              : reason == ENOENT ? "it needs a kernel with CONFIG_PROC_KCORE or CONFIG_PROC_VMCORE"
                                 : "take a dump and name that");
}

// Reads until the buffer is full or the file ends; -1 and errno on failure.
ssize_t read_fully(int file, std::span<std::byte> out, uint64_t offset) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t got =
        ::pread(file, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

// The bytes up to the end of the table of segments and of the notes.
Result<std::vector<std::byte>> read_head(int file, const std::string& path) {
  std::vector<std::byte> head(sizeof(Elf64_Ehdr));
  const auto grow = [&](uint64_t size) -> Result<void> {
    const size_t had = head.size();
    if (size <= had) return {};
    head.resize(std::min(size, kMaxHead));
    const ssize_t got = read_fully(file, std::span(head).subspan(had), had);
    if (got < 0) return cannot(path, "cannot be read", errno);
    head.resize(had + static_cast<size_t>(got));
    return {};
  };
  const ssize_t got = read_fully(file, head, 0);
  if (got < 0) return cannot(path, "cannot be read", errno);
  head.resize(static_cast<size_t>(got));
  if (head.size() < sizeof(Elf64_Ehdr) || !is_elf(head))
    return fail(path, "is not an ELF core",
                "in this file system khover reads /proc/kcore and /proc/vmcore only");
  Elf64_Ehdr header;
  std::memcpy(&header, head.data(), sizeof(header));
  if (header.e_phoff > kMaxHead)
    return fail(path, "has its program headers too far after its ELF header", "take a dump and name that");
  TRY(grow(header.e_phoff + uint64_t{header.e_phnum} * sizeof(Elf64_Phdr)));
  uint64_t notes_end = 0;
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    const uint64_t at = header.e_phoff + i * sizeof(Elf64_Phdr);
    if (at + sizeof(Elf64_Phdr) > head.size()) break;
    Elf64_Phdr segment;
    std::memcpy(&segment, head.data() + at, sizeof(segment));
    if (segment.p_type == PT_NOTE && segment.p_offset <= kMaxHead && segment.p_filesz <= kMaxHead)
      notes_end = std::max(notes_end, segment.p_offset + segment.p_filesz);
  }
  TRY(grow(notes_end));
  return head;
}

}  // namespace

bool must_be_read_in_place(const std::string& path) {
  struct stat status{};
  struct statfs system{};
  if (::stat(path.c_str(), &status) != 0) return path == kRunningKernel;
  if (!S_ISREG(status.st_mode)) return false;
  return status.st_size > kLargestMapping ||
         (::statfs(path.c_str(), &system) == 0 && system.f_type == PROC_SUPER_MAGIC);
}

Result<void> open_unmapped_core(const std::string& path, Image& image) {
  output::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return cannot(path, "cannot be opened", errno);
  const std::vector<std::byte> head = TRY(read_head(file.number(), path));
  // Files of procfs need not know their size.
  constexpr auto kUnknownSize = static_cast<uint64_t>(std::numeric_limits<off_t>::max());
  ElfCore core = TRY(read_elf_core(head, kUnknownSize, path));
  image.memory = std::make_unique<UnmappedMemory>(std::move(file), core.segments);
  take_facts(std::move(core), image);
  image.running = is_running_kernel(path);
  image.format = image.running ? "running kernel" : "ELF core, read in place";
  return {};
}

}  // namespace khover::image
