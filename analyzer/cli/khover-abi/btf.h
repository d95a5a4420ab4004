// khover-abi extract --btf: the ABI of a kernel whose headers are not at hand.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "error/error.h"

namespace khover::cli {

struct BtfRequest {
  std::string file;                // bare BTF, or ELF with a .BTF section
  std::string constants_from;      // snapshot: a shipped one by name, or a file; may be empty
  std::string release;             // empty: the running kernel's, or the file's name
  std::string arch;                // empty: as the ELF header or the other snapshot says, or this machine's
  uint64_t page_size = 0;          // 0: as the other snapshot says, else not known
  std::vector<std::string> names;  // of records; empty: those of the other snapshot, else all
};

struct BtfSnapshot {
  abi::Snapshot snapshot;
  std::vector<std::string> notes;  // what the reader should know that the snapshot cannot say
};

Result<BtfSnapshot> snapshot_of_btf(const BtfRequest& request);

}  // namespace khover::cli
