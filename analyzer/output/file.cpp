#include "output/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "error/try.h"
#include "output/inputs.h"
#include "output/standard.h"
#include "output/unfinished.h"

namespace khover::output {
namespace {

constexpr size_t kBufferBytes = 65536;
constexpr int kMostLinks = 40;  // as the kernel follows

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

std::string by_descriptor(int number) { return fmt::format("/proc/self/fd/{}", number); }

std::pair<std::string, std::string> folder_and_name(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// Where a chain of symbolic links leads, of which the last may lead to nothing yet.
std::optional<std::string> through_links(std::string path) {
  for (int i = 0; i < kMostLinks; ++i) {
    std::array<char, PATH_MAX> link;
    const ssize_t length = ::readlink(path.c_str(), link.data(), link.size());
    if (length < 0) return path;
    std::string next(link.data(), static_cast<size_t>(length));
    path = next.starts_with('/') ? next : folder_and_name(path).first + "/" + next;
  }
  return std::nullopt;
}

// The standard output or error under another name, such as /dev/stdout: -1 when it is neither.
int own_descriptor(const struct stat& target) {
  for (const int number : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat own{};
    if (::fstat(number, &own) == 0 && same_file(own, target)) return number;
  }
  return -1;
}

// Signals wait while a second name for the content exists.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;
  ~SignalsWait() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

Descriptor nameless_file() {
  for (const char* place : {static_cast<const char*>(std::getenv("TMPDIR")), "/tmp"}) {
    if (!place || !*place) continue;
    const int file = ::open(place, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) return Descriptor(file);
    // Some file systems (overlay and network ones) know no O_TMPFILE.
    const SignalsWait wait;
    std::string name = std::string(place) + "/khover-XXXXXX";
    const int named = ::mkostemp(name.data(), O_CLOEXEC);
    if (named < 0) continue;
    ::unlink(name.c_str());
    return Descriptor(named);
  }
  return Descriptor(::memfd_create("khover", MFD_CLOEXEC));
}

Result<File> File::create(const std::string& path, mode_t mode) {
  struct stat target{};
  if (::stat(path.c_str(), &target) != 0) {
    if (errno != ENOENT) return File(path, Descriptor(-1)).failed(errno);
    return beside(path, mode);
  }
  if (S_ISDIR(target.st_mode)) return fail(path, "is a directory", "name a file");
  TRY(is_no_input(path));
  if (const int own = own_descriptor(target); own >= 0) return before(path, ::fcntl(own, F_DUPFD_CLOEXEC, 3));
  // A file that only a descriptor leads to has no folder to be replaced in.
  std::error_code error;
  const std::string real = std::filesystem::canonical(path, error).string();
  struct stat found{};
  if (!S_ISREG(target.st_mode) || error || ::stat(real.c_str(), &found) != 0 || !same_file(found, target)) {
    return before(path, ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
  }
  if (::access(path.c_str(), W_OK) != 0) return File(path, Descriptor(-1)).failed(errno);
  return beside(path, mode);
}

// The content is in the folder of the final name, so that it can be linked there.
Result<File> File::beside(const std::string& path, mode_t mode) {
  const std::optional<std::string> real = through_links(path);
  if (!real) return File(path, Descriptor(-1)).failed(ELOOP);
  const auto [folder_path, name] = folder_and_name(*real);
  if (name.empty() || name == "." || name == "..") return fail(path, "is no name of a file", "name a file");
  Descriptor folder(::open(folder_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return File(path, Descriptor(-1)).failed(errno);

  File file(path, Descriptor(::openat(folder.number(), ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode)));
  file.folder_ = std::move(folder);
  file.name_ = name;
  if (file.content_.valid()) return file;
  if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL && errno != ENOENT) return file.failed(errno);
  const SignalsWait wait;
  file.unfinished_ = fmt::format(".{}.{}.part", name.substr(0, NAME_MAX / 2), ::getpid());
  file.content_ = Descriptor(::openat(file.folder_.number(), file.unfinished_.c_str(),
                                      O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file.content_.valid()) {
    file.unfinished_.clear();
    return file.failed(errno);
  }
  return file;
}

Result<File> File::before(const std::string& path, int target) {
  Descriptor direct(target);
  if (!direct.valid()) return File(path, Descriptor(-1)).failed(errno);
  File file(path, nameless_file());
  if (!file.content_.valid()) {
    return fail(path, std::string("no temporary file to collect it in: ") + std::strerror(errno),
                "set TMPDIR to a folder that can be written");
  }
  file.target_ = std::move(direct);
  return file;
}

File::File(File&& other) noexcept
    : path_(std::move(other.path_)),
      content_(std::move(other.content_)),
      target_(std::move(other.target_)),
      folder_(std::move(other.folder_)),
      name_(std::move(other.name_)),
      buffer_(std::move(other.buffer_)),
      reason_(other.reason_) {
  // The name's characters may have moved with it.
  const SignalsWait wait;
  if (!other.unfinished_.empty()) forget_unfinished(other.unfinished_.c_str());
  unfinished_ = std::exchange(other.unfinished_, {});
  if (!unfinished_.empty()) remember_unfinished(folder_.number(), unfinished_.c_str());
}

File::~File() {
  if (unfinished_.empty()) return;
  const SignalsWait wait;
  ::unlinkat(folder_.number(), unfinished_.c_str(), 0);
  forget_unfinished(unfinished_.c_str());
}

void File::write(std::string_view bytes) {
  buffer_ += bytes;
  if (buffer_.size() >= kBufferBytes) flush();
}

void File::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && reason_ == 0) {
    const ssize_t written = ::write(content_.number(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) reason_ = written < 0 ? errno : EIO;
    if (written > 0) rest.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
}

tl::unexpected<Error> File::failed(int reason) const {
  return fail(path_, std::string("cannot be written: ") + std::strerror(reason),
              reason == ENOSPC || reason == EDQUOT || reason == EFBIG ? "make room, or name a file elsewhere"
                                                                      : "name another file");
}

Result<std::string> File::staged() {
  flush();
  if (reason_ != 0) return failed(reason_);
  return by_descriptor(content_.number());
}

Result<void> File::commit() {
  flush();
  if (reason_ != 0) return failed(reason_);
  return target_.valid() ? copy_out() : take_name();
}

Result<void> File::take_name() {
  struct stat old{};
  if (::fstatat(folder_.number(), name_.c_str(), &old, AT_SYMLINK_NOFOLLOW) == 0) {
    // Whose it was it stays where we may say so; what it lets others do never grows.
    if (::fchown(content_.number(), old.st_uid, old.st_gid) != 0 && errno != EPERM) return failed(errno);
    if (::fchmod(content_.number(), old.st_mode & 07777) != 0) return failed(errno);
  }
  // Some file systems find out only now that there is no room.
  if (::fsync(content_.number()) != 0 && errno != EINVAL && errno != EROFS) return failed(errno);
  const SignalsWait wait;
  if (unfinished_.empty()) {
    const std::string content = by_descriptor(content_.number());
    if (::linkat(AT_FDCWD, content.c_str(), folder_.number(), name_.c_str(), AT_SYMLINK_FOLLOW) == 0)
      return {};
    if (errno != EEXIST) return failed(errno);
    const std::string second = fmt::format(".{}.{}.part", name_.substr(0, NAME_MAX / 2), ::getpid());
    ::unlinkat(folder_.number(), second.c_str(), 0);  // of a process that had our number and was killed
    if (::linkat(AT_FDCWD, content.c_str(), folder_.number(), second.c_str(), AT_SYMLINK_FOLLOW) != 0)
      return failed(errno);
    unfinished_ = second;
  }
  if (::renameat(folder_.number(), unfinished_.c_str(), folder_.number(), name_.c_str()) != 0)
    return failed(errno);
  forget_unfinished(unfinished_.c_str());
  unfinished_.clear();
  return {};
}

Result<void> File::copy_out() {
  output::flush();  // it may be the standard output
  std::vector<char> block(kBufferBytes);
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(content_.number(), block.data(), block.size(), at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(errno);
    if (got == 0) break;
    at += got;
    for (ssize_t done = 0; done < got;) {
      const ssize_t written = ::write(target_.number(), block.data() + done, static_cast<size_t>(got - done));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return failed(written < 0 ? errno : EIO);
      done += written;
    }
  }
  return {};
}

Result<void> write_file(const std::string& path, std::string_view text) {
  if (path == "-") {
    put(text);
    return {};
  }
  File file = TRY(File::create(path));
  file.write(text);
  return file.commit();
}

}  // namespace khover::output
