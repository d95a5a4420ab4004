#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct stored {
  unsigned int order;
};

// Like "kho: fix integer overflow in kho_preserved_memory_reserve()": 1 << (order + PAGE_SHIFT).
u64 parcel_bytes(unsigned int order) {
  // DEFECT: kho-reserve-shift
  return 1 << (order + PAGE_SHIFT);  // EXPECT: shift-before-widening
}

// Like "PCI: liveupdate: Track incoming preserved PCI devices", where a u32 domain was shifted to make a key.
unsigned long parcel_key(u32 domain, u32 id) {
  // DEFECT: pci-key-shift
  return domain << 16 | id;  // EXPECT: shift-before-widening
}

// As kho_restore_page() of 7.3.4 does it with what is stored in the page.
unsigned long parcel_restore_pages(struct stored* info) {
  // DEFECT: kho-restore-page-shift
  return 1 << info->order;  // EXPECT: shift-before-widening
}

// As kho_restore_vmalloc() of 7.3.4 does it with the order of the image.
u32 parcel_restore_align(const struct parcel_ser* ser) {
  unsigned int order = ser->order;

  // DEFECT: kho-restore-vmalloc-shift
  return 1 << order;  // EXPECT: shift-before-widening
}

// As the kernel had it: a record that the .c file declares.
struct khoser_parcel_chunk {
  unsigned int order;
  u64 phys;
};

u64 parcel_restore_chunk(const struct khoser_parcel_chunk* chunk) {
  // SHAPE: kho-reserve-shift
  return 1 << (chunk->order + PAGE_SHIFT);  // EXPECT: shift-before-widening
}
