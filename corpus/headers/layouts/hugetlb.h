/* Files on hugetlbfs, and the pages that their pools need. */
#pragma once
#include "../types.h"

#define HUGETLB_LUO_FLB_COMPATIBLE "hugetlb-v1"
#define HUGE_MEMFD_LUO_FH_COMPATIBLE "huge-memfd-v1"

struct hugetlb_hstate_ser {
  u64 nr_pages;
  u8 order;
} __packed;

struct hugetlb_ser {
  struct hugetlb_hstate_ser hstates[4];
  u8 nr_hstates;
} __packed;

struct hugemfd_chunk_ser {
  u64 phys;
} __packed;

struct hugemfd_vmalloc_ser { /* as kho_vmalloc of the core */
  struct hugemfd_chunk_ser first;
  u32 total_pages;
  u16 flags;
  u16 order;
} __packed;

struct hugemfd_ser {
  u64 size;
  u64 pos;
  u64 nr_folios;
  struct hugemfd_vmalloc_ser folios;
  u8 order;
} __packed;

struct hugemfd_folio_ser {
  u64 pfn : 52;
  u64 reserved : 12;
  u64 index;
} __packed;
