#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct device_node {
  struct device_node* parent;
  struct parcel_dev_ser* record;
};

void parcel_preserve_path(struct device_node* node) {
  for (; node; node = node->parent) node->record->obj.ref_count++;
}

void parcel_finish(struct device_node* node) {
  for (; node; node = node->parent)
    if (node->record->obj.ref_count) node->record->obj.ref_count--;
}

// One for each, and one back.
struct group {
  struct parcel_hw_ser* record;
};
void parcel_preserve_group(struct group* group, int n) {
  for (int i = 0; i < n; i++) group->record->obj.ref_count++;
}
void parcel_unpreserve_one(struct group* group) {
  if (group->record->obj.ref_count) group->record->obj.ref_count--;
}
