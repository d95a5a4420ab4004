#include "series/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <map>

extern char** environ;

namespace khover::series {
namespace {

constexpr size_t most_output = 256u << 20;

class Pipe {
 public:
  Pipe() {
    if (pipe2(ends_, O_CLOEXEC) != 0) ends_[0] = ends_[1] = -1;
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  bool valid() const { return ends_[0] >= 0; }
  int end(int which) const { return ends_[which]; }
  void close_end(int which) {
    if (ends_[which] >= 0) close(ends_[which]);
    ends_[which] = -1;
  }

 private:
  int ends_[2];
};

// False: the other side is done.
bool take(int descriptor, std::string& text) {
  char buffer[1 << 16];
  const ssize_t got = read(descriptor, buffer, sizeof buffer);
  if (got > 0) text.append(buffer, static_cast<size_t>(got));
  return got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
}

}  // namespace

Result<Finished> run_program(const std::vector<std::string>& words, std::string_view input,
                             const std::vector<std::pair<std::string, std::string>>& variables,
                             unsigned seconds) {
  // Everything that allocates happens before fork().
  std::vector<std::string> arguments = words;
  std::vector<char*> argv;
  for (std::string& word : arguments) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::map<std::string, std::string> environment;
  for (char** one = environ; one != nullptr && *one != nullptr; ++one) {
    if (const char* equals = std::strchr(*one, '='))
      environment[std::string(*one, static_cast<size_t>(equals - *one))] = equals + 1;
  }
  for (const auto& [name, value] : variables) environment[name] = value;
  std::vector<std::string> settings;
  for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
  std::vector<char*> envp;
  for (std::string& setting : settings) envp.push_back(setting.data());
  envp.push_back(nullptr);

  Pipe in, out, err;
  if (!in.valid() || !out.valid() || !err.valid()) return fail(words[0], "cannot create a pipe");
  const pid_t child = fork();
  if (child < 0) return fail(words[0], "cannot create a process");
  if (child == 0) {
    // What this process ignores (output/standard.h) is not meant for others.
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    dup2(in.end(0), STDIN_FILENO);
    dup2(out.end(1), STDOUT_FILENO);
    dup2(err.end(1), STDERR_FILENO);
    execvpe(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);
  struct sigaction quiet = {}, before = {};
  quiet.sa_handler = SIG_IGN;  // a program that does not read its input to the end
  sigaction(SIGPIPE, &quiet, &before);
  fcntl(in.end(1), F_SETFL, O_NONBLOCK);
  if (input.empty()) in.close_end(1);

  Finished finished;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  const char* trouble = nullptr;
  while (trouble == nullptr && (out.end(0) >= 0 || err.end(0) >= 0)) {
    pollfd watched[3] = {{out.end(0), POLLIN, 0}, {err.end(0), POLLIN, 0}, {in.end(1), POLLOUT, 0}};
    poll(watched, 3, 1000);
    if (watched[0].revents != 0 && !take(out.end(0), finished.output)) out.close_end(0);
    if (watched[1].revents != 0 && !take(err.end(0), finished.errors)) err.close_end(0);
    if (watched[2].revents != 0) {
      const ssize_t put = write(in.end(1), input.data(), input.size());
      if (put > 0) input.remove_prefix(static_cast<size_t>(put));
      if (input.empty() || (put < 0 && errno != EINTR && errno != EAGAIN)) in.close_end(1);
    }
    if (finished.output.size() + finished.errors.size() > most_output) trouble = "its output is too large";
    if (std::chrono::steady_clock::now() > deadline) trouble = "it timed out";
  }
  if (trouble != nullptr) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  sigaction(SIGPIPE, &before, nullptr);
  if (trouble != nullptr) return fail(words[0], trouble);
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  if (finished.status == 127) return fail(words[0], "cannot be run", fmt::format("install {}", words[0]));
  return finished;
}

}  // namespace khover::series
