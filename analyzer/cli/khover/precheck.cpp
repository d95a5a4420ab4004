#include "session/precheck.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <ctime>
#include <memory>

#include "cli/khover/commands.h"
#include "cli/khover/image_options.h"
#include "output/file.h"
#include "output/inputs.h"
#include "output/standard.h"

namespace khover::cli {
namespace {

constexpr const char* kRunningKernel = "/proc/kcore";

struct PrecheckArguments {
  session::PrecheckAsked asked;
  std::string command_line, format = "text", metrics;
  double deadline = 60;
  bool details = false;
};

// The answer when time is up: written by a signal handler, so it is ready before anything is read.
std::string late_answer;

void answer_late(int) {
  for (size_t done = 0; done < late_answer.size();) {
    const ssize_t count = ::write(STDOUT_FILENO, late_answer.data() + done, late_answer.size() - done);
    if (count <= 0) ::_exit(kCannotAnswer);
    done += static_cast<size_t>(count);
  }
  ::_exit(kUndetermined);
}

void start_clock(double seconds) {
  struct sigaction action{};
  action.sa_handler = answer_late;
  ::sigaction(SIGALRM, &action, nullptr);
  // A parent may have blocked it.
  sigset_t alarm;
  ::sigemptyset(&alarm);
  ::sigaddset(&alarm, SIGALRM);
  ::sigprocmask(SIG_UNBLOCK, &alarm, nullptr);
  itimerval timer{};
  double whole = 0;
  timer.it_value.tv_usec = static_cast<suseconds_t>(std::modf(seconds, &whole) * 1e6);
  timer.it_value.tv_sec = static_cast<time_t>(whole);
  ::setitimer(ITIMER_REAL, &timer, nullptr);
}

void stop_clock() {
  const itimerval none{};
  ::setitimer(ITIMER_REAL, &none, nullptr);
}

std::string rendered(const PrecheckArguments& arguments, const findings::Precheck& precheck) {
  if (arguments.format == "json") return findings::render_precheck_json(precheck);
  if (arguments.format == "journal") return findings::render_precheck_journal(precheck);
  return findings::render_precheck_text(precheck, isatty(STDOUT_FILENO) != 0, arguments.details);
}

Result<void> write_metrics(const PrecheckArguments& arguments, const findings::Precheck& precheck,
                           double seconds) {
  if (arguments.metrics.empty()) return {};
  return output::write_file(arguments.metrics,
                            findings::render_precheck_metrics(precheck, seconds, std::time(nullptr)));
}

int run_precheck(PrecheckArguments& arguments) {
  if (!(arguments.deadline >= 0.01 && arguments.deadline <= 86400))
    return report_error(
        {"--deadline", "is not between 0.01 and 86400 seconds", "give it as in --deadline 10"});
  if (!arguments.command_line.empty()) arguments.asked.command_line = arguments.command_line;
  // Whatever ends the process before its answer, a GO of yesterday does not outlive it.
  findings::Precheck late;
  late.version = KHOVER_VERSION;
  late.image = arguments.asked.image.image;
  late.reason = fmt::format("no answer within {} seconds; give more with --deadline", arguments.deadline);
  late_answer = rendered(arguments, late);
  if (const auto written = write_metrics(arguments, late, 0); !written) return report_error(written.error());
  start_clock(arguments.deadline);
  const auto begin = std::chrono::steady_clock::now();
  findings::Precheck precheck = session::precheck(arguments.asked);
  precheck.version = KHOVER_VERSION;
  if (precheck.report) precheck.report->version = KHOVER_VERSION;
  const std::string text = rendered(arguments, precheck);
  stop_clock();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  output::put(text);
  if (const auto written = write_metrics(arguments, precheck, took.count()); !written)
    return report_error(written.error());
  return findings::exit_status(precheck);
}

}  // namespace

void add_precheck(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("precheck", "GO or NO-GO before kexec");
  auto arguments = std::make_shared<PrecheckArguments>();
  arguments->asked.image.image = kRunningKernel;
  add_image_options(*command, arguments->asked.image);
  command->get_option("image")->required(false)->capture_default_str();
  add_target_options(*command, arguments->asked.image);
  command->add_option("--cmdline", arguments->command_line,
                      "command line that the next kernel is booted with");
  command->add_flag("--image-only", arguments->asked.image_only, "judge the image, whoever will read it");
  command->add_option("--deadline", arguments->deadline, "seconds until CANNOT SAY is the answer")
      ->capture_default_str();
  command->add_option("--format", arguments->format, "text, json, or journal: for `logger --journald`")
      ->check(CLI::IsMember({"text", "json", "journal"}));
  command->add_flag("-v,--verbose", arguments->details, "the whole report of the image after the answer");
  command->add_option("--metrics", arguments->metrics, "file for node_exporter's textfile collector");
  command->footer("Exit status: 0 GO, 1 NO-GO, 3 CANNOT SAY, 2 nothing could be read.");
  command->callback([arguments, &status] {
    name_inputs(arguments->asked.image);
    status = run_precheck(*arguments);
  });
}

}  // namespace khover::cli
