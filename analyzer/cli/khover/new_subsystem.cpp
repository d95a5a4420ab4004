// khover new-subsystem: from a header to a pack skeleton and a first image. Only the extraction needs clang:
// khover-abi does it, in a process of its own. A snapshot in place of headers needs no khover-abi.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "cli/base_images.h"
#include "cli/khover/commands.h"
#include "cli/khover/khover_abi.h"
#include "confine/confine.h"
#include "error/try.h"
#include "output/file.h"
#include "output/standard.h"
#include "pack/skeleton.h"
#include "series/process.h"
#include "session/first_image.h"

namespace khover::cli {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kMostSeconds = 300;      // for the extraction
constexpr const char* kNewLayouts = "new";  // the folder of abi/ that they go to

struct Arguments {
  std::vector<std::string> headers, include_directories;
  std::string kernel, folder, abi;
  pack::Subject subject;
};

Result<void> write_file(const fs::path& path, std::string_view bytes) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  return output::write_file(path.string(), bytes);
}

Result<std::string> read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file)
    return fail(path.string(), "cannot be read",
                "give a header, or a snapshot that khover-abi extract wrote");
  return text;
}

// The snapshot of the new records alone, as text.
Result<std::string> snapshot_of(const Arguments& arguments) {
  if (arguments.headers.size() == 1 && arguments.headers.front().ends_with(".yaml"))
    return read_file(arguments.headers.front());
  std::vector<std::string> words = {khover_abi_program(), "extract", "-o", "-"};
  // Plain headers are for every page size; where a layout is not, the extraction says so.
  if (!arguments.kernel.empty()) words.insert(words.end(), {"--kernel", arguments.kernel});
  for (const std::string& folder : arguments.include_directories) words.insert(words.end(), {"-I", folder});
  words.insert(words.end(), arguments.headers.begin(), arguments.headers.end());
  const series::Finished done = TRY(series::run_program(words, "", {}, kMostSeconds));
  if (done.status == 0) return done.output;
  std::string why = done.errors;
  while (why.ends_with('\n')) why.pop_back();
  const std::string prefix = "khover-abi: ";
  if (why.starts_with(prefix)) why = why.substr(prefix.size());
  if (why.empty())
    return fail("khover-abi", "is neither in the folder of khover nor in PATH",
                "build it, or give a snapshot in place of headers");
  return fail("", why);
}

// Writes an image in which the new object is handed over, and judges it with the new pack.
Result<void> first_image(const std::string& image, const std::string& abi, uint64_t page_size,
                         const std::string& folder, const pack::Skeleton& skeleton) {
  const std::string name = fmt::format("{}-{}k", skeleton.registry, page_size / 1024);
  std::string_view bytes;
  for (const BaseImage& one : base_images()) {
    if (one.name == name) bytes = one.bytes;
  }
  if (bytes.empty()) return fail(image, "khover carries no image with a " + skeleton.registry + " to spare");
  const std::string spare = image + ".unfinished";
  TRY(write_file(spare, bytes));
  session::ImageArguments open;
  open.image = spare;
  open.abi = {abi};
  auto analysis = session::analyze(open);
  std::error_code error;
  if (!analysis) {
    fs::remove(spare, error);
    return tl::unexpected(analysis.error());
  }
  const Result<void> written = session::write_first_image(**analysis, skeleton.name, skeleton.record, image);
  fs::remove(spare, error);
  if (!written) return written;
  open.image = image;
  open.add_rules = {folder};
  const auto again = TRY(session::analyze(open));
  for (const evaluate::Outcome& outcome : again->judgement.outcomes) {
    if (outcome.verdict == evaluate::Verdict::violated)
      return fail(image, "violates " + again->model->rules[outcome.rule].id + " already",
                  "correct the pack; the image is there");
  }
  return {};
}

Result<void> run(Arguments& arguments) {
  const pack::Library library = pack::Library::built_in();
  std::string base = arguments.abi;
  for (const std::string& one : library.snapshot_names()) {
    if (base.empty() && one.find("-x86_64-") != std::string::npos) base = one;
  }
  const abi::Snapshot kernel = TRY(library.snapshot(base));
  const std::string text = TRY(snapshot_of(arguments));
  confine::give_up_privileges();  // no other program is needed from here on
  const abi::Snapshot own = TRY(abi::read_snapshot(text, arguments.headers.front()));
  const std::vector<pack::PackFile> packs = TRY(library.packs());
  const pack::Model model = TRY(pack::link(kernel, base, packs));
  const pack::Skeleton skeleton = TRY(pack::make_skeleton(own, model, arguments.subject));

  const fs::path folder = fs::path(arguments.folder) / skeleton.pack;
  const fs::path pack = folder / (skeleton.pack + ".yaml");
  const fs::path layouts = fs::path(arguments.folder) / "abi" / kNewLayouts / (skeleton.pack + ".yaml");
  const fs::path image = folder / "good" / "first.elf";
  for (const pack::SetType& set : model.sets) {
    if (set.pack == skeleton.pack)
      return fail(skeleton.pack, "is a pack that khover has", "name another constant with --compatible");
  }
  if (fs::exists(pack))
    return fail(pack.string(), "is there already", "name another folder with -o, or remove it");
  TRY(write_file(layouts, text));
  TRY(write_file(pack, skeleton.text));
  output::print("{}: the layouts, from {}\n", layouts.generic_string(), arguments.headers.front());
  output::print("{}: the pack; what is to be written in it: khover rules test {}\n", pack.generic_string(),
                arguments.folder);
  fs::create_directories(image.parent_path());
  TRY(first_image(image.generic_string(), base + "+" + layouts.generic_string(), kernel.source.page_size,
                  arguments.folder, skeleton));
  output::print("{}: an image with one such object, its fields 0; no rule is violated\n",
                image.generic_string());
  output::print(
      "\nnext:\n  khover rules test {0}\n  khover check --add-rules {0} {1}\n"
      "  khover rules witness --add-rules {0} {1} -o {2}\n",
      arguments.folder, image.generic_string(), (folder / "bad").generic_string());
  return {};
}

}  // namespace

void add_new_subsystem(CLI::App& app, int& status) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = app.add_subcommand(
      "new-subsystem", "begin a rule pack: from the header of what a subsystem hands over to a first image");
  command
      ->add_option("headers", arguments->headers,
                   "plain C, or of --kernel; or one snapshot of khover-abi extract")
      ->required();
  command->add_option("-o,--output", arguments->folder, "folder of your packs, laid out as rules/ is")
      ->required();
  command->add_option("--as", arguments->subject.registry,
                      "file, flb or subtree (default: as the constant is named)");
  command->add_option("--compatible", arguments->subject.compatible,
                      "string constant: the name under which it is handed over (default: the only one)");
  command->add_option("--record", arguments->subject.record,
                      "what is handed over (default: what the others belong to)");
  command->add_option("--kernel", arguments->kernel, "Linux source tree that the headers are of");
  command->add_option("-I", arguments->include_directories, "folder to search for headers")
      ->allow_extra_args(false);
  command->add_option("--abi", arguments->abi, "kernel that it is for: see khover rules list --snapshots");
  command->callback([arguments, &status] {
    if (const Result<void> done = run(*arguments); !done) status = report_error(done.error());
  });
}

}  // namespace khover::cli
