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
