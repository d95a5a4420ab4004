/* LUO, version 2: a device tree that holds its version and the address of one record. */
#pragma once
#include "luo-file-array.h"
#include "luo-records.h"
#include "luo-session-array.h"

#define LUO_FDT_COMPATIBLE "luo-v2"
#define LUO_FDT_ABI_HEADER "luo-abi-header"

struct luo_ser {
  u64 liveupdate_num;
  u64 sessions_pa;
  u64 flbs_pa;
} __packed;
