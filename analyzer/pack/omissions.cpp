#include "pack/omissions.h"

#include <algorithm>
#include <set>

#include "pack/abi_has.h"
#include "pack/did_you_mean.h"

namespace khover::pack {
namespace {

// A count that can be larger comes from the image and is not bounded by anything.
constexpr Integer kLargestCount = Integer{1} << 24;
// What tools/new-rule.py and `khover new-subsystem` leave to people.
constexpr std::string_view kToBeWritten = "to be written";

bool is_below(const PackFile& pack, const std::string& folder) { return pack.at.file.starts_with(folder); }

// `pack`: any file of it.
bool serves(const std::vector<PackFile>& packs, const std::string& pack, const std::string& registry) {
  return std::any_of(packs.begin(), packs.end(), [&](const PackFile& file) {
    return file.name == pack && std::any_of(file.serves.begin(), file.serves.end(),
                                            [&](const ServedName& one) { return one.registry == registry; });
  });
}

// A count that reads no record is made of facts and constants, which are not in the image.
bool reads_record(const ExprPtr& expr) {
  return expr->op == Op::column || std::any_of(expr->args.begin(), expr->args.end(), reads_record);
}

void check_set(const Model& model, const std::vector<PackFile>& packs, const SetDefinition& set,
               const SetType& type, std::vector<Error>& found) {
  if (type.parent != kNone) {
    const SetType& parent = model.sets[type.parent];
    if (!parent.handled_registry.empty() && !serves(packs, type.pack, parent.handled_registry)) {
      found.push_back({to_string(set.at_position),
                       "'" + type.name + "' is below '" + parent.name + "', and no pack '" + type.pack +
                           "' serves a name: its records are reported as unknown",
                       "add serves: {" + parent.handled_registry + ": NAME}"});
    }
  }
  const auto* array = std::get_if<plans::Array>(&type.plan);
  if (array && !array->capacity.expr && array->count.expr->range.high > kLargestCount &&
      reads_record(array->count.expr)) {
    found.push_back({to_string(set.at_position),
                     "the array '" + type.name + "' has no capacity: its count comes from the image",
                     "add capacity, e.g. PAGE_SIZE / sizeof(RECORD)"});
  }
}

void check_texts(const PackFile& pack, std::vector<Error>& found) {
  const auto open = [](const std::string& text) { return text.find(kToBeWritten) != std::string::npos; };
  if (open(pack.title)) found.push_back({to_string(pack.at), "'title' is to be written", ""});
  for (const RuleDefinition& rule : pack.rules) {
    std::string keys;
    for (const auto& [key, text] :
         {std::pair{"because", &rule.because}, std::pair{"evidence", &rule.evidence},
          std::pair{"advice", &rule.advice}}) {
      if (open(*text)) keys += (keys.empty() ? "'" : ", '") + std::string(key) + "'";
    }
    if (!keys.empty())
      found.push_back({to_string(rule.at),
                       keys + " of '" + rule.id + "' " +
                           (keys.find(',') == std::string::npos ? "is" : "are") + " to be written",
                       ""});
  }
}

}  // namespace

std::vector<Error> omissions(const Model& model, const std::vector<PackFile>& packs,
                             const std::string& folder) {
  std::vector<Error> found;
  for (const PackFile& pack : packs) {
    if (!is_below(pack, folder)) continue;
    check_texts(pack, found);
    for (const SetDefinition& set : pack.sets) {
      const uint32_t index = model.find_set(pack.name + "." + set.name);
      if (index != kNone) check_set(model, packs, set, model.sets[index], found);
    }
  }
  return found;
}

std::vector<Error> unknown_names(const std::vector<abi::Snapshot>& abis, const std::vector<PackFile>& packs,
                                 const std::string& folder) {
  std::set<std::string> known;
  for (const abi::Snapshot& abi : abis) {
    for (const auto& [name, record] : abi.records) {
      known.insert(name);
      for (const abi::Field& field : record.fields) known.insert(name + "." + field.name);
    }
    for (const auto& [name, constant] : abi.constants) known.insert(name);
  }
  const std::vector<std::string> names(known.begin(), known.end());
  std::vector<Error> found;
  const auto check = [&](const std::vector<std::string>& wanted, const Position& at, const std::string& who) {
    for (const std::string& name : wanted) {
      const auto has = [&](const abi::Snapshot& abi) { return abi_has(abi, name); };
      if (std::any_of(abis.begin(), abis.end(), has)) continue;
      found.push_back({to_string(at), "no ABI has '" + name + "', so " + who + " never applies",
                       did_you_mean(name, names, "state the ABI that has it with --abi")});
    }
  };
  for (const PackFile& pack : packs) {
    if (!is_below(pack, folder)) continue;
    check(pack.has, pack.at, "this pack");
    for (const RuleDefinition& rule : pack.rules) check(rule.has, rule.at, "'" + rule.id + "'");
  }
  return found;
}

}  // namespace khover::pack
