/* What the headers of the tests take from a kernel. */
#ifndef TYPES_H
#define TYPES_H
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef u64 phys_addr_t;
typedef unsigned long pgoff_t;
typedef unsigned long size_t;
#define __packed __attribute__((packed))
#define static_assert _Static_assert
struct mutex {
  int owner;
};
struct list_head {
  struct list_head *next, *prev;
};
#endif
