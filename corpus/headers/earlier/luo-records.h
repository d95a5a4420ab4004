/* Files, sessions with files, and file-lifecycle-bound data: the same from luo-v1 with luo-session-v2 on. */
#pragma once
#include "../types.h"

#define LUO_KHO_ENTRY_NAME "LUO"

/* For a few commits of 2025 a session was a name and nothing else: luo-session-v1. */
#ifdef LUO_SESSIONS_WITHOUT_FILES
struct luo_session_ser {
  char name[64];
} __packed;
#else
struct luo_file_ser {
  char compatible[48];
  u64 data;
  u64 token;
} __packed;

struct luo_file_set_ser {
  u64 files;
  u64 count;
} __packed;

struct luo_session_ser {
  char name[64];
  struct luo_file_set_ser file_set_ser;
} __packed;
#endif

struct luo_flb_header_ser {
  u64 pgcnt;
  u64 count;
} __packed;

struct luo_flb_ser {
  char name[48];
  u64 data;
  u64 count;
} __packed;
