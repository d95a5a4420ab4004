/* LUO, version 3: no device tree any more. */
#pragma once
#include "luo-file-array.h"
#include "luo-records.h"
#include "luo-session-array.h"

#define LUO_ABI_COMPATIBLE "luo-v3"

struct luo_ser {
  char compatible[8];
  u64 liveupdate_num;
  u64 sessions_pa;
  u64 flbs_pa;
} __packed;
