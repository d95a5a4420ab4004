/* What the declarations below need of the kernel's own types. */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef _Bool bool_ser; /* one byte */

#define __packed __attribute__((__packed__))
