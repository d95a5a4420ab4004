#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

struct block {
  struct block* next;
};

// Two steps at once, and one is counted.
bool parcel_restore_ends(struct block* block) {
  int steps = 0;

  for (; block && block->next; block = block->next->next)
    // DEFECT: kho-cycle-limit
    if (++steps > 10000) return false;  // EXPECT: double-step
  return true;
}

// As kho_block_set_is_cyclic() of 7.3.4 has it.
bool parcel_restore_is_cyclic(const struct parcel_ser* ser) {
  struct parcel_block_ser* fast = phys_to_virt(ser->head_phys);
  int count = 0;

  while (fast) {
    if (count++ >= 10000) return true;  // EXPECT: double-step
    if (!fast->next) break;
    fast = phys_to_virt(fast->next);
    if (!fast->next) break;
    fast = phys_to_virt(fast->next);
  }
  return false;
}
