#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct hw {
  struct parcel_hw_ser* preserved;
};

// Like the review of "iommu: Implement IOMMU core liveupdate skeleton": "Should there be a null check?"
void parcel_unpreserve_hw(struct hw* hw) {
  struct parcel_hw_ser* record = hw->preserved;

  // DEFECT: iommu-unpreserve-null, iommu-domain-unpreserve-null
  record->obj.deleted = 1;  // EXPECT: record-may-be-null
  hw->preserved = NULL;
}

struct header {
  struct parcel_ser* record;
  u64 count;
};
static struct header outgoing;

void parcel_drop(void) { outgoing.record = NULL; }

// The same object, by another path.
int parcel_serialize(void) {
  struct header* header = &outgoing;

  header->record->count = header->count;  // EXPECT: record-may-be-null
  return 0;
}
