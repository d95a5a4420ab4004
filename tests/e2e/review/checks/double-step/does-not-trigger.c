#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct block {
  struct block* next;
};

bool parcel_restore_ends(struct block* block) {
  int steps = 0;

  for (; block && block->next; block = block->next)
    if (++steps > 10000) return false;
  return true;
}

bool parcel_restore_both(struct block* block) {
  int steps = 0;

  for (; block && block->next; block = block->next->next) {
    if (steps > 10000) return false;
    steps += 2;
  }
  return true;
}
