/* LUO, version 1, Linux 6.19 to 7.1: a device tree with a node for sessions and, since 7.0, one for
   file-lifecycle-bound data. */
#pragma once

#define LUO_FDT_COMPATIBLE "luo-v1"
#define LUO_FDT_LIVEUPDATE_NUM "liveupdate-number"
#define LUO_FDT_SESSION_NODE_NAME "luo-session"
#define LUO_FDT_SESSION_HEADER "luo-session-header"
#ifdef LUO_SESSIONS_WITHOUT_FILES
#define LUO_FDT_SESSION_COMPATIBLE "luo-session-v1"
#else
#define LUO_FDT_SESSION_COMPATIBLE "luo-session-v2"
#endif
#define LUO_FDT_FLB_NODE_NAME "luo-flb"
#define LUO_FDT_FLB_HEADER "luo-flb-header"
#define LUO_FDT_FLB_COMPATIBLE "luo-flb-v1"
