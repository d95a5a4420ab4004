#include "cli/khover/prove_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <set>

#include "cli/khover/commands.h"
#include "error/try.h"
#include "output/file.h"
#include "output/standard.h"
#include "pack/masking.h"
#include "pack/model.h"
#include "pack/signature.h"
#include "prove/certify/check_proofs.h"
#include "prove/certify/lemmas.h"
#include "prove/formula/translation.h"
#include "prove/search/consistency.h"
#include "prove/search/implication.h"

namespace khover::cli {
namespace {

using prove::Answer;

struct Count {
  size_t proved = 0, refuted = 0, unknown = 0;
  void add(Answer answer) {
    ++(answer == Answer::proved ? proved : answer == Answer::refuted ? refuted : unknown);
  }
};

void lemmas(const ProveRules& arguments, Count& count) {
  double seconds = 0;
  for (const auto& result : prove::prove_lemmas("", arguments.smt2)) {
    count.add(result.reply.answer);
    seconds += result.seconds;
    output::print("  {:<8} {:<13} {:<16} {}\n", prove::to_string(result.reply.answer), result.lemma.form,
                  result.lemma.name, result.lemma.says);
    if (result.reply.answer != Answer::proved) output::print("           {}\n", result.reply.reason);
  }
  output::print("{} lemmas proved, {} refuted, {} unknown, {:.2f} s\n", count.proved, count.refuted,
                count.unknown, seconds);
}

void translation(const pack::Model& model, const ProveRules& arguments, Count& count) {
  prove::Translation translation(model.page_size, arguments.smt2);
  size_t programs = 0;
  for (const auto& [name, expr] : prove::expressions(model)) {
    const auto reply = translation.holds(*expr, walk::compile(*expr, model.page_size));
    count.add(reply.answer);
    ++programs;
    if (reply.answer != Answer::proved)
      output::print("  {:<8} {}: {}\n", prove::to_string(reply.answer), name, reply.reason);
  }
  const auto& tally = translation.tally();
  output::print(
      "{} column programs of {} instructions: {} proved, {} refuted, {} unknown; {} obligations, {} of them "
      "cached, {:.2f} s\n",
      programs, translation.instructions(), count.proved, count.refuted, count.unknown,
      tally.queries + tally.repeated, tally.repeated, tally.seconds);
}

// Prints what is not proved.
void add_checks(prove::ModelProofs& proofs, const pack::Model& model, Count& count) {
  for (const auto& one : proofs.prove(model)) {
    count.add(one.reply.answer);
    if (one.reply.answer != Answer::proved)
      output::print("  {:<8} {}, {}: {}\n", prove::to_string(one.reply.answer), model.abi_name,
                    model.rules[one.rule].id, one.reply.reason);
  }
}

void print_checks(const prove::ModelProofs& proofs, const Count& count, size_t models) {
  const auto tally = proofs.tally();
  output::print(
      "programs of the local checks of {} rules of {} {}: {} proved, {} refuted, {} unknown; {} obligations, "
      "{} of them cached, {:.2f} s\n",
      count.proved + count.refuted + count.unknown, models, models == 1 ? "model" : "models", count.proved,
      count.refuted, count.unknown, tally.queries + tally.repeated, tally.repeated, tally.seconds);
}

void checks(const pack::Model& model, const ProveRules& arguments, Count& count) {
  prove::ModelProofs proofs(arguments.smt2);
  add_checks(proofs, model, count);
  print_checks(proofs, count, 1);
}

// Of every ABI that is shipped; those with devices on top of each kernel that they go with. Those that read
// alike are there once.
Result<std::vector<pack::Model>> models_of(const pack::Library& library) {
  const std::vector<pack::PackFile> packs = TRY(library.packs());
  std::vector<std::string> names = library.snapshot_names();
  for (const std::string& name : library.earlier_names()) names.push_back(name);
  std::vector<pack::Model> models;
  std::set<std::string> signatures;
  const auto add = [&](const std::string& name) -> Result<void> {
    const abi::Snapshot snapshot = TRY(library.snapshot(name));
    pack::Model model = TRY(pack::link(snapshot, name, packs));
    if (signatures.insert(pack::signature(model)).second) models.push_back(std::move(model));
    return {};
  };
  for (const std::string& name : names) {
    TRY(add(name));
    // Not every addition goes with the layouts of every earlier kernel.
    for (const std::string& addition : library.addition_names()) (void)add(name + "+" + addition);
  }
  return models;
}

void consistency(const pack::Model& model, const ProveRules& arguments, Count& count) {
  const auto result = prove::consistency(model, arguments.smt2);
  size_t dependent = 0;
  for (const auto& one : result.rules) {
    const std::string& id = model.rules[one.rule].id;
    count.add(one.holds);
    count.add(one.fails);
    if (one.holds != Answer::proved)
      output::print("  {:<8} {}: no record can satisfy it\n", prove::to_string(one.holds), id);
    if (one.fails != Answer::proved)
      output::print("  {:<8} {}: no record can violate it\n", prove::to_string(one.fails), id);
    if (one.fails == Answer::proved && one.alone != Answer::proved) {
      ++dependent;
      output::print("  note     {}: follows from the other row claims on {}\n", id,
                    model.sets[model.rules[one.rule].claim.set.set].name);
    }
  }
  for (const auto& one : result.sets) {
    count.add(one.together);
    if (one.together != Answer::proved)
      output::print("  {:<8} {}: no record satisfies its {} row claims together\n",
                    prove::to_string(one.together), model.sets[one.set].name, one.rules);
  }
  output::print(
      "{} row rules on {} sets: {} queries answered yes, {} no, {} unknown; {} rules follow from others, "
      "{:.2f} s\n",
      result.rules.size(), result.sets.size(), count.proved, count.refuted, count.unknown, dependent,
      result.tally.seconds);
}

void implications(const pack::Model& model, const ProveRules& arguments, Count& count) {
  const auto result = prove::implications(model, arguments.smt2);
  for (const auto& one : result.rules) {
    count.add(one.answer);
    std::string by;
    for (const uint32_t rule : model.rules[one.rule].implied_by)
      by += (by.empty() ? "" : ", ") + model.rules[rule].id;
    output::print("  {:<8} {} is implied by {}\n", prove::to_string(one.answer), model.rules[one.rule].id,
                  by);
    if (one.answer != Answer::proved) output::print("           {}\n", one.reason);
  }
  output::print("{} implications proved, {} refuted, {} unknown, {:.2f} s\n", count.proved, count.refuted,
                count.unknown, result.tally.seconds);
}

// Nothing is proved here: what a person should know of these pairs.
void print_maskings(const pack::Model& model) {
  const std::vector<pack::Masking> pairs = pack::maskings(model);
  size_t of_hygiene = 0;
  for (const pack::Masking& pair : pairs) {
    const pack::Rule& milder = model.rules[pair.milder];
    const pack::Rule& severer = model.rules[pair.severer];
    output::print("  {:<8} {} ({}) {} {} ({})\n", "masks", milder.id, pack::to_string(milder.severity),
                  pair.by == pack::Masking::By::gate ? "is a gate of" : "is needed by", severer.id,
                  pack::to_string(severer.severity));
    if (!milder.masks_because.empty()) output::print("           {}\n", milder.masks_because);
    of_hygiene += milder.severity == pack::Severity::hygiene;
  }
  output::print(
      "{} pairs of a milder rule and a severer one that waits for it, {} of them of a hygiene rule; where "
      "the "
      "milder one fails and the severer one is not decided, the image is undetermined\n",
      pairs.size(), of_hygiene);
}

int status_of(std::initializer_list<Count> counts) {
  size_t refuted = 0, unknown = 0;
  for (const Count& count : counts) {
    refuted += count.refuted;
    unknown += count.unknown;
  }
  return refuted != 0 ? kViolated : unknown != 0 ? kUndetermined : kNothingToObject;
}

}  // namespace

int prove_rules(const pack::Model& model, const ProveRules& arguments) {
  Count lemma_count, check_count, translation_count, consistency_count, implication_count;
  lemmas(arguments, lemma_count);
  if (!arguments.lemmas) {
    output::flush();
    output::print("\n");
    checks(model, arguments, check_count);
    output::flush();
    output::print("\n");
    translation(model, arguments, translation_count);
    output::flush();
    output::print("\n");
    consistency(model, arguments, consistency_count);
    output::flush();
    output::print("\n");
    implications(model, arguments, implication_count);
    output::print("\n");
    print_maskings(model);
  }
  return status_of({lemma_count, check_count, translation_count, consistency_count, implication_count});
}

int prove_checks(const pack::Library& library, const ProveRules& arguments) {
  const auto models = models_of(library);
  if (!models) return report_error(models.error());
  prove::ModelProofs proofs(arguments.smt2);
  Count count;
  for (const pack::Model& model : *models) add_checks(proofs, model, count);
  print_checks(proofs, count, models->size());
  if (!arguments.proved.empty()) {
    const auto written = output::write_file(arguments.proved, prove::write_proved(proofs.proved()));
    if (!written) return report_error(written.error());
  }
  return status_of({count});
}

}  // namespace khover::cli
