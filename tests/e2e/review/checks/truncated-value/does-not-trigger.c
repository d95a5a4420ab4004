#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void parcel_preserve_token(struct parcel_item_ser* item, u64 token) { item->token = token; }

void parcel_preserve_lane(struct parcel_item_ser* item, void* bus) {
  item->domain = pci_domain_nr(bus);
  item->lane = 3;
  item->pad = (u16)pci_domain_nr(bus);
}
