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

int parcel_insert(struct sessions* all, const char* name) {
  int err = kho_block_set_grow(&all->blocks, all->count + 1);

  if (err) return err;
  if (is_known(all, name)) {
    kho_block_set_shrink(&all->blocks, all->count);
    return -EEXIST;
  }
  all->count++;
  return 0;
}

int parcel_preserve_device(struct parcel_ser* ser, void* device) {
  int ret;

  ser->nr_devices++;
  ret = attach(device);
  if (ret) {
    ser->nr_devices--;
    return ret;
  }
  return 0;
}

// A record that is marked may stay.
int parcel_preserve_marked(struct parcel_ser* ser, struct parcel_dev_ser* device) {
  int ret;

  ser->nr_devices++;
  ret = attach(device);
  if (ret) {
    device->obj.deleted = 1;
    return ret;
  }
  return 0;
}

int parcel_preserve_all(struct folio** folios, int count) {
  int err, i;

  for (i = 0; i < count; i++) {
    err = kho_preserve_folio(folios[i]);
    if (err) goto undo;
  }
  return 0;
undo:
  while (--i >= 0) kho_unpreserve_folio(folios[i]);
  return err;
}

static void undo_one(struct folio* folio) { kho_unpreserve_folio(folio); }

int parcel_preserve_by_helper(struct folio* folio, void* device) {
  int err = kho_preserve_folio(folio);

  if (WARN_ON(err)) return err;
  err = attach(device);
  if (err) undo_one(folio);
  return err;
}

int parcel_preserve(u64* where) {
  struct parcel_ser* ser = kho_alloc_preserve(sizeof(*ser));
  int err;

  if (IS_ERR(ser)) return PTR_ERR(ser);
  err = fill(ser);
  if (err) goto free;
  *where = virt_to_phys(ser);
  return 0;
free:
  kho_unpreserve_free(ser);
  return err;
}

int parcel_add_node(void* tree, u64 phys) {
  int node = fdt_add_subnode(tree, 0, "parcel");

  if (node < 0) return -ENOMEM;
  if (fdt_setprop(tree, node, "at", &phys, sizeof(phys)) < 0) {
    fdt_del_node(tree, node);
    return -EIO;
  }
  return 0;
}

void* folio_address(struct folio* folio);
void* find_device(const struct parcel_ser* ser);
int parcel_bind(void* device, struct parcel_ser* ser);

int parcel_retrieve_folio(u64 data) {
  struct folio* folio = kho_restore_folio(data);
  struct parcel_ser* ser;
  void* device;
  int err;

  if (!folio) return -ENOENT;
  ser = folio_address(folio);
  device = find_device(ser);
  if (!device) {
    folio_put(folio);
    return -EINVAL;
  }
  err = parcel_bind(device, ser);
  folio_put(folio);
  return err;
}
