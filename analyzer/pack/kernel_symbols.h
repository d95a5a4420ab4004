// Where a kernel keeps what a dump is asked for first: rules/*/NAME.symbols.yaml. Docs: rule-language.md.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "error/error.h"
#include "pack/syntax.h"
#include "yaml/tree.h"

namespace khover::pack {

// What the eight bytes of a variable or field mean.
enum class Reference {
  physical,  // an address of memory
  pointer,   // the kernel's virtual address of it
  page,      // the address of its struct page
};

struct KernelVariable {
  std::string symbol;
  std::string field;  // of the struct of that name, a path; empty: the variable itself
  Reference as = Reference::physical;
  bool received = false;  // a root: that this kernel was handed, not the one that it hands over
};

// A layout to try when the dump has no BTF.
struct KernelLayout {
  std::string record;
  struct Place {
    uint64_t offset = 0;  // bytes
    uint64_t size = 0;    // bytes
  };
  std::map<std::string, Place> fields;
};

struct KernelSymbols {
  std::vector<KernelVariable> roots;           // best first
  std::vector<KernelVariable> scratch_tables;  // best first
  std::string scratch_count;                   // symbol of an unsigned int
  uint64_t scratch_entry = 0;                  // bytes
  std::vector<std::string> log;                // words of the kernel log's lines that tell of a handover
  std::vector<KernelLayout> layouts;           // of one record, best first
  std::vector<std::string> code;               // functions of every kernel that can hand over
  std::string enabled;                         // symbol of a bool: whether this one does; may be empty
};

Result<KernelSymbols> read_kernel_symbols(yaml::Node root, const std::string& file);

}  // namespace khover::pack
