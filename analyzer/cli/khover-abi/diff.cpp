// khover-abi diff: two ABIs side by side.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "abi_diff/alike.h"
#include "abi_diff/compare.h"
#include "cli/khover-abi/commands.h"
#include "cli/khover-abi/diff_witness.h"
#include "cli/khover-abi/files.h"
#include "extract/extract.h"
#include "extract/kernel_tree.h"
#include "lint/embedded.h"
#include "pack/library.h"
#include "series/revision.h"

namespace khover::cli {
namespace {

struct Options {
  std::string before;
  std::string after;
  std::string tree;  // the two are revisions of it
  std::string old_generated;
  std::string new_generated;
  extract::Request request;  // what both extractions have in common
  std::string versions;
  std::string format = "text";
  std::string smt2;
  WitnessRequest witness;
  std::string fail_on = "unbumped";
};

struct Input {
  abi::Snapshot snapshot;
  abi::DocumentedCovers documented;
};

// Comments are in headers only: a snapshot file has lost them.
void read_comments(const std::vector<std::string>& roots, Input& input) {
  for (const std::string& header : input.snapshot.source.headers) {
    for (const std::string& root : roots) {
      Result<std::string> text = read_whole_file(root.empty() ? header : root + "/" + header);
      if (!text) continue;
      abi::read_documented_covers(*text, header, input.snapshot, input.documented);
      break;
    }
  }
}

Result<abi::Snapshot> open_snapshot(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return pack::Library::built_in().snapshot(path);
  Result<std::string> text = read_whole_file(path);
  if (!text) return tl::unexpected(text.error());
  return abi::read_snapshot(*text, path);
}

// A snapshot (file or name of a built-in one), a kernel tree or one header.
Result<Input> open_input(const std::string& path, const std::string& generated, const Options& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  Input input;
  const bool folder = fs::is_directory(path, error);
  const bool header = !folder && path.ends_with(".h");
  if (!folder && !header) {
    Result<abi::Snapshot> snapshot = open_snapshot(path);
    if (!snapshot) return tl::unexpected(snapshot.error());
    input.snapshot = std::move(*snapshot);
    return input;
  }
  extract::Request request = options.request;
  std::vector<std::string> roots;
  if (folder) {
    request.kernel = path;
    request.generated = generated;
    roots = {path};
  } else {
    request.headers = {path};
    // Headers beside it are named relative to the same folder, on both sides alike.
    const std::string parent = fs::path(path).parent_path().string();
    request.include_directories.push_back(parent.empty() ? "." : parent);
    roots = request.include_directories;
    roots.push_back("");
  }
  Result<extract::Extraction> extraction = extract::extract(request);
  if (!extraction) return tl::unexpected(extraction.error());
  input.snapshot = std::move(extraction->snapshot);
  read_comments(roots, input);
  return input;
}

std::string no_witness_exists(const abi_diff::Comparison& comparison) {
  const bool alike = std::all_of(comparison.proofs.begin(), comparison.proofs.end(),
                                 [](const abi_diff::RecordProof& proof) { return proof.all_alike(); });
  return alike ? "\nwitness: none exists: all fields of all records that both declare read alike\n"
               : "\nwitness: none: only further readings of the same bytes were added\n";
}

// Two commits of one tree become two folders.
Result<int> run_folders(const Options& options);

Result<int> run(const Options& options) {
  if (options.tree.empty()) return run_folders(options);
  Result<std::unique_ptr<series::TemporaryFolder>> before = series::headers_at(options.tree, options.before);
  if (!before) return tl::unexpected(before.error());
  Result<std::unique_ptr<series::TemporaryFolder>> after = series::headers_at(options.tree, options.after);
  if (!after) return tl::unexpected(after.error());
  Options folders = options;
  folders.before = (*before)->path();
  folders.after = (*after)->path();
  // The configuration is not in any commit: the tree's own, unless another one is named.
  for (std::string* generated : {&folders.old_generated, &folders.new_generated}) {
    if (!generated->empty()) continue;
    Result<extract::KernelTree> tree = extract::find_kernel_tree(options.tree, "", options.request.arch);
    if (!tree) return tl::unexpected(tree.error());
    *generated = tree->generated;
  }
  return run_folders(folders);
}

Result<int> run_folders(const Options& options) {
  Result<Input> before = open_input(options.before, options.old_generated, options);
  if (!before) return tl::unexpected(before.error());
  Result<Input> after = open_input(options.after, options.new_generated, options);
  if (!after) return tl::unexpected(after.error());
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
  Result<abi_diff::Comparison> comparison = abi_diff::compare({before->snapshot, before->documented},
                                                              {after->snapshot, after->documented}, *stated);
  if (!comparison) return tl::unexpected(comparison.error());
  const Result<prove::Tally> proved =
      abi_diff::prove_alike(before->snapshot, after->snapshot, *comparison, options.smt2);
  if (!proved) return tl::unexpected(proved.error());
  const bool json = options.format == "json";
  std::string witness, no_witness;
  if (!options.witness.file.empty() && !abi_diff::misread_records(*comparison).empty()) {
    const Result<Witness> written =
        write_witness(options.witness, before->snapshot, after->snapshot, *comparison);
    if (!written) no_witness = sentence(written.error());
    if (written) witness = json ? render_witness_json(*written) : render_witness(*written);
  } else if (!options.witness.file.empty()) {
    witness = json ? "" : no_witness_exists(*comparison);
  }
  const std::string text = json ? abi_diff::render_comparison_json(*comparison, witness, KHOVER_VERSION)
                                : abi_diff::render_comparison(*comparison) + witness;
  if (Result<void> done = write_whole_file("-", text); !done) return tl::unexpected(done.error());
  if (!no_witness.empty()) return fail("--witness", "was not written: " + no_witness);
  using abi_diff::Verdict;
  if (comparison->verdict == Verdict::broken) return 1;
  const auto has = [&](Verdict verdict) {
    for (const abi_diff::Item& item : comparison->items) {
      if (item.verdict == verdict) return true;
    }
    return false;
  };
  if (options.fail_on != "unbumped" && has(Verdict::bumped)) return 1;
  if (options.fail_on == "any" && comparison->verdict != Verdict::same) return 1;
  return comparison->verdict == Verdict::person ? 3 : 0;
}

}  // namespace

void add_diff_command(CLI::App& app, int& status) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("diff", "compare the ABI of two snapshots, kernel trees or headers");
  command
      ->add_option("old", options->before,
                   "snapshot (file, or name of a built-in one), kernel tree, header, or revision of --tree")
      ->required();
  command
      ->add_option("new", options->after,
                   "snapshot (file, or name of a built-in one), kernel tree, header, or revision of --tree")
      ->required();
  command->add_option("--tree", options->tree, "git tree of Linux that OLD and NEW are revisions of");
  command->add_option("--old-generated", options->old_generated,
                      "configured tree of OLD, as extract --generated");
  command->add_option("--new-generated", options->new_generated, "configured tree of NEW");
  command->add_option("--arch", options->request.arch, "x86_64 or arm64");
  command->add_option("--page-size", options->request.page_size, "4096, 16384 or 65536");
  command
      ->add_option("--header", options->request.headers,
                   "headers of the trees (default: include/linux/kho/abi)")
      ->allow_extra_args(false);
  command->add_option("-D", options->request.overrides, "NAME[=VALUE]: a CONFIG_ option or a macro")
      ->allow_extra_args(false);
  command->add_option("-I", options->request.include_directories, "folder to search for headers")
      ->allow_extra_args(false);
  command->add_option("--versions", options->versions, "YAML that says which version covers what");
  command->add_option("--format", options->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  command->add_option("--smt2", options->smt2, "folder for the queries to the solver, as SMT-LIB")
      ->check(CLI::ExistingDirectory);
  CLI::Option* witness =
      command->add_option("--witness", options->witness.file,
                          "write an image that is well-formed under OLD and misread under NEW");
  command
      ->add_option(
          "--image", options->witness.base,
          "image that a kernel with OLD wrote, to make the witness of (default: one that is built in)")
      ->needs(witness);
  command
      ->add_option("--fail-on", options->fail_on,
                   "unbumped: breaks without a changed version; break: every break; any: every change")
      ->check(CLI::IsMember({"unbumped", "break", "any"}));
  command->footer(
      "exit status: 0 no break, 1 a break (see --fail-on), 2 cannot compare, 3 a person has to decide");
  command->callback([options, &status] {
    Result<int> result = run(*options);
    if (!result) fmt::print(stderr, "khover-abi: {}\n", sentence(result.error()));
    status = result ? *result : 2;
  });
}

}  // namespace khover::cli
