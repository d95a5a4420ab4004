#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

u64 allocate(u64 size, u64 alignment);
bool is_handover_boot(void);

// On such a boot everything that is allocated early lies in scratch.
u64 parcel_reserve_region(u64 size) { return allocate(size, PAGE_SIZE); }
