// arm64: both the kernel's image and the linear map are at a constant distance from memory
// (arch/arm64/include/asm/memory.h: __kimg_to_phys, __lm_to_phys).
#include "image/vmcoreinfo.h"
#include "kernel/address_space.h"

namespace khover::kernel {
namespace {

constexpr uint64_t kLargestImage = uint64_t{1} << 30;  // far more than a kernel has

class Arm64 : public AddressSpace {
 public:
  Arm64(const image::Memory& memory, uint64_t linear, uint64_t linear_end, uint64_t phys_offset,
        uint64_t image_distance, uint64_t text)
      : AddressSpace(memory),
        linear_(linear),
        linear_end_(linear_end),
        phys_offset_(phys_offset),
        image_distance_(image_distance),
        text_(text) {}

  std::optional<uint64_t> physical(uint64_t virt) const override {
    virt = untagged(virt);
    if (in_image(virt)) return virt - image_distance_;
    if (virt >= linear_ && virt < linear_end_) return virt - linear_ + phys_offset_;
    return std::nullopt;
  }

 private:
  bool in_image(uint64_t virt) const { return untagged(virt) - text_ < kLargestImage; }
  // KASAN and MTE keep a tag in the top byte; bit 55 says which half an address belongs to.
  static uint64_t untagged(uint64_t virt) {
    return (virt >> 55 & 1) != 0 ? virt | uint64_t{0xff} << 56 : virt;
  }

  uint64_t linear_, linear_end_, phys_offset_, image_distance_, text_;
};

}  // namespace

Result<std::unique_ptr<AddressSpace>> open_arm64(const image::Memory& memory, std::string_view vmcoreinfo) {
  const auto number = [&](const char* key) { return image::vmcoreinfo_integer(vmcoreinfo, key); };
  const std::optional<uint64_t> bits = number("NUMBER(VA_BITS)");
  const std::optional<uint64_t> distance = number("NUMBER(kimage_voffset)");
  const std::optional<uint64_t> phys_offset = number("NUMBER(PHYS_OFFSET)");
  const std::optional<uint64_t> text = image::vmcoreinfo_number(vmcoreinfo, "SYMBOL(_stext)", 16);
  // What is mapped otherwise begins with the modules, after the linear map.
  const std::optional<uint64_t> linear_end = number("NUMBER(MODULES_VADDR)");
  if (!bits || *bits < 36 || *bits > 52 || !distance || !phys_offset || !text || !linear_end) {
    return fail("VMCOREINFO", "does not say how the kernel maps memory",
                "give the root's physical address with --fdt");
  }
  // _stext is at most one segment after the image's first byte, and variables follow the text.
  constexpr uint64_t kHead = uint64_t{2} << 20;
  return std::make_unique<Arm64>(memory, ~uint64_t{0} << *bits, *linear_end, *phys_offset, *distance,
                                 *text - kHead);
}

}  // namespace khover::kernel
