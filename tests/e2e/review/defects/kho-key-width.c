#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int set_bit_of(void* tree, u64 key);

// Bits beyond the width of the tree are dropped there.
int parcel_preserve_key(void* tree, u64 key) { return set_bit_of(tree, key); }
