#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

u64 allocate(u64 size, u64 alignment);

u64 parcel_reserve_scratch(u64 size) { return allocate(size, PAGE_SIZE); }
