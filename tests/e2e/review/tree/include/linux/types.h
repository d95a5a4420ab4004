#pragma once
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned long size_t;
typedef u64 phys_addr_t;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void*)0)
