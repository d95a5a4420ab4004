#include "cli/khover/prove_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/khover/commands.h"
#include "output/standard.h"
#include "pack/masking.h"
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

}  // namespace

int prove_rules(const pack::Model& model, const ProveRules& arguments) {
  Count lemma_count, translation_count, consistency_count, implication_count;
  lemmas(arguments, lemma_count);
  if (!arguments.lemmas) {
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
  size_t refuted = 0, unknown = 0;
  for (const Count& count : {lemma_count, translation_count, consistency_count, implication_count}) {
    refuted += count.refuted;
    unknown += count.unknown;
  }
  return refuted != 0 ? kViolated : unknown != 0 ? kUndetermined : kNothingToObject;
}

}  // namespace khover::cli
