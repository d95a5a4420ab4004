// A process that gave up its privileges can still read and write files and start threads, and nothing more.
#include "confine/confine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

namespace khover::confine {
namespace {

// 0: as it should be; else the step that was not. 77: no filter here.
int in_confinement() {
  if (!give_up_privileges()) return 77;
  char* const arguments[] = {nullptr};
  if (execve("/bin/true", arguments, arguments) != -1 || errno != EPERM) return 1;
  if (socket(AF_INET, SOCK_STREAM, 0) != -1 || errno != EPERM) return 2;
  if (socket(AF_UNIX, SOCK_STREAM, 0) != -1 || errno != EPERM) return 3;
  if (ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr) != -1 || errno != EPERM) return 4;
  if (kill(getppid(), 0) != -1 || errno != EPERM) return 5;
  if (setuid(0) != -1 || errno != EPERM) return 6;
  bool ran = false;
  std::thread([&] { ran = true; }).join();
  if (!ran) return 7;
  const int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
  if (file < 0 && errno != EOPNOTSUPP) return 8;
  if (open("/proc/self/status", O_RDONLY) < 0) return 9;
  return 0;
}

TEST(Confine, GivesUpWhatNoReaderNeeds) {
  const pid_t child = fork();
  if (child == 0) _exit(in_confinement());
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status)) << status;
  if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "no seccomp filters here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace khover::confine
