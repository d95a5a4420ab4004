#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct folio_state {
  bool uptodate, dirty;
};

// Only one of the two survives.
void parcel_preserve_state(struct parcel_item_ser* item, const struct folio_state* state) {
  item->lane = state->dirty ? 1 : 0;
}
