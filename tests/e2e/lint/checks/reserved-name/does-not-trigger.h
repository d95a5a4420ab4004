#include "../types.h"

/**
 * struct parcel_ser - A parcel.
 * @base: Reservedly speaking, where it is.
 * @reserved: Reserved, must be zero.
 * @flags: Flags. Unused flag bits must be set to 0.
 * @bits: Unused bits are zero.
 */
struct parcel_ser {
  u64 base;
  u32 reserved;
  u32 flags;
  u64 bits;
};
