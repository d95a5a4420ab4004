#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

// Like the VFIO series of February 2026, whose record had a u32 for LUO's u64 token.
void parcel_preserve_token(struct parcel_dev_ser* record, u64 token) {
  // DEFECT: vfio-token-cut
  record->id = token;  // EXPECT: truncated-value
}

// Like "vfio/pci: Preserve vfio-pci device files across Live Update" (v2): domains above 0xffff are cut.
void parcel_preserve_lane(struct parcel_item_ser* item, void* bus) {
  // DEFECT: vfio-domain-cut
  item->lane = pci_domain_nr(bus);  // EXPECT: truncated-value
}
