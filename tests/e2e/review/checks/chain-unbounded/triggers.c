#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void take(struct parcel_block_ser* block);

// Like the first versions of "liveupdate: add linked blocks": a block that leads back to itself.
void parcel_restore_blocks(u64 head) {
  while (head) {
    struct parcel_block_ser* block = phys_to_virt(head);

    take(block);
    // DEFECT: luo-block-cycle
    head = block->next;  // EXPECT: chain-unbounded
  }
}
