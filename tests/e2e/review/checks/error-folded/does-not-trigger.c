#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct state {
  u32 devices;
};
extern void* parcel_flb;

int parcel_incoming_devices(u32* devices) {
  struct state* state;
  int ret;

  ret = liveupdate_flb_get_incoming(parcel_flb, (void**)&state);
  if (ret == -ENOENT) {
    *devices = 0;
    return 0;
  }
  if (ret) return ret;
  *devices = state->devices;
  return 0;
}

int parcel_for_each_restored(int (*visit)(struct state* state)) {
  struct state* state;
  int ret;

  ret = liveupdate_flb_get_incoming(parcel_flb, (void**)&state);
  if (ret) return ret;
  return visit(state);
}

// The errors of retrieving are passed on; the variable is used again for something else.
int set_up_tree(void* tree, void* root);
int parcel_restore_tree(void* tree) {
  phys_addr_t phys;
  int err;

  err = kho_retrieve_subtree("parcel", &phys, NULL);
  if (err) return err;
  if (!phys) return -EINVAL;
  err = set_up_tree(tree, phys_to_virt(phys));
  if (err) return -EINVAL;
  return 0;
}
