#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct unit {
  void* entries[16];
  bool restored;
};

void parcel_release(struct unit* unit) {
  if (unit->restored) return;
  for (int i = 0; i < 16; i++) kfree(unit->entries[i]);
}

struct plain {
  void* entry;
};
void parcel_free(struct plain* plain) { kfree(plain->entry); }
