// khover-abi extract: headers to ABI snapshot.
#include "extract/extract.h"

#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "abi_diff/c_asserts.h"
#include "cli/khover-abi/btf.h"
#include "cli/khover-abi/commands.h"
#include "cli/khover-abi/files.h"
#include "error/try.h"
#include "extract/configuration.h"
#include "output/file.h"
#include "output/inputs.h"
#include "output/standard.h"

namespace khover::cli {
namespace {

struct Options {
  extract::Request request;
  std::string config;   // file of overrides
  std::string output;   // snapshot; "-" is the standard output
  std::string asserts;  // folder
  BtfRequest btf;       // instead of headers, when it names a file
};

// A folder that `gcc @FOLDER/arguments -c FOLDER/asserts.c -o /dev/null` proves the snapshot with.
Result<void> write_asserts(const std::string& folder, const extract::Extraction& extraction) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  const std::string root = std::filesystem::absolute(folder).string();
  const std::string configuration = root + "/configuration.h";
  std::string arguments = "-O1\n-w\n";
  for (std::string argument : extraction.gcc_arguments) {
    if (argument == extract::configuration_path) argument = configuration;
    // A response file takes one argument per line when quoted.
    std::string quoted;
    for (char c : argument) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c;
    }
    arguments += '"' + quoted + "\"\n";
  }
  const std::string source = abi_diff::write_c_asserts(extraction.snapshot, extraction.includes);
  return output::write_file(configuration, extraction.configuration)
      .and_then([&] { return output::write_file(root + "/arguments", arguments); })
      .and_then([&] { return output::write_file(root + "/asserts.c", source); });
}

Result<void> write_output(const std::string& output, const abi::Snapshot& snapshot) {
  return output::write_file(output, abi::write_snapshot(snapshot));
}

void print_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) output::say("note: " + note);
}

Result<void> run_btf(const Options& options) {
  const extract::Request& headers = options.request;
  if (!headers.kernel.empty() || !headers.generated.empty() || !headers.overrides.empty() ||
      !headers.include_directories.empty() || !options.config.empty() || !options.asserts.empty()) {
    return fail("--btf", "takes no kernel tree and no configuration: BTF is of one kernel as it was built",
                "leave out --kernel, --generated, --config, -D, -I and --asserts");
  }
  BtfRequest request = options.btf;
  request.arch = headers.arch;
  request.page_size = headers.page_size;
  request.names = headers.headers;
  const BtfSnapshot made = TRY(snapshot_of_btf(request));
  print_notes(made.notes);
  return write_output(options.output, made.snapshot);
}

Result<void> run(Options& options) {
  for (const std::string& path : {options.btf.file, options.request.kernel, options.request.generated})
    output::reads(path);
  for (const std::string& header : options.request.headers) output::reads(header);
  output::reads(options.btf.constants_from);
  if (!options.btf.file.empty()) return run_btf(options);
  if (!options.btf.constants_from.empty() || !options.btf.release.empty())
    return fail("--constants-from, --release", "are for BTF only", "name a file with --btf");
  if (!options.config.empty()) {
    const std::string text = TRY(read_whole_file(options.config));
    std::vector<std::string> overrides = TRY(extract::parse_config(text, options.config));
    // -D is more specific than a file: it comes later and wins.
    options.request.overrides.insert(options.request.overrides.begin(), overrides.begin(), overrides.end());
  }
  const extract::Extraction extraction = TRY(extract::extract(options.request));
  print_notes(extraction.notes);
  if (!options.asserts.empty()) {
    if (Result<void> done = write_asserts(options.asserts, extraction); !done) return done;
  }
  return write_output(options.output, extraction.snapshot);
}

}  // namespace

void add_extract_command(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("extract", "write the ABI snapshot of a kernel tree or of headers");
  command->add_option("--kernel", options->request.kernel,
                      "Linux source tree, or linux-headers-*-common; without it the headers are plain C");
  command->add_option(
      "--generated", options->request.generated,
      "configured tree that has include/generated (default: the tree, or the Debian folder beside it)");
  command->add_option("--arch", options->request.arch,
                      "x86_64 or arm64 (default: what the tree is configured for)");
  command->add_option("--page-size", options->request.page_size,
                      "4096, 16384 or 65536 (default: as configured)");
  command->add_option("--config", options->config, "file of CONFIG_ lines that replace the tree's own");
  command
      ->add_option("-D", options->request.overrides,
                   "NAME[=VALUE]: a CONFIG_ option (y, m, n, value) or a macro")
      ->allow_extra_args(false);
  command->add_option("-I", options->request.include_directories, "folder to search for headers")
      ->allow_extra_args(false);
  command->add_option(
      "--asserts", options->asserts,
      "folder for a proof by another compiler: gcc @DIR/arguments -c DIR/asserts.c -o /dev/null");
  command->add_option("--btf", options->btf.file,
                      "layouts of a kernel without headers: /sys/kernel/btf/vmlinux, or a vmlinux with .BTF");
  command->add_option("--constants-from", options->btf.constants_from,
                      "with --btf: copy macros from this snapshot (a shipped one by name, or a file)");
  command->add_option("--release", options->btf.release, "with --btf: release of the kernel");
  command->add_option("-o,--output", options->output, "snapshot file, - for the standard output")->required();
  command->add_option(
      "headers", options->request.headers,
      "headers to extract (default: all of the tree's include/linux/kho/abi); with --btf, names of records");
  command->callback([options, &status] {
    if (Result<void> done = run(*options); !done) {
      output::say(sentence(done.error()));
      status = 2;
    }
  });
}

}  // namespace khover::cli
