// An ABI snapshot, and the list of versions and what they cover.
#include "abi/snapshot.h"

#include <cstdlib>

#include "abi/versions.h"
#include "targets/target.h"

KHOVER_FUZZ_TARGET(input) {
  using namespace khover;
  const std::string text = fuzz::text(input);
  if (const auto snapshot = abi::read_snapshot(text, "input")) {
    const std::string written = abi::write_snapshot(*snapshot);
    if (const auto again = abi::read_snapshot(written, "input");
        again && abi::write_snapshot(*again) != written)
      std::abort();
  }
  abi::read_stated_covers(text, "input");
}
