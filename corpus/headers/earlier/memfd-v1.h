/* Memory files of Linux 6.19 and 7.0: without seals. */
#pragma once
#include "kho-vmalloc.h"
#include "memfd-folio.h"

#define MEMFD_LUO_FH_COMPATIBLE "memfd-v1"

struct memfd_luo_ser {
  u64 pos;
  u64 size;
  u64 nr_folios;
  struct kho_vmalloc folios;
} __packed;
