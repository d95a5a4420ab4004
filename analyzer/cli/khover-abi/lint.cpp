// khover-abi lint: checks on the headers of an ABI.
#include "lint/lint.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "cli/khover-abi/commands.h"
#include "cli/khover-abi/files.h"
#include "cli/khover-abi/waiver_options.h"
#include "lint/embedded.h"
#include "lint/fingerprints.h"

namespace khover::cli {
namespace {

struct Options {
  std::vector<std::string> inputs;  // one tree, or headers
  extract::Request request;
  std::string versions;
  std::string checks = "*";
  std::string format = "text";
  std::string output = "-";
  std::string fail_on = "warning";
  std::string fingerprints;
  WaiverOptions waivers;
  bool list = false;
};

Result<void> choose_input(Options& options) {
  std::error_code error;
  for (const std::string& input : options.inputs) {
    if (std::filesystem::is_directory(input, error)) {
      if (!options.request.kernel.empty()) return fail(input, "a second tree", "give one kernel tree");
      options.request.kernel = input;
    } else {
      options.request.headers.push_back(input);
    }
  }
  // Findings name files relative to the current folder where there is no tree.
  if (options.request.kernel.empty()) options.request.include_directories.push_back(".");
  return {};
}

Result<int> run(Options& options) {
  if (options.list) {
    for (const lint::Check& check : lint::all_checks()) {
      fmt::print("{:<24} {:<8} since {}  {}\n", check.id, name_of(check.severity), check.since,
                 check.purpose);
    }
    return 0;
  }
  if (options.inputs.empty()) return fail("", "nothing to check", "give a kernel tree or headers");
  if (Result<void> done = choose_input(options); !done) return tl::unexpected(done.error());
  Result<std::vector<abi::StatedCover>> stated =
      abi::read_stated_covers(lint::shipped_versions(), "tables/versions.yaml");
  if (!stated) return tl::unexpected(stated.error());
  if (!options.versions.empty()) {
    Result<std::string> text = read_whole_file(options.versions);
    if (!text) return tl::unexpected(text.error());
    Result<std::vector<abi::StatedCover>> own = abi::read_stated_covers(*text, options.versions);
    if (!own) return tl::unexpected(own.error());
    stated->insert(stated->end(), own->begin(), own->end());
  }
  Result<lint::Headers> headers = lint::read_headers(options.request, std::move(*stated));
  if (!headers) return tl::unexpected(headers.error());
  if (!options.fingerprints.empty()) {
    const std::string lines = lint::write_fingerprints(*headers, options.fingerprints);
    if (Result<void> done = write_whole_file(options.output, lines); !done)
      return tl::unexpected(done.error());
    return 0;
  }
  Result<findings::Report> report = lint::lint(*headers, options.checks);
  if (!report) return tl::unexpected(report.error());
  report->version = KHOVER_VERSION;
  if (Result<void> done = options.waivers.apply(*report); !done) return tl::unexpected(done.error());
  const bool color =
      options.output == "-" && isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  const std::string text = options.format == "json"     ? findings::render_json(*report)
                           : options.format == "sarif"  ? findings::render_sarif(*report)
                           : options.format == "github" ? findings::render_github(*report)
                                                        : findings::render_text(*report, color);
  if (Result<void> done = write_whole_file(options.output, text); !done) return tl::unexpected(done.error());
  if (options.fail_on == "none") return 0;
  return findings::count_at_least(*report, *findings::severity_of(options.fail_on)) == 0 ? 0 : 1;
}

}  // namespace

void add_lint_command(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("lint", "check the headers of an ABI");
  command->add_option("inputs", options->inputs, "kernel tree, or headers (of the tree, if one is given)");
  command->add_option("--generated", options->request.generated, "configured tree, as extract --generated");
  command->add_option("--arch", options->request.arch, "x86_64 or arm64");
  command->add_option("--page-size", options->request.page_size, "4096, 16384 or 65536");
  command->add_option("-D", options->request.overrides, "NAME[=VALUE]: a CONFIG_ option or a macro")
      ->allow_extra_args(false);
  command->add_option("-I", options->request.include_directories, "folder to search for headers")
      ->allow_extra_args(false);
  command->add_option("--versions", options->versions, "YAML that says which version covers what");
  command->add_option("--checks", options->checks, "globs of check ids, -GLOB removes; later ones win");
  command->add_option("--fingerprints", options->fingerprints,
                      "instead of checking, print entries for the registry of layouts, seen in NAME");
  command->add_flag("--list-checks", options->list, "list the checks");
  command->add_option("--format", options->format, "text, json, sarif or github")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}));
  options->waivers.add_to(*command);
  command->add_option("-o,--output", options->output, "file for the report (default: standard output)");
  command
      ->add_option("--fail-on", options->fail_on,
                   "lowest severity that makes the exit status 1: note, warning, error, none")
      ->check(CLI::IsMember({"note", "warning", "error", "none"}));
  command->footer("exit status: 0 no findings, 1 findings (see --fail-on), 2 cannot check");
  command->callback([options, &status] {
    Result<int> result = run(*options);
    if (!result) fmt::print(stderr, "khover-abi: {}\n", sentence(result.error()));
    status = result ? *result : 2;
  });
}

}  // namespace khover::cli
