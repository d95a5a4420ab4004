// A BTF section, bare or in an ELF file.
#include "btf/section.h"
#include "btf/snapshot.h"
#include "targets/memory_file.h"
#include "targets/target.h"

KHOVER_FUZZ_TARGET(input) {
  using namespace khover;
  const fuzz::MemoryFile file(input);
  auto section = btf::read_section(file.path());
  if (!section) return;
  const auto types = btf::Types::read(std::move(section->bytes), "input");
  if (!types) return;
  if (const auto all = btf::extract(*types, {})) abi::write_snapshot(all->snapshot);
  if (const auto record = types->record("list_head")) types->field(*record, "next.prev");
}
