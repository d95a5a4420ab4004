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
