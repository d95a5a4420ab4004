/* Memory files with their seals. */
#pragma once
#include "kho-vmalloc.h"
#include "memfd-folio.h"

#define MEMFD_LUO_FH_COMPATIBLE "memfd-v2"
#define MEMFD_LUO_ALL_SEALS 0x3f

struct memfd_luo_ser {
  u64 pos;
  u64 size;
  u32 seals;
  u32 flags;
  u64 nr_folios;
  struct kho_vmalloc folios;
} __packed;
