#include "cli/khover/witness.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/khover/commands.h"
#include "error/try.h"
#include "findings/printable.h"
#include "image/core_writer.h"
#include "image/patched_memory.h"
#include "prove/certify/prove.h"
#include "prove/search/witness.h"
#include "session/records.h"

namespace khover::cli {
namespace {

using Json = nlohmann::ordered_json;
using evaluate::Verdict;

constexpr size_t kPlaces = 8;     // where one rule is tried to be broken
constexpr size_t kReadings = 80;  // of damaged images, for one rule

struct Found {
  enum class Kind { alone, with_others, none, no_record } kind = Kind::none;
  prove::Witness witness;
  std::set<std::string> with;  // the fewest rules that failed, too
  uint64_t queries = 0;
  size_t readings = 0;
};

struct Damaged {
  evaluate::Judgement judgement;
  walk::World world;
};

class Finder {
 public:
  explicit Finder(const session::Analysis& analysis) : analysis_(analysis), model_(*analysis.model) {}

  Found find(uint32_t index) {
    const pack::Rule& rule = model_.rules[index];
    Found found;
    const auto places = prove::places(analysis_.world, rule.claim, kPlaces);
    if (places.empty()) {
      found.kind = Found::Kind::no_record;
      return found;
    }
    for (const prove::Place& place : places) {
      prove::WitnessSearch search(analysis_.world, rule, place);
      // Each place has its share, so that one without an answer does not starve the next.
      const size_t share = found.readings + std::max<size_t>(kReadings / places.size(), 24);
      while (found.readings < share) {
        auto witness = search.next();
        if (!witness) break;
        ++found.readings;
        const auto violated = read(index, *witness, search);
        if (!violated) continue;
        if (violated->empty()) {
          found.kind = Found::Kind::alone;
          found.witness = std::move(*witness);
          found.queries += search.queries();
          return found;
        }
        if (found.kind == Found::Kind::none || violated->size() < found.with.size()) {
          found.kind = Found::Kind::with_others;
          found.with = *violated;
          found.witness = std::move(*witness);
        }
      }
      found.queries += search.queries();
    }
    return found;
  }

 private:
  // The rules that fail with this one in the damaged image; nullopt where it does not fail.
  std::optional<std::set<std::string>> read(uint32_t index, const prove::Witness& witness,
                                            prove::WitnessSearch& search) {
    const image::PatchedMemory memory(*analysis_.image.memory, witness.patch);
    const walk::World world = walk::walk(model_, memory, analysis_.world.facts);
    const evaluate::Judgement judgement = evaluate::judge(world);
    bool broken = false;
    std::set<std::string> others;
    for (const evaluate::Outcome& outcome : judgement.outcomes) {
      if (outcome.verdict != Verdict::violated) continue;
      if (outcome.rule == index) {
        broken = true;
        continue;
      }
      others.insert(model_.rules[outcome.rule].id);
      for (const evaluate::Instance& instance : outcome.violated) {
        for (const image::Range& bytes :
             prove::must_be_zero(world, model_.rules[outcome.rule].claim, instance.record))
          search.clear(bytes);
        const auto record = as_before(world, instance.record);
        const auto other = instance.other ? as_before(world, *instance.other) : std::nullopt;
        if (record && (!instance.other || other)) search.spare(model_.rules[outcome.rule], {*record, other});
      }
    }
    if (!broken) return std::nullopt;
    return others;
  }

  // The record of the undamaged image at the same address.
  std::optional<evaluate::RecordRef> as_before(const walk::World& world, evaluate::RecordRef record) const {
    const walk::RecordSet& now = world.sets[record.set];
    const walk::RecordSet& before = analysis_.world.sets[record.set];
    if (now.rows == before.rows) return record;
    if (now.extents.empty() || before.extents.empty()) return std::nullopt;
    const uint64_t address = now.address_of(record.row);
    for (uint32_t row = 0; row < before.rows; ++row) {
      if (before.address_of(row) == address) return evaluate::RecordRef{record.set, row};
    }
    return std::nullopt;
  }

  const session::Analysis& analysis_;
  const pack::Model& model_;
};

// Reads a witness from its file as any image, and sees that both engines say what was promised.
Result<void> replay(const WitnessArguments& arguments, const session::Analysis& base, const std::string& path,
                    const std::string& rule) {
  session::ImageArguments again;
  again.image = path;
  again.abi = {base.abi_names.front()};
  again.rules = arguments.image.rules;
  again.add_rules = arguments.image.add_rules;
  const std::unique_ptr<session::Analysis> analysis = TRY(session::analyze(again));
  std::set<uint32_t> all;
  for (uint32_t i = 0; i < analysis->model->rules.size(); ++i) all.insert(i);
  TRY(prove::prove(analysis->world, all, {}, analysis->judgement));
  for (const evaluate::Outcome& outcome : analysis->judgement.outcomes) {
    const std::string& id = analysis->model->rules[outcome.rule].id;
    const bool violated = outcome.verdict == Verdict::violated;
    if (violated != (id == rule)) {
      return fail(path,
                  fmt::format("{} is {}, but should violate {} alone", id,
                              evaluate::to_string(outcome.verdict), rule),
                  "please report it with the image");
    }
  }
  return {};
}

std::string sentence(const session::Analysis& analysis, const prove::Witness& witness) {
  walk::Columns columns(analysis.world);
  std::string text;
  for (const prove::Change& change : witness.changes) {
    text += fmt::format("{}{}: {} {} → {}", text.empty() ? "" : "; ",
                        session::path(analysis.world, columns, change.record), change.what,
                        findings::printable(change.was), findings::printable(change.becomes));
  }
  return text;
}

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

int find_witnesses(const WitnessArguments& arguments) {
  auto opened = session::analyze(arguments.image);
  if (!opened) return report_error(opened.error());
  const session::Analysis& analysis = **opened;
  const pack::Model& model = *analysis.model;
  for (const evaluate::Outcome& outcome : analysis.judgement.outcomes) {
    if (outcome.verdict != Verdict::violated) continue;
    return report_error({arguments.image.image, "violates " + model.rules[outcome.rule].id + " already",
                         "start with an image without violations"});
  }
  std::set<uint32_t> chosen;
  for (const std::string& id : arguments.only) {
    const uint32_t rule = model.find_rule(id);
    if (rule == pack::kNone)
      return report_error({"--only", "unknown rule '" + id + "' in this ABI", "see `khover rules list`"});
    chosen.insert(rule);
  }
  std::error_code error;
  std::filesystem::create_directories(arguments.folder, error);
  if (error) return report_error({arguments.folder, "cannot be created", "name another folder with -o"});

  Finder finder(analysis);
  Json list = Json::array();
  size_t alone = 0, together = 0, none = 0, absent = 0;
  const image::Facts facts = session::facts_of(analysis);
  for (const evaluate::Outcome& outcome : analysis.judgement.outcomes) {
    if (!chosen.empty() && !chosen.contains(outcome.rule)) continue;
    const std::string& id = model.rules[outcome.rule].id;
    if (outcome.verdict != Verdict::holds ||
        std::find(arguments.skip.begin(), arguments.skip.end(), id) != arguments.skip.end())
      continue;
    const Found found = finder.find(outcome.rule);
    std::string said;
    switch (found.kind) {
      case Found::Kind::no_record:
        ++absent;
        continue;
      case Found::Kind::none:
        ++none;
        said = "was not broken";
        break;
      case Found::Kind::with_others:
        ++together;
        said = "with " + joined(found.with);
        break;
      case Found::Kind::alone:
        ++alone;
        said = "alone";
        break;
    }
    const std::string what = sentence(analysis, found.witness);
    const std::string path = arguments.folder + "/" + id + ".elf";
    if (found.kind == Found::Kind::alone) {
      const image::PatchedMemory memory(*analysis.image.memory, found.witness.patch);
      if (auto written = image::write_core(path, analysis.image.machine, memory, memory.present(), facts);
          !written)
        return report_error(written.error());
      if (auto fine = replay(arguments, analysis, path, id); !fine) return report_error(fine.error());
    }
    if (arguments.format == "json") {
      Json with = Json::array();
      for (const std::string& one : found.with) with.push_back(one);
      list.push_back({{"rule", id},
                      {"broken", said},
                      {"with", with},
                      {"change", what},
                      {"queries", found.queries},
                      {"readings", found.readings}});
    } else {
      fmt::print("{:<40} {}{}{}\n", id, said, what.empty() ? "" : ": ", what);
      std::fflush(stdout);
    }
  }
  if (arguments.format == "json") {
    fmt::print("{}\n", list.dump(1));
  } else {
    fmt::print(
        "{} rules violated alone, each in an image of its own; {} only with others, {} not at all; {} "
        "without a record\n",
        alone, together, none, absent);
  }
  return together + none == 0 ? kNothingToObject : kUndetermined;
}

}  // namespace khover::cli
