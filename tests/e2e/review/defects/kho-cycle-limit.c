#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct block {
  struct block* next;
};

// Two steps at once, and one is counted.
bool parcel_restore_ends(struct block* block) {
  int steps = 0;

  for (; block && block->next; block = block->next->next)
    if (++steps > 10000) return false;
  return true;
}
