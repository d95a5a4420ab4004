/* Up to luo-v3: all sessions are side by side after their number, in so many pages. */
#pragma once
#include "../types.h"

#define LUO_SESSION_PGCNT 16

struct luo_session_header_ser {
  u64 count;
} __packed;
