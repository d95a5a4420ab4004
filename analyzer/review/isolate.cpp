#include "review/isolate.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace khover::review {
namespace {

constexpr size_t most_output = 64u << 20;

struct Running {
  size_t index = 0;
  pid_t process = -1;
  int descriptor = -1;
  std::string output;
  std::chrono::steady_clock::time_point deadline;
};

void limit(int what, rlim_t value) {
  rlimit current = {};
  getrlimit(what, &current);
  if (current.rlim_max == RLIM_INFINITY || value < current.rlim_max) current.rlim_max = value;
  current.rlim_cur = current.rlim_max;
  setrlimit(what, &current);
}

[[noreturn]] void be_child(const std::function<std::string()>& work, int descriptor, const Limits& limits) {
  limit(RLIMIT_CPU, limits.seconds);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);  // it writes to a pipe, nowhere else
#ifndef __SANITIZE_ADDRESS__
  limit(RLIMIT_AS, limits.memory << 20);
#endif
  // clang's own cries on a crash are of no use to anybody here.
  const int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (nowhere >= 0) {
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
  }
  const std::string text = work();
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t put = write(descriptor, text.data() + done, text.size() - done);
    if (put <= 0) _exit(1);
    done += static_cast<size_t>(put);
  }
  _exit(0);
}

bool start(const std::function<std::string()>& work, const Limits& limits, Running& running) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return false;
  std::fflush(nullptr);
  running.process = fork();
  if (running.process == 0) be_child(work, ends[1], limits);
  close(ends[1]);
  running.descriptor = ends[0];
  running.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(limits.seconds) * 10;
  if (running.process < 0) close(ends[0]);
  return running.process > 0;
}

Result<std::string> finish(Running& running, const char* trouble, const Limits& limits) {
  if (trouble != nullptr) kill(running.process, SIGKILL);
  close(running.descriptor);
  int status = 0;
  while (waitpid(running.process, &status, 0) < 0 && errno == EINTR) {
  }
  if (trouble != nullptr) return fail("", trouble);
  if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL)) {
    return fail("", fmt::format("the parser took more than {} seconds of CPU time", limits.seconds),
                "raise --seconds");
  }
  if (WIFSIGNALED(status)) {
    return fail("", fmt::format("the parser ended by signal {}", WTERMSIG(status)),
                "raise --memory, or review the file by hand");
  }
  if (WEXITSTATUS(status) != 0) {
    return fail("", "the parser ended without an answer", "raise --memory");
  }
  return std::move(running.output);
}

}  // namespace

std::vector<Result<std::string>> run_isolated(const std::vector<std::function<std::string()>>& works,
                                              const Limits& limits) {
  std::vector<Result<std::string>> results(works.size());
  std::vector<Running> running;
  size_t next = 0;
  while (next < works.size() || !running.empty()) {
    while (next < works.size() && running.size() < std::max(1u, limits.jobs)) {
      Running one;
      one.index = next++;
      if (!start(works[one.index], limits, one)) {
        results[one.index] = fail("", "cannot create a process");
        continue;
      }
      running.push_back(std::move(one));
    }
    std::vector<pollfd> watched;
    for (const Running& one : running) watched.push_back({one.descriptor, POLLIN, 0});
    if (watched.empty()) continue;
    poll(watched.data(), watched.size(), 1000);
    for (size_t i = running.size(); i-- > 0;) {
      Running& one = running[i];
      const char* trouble = nullptr;
      bool done = false;
      if (watched[i].revents != 0) {
        char buffer[1 << 16];
        const ssize_t got = read(one.descriptor, buffer, sizeof buffer);
        if (got > 0) one.output.append(buffer, static_cast<size_t>(got));
        done = got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
      }
      if (one.output.size() > most_output) trouble = "the parser's output is too large";
      if (std::chrono::steady_clock::now() > one.deadline) trouble = "the parser hangs";
      if (!done && trouble == nullptr) continue;
      results[one.index] = finish(one, trouble, limits);
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
  return results;
}

}  // namespace khover::review
