// Symbol tables of a dumped kernel, and the VMCOREINFO that says where they are: a text up to a NUL, then
// memory that is mapped at its physical address.
#include "kernel/kallsyms.h"

#include <algorithm>
#include <optional>

#include "image/memory.h"
#include "image/vmcoreinfo.h"
#include "targets/target.h"

namespace {

using namespace khover;

class Flat : public image::Memory {
 public:
  explicit Flat(std::span<const std::byte> bytes) : bytes_(bytes), present_{{0x1000, bytes.size()}} {}
  std::span<const std::byte> run(uint64_t phys) const override {
    return phys < 0x1000 || phys - 0x1000 >= bytes_.size() ? std::span<const std::byte>{}
                                                           : bytes_.subspan(phys - 0x1000);
  }
  const std::vector<image::Range>& present() const override { return present_; }

 private:
  std::span<const std::byte> bytes_;
  std::vector<image::Range> present_;
};

class Identity : public kernel::AddressSpace {
 public:
  explicit Identity(const image::Memory& memory) : AddressSpace(memory) {}
  std::optional<uint64_t> physical(uint64_t virt) const override { return virt; }
};

}  // namespace

KHOVER_FUZZ_TARGET(input) {
  const auto end = std::find(input.begin(), input.end(), std::byte{0});
  const std::string info = fuzz::text(input.first(static_cast<size_t>(end - input.begin())));
  const Flat memory(input.subspan(info.size()));
  for (const char* key : {"PAGESIZE", "SYMBOL(init_top_pgt)", "OSRELEASE"}) {
    image::vmcoreinfo_value(info, key);
    image::vmcoreinfo_number(info, key);
    image::vmcoreinfo_integer(info, key);
  }
  kernel::find_symbols(Identity(memory), info, {"kho_in", "kho_out", "luo_global"});
  const auto space = kernel::open_address_space(memory, info);
  if (space) (*space)->physical(0xffffffff81000000);
}
