#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct stored {
  unsigned int order;
};

u64 parcel_bytes(unsigned int order) { return 1ULL << (order + PAGE_SHIFT); }

unsigned long parcel_key(u32 domain, u32 id) { return (unsigned long)domain << 16 | id; }

unsigned long parcel_restore_pages(struct stored* info) {
  if (info->order > 10) return 0;
  return 1 << info->order;
}

u32 parcel_restore_align(const struct parcel_ser* ser) {
  unsigned int order = ser->order;

  if (order >= 20) return 0;
  return 1 << order;
}

u32 parcel_narrow(u32 domain) { return domain << 16; }
