// x86_64: the kernel's image by phys_base, everything else by its page tables.
#include "image/vmcoreinfo.h"
#include "kernel/address_space.h"

namespace khover::kernel {
namespace {

// arch/x86/include/asm/page_64_types.h: __START_KERNEL_map, the largest KERNEL_IMAGE_SIZE.
constexpr uint64_t kImageStart = 0xffffffff80000000;
constexpr uint64_t kLargestImage = uint64_t{1} << 30;

// Page-table entries: Intel's Software Developer's Manual, volume 3, 4.5.
constexpr uint64_t kPresent = 1;
constexpr uint64_t kLarge = 1 << 7;  // in tables of 1 GiB and 2 MiB a page and no table
constexpr uint64_t kAddress = 0x000ffffffffff000;

class X86_64 : public AddressSpace {
 public:
  X86_64(const image::Memory& memory, uint64_t phys_base, uint64_t image_size, uint64_t top, int levels,
         uint64_t encrypted)
      : AddressSpace(memory),
        phys_base_(phys_base),
        image_size_(image_size),
        top_(top),
        levels_(levels),
        encrypted_(encrypted) {}

  std::optional<uint64_t> physical(uint64_t virt) const override {
    if (in_image(virt)) return virt - kImageStart + phys_base_;
    const int width = 12 + 9 * levels_;  // bits that are translated; those above repeat the last one
    const int64_t high = static_cast<int64_t>(virt) >> (width - 1);
    if (high != -1) return std::nullopt;  // the lower half is a process's
    uint64_t table = *physical(top_);
    for (int level = levels_ - 1;; --level) {
      const int shift = 12 + 9 * level;
      uint64_t entry = 0;
      if (!memory_.read(table + (virt >> shift & 511) * 8, std::as_writable_bytes(std::span(&entry, 1))))
        return std::nullopt;
      if ((entry & kPresent) == 0) return std::nullopt;
      const uint64_t address = entry & kAddress & ~encrypted_;
      const uint64_t within = (uint64_t{1} << shift) - 1;
      const bool large = (level == 1 || level == 2) && (entry & kLarge) != 0;
      if (level == 0 || large) return (address & ~within) | (virt & within);
      table = address;
    }
  }

 private:
  bool in_image(uint64_t virt) const { return virt - kImageStart < image_size_; }
  uint64_t phys_base_, image_size_, top_;
  int levels_;
  uint64_t encrypted_;  // the bit that says "encrypted" in an address (SME)
};

}  // namespace

Result<std::unique_ptr<AddressSpace>> open_x86_64(const image::Memory& memory, std::string_view vmcoreinfo) {
  const auto number = [&](const char* key) { return image::vmcoreinfo_integer(vmcoreinfo, key); };
  const auto symbol = [&](const char* key) { return image::vmcoreinfo_number(vmcoreinfo, key, 16); };
  const std::optional<uint64_t> phys_base = number("NUMBER(phys_base)");
  std::optional<uint64_t> top = symbol("SYMBOL(init_top_pgt)");
  if (!top) top = symbol("SYMBOL(swapper_pg_dir)");
  const uint64_t image_size = number("NUMBER(KERNEL_IMAGE_SIZE)").value_or(kLargestImage);
  if (!phys_base || !top || *top - kImageStart >= image_size || image_size > kLargestImage) {
    return fail("VMCOREINFO", "does not say where the kernel's page tables are",
                "give the root's physical address with --fdt");
  }
  const int levels = number("NUMBER(pgtable_l5_enabled)").value_or(0) == 1 ? 5 : 4;
  return std::make_unique<X86_64>(memory, *phys_base, image_size, *top, levels,
                                  number("NUMBER(sme_mask)").value_or(0));
}

}  // namespace khover::kernel
