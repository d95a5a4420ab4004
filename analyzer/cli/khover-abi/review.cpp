// khover-abi review, which people type as khover review: checks on the C code that writes and reads images.
#include "review/review.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>

#include "cli/khover-abi/commands.h"
#include "cli/khover-abi/files.h"
#include "cli/khover-abi/waiver_options.h"
#include "review/check_list.h"
#include "series/mail.h"

namespace khover::cli {
namespace {

struct Options {
  review::Request request;
  std::vector<std::string> inputs;
  std::string range;
  std::string table;
  std::string format = "text";
  std::string output = "-";
  std::string fail_on = "warning";
  WaiverOptions waivers;
  std::string mail_from;
  bool older = false;
  bool list = false;
};

Result<series::Change> read_change(const Options& options) {
  if (!options.range.empty()) {
    if (!options.inputs.empty()) return fail(options.inputs[0], "a range and files", "give one of them");
    return series::read_range(options.request.tree, options.range);
  }
  if (options.inputs.empty())
    return fail("", "nothing to review", "give patches, --range A..B, or --all and files");
  if (options.request.whole) return series::whole_files(options.request.tree, options.inputs);
  std::vector<series::Mail> mails;
  for (const std::string& input : options.inputs) {
    Result<std::string> text = read_whole_file(input);
    if (!text) return tl::unexpected(text.error());
    Result<std::vector<series::Mail>> some = series::read_series(*text, input);
    if (!some) return tl::unexpected(some.error());
    mails.insert(mails.end(), some->begin(), some->end());
  }
  return series::apply_patches(options.request.tree, std::move(mails));
}

Result<c::Table> read_table(const Options& options) {
  if (options.table.empty()) return c::read_table(c::shipped_table(), "tables/kernel-api.yaml");
  Result<std::string> text = read_whole_file(options.table);
  if (!text) return tl::unexpected(text.error());
  return c::read_table(*text, options.table);
}

// What was there before is of interest to some, in a section of its own.
std::string older_text(const Options& options, const review::Review& review) {
  if (options.format != "text" || review.older.empty()) return "";
  if (!options.older) {
    return fmt::format("{} more existed before the change: --older lists them\n", review.older.size());
  }
  std::string text = "\nbefore the change:\n";
  for (const findings::Finding& one : review.older) {
    text += fmt::format("  {}:{}: {} [{}]\n", one.place.file, one.place.line, one.message, one.check);
  }
  return text;
}

Result<int> run(Options& options) {
  if (options.list) {
    for (const findings::CheckInfo& check : review::check_list()) {
      fmt::print("{:<24} {:<8} since {}  {}\n", check.id, name_of(check.severity), check.since,
                 check.purpose);
    }
    return 0;
  }
  if (options.request.tree.empty()) return fail("", "no tree", "give a Linux source tree with --tree");
  std::error_code error;
  if (!std::filesystem::is_directory(options.request.tree, error))
    return fail(options.request.tree, "is not a folder", "give a Linux source tree with --tree");
  Result<c::Table> table = read_table(options);
  if (!table) return tl::unexpected(table.error());
  Result<series::Change> change = read_change(options);
  if (!change) return tl::unexpected(change.error());
  Result<review::Review> review = review::review(options.request, *table, *change);
  if (!review) return tl::unexpected(review.error());
  findings::Report& report = review->report;
  report.version = KHOVER_VERSION;
  if (Result<void> done = options.waivers.apply(report); !done) return tl::unexpected(done.error());
  // For programs the older ones are what is in a baseline: marked, and not counted.
  if (options.older && (options.format == "json" || options.format == "sarif")) {
    for (findings::Finding& finding : review->older) {
      finding.baselined = true;
      report.findings.push_back(std::move(finding));
    }
  }
  const bool color =
      options.output == "-" && isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
  const std::string text = options.format == "json"     ? findings::render_json(report)
                           : options.format == "sarif"  ? findings::render_sarif(report)
                           : options.format == "github" ? findings::render_github(report)
                           : options.format == "mail"
                               ? series::render_mail(report, *change, review->not_parsed, {options.mail_from})
                               : findings::render_text(report, color);
  if (Result<void> done = write_whole_file(options.output, text + older_text(options, *review)); !done) {
    return tl::unexpected(done.error());
  }
  for (const std::string& file : review->not_parsed) fmt::print(stderr, "khover: not reviewed: {}\n", file);
  const bool counts = options.fail_on != "none" &&
                      findings::count_at_least(report, *findings::severity_of(options.fail_on)) != 0;
  if (counts) return 1;
  return review->not_parsed.empty() ? 0 : 2;
}

}  // namespace

void add_review_command(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("review", "review patches of code that writes or reads images");
  command->add_option("inputs", options->inputs,
                      "patches (mbox, mails or diffs); with --all: C files of the tree");
  command->add_option("--tree", options->request.tree, "Linux source tree, at the base of the patches");
  command->add_option("--range", options->range, "A..B: commits of the tree instead of patches");
  command->add_flag("--all", options->request.whole,
                    "every finding in the files, not only those of a change");
  command->add_option("--generated", options->request.generated, "configured tree, as extract --generated");
  command->add_option("--arch", options->request.arch, "x86_64 or arm64");
  command->add_option("-D", options->request.overrides, "NAME[=VALUE]: a CONFIG_ option or a macro")
      ->allow_extra_args(false);
  command->add_option("-I", options->request.include_directories, "folder to search for headers")
      ->allow_extra_args(false);
  command->add_option("--allow", options->request.allowed, "folder outside of the tree that may be read")
      ->allow_extra_args(false);
  command->add_option("--compile-commands", options->request.compile_commands,
                      "compilation database (default: compile_commands.json of the tree, if it is there)");
  command->add_option("--table", options->table,
                      "what is known of the kernel's functions (default: built in)");
  command->add_option("--checks", options->request.checks,
                      "globs of check ids, -GLOB removes; later ones win");
  command->add_flag("--list-checks", options->list, "list the checks");
  command->add_option("--seconds", options->request.seconds, "of CPU time for each file (default 120)");
  command->add_option("--memory", options->request.memory, "MiB for each file (default 4096)");
  command->add_option("--format", options->format, "text, json, sarif, github or mail")
      ->check(CLI::IsMember({"text", "json", "sarif", "github", "mail"}));
  command->add_option("--mail-from", options->mail_from, "sender, for --format mail");
  command->add_flag("--older", options->older, "list findings from before the change, too");
  options->waivers.add_to(*command);
  command->add_option("-o,--output", options->output, "file for the report (default: standard output)");
  command
      ->add_option("--fail-on", options->fail_on,
                   "lowest severity that makes the exit status 1: note, warning, error, none")
      ->check(CLI::IsMember({"note", "warning", "error", "none"}));
  command->footer(
      "exit status: 0 no findings, 1 findings (see --fail-on), 2 cannot review, or not every file");
  command->callback([options, &status] {
    Result<int> result = run(*options);
    if (!result) fmt::print(stderr, "khover: {}\n", sentence(result.error()));
    status = result ? *result : 2;
  });
}

}  // namespace khover::cli
