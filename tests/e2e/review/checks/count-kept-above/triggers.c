#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct device_node {
  struct device_node* parent;
  struct parcel_dev_ser* record;
};

void parcel_preserve_path(struct device_node* node) {
  for (; node; node = node->parent) node->record->obj.ref_count++;
}

// The bridges above it keep their counts.
void parcel_finish(struct device_node* node) {
  // DEFECT: pci-bridge-count-at-finish
  if (node->record->obj.ref_count) node->record->obj.ref_count--;  // EXPECT: count-kept-above
}
