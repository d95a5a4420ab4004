/* Up to luo-v3: all sessions lie side by side behind their number, in so many pages. */
#pragma once
#include "../types.h"

#define LUO_SESSION_PGCNT 16

struct luo_session_header_ser {
  u64 count;
} __packed;
