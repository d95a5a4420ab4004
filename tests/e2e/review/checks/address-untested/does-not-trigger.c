#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int take(struct parcel_dev_ser* device);

int parcel_retrieve_devices(struct parcel_ser* ser) {
  struct parcel_devs_ser* page;
  u32 i, slot;

  if (!ser->head_phys) return 0;
  page = __va(ser->head_phys);
  for (i = 0, slot = 0; i < ser->nr_devices; i++, slot++) {
    if (slot >= PARCEL_DEVS) {
      if (!page->block.next) return -EINVAL;
      page = __va(page->block.next);
      slot = 0;
    }
    if (take(&page->devices[slot])) return -EIO;
  }
  return 0;
}

static struct parcel_devs_ser* parcel_head(u64 head) { return phys_to_virt(head); }

struct parcel_devs_ser* parcel_restore_head(struct parcel_ser* ser) {
  return ser->head_phys ? parcel_head(ser->head_phys) : NULL;
}

// The kernel that wrote it knows what it wrote.
void parcel_unpreserve(struct parcel_ser* ser) { kho_unpreserve_free(phys_to_virt(ser->head_phys)); }
