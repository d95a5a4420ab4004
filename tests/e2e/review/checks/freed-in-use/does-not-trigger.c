#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct user {
  void* object;
};
static void* parcel_object;
static int parcel_users;

void parcel_get(struct user* user) {
  parcel_users++;
  user->object = parcel_object;
}

void parcel_put(void) {
  if (--parcel_users) return;
  kfree(parcel_object);
  parcel_object = 0;
}

// Nobody outside ever had it.
static void* parcel_scratch;
void parcel_drop(void) { kfree(parcel_scratch); }

struct flb_ops {
  void (*unpreserve)(void* object);
};
struct flb {
  const struct flb_ops* ops;
  long count;
  void* object;
};

// Whoever gets it counts.
int parcel_get_outgoing(struct flb* flb, void** object) {
  flb->count++;
  *object = flb->object;
  return 0;
}

static void hold(struct flb* flb) { flb->count++; }

int parcel_get_by_helper(struct flb* flb, void** object) {
  hold(flb);
  *object = flb->object;
  return 0;
}

void parcel_unpreserve_one(struct flb* flb) {
  if (--flb->count) return;
  flb->ops->unpreserve(flb->object);
  flb->object = NULL;
}
