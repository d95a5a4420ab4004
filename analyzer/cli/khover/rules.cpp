#include <fmt/format.h>

#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/khover/commands.h"
#include "cli/khover/image_options.h"
#include "cli/khover/prove_rules.h"
#include "cli/khover/rules_archive.h"
#include "cli/khover/rules_test.h"
#include "cli/khover/witness.h"
#include "error/try.h"
#include "output/printable.h"
#include "output/standard.h"
#include "session/analysis.h"

namespace khover::cli {
namespace {

using Json = nlohmann::ordered_json;

struct RulesArguments {
  std::string rules, abi, format = "text", id, folder;
  std::vector<std::string> add_rules;
  bool sets = false, snapshots = false;
  ProveRules prove;
};

struct Loaded {
  pack::Library library;
  pack::Model model;
};

Result<Loaded> load(const RulesArguments& arguments) {
  pack::Library library = TRY(session::open_library(arguments.rules, arguments.add_rules));
  const std::vector<pack::PackFile> packs = TRY(library.packs());
  TRY(library.kernel_symbols());
  TRY(library.requirements());
  std::string name = arguments.abi;
  for (const std::string& one : library.snapshot_names()) {
    if (name.empty() && one.find("-x86_64-") != std::string::npos) name = one;
  }
  const abi::Snapshot snapshot = TRY(library.snapshot(name));
  pack::Model model = TRY(pack::link(snapshot, name, packs));
  return Loaded{std::move(library), std::move(model)};
}

template <typename Enum>
std::string words(const std::vector<Enum>& values) {
  std::string text;
  for (const Enum value : values) text += (text.empty() ? "" : ", ") + std::string(pack::to_string(value));
  return text;
}

int list(const RulesArguments& arguments) {
  auto loaded = load(arguments);
  if (!loaded) return report_error(loaded.error());
  const pack::Model& model = loaded->model;
  if (arguments.snapshots) {
    for (const std::string& name : loaded->library.snapshot_names()) output::print("{}\n", name);
    for (const std::string& name : loaded->library.earlier_names()) output::print("{}\n", name);
    for (const std::string& name : loaded->library.addition_names()) output::print("+{}\n", name);
    return kNothingToObject;
  }
  if (arguments.sets) {
    for (const pack::SetType& set : model.sets) {
      output::print("{} ({}, {} bytes)\n", set.name, set.singular, set.stride);
      for (const pack::Column& column : set.columns) output::print("  {}\n", column.name);
    }
    return kNothingToObject;
  }
  if (arguments.format == "json") {
    Json rules = Json::array();
    for (const pack::Rule& rule : model.rules) {
      Json phases = Json::array(), inputs = Json::array(), needs = Json::array(), implied = Json::array();
      for (const auto phase : rule.phases) phases.push_back(pack::to_string(phase));
      for (const auto input : rule.inputs) inputs.push_back(pack::to_string(input));
      for (const uint32_t need : rule.needs) needs.push_back(model.rules[need].id);
      for (const uint32_t by : rule.implied_by) implied.push_back(model.rules[by].id);
      rules.push_back({{"id", rule.id},
                       {"pack", rule.pack},
                       {"severity", pack::to_string(rule.severity)},
                       {"phases", phases},
                       {"inputs", inputs},
                       {"needs", needs},
                       {"implied_by", implied},
                       {"form", pack::to_string(rule.claim.form)},
                       {"claim", rule.claim_text},
                       {"because", rule.because},
                       {"evidence", rule.evidence}});
    }
    output::put(output::safe_json(rules.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n");
    return kNothingToObject;
  }
  // The model has them in the order in which they are judged; a reader wants a pack at a time.
  std::map<std::string, std::vector<const pack::Rule*>> by_pack;
  for (const pack::Rule& rule : model.rules) by_pack[rule.pack].push_back(&rule);
  bool first = true;
  for (const auto& [name, rules] : by_pack) {
    output::print("{}{}\n", first ? "" : "\n", name);
    first = false;
    for (const pack::Rule* rule : rules)
      output::print("  {:<40} {:<8} {}\n", rule->id, pack::to_string(rule->severity), rule->because);
  }
  return kNothingToObject;
}

// The rule as the newest kernel has it, or else some format or layout that is shipped.
Result<Loaded> load_with_rule(const RulesArguments& arguments) {
  auto loaded = load(arguments);
  if (!loaded || !arguments.abi.empty() || loaded->model.find_rule(arguments.id) != pack::kNone)
    return loaded;
  std::vector<std::string> names = loaded->library.earlier_names();
  for (const std::string& addition : loaded->library.addition_names())
    names.push_back(loaded->model.abi_name + "+" + addition);
  for (const std::string& name : names) {
    RulesArguments other = arguments;
    other.abi = name;
    auto found = load(other);
    if (found && found->model.find_rule(arguments.id) != pack::kNone) return found;
  }
  return loaded;
}

int explain(const RulesArguments& arguments) {
  auto loaded = load_with_rule(arguments);
  if (!loaded) return report_error(loaded.error());
  const uint32_t index = loaded->model.find_rule(arguments.id);
  if (index == pack::kNone) return report_error({arguments.id, "unknown rule", "see `khover rules list`"});
  const pack::Rule& rule = loaded->model.rules[index];
  output::print("{}\n\n", rule.id);
  const auto field = [](const char* name, const std::string& text) {
    if (!text.empty()) output::print("  {:<10} {}\n", name, text);
  };
  field("pack", rule.pack);
  field("severity", pack::to_string(rule.severity));
  field("phases", words(rule.phases));
  field("inputs", words(rule.inputs));
  const auto ids = [&](const std::vector<uint32_t>& rules) {
    std::string names;
    for (const uint32_t other : rules) names += (names.empty() ? "" : ", ") + loaded->model.rules[other].id;
    return names;
  };
  field("needs", ids(rule.needs));
  field("implied by", ids(rule.implied_by));
  std::string claim = rule.claim_text;
  for (size_t at = claim.find('\n'); at != std::string::npos; at = claim.find('\n', at + 1))
    claim.replace(at, 1, "\n            ");
  field("claim", claim);
  field("because", rule.because);
  field("evidence", rule.evidence);
  field("advice", rule.advice);
  if (rule.gate != pack::Gate::none) field("gate", "records for which it fails are not followed");
  return kNothingToObject;
}

// Commands on a folder of packs. The arguments live as long as the parser.
void add_folders(CLI::App& command, RulesArguments& arguments, int& status) {
  CLI::App* test_command =
      command.add_subcommand("test", "check the packs of a folder, and the images next to them");
  test_command->add_option("--abi", arguments.abi, "shipped ABI snapshot to check against");
  test_command->add_option("folder", arguments.folder, "folder laid out like rules/")->required();
  test_command->callback([&arguments, &status] { status = test_rules(arguments.folder, arguments.abi); });
  CLI::App* export_command =
      command.add_subcommand("export", "write the built-in packs and ABIs to a folder");
  export_command->add_option("folder", arguments.folder, "folder without rules")->required();
  export_command->callback([&arguments, &status] {
    const auto files = export_rules(arguments.folder);
    status = files ? kNothingToObject : report_error(files.error());
    if (files) output::print("{} files in {}\n", *files, arguments.folder);
  });
}

}  // namespace

void add_rules(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("rules", "list, explain and check the rules");
  command->require_subcommand(1);
  auto arguments = std::make_shared<RulesArguments>();
  const auto common = [arguments](CLI::App* sub) {
    sub->add_option("--abi", arguments->abi, "shipped ABI snapshot to check against");
  };
  const auto which = [arguments](CLI::App* sub) {
    sub->add_option("--rules", arguments->rules, "folder of rule packs to use instead of the built-in ones");
    sub->add_option("--add-rules", arguments->add_rules,
                    "folder of rule packs beside the others, once for each")
        ->allow_extra_args(false);
  };
  CLI::App* list_command = command->add_subcommand("list", "list every rule, one per line");
  common(list_command);
  which(list_command);
  list_command->add_option("--format", arguments->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  list_command->add_flag("--sets", arguments->sets, "list record sets and their columns instead");
  list_command->add_flag("--snapshots", arguments->snapshots, "list ABI snapshots instead");
  list_command->callback([arguments, &status] { status = list(*arguments); });
  CLI::App* explain_command = command->add_subcommand("explain", "explain one rule");
  common(explain_command);
  which(explain_command);
  explain_command->add_option("rule", arguments->id, "rule id")->required();
  explain_command->callback([arguments, &status] { status = explain(*arguments); });
  CLI::App* prove_command =
      command->add_subcommand("prove", "prove properties of the rules, without an image");
  common(prove_command);
  which(prove_command);
  prove_command->add_flag("--lemmas", arguments->prove.lemmas,
                          "prove only that the checks of each claim form imply its claim");
  prove_command->add_flag(
      "--checks", arguments->prove.checks,
      "prove only that the programs of local checks compute what the checks say, for every ABI");
  prove_command->add_option("--proved", arguments->prove.proved,
                            "file for what was proved of those programs");
  prove_command->add_option("--smt2", arguments->prove.smt2, "folder for every query, as SMT-LIB")
      ->check(CLI::ExistingDirectory);
  prove_command->callback([arguments, &status] {
    auto loaded = load(*arguments);
    status = !loaded                   ? report_error(loaded.error())
             : arguments->prove.checks ? prove_checks(loaded->library, arguments->prove)
                                       : prove_rules(loaded->model, arguments->prove);
  });
  CLI::App* witness_command = command->add_subcommand(
      "witness", "violate each rule alone in a well-formed image, and write the images");
  auto witness = std::make_shared<WitnessArguments>();
  add_image_options(*witness_command, witness->image);
  witness_command->add_option("-o,--output", witness->folder, "folder for the damaged images")->required();
  witness_command->add_option("--only", witness->only, "only these rules");
  witness_command->add_option("--skip", witness->skip, "not these rules");
  witness_command->add_option("--format", witness->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}));
  witness_command->callback([witness, &status] {
    name_inputs(witness->image);
    status = find_witnesses(*witness);
  });
  add_folders(*command, *arguments, status);
}

}  // namespace khover::cli
