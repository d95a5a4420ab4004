/* One folio of a memory file. */
#pragma once
#include "../types.h"

#define MEMFD_LUO_FOLIO_DIRTY 1
#define MEMFD_LUO_FOLIO_UPTODATE 2

struct memfd_luo_folio_ser {
  u64 pfn : 52;
  u64 flags : 12;
  u64 index;
} __packed;
