#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include "cli/khover/commands.h"
#include "cli/khover/image_options.h"
#include "error/try.h"
#include "image/core_writer.h"
#include "output/file.h"
#include "output/inputs.h"
#include "output/standard.h"
#include "session/analysis.h"
#include "session/carve_pieces.h"
#include "session/carve_redact.h"

namespace khover::cli {
namespace {

struct CarveArguments {
  session::ImageArguments image;
  std::string out;
  bool redact = false;
};

std::string in_words(uint64_t bytes) {
  if (bytes >= uint64_t{10} << 30) return fmt::format("{} GiB", bytes >> 30);
  if (bytes >= uint64_t{10} << 20) return fmt::format("{} MiB", bytes >> 20);
  if (bytes >= uint64_t{10} << 10) return fmt::format("{} KiB", bytes >> 10);
  return fmt::format("{} bytes", bytes);
}

uint64_t total(const std::vector<image::Range>& ranges) {
  uint64_t bytes = 0;
  for (const image::Range& range : ranges) bytes += range.length;
  return bytes;
}

// The first rule on which two readings of one image differ; empty when there is none.
std::string difference(const session::Analysis& dump, const session::Analysis& carved) {
  const auto verdicts = [](const session::Analysis& analysis) {
    std::map<std::string, std::tuple<evaluate::Verdict, uint64_t, uint64_t>> all;
    for (const evaluate::Outcome& outcome : analysis.judgement.outcomes) {
      all[analysis.model->rules[outcome.rule].id] = {outcome.verdict, outcome.violations, outcome.records};
    }
    return all;
  };
  const auto left = verdicts(dump), right = verdicts(carved);
  for (const auto& [rule, verdict] : left) {
    const auto other = right.find(rule);
    if (other == right.end() || other->second != verdict) return rule;
  }
  return left.size() == right.size() ? "" : "of another set of rules";
}

// Written where nobody sees it yet and read back: the point of a slim core is that it stands for the dump.
Result<std::unique_ptr<session::Analysis>> write_slim_core(const CarveArguments& arguments,
                                                           const session::Analysis& dump,
                                                           const session::Pieces& pieces,
                                                           const image::Memory& memory) {
  output::File file = TRY(output::File::create(arguments.out, image::kCoreMode));
  TRY(image::write_core(file, dump.image.machine, memory, pieces.kept, session::facts_of(dump)));
  session::ImageArguments again;
  again.image = TRY(file.staged());
  again.abi = arguments.image.abi;
  again.rules = arguments.image.rules;
  auto carved = TRY(session::analyze(again));
  const std::string rule = difference(dump, *carved);
  if (!rule.empty()) {
    return fail(arguments.out,
                "would not have the verdicts of the dump: rule " + rule + " differs; it is not written",
                "keep the dump, and report this");
  }
  TRY(file.commit());
  return carved;
}

int carve(const CarveArguments& arguments) {
  // Before the dump is read, which takes a while.
  if (auto other = output::is_no_input(arguments.out); !other) return report_error(other.error());
  auto analysis = session::analyze(arguments.image);
  if (!analysis) return report_error(analysis.error());
  const session::Pieces pieces = session::structure_pieces((*analysis)->world);
  session::Redaction redaction;
  if (arguments.redact) redaction = session::redact((*analysis)->world, pieces.kept);
  const session::RedactedMemory memory(*(*analysis)->image.memory, std::move(redaction.replaced));
  auto carved = write_slim_core(arguments, **analysis, pieces, memory);
  if (!carved) return report_error(carved.error());

  const image::Facts& facts = (*carved)->world.facts;
  output::print("{}: {} in {} pieces, of {} in {}\n", arguments.out, in_words(total(pieces.kept)),
                pieces.kept.size(), in_words(total((*analysis)->image.memory->present())),
                arguments.image.image);
  output::print("facts in its note: root {:#x}{}{}{}{}\n", facts.root->value,
                facts.phase ? ", phase " + facts.phase->value : "", facts.ram ? ", ram" : "",
                facts.scratch ? ", scratch" : "", facts.numa ? ", numa" : "",
                facts.topology ? ", topology" : "");
  output::print("{} rules have the verdict that they have on the dump\n",
                (*carved)->judgement.outcomes.size());
  if (arguments.redact) output::print("names replaced: {}\n", redaction.names);
  output::print("left out, and a hole in it:\n");
  for (const session::LeftOut& one : pieces.left_out)
    output::print("  {}{}\n", one.what, one.bytes == 0 ? "" : ": " + in_words(one.bytes));
  output::print("  all memory that is not a structure of the handover\n");
  return kNothingToObject;
}

}  // namespace

void add_carve(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand(
      "carve", "write the handover's own structures of a dump as a slim core, without user memory");
  auto arguments = std::make_shared<CarveArguments>();
  add_image_options(*command, arguments->image);
  command->add_option("-o,--output", arguments->out, "the slim core, an ELF file")->required();
  command->add_flag("--redact", arguments->redact,
                    "replace names of sessions and regions with others of the same length");
  command->footer("exit status: 0 written, with the verdicts of the dump, 2 not written");
  command->callback([arguments, &status] {
    name_inputs(arguments->image);
    status = carve(*arguments);
  });
}

}  // namespace khover::cli
