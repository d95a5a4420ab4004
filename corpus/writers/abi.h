// The handoff ABI in this oracle's own words: what Linux 7.2.6 and 7.3.4 write.
// Typed by hand on purpose, from include/linux/kho/abi/*.h of 7.3.4 (numbers and
// field names only): khover extracts its layouts with clang, and an oracle that
// used those would agree with them even where they are wrong.
#pragma once

#include <stdint.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "records are stored as the host lays them out: this program needs a little-endian host"
#endif

#define PACKED __attribute__((packed))

// kexec_handover.h
#define KHO_MAP_PROPERTY "preserved-memory-map"
#define KHO_DATA_PROPERTY "preserved-data"
#define KHO_DATA_PROPERTY_V1 "fdt"
#define KHO_SIZE_PROPERTY "blob-size"

struct scratch_entry {
  uint64_t addr;
  uint64_t size;
};

struct kho_vmalloc {
  uint64_t first;
  uint32_t total_pages;
  uint16_t flags;
  uint16_t order;
} PACKED;  // a device tree aligns its properties to 4 bytes only
enum { KHO_VMALLOC_ALLOC = 1, KHO_VMALLOC_HUGE_VMAP = 2 };

// One page: `next`, then addresses up to the first zero.
struct kho_vmalloc_chunk {
  uint64_t next;
  uint64_t phys[];
};

// block.h
struct kho_block_header_ser {
  uint64_t next;
  uint64_t count;
} PACKED;
enum { KHO_MAX_BLOCKS = 10000 };  // private to kernel/liveupdate

// luo.h
#define LUO_NAME "LUO"
enum { SESSION_NAME_LENGTH = 64, FILE_COMPATIBLE_LENGTH = 48, FLB_NAME_LENGTH = 48 };

struct luo_ser {
  char compatible[8];
  uint64_t liveupdate_num;
  uint64_t sessions_pa;
  uint64_t flbs_pa;
} PACKED;

struct luo_session_ser {
  char name[SESSION_NAME_LENGTH];
  uint64_t files;
  uint64_t count;
} PACKED;

struct luo_file_ser {
  char compatible[FILE_COMPATIBLE_LENGTH];
  uint64_t data;
  uint64_t token;
} PACKED;

struct luo_flb_header_ser {
  uint64_t pgcnt;
  uint64_t count;
} PACKED;

struct luo_flb_ser {
  char name[FLB_NAME_LENGTH];
  uint64_t data;
  uint64_t count;
} PACKED;
#define TEST_FLB_MAGIC UINT64_C(0xfeedf00dcafebee0)  // lib/tests/liveupdate.c

// memfd.h

struct memfd_luo_ser {
  uint64_t pos;
  uint64_t size;
  uint32_t seals;
  uint32_t flags;
  uint64_t nr_folios;
  struct kho_vmalloc folios;
} PACKED;

// Version 1, Linux 6.19: no seals.
struct memfd_luo_ser_v1 {
  uint64_t pos;
  uint64_t size;
  uint64_t nr_folios;
  struct kho_vmalloc folios;
} PACKED;

// `pfn` and `flags` share one word; the bit-field is spelled out so that no compiler decides.
struct memfd_luo_folio_ser {
  uint64_t pfn_flags;
  uint64_t index;
} PACKED;
enum { FOLIO_PFN_BITS = 52, FOLIO_DIRTY = 1, FOLIO_UPTODATE = 2, MEMFD_ALL_SEALS = 0x3f };

// memblock.h
#define MEMBLOCK_NAME "memblock"
#define MEMBLOCK_COMPATIBLE "memblock-v1"
#define RESERVE_MEM_COMPATIBLE "reserve-mem-v1"

// kexec_metadata.h
#define METADATA_NAME "kexec-metadata"
enum { METADATA_VERSION = 1, RELEASE_LENGTH = 65 };

struct kho_kexec_metadata {
  uint32_t version;
  char previous_release[RELEASE_LENGTH];
  uint32_t kexec_count;
} PACKED;

// lib/test_kho.c: a device tree, whose list names the test's folios as phys | order.
#define KHO_TEST_NAME "kho_test"
#define KHO_TEST_COMPATIBLE "kho-test-v1"
enum { KHO_TEST_MAGIC = 0x4b484f21 };

_Static_assert(sizeof(struct kho_vmalloc) == 16, "kho_vmalloc");
_Static_assert(sizeof(struct kho_block_header_ser) == 16, "kho_block_header_ser");
_Static_assert(sizeof(struct luo_ser) == 32, "luo_ser");
_Static_assert(sizeof(struct luo_session_ser) == 80, "luo_session_ser");
_Static_assert(sizeof(struct luo_file_ser) == 64, "luo_file_ser");
_Static_assert(sizeof(struct luo_flb_header_ser) == 16, "luo_flb_header_ser");
_Static_assert(sizeof(struct luo_flb_ser) == 64, "luo_flb_ser");
_Static_assert(sizeof(struct memfd_luo_ser) == 48, "memfd_luo_ser");
_Static_assert(sizeof(struct memfd_luo_ser_v1) == 40, "memfd_luo_ser v1");
_Static_assert(sizeof(struct memfd_luo_folio_ser) == 16, "memfd_luo_folio_ser");
_Static_assert(sizeof(struct kho_kexec_metadata) == 73, "kho_kexec_metadata");
