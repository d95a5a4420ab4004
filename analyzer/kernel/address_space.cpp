#include "kernel/address_space.h"

#include <algorithm>

#include "image/vmcoreinfo.h"

namespace khover::kernel {

bool AddressSpace::read(uint64_t virt, std::span<std::byte> out) const {
  constexpr uint64_t kStep = 4096;  // no machine maps less at once
  while (!out.empty()) {
    const std::optional<uint64_t> phys = physical(virt);
    const size_t count = std::min<uint64_t>(out.size(), kStep - virt % kStep);
    if (!phys || !memory_.read(*phys, out.first(count))) return false;
    out = out.subspan(count);
    virt += count;
  }
  return true;
}

Result<std::unique_ptr<AddressSpace>> open_address_space(const image::Memory& memory,
                                                         std::string_view vmcoreinfo) {
  // Each is a field that one architecture writes (arch/x86/kernel/vmcore_info_64.c,
  // arch/arm64/kernel/vmcore_info.c); the dump's own header may not know its machine.
  if (image::vmcoreinfo_value(vmcoreinfo, "NUMBER(phys_base)")) return open_x86_64(memory, vmcoreinfo);
  if (image::vmcoreinfo_value(vmcoreinfo, "NUMBER(kimage_voffset)")) return open_arm64(memory, vmcoreinfo);
  return fail("VMCOREINFO", "is of an unknown machine", "give the root's physical address with --fdt");
}

}  // namespace khover::kernel
