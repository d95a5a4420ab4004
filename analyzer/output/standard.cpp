#include "output/standard.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <new>
#include <optional>
#include <string>

#include "output/printable.h"
#include "output/unfinished.h"

namespace khover::output {
namespace {

constexpr size_t kBufferBytes = 65536;

struct State {
  const char* program = "khover";
  std::string waiting;
  int reason = 0;  // errno of the first write that failed
  std::optional<Error> later;
  std::mutex mutex;
};

// Never destroyed: die() may come at any time.
State& state() {
  static State& one = *new State;
  return one;
}

// 0 or errno.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : EIO;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

void write_waiting(State& all) {
  if (all.reason == 0) all.reason = write_all(STDOUT_FILENO, all.waiting);
  all.waiting.clear();
}

}  // namespace

void prepare(const char* program) {
  state().program = program;
  state().waiting.reserve(2 * kBufferBytes);
  for (int descriptor = 0; descriptor <= 2; ++descriptor) {
    // For reading: what is written to it fails, as it would with the descriptor closed.
    if (::fcntl(descriptor, F_GETFD) < 0 && ::open("/dev/null", O_RDONLY) < 0) ::_exit(2);
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  std::set_new_handler([] {
    die("out of memory; give it more (ulimit -v, the cgroup's limit), or an image with less in it: khover "
        "carve");
  });
}

void put(std::string_view text) {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  if (all.reason != 0) return;
  if (all.waiting.size() + text.size() > kBufferBytes) write_waiting(all);
  if (text.size() > kBufferBytes && all.reason == 0)
    all.reason = write_all(STDOUT_FILENO, text);
  else
    all.waiting += text;
}

void flush() {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  write_waiting(all);
}

Result<void> finish() {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  write_waiting(all);
  if (all.reason != 0) {
    const char* const remedy = all.reason == ENOSPC || all.reason == EDQUOT ? "make room where it goes"
                               : all.reason == EPIPE ? "what reads it has ended; let it read to the end"
                               : all.reason == EBADF ? "leave it open"
                                                     : "direct it elsewhere";
    return fail("standard output", std::string("cannot be written: ") + std::strerror(all.reason), remedy);
  }
  if (all.later) return tl::unexpected(*all.later);
  return {};
}

void fail_later(Error error) {
  State& all = state();
  const std::lock_guard lock(all.mutex);
  if (!all.later) all.later = std::move(error);
}

void say(std::string_view message) {
  flush();
  // In one write: lines of several processes do not mix.
  const std::string line = std::string(state().program) + ": " + printable(message) + "\n";
  write_all(STDERR_FILENO, line);  // there is no third place to say that this failed
}

void show(std::string_view line) {
  if (::isatty(STDERR_FILENO) == 0) return;
  write_all(STDERR_FILENO, "\r\033[K" + printable(line));
}

void die(const char* first, const char* second, const char* third) {
  remove_unfinished();
  for (const char* piece : {state().program, ": ", first, second, third, "\n"})
    write_all(STDERR_FILENO, {piece, std::strlen(piece)});
  ::_exit(2);
}

}  // namespace khover::output
