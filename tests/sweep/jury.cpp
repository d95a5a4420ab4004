// What a real kernel did with damaged images, and what the rules predict.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ground.h"
#include "image/patched_memory.h"

namespace khover::sweep {
namespace {

struct Damage {
  std::string id, image, observed, what;
  bool by_luck = false;
  std::vector<std::pair<uint64_t, std::vector<std::byte>>> edits;
};

// id, image, observed, by luck, what was done, edits: ADDRESS=BYTES or ADDRESS*COUNT of zeroes, joined by
// commas.
Damage damage_of(const std::vector<std::string>& row) {
  Damage damage{row[0], row[1], row[2], row[4], row[3] == "luck", {}};
  for (size_t at = 0; row.size() > 5 && at < row[5].size();) {
    const size_t sign = row[5].find_first_of("=*", at), end = std::min(row[5].find(',', at), row[5].size());
    const std::string value = row[5].substr(sign + 1, end - sign - 1);
    std::vector<std::byte> bytes;
    if (row[5][sign] == '*') bytes.resize(std::stoul(value, nullptr, 16));
    for (size_t i = 0; row[5][sign] == '=' && i < value.size(); i += 2)
      bytes.push_back(static_cast<std::byte>(std::stoul(value.substr(i, 2), nullptr, 16)));
    damage.edits.emplace_back(std::stoull(row[5].substr(at, sign - at), nullptr, 16), std::move(bytes));
    at = end + 1;
  }
  return damage;
}

Effect predict(const Ground& ground, const Damage& damage, std::string& rule) {
  std::set<uint64_t> missing;
  for (const auto& [phys, bytes] : damage.edits) {
    for (uint64_t page = phys / 4096 * 4096; page < phys + bytes.size(); page += 4096) {
      if (ground.memory().run(page).empty()) missing.insert(page);
    }
  }
  const GrownMemory grown(ground.memory(), {missing.begin(), missing.end()});
  image::PatchedMemory patched(grown);
  for (const auto& [phys, bytes] : damage.edits) patched.write(phys, bytes);
  return ground.effect(ground.read(patched), true, &rule);
}

bool agrees(const std::string& observed, Effect predicted) {
  if (observed == "none") return predicted == Effect::nothing || predicted == Effect::hygiene;
  const std::string heard = observed == "WARN" || observed == "LEAK" ? "silent" : observed;
  std::string lower(heard);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower == to_string(predicted);
}

void print_matrix(const std::map<std::string, std::map<Effect, size_t>>& matrix) {
  const std::vector<Effect> columns = {Effect::crash,   Effect::refuse,  Effect::silent,
                                       Effect::hygiene, Effect::nothing, Effect::undetermined};
  fmt::print("| observed |");
  for (const Effect effect : columns) fmt::print(" {} |", to_string(effect));
  fmt::print("\n|---|---|---|---|---|---|---|\n");
  for (const char* observed : {"CRASH", "REFUSE", "SILENT", "WARN", "LEAK", "none"}) {
    const auto row = matrix.find(observed);
    if (row == matrix.end()) continue;
    fmt::print("| {} |", observed);
    for (const Effect effect : columns) {
      const auto count = row->second.find(effect);
      fmt::print(" {} |", count == row->second.end() ? "" : std::to_string(count->second));
    }
    fmt::print("\n");
  }
}

}  // namespace

int jury(const std::string& rules, const std::vector<std::string>& arguments) {
  const auto rows = read_table(arguments.at(0));
  std::map<std::string, std::vector<std::string>> excused;  // by id: what is predicted, why that may be
  for (const auto& row : read_table(arguments.at(2))) excused[row.at(0)] = row;
  std::map<std::string, std::unique_ptr<Ground>> grounds;
  std::map<std::string, std::map<Effect, size_t>> matrix;
  size_t counted = 0, agreed = 0, failures = 0;
  for (const auto& row : rows) {
    const Damage damage = damage_of(row);
    std::unique_ptr<Ground>& ground = grounds[damage.image];
    if (!ground) {
      auto opened = Ground::open(arguments.at(1) + "/" + damage.image + "/finalized.elf.zst", rules);
      if (!opened) {
        fmt::print("{}\n", sentence(opened.error()));
        return 2;
      }
      ground = std::move(*opened);
    }
    std::string rule;
    const Effect predicted = predict(*ground, damage, rule);
    const bool same = agrees(damage.observed, predicted);
    if (!damage.by_luck) {
      ++counted;
      agreed += same;
      ++matrix[damage.observed][predicted];
    }
    const auto excuse = excused.find(damage.id);
    const bool known = excuse != excused.end() && excuse->second.at(1) == to_string(predicted);
    if (same == (excuse == excused.end()) && (same || known)) continue;
    if (damage.by_luck && excuse == excused.end()) continue;
    ++failures;
    fmt::print("FAILED {} ({}): observed {}, predicted {} [{}]{}\n", damage.id, damage.what, damage.observed,
               to_string(predicted), rule,
               same ? "; it agrees now: take it from the list of disagreements" : "");
  }
  print_matrix(matrix);
  fmt::print("{} of {} damages that no luck decided end as predicted ({:.1f} %); {} failures\n", agreed,
             counted, 100.0 * static_cast<double>(agreed) / static_cast<double>(counted), failures);
  return failures != 0;
}

}  // namespace khover::sweep
