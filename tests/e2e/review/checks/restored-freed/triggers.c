#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct unit {
  void* entries[16];
  bool restored;
};

// Freed, although the next kernel still walks what was restored.
void parcel_release(struct unit* unit) {
  // DEFECT: vtd-restored-entry-freed
  for (int i = 0; i < 16; i++) kfree(unit->entries[i]);  // EXPECT: restored-freed
}
