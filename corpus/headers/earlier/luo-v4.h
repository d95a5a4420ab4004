/* LUO, version 4: blocks of sessions, an array of files for each. */
#pragma once
#include "kho-block.h"
#include "luo-file-array.h"
#include "luo-records.h"

#define LUO_ABI_COMPATIBLE "luo-v4"

struct luo_ser {
  char compatible[8];
  u64 liveupdate_num;
  u64 sessions_pa;
  u64 flbs_pa;
} __packed;
