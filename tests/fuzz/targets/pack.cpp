// A rule pack: YAML, the rule language, and linking against a shipped ABI.
#include "pack/library.h"
#include "pack/model.h"
#include "pack/pack_file.h"
#include "targets/target.h"

KHOVER_FUZZ_TARGET(input) {
  using namespace khover;
  const auto pack =
      pack::read_pack(fuzz::text(input), "input", [](const std::string&) { return std::nullopt; });
  if (!pack) return;
  static const auto snapshot = pack::Library::built_in().snapshot(KHOVER_FUZZ_ABI);
  if (snapshot) pack::link(*snapshot, "input", {*pack});
}
