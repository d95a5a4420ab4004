// The registry of layouts that were seen under a version: tables/layouts.yaml.
#pragma once

#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "error/error.h"
#include "lint/headers.h"

namespace khover::lint {

struct Fingerprint {
  std::string version;  // "LUO_ABI_COMPATIBLE luo-v5"
  std::string record;
  std::string pages;  // page size that the layout depends on; "" for any
  std::string layout;
  std::string seen_in;
};

// Of sizes, places and widths: names and types that change no byte do not count.
std::string layout_fingerprint(const abi::Snapshot& snapshot, const abi::Record& record);

std::string page_key(const abi::Snapshot& snapshot);

Result<std::vector<Fingerprint>> read_fingerprints(const std::string& yaml, const std::string& name);
Result<std::vector<Fingerprint>> shipped_fingerprints();

// The registry's lines for these headers, to be pasted into it.
std::string write_fingerprints(const Headers& headers, const std::string& seen_in);

}  // namespace khover::lint
