#include "session/given_facts.h"

#include <fmt/format.h>

#include <algorithm>

#include "error/try.h"

namespace khover::session {
namespace {

// One device that the host lacks may be the damage; several, and no other, are another host's.
constexpr uint64_t kSeveral = 2;

template <typename Fact>
bool is_given(const Fact& fact) {
  return fact && fact->origin == image::Origin::given;
}

bool holds(const image::Range& range, uint64_t address) {
  return address >= range.start && address - range.start < range.length;
}

Result<void> check_phase(const Reading& reading) {
  const evaluate::Judgement& judgement = reading.judgement;
  if (!is_given(reading.world.facts.phase) || !judgement.phase_contradicted) return {};
  std::string fitting;
  for (const pack::Phase phase : judgement.fitting)
    fitting += (fitting.empty() ? "" : " or ") + std::string(pack::to_string(phase));
  return fail("--phase",
              fmt::format("the image is not {}: its contents do not fit that phase",
                          reading.world.facts.phase->value),
              fitting.empty() ? "leave --phase out" : "leave --phase out, or state " + fitting);
}

Result<void> check_ram(const image::Facts& facts) {
  if (!is_given(facts.ram)) return {};
  const auto lies_in_ram = [&](uint64_t address) {
    return std::any_of(facts.ram->value.begin(), facts.ram->value.end(),
                       [&](const image::Range& range) { return holds(range, address); });
  };
  if (!lies_in_ram(facts.root->value)) {
    return fail("--ram", fmt::format("the root FDT at {:#x} is not in it", facts.root->value),
                "give the RAM map of the machine that wrote the image");
  }
  if (is_given(facts.scratch) && !lies_in_ram(facts.scratch->value.start)) {
    return fail(
        "--scratch",
        fmt::format("the table at {:#x} is not in the RAM that --ram gives", facts.scratch->value.start),
        "give address and size of the table, not those of a scratch area");
  }
  return {};
}

Result<void> check_numa(const image::Facts& facts) {
  if (!is_given(facts.numa)) return {};
  const bool found =
      std::any_of(facts.numa->value.begin(), facts.numa->value.end(),
                  [&](const image::NumaRange& one) { return holds(one.range, facts.root->value); });
  if (found) return {};
  return fail("--numa", fmt::format("the root FDT at {:#x} is on none of its nodes", facts.root->value),
              "give the nodes of the machine that wrote the image");
}

// Where none of the devices is there, the input is suspected and not the image.
Result<void> check_topology(const walk::World& world) {
  if (!is_given(world.facts.topology)) return {};
  uint64_t devices = 0, found = 0;
  for (const walk::RecordSet& set : world.sets) {
    if (!std::holds_alternative<pack::plans::PciFunction>(set.type->plan) || set.type->parent == pack::kNone)
      continue;
    devices += world.sets[set.type->parent].rows;
    found += set.rows;
  }
  if (devices < kSeveral || found != 0) return {};
  return fail("--host", fmt::format("it has none of the {} PCI devices that the image names", devices),
              "give /sys of the machine that wrote the image, or a copy of it");
}

}  // namespace

Result<void> check_given_facts(const Reading& reading) {
  TRY(check_phase(reading));
  TRY(check_ram(reading.world.facts));
  TRY(check_numa(reading.world.facts));
  return check_topology(reading.world);
}

}  // namespace khover::session
