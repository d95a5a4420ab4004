/* Layouts that are easy to get wrong; gcc has the last word on each of them. */
#define __packed __attribute__((__packed__))
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;

/* The attribute comes after the closing brace: a layout asked for at the brace is wrong. */
struct trailing_packed {
  u8 kind;
  u64 address;
  u16 port;
} __packed;

/* 3 + 7 bits take two bytes here, so everything after them is at an odd offset. */
struct odd_offsets {
  u8 tag;
  u32 first : 3;
  u32 second : 7;
  u32 after;
  s32 low : 5;
  u64 wide : 59;
  u16 last;
} __packed;

struct unpacked_bits {
  u32 a : 3;
  u32 : 5; /* padding without a name */
  u32 b : 7;
  u32 : 0;
  u32 c : 1;
  _Bool flag : 1;
  signed char d : 2;
};

struct packed_inside {
  struct trailing_packed head;
  u64 tail;
};

struct unpacked_inside_packed {
  u8 before;
  struct packed_inside body;
  struct {
    u8 low;
    u64 high;
  } pair;
} __packed;

struct overaligned {
  u8 first;
  u8 line[3] __attribute__((__aligned__(64)));
};

#pragma pack(push, 2)
struct pragma_packed {
  u8 a;
  u64 b;
};
#pragma pack(pop)
