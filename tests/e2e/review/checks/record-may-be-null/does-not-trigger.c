#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct hw {
  struct parcel_hw_ser* preserved;
};

void parcel_unpreserve_hw(struct hw* hw) {
  struct parcel_hw_ser* record = hw->preserved;

  if (!record) return;
  record->obj.deleted = 1;
  hw->preserved = NULL;
}

static void mark(struct hw* hw) { hw->preserved->obj.deleted = 1; }

void parcel_unpreserve_asked(struct hw* hw) {
  if (hw->preserved) mark(hw);
}
