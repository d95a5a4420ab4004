#include "session/triage.h"

#include <unistd.h>

#include <memory>

#include "cli/khover/commands.h"
#include "cli/khover/image_options.h"
#include "output/inputs.h"
#include "output/standard.h"

namespace khover::cli {
namespace {

struct TriageArguments {
  session::ImageArguments image;
  std::string format = "text", log;
  bool verbose = false;
};

int triage(const TriageArguments& arguments) {
  auto report = session::triage(arguments.image, arguments.log);
  if (!report) return report_error(report.error());
  report->version = KHOVER_VERSION;
  for (findings::Handover& one : report->handovers) {
    if (one.report) one.report->version = KHOVER_VERSION;
  }
  output::put(arguments.format == "json"
                  ? findings::render_json(*report)
                  : findings::render_text(*report, isatty(STDOUT_FILENO) != 0, arguments.verbose));
  return static_cast<int>(findings::status_of(*report));
}

}  // namespace

void add_triage(CLI::App& app, int& status) {
  CLI::App* command =
      app.add_subcommand("triage", "say what was handed over and what went wrong, from a crash dump");
  auto arguments = std::make_shared<TriageArguments>();
  add_image_options(*command, arguments->image);
  command->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_option("--log", arguments->log,
                      "file with the kernel log, as dmesg prints it, in place of the dump's");
  command->add_flag("-v,--verbose", arguments->verbose, "text: every finding in full, of every handover");
  command->footer(
      "Exit status: 0 nothing to object, 1 violated, 2 cannot answer, 3 undetermined; of the first "
      "handover.");
  command->callback([arguments, &status] {
    name_inputs(arguments->image);
    output::reads(arguments->log);
    status = triage(*arguments);
  });
}

}  // namespace khover::cli
