#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct sessions {
  void* blocks;
  u64 count;
  struct list list;
};
bool is_known(struct sessions* all, const char* name);
int fill(struct parcel_ser* ser);
int attach(void* device);

// luo_session_insert() of 7.3.4: the block stays when the name is taken, and an empty block ends the chain.
int parcel_insert(struct sessions* all, const char* name) {
  int err = kho_block_set_grow(&all->blocks, all->count + 1);

  if (err) return err;
  // DEFECT: luo-empty-block-left
  if (is_known(all, name)) return -EEXIST;  // EXPECT: error-path-leak
  all->count++;
  return 0;
}

// Like "PCI: liveupdate: Track outgoing preserved PCI devices" (v6 06/12): what was counted stays counted.
int parcel_preserve_device(struct parcel_ser* ser, void* device) {
  int ret;

  ser->nr_devices++;
  ret = attach(device);
  // DEFECT: pci-bridge-count-half-way
  if (ret) return ret;  // EXPECT: error-path-leak
  return 0;
}

// Like the review of "iommufd: Persist iommu hardware pagetables for live update" (v1).
int parcel_preserve_domains(void* first, void* second) {
  int ret;

  ret = iommu_domain_preserve(first);
  if (ret) return ret;
  ret = attach(second);
  // DEFECT: iommufd-earlier-domains-kept
  if (ret) return ret;  // EXPECT: error-path-leak
  return 0;
}

int parcel_preserve(u64* where) {
  struct parcel_ser* ser = kho_alloc_preserve(sizeof(*ser));
  int err;

  if (IS_ERR(ser)) return PTR_ERR(ser);
  err = fill(NULL);
  if (err) return err;  // EXPECT: error-path-leak
  *where = virt_to_phys(ser);
  return 0;
}

// Like "kho: fix early_memremap leak": what is mapped stays mapped.
int parcel_restore_early(phys_addr_t phys) {
  void* tree = early_memremap(phys, PAGE_SIZE);

  if (!tree) return -ENOMEM;
  // DEFECT: kho-mapping-leak
  if (strcmp("parcel", "parcel-v2")) return -EINVAL;  // EXPECT: error-path-leak
  early_memunmap(tree, PAGE_SIZE);
  return 0;
}

// Like "kho: fix error handling in kho_add_subtree()": a node without its second property.
int parcel_add_node(void* tree, u64 phys) {
  int node = fdt_add_subnode(tree, 0, "parcel");
  int err;

  if (node < 0) return -ENOMEM;
  err = fdt_setprop(tree, node, "at", &phys, sizeof(phys));
  // DEFECT: kho-half-node
  if (err < 0) return -EIO;  // EXPECT: error-path-leak
  return 0;
}

// As said of vfio/pci v1 (06/21): an error after the folio was restored keeps it.
void* folio_address(struct folio* folio);
void* find_device(const struct parcel_ser* ser);
int parcel_bind(void* device, struct parcel_ser* ser);

int parcel_retrieve_folio(u64 data) {
  struct folio* folio = kho_restore_folio(data);
  struct parcel_ser* ser;
  void* device;

  if (!folio) return -ENOENT;
  ser = folio_address(folio);
  device = find_device(ser);
  if (!device) return -EINVAL;  // EXPECT: error-path-leak
  return parcel_bind(device, ser);
}
