#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct state {
  u32 devices;
};
extern void* parcel_flb;

// Like "PCI: Inherit bus numbers from previous kernel during Live Update" (v2 03/22): 0 devices, or an error?
u32 parcel_incoming_devices(void) {
  struct state* state;

  // DEFECT: pci-zero-hides-error
  if (liveupdate_flb_get_incoming(parcel_flb, (void**)&state)) return 0;  // EXPECT: error-folded
  return state->devices;
}

// Like iommu_for_each_preserved_device(): -ENOENT, whatever it was.
int parcel_for_each_restored(int (*visit)(struct state* state)) {
  struct state* state;
  int ret;

  ret = liveupdate_flb_get_incoming(parcel_flb, (void**)&state);
  // DEFECT: flb-unknown-is-absent
  if (ret) return -ENOENT;  // EXPECT: error-folded
  return visit(state);
}
