// One handoff image under construction: what to write (scenario), and where every
// object of it went, so that a break can find the one that it damages.
#pragma once

#include "abi.h"
#include "arena.h"
#include "bitmaps.h"
#include "devices.h"
#include "formats.h"
#include "guests.h"
#include "map.h"

enum phase { PHASE_OUTGOING, PHASE_FINALIZED, PHASE_EARLY };
extern const char* const phase_names[];

enum note_member {
  NOTE_RAM,
  NOTE_NUMA,
  NOTE_SCRATCH,
  NOTE_ROOT,
  NOTE_PHASE,
  NOTE_PAGE_SIZE,
  NOTE_PCI,
  NOTE_MEMBERS
};
extern const char* const note_names[];

// As long as a subtree can be called here, so that any name fits in its place.
#define SPARE_NAME "khover-spare-object-to-be-named"
enum spare { SPARE_NONE, SPARE_FILE, SPARE_FLB, SPARE_SUBTREE, SPARES };
extern const char* const spare_names[];

struct scenario {
  enum phase phase;
  enum kho_version kho;
  enum luo_version luo;
  enum memfd_version memfd;
  unsigned page_shift;
  unsigned numa_nodes;
  unsigned sessions;       // with `files` files each
  unsigned files;          // memfds; devices add theirs
  unsigned idle_sessions;  // without files; after the others
  unsigned flbs;           // test FLBs: their data is a magic number
  unsigned regions;        // reserve_mem regions; 0: no memblock subtree
  uint64_t test_folios;    // of the kho_test subtree; 0: no such subtree
  enum pci_variant pci;
  enum vfio_variant vfio;
  enum iommu_variant iommu;
  enum iommufd_variant iommufd;
  unsigned devices;  // endpoints with a vfio-pci file each
  unsigned bridges;  // root ports above them
  unsigned units;    // IOMMUs
  unsigned domains;  // at least one per session
  unsigned deleted;  // devices that were unpreserved again
  unsigned hugetlb;  // huge memfds of each session
  enum kvm_variant kvm;
  uint64_t guest_folios;  // of each huge memfd and guest_memfd; 0: a few, huge ones on hugetlbfs
  enum spare spare;       // one object whose record is a page of zeroes
  uint64_t seed;
  uint64_t memfd_size;  // of every memfd, in order-0 folios; 0: all sorts of memfds
  uint64_t folios;      // order-0 folios of the first memfd; 0: as the others
  const char* orders;   // folio orders of the first memfd, one digit each; NULL: as the others
  bool empty_memfds;    // every memfd has size 0
  bool huge_ram;        // one more piece of RAM, large enough for a key of order 31
  bool without_tables;  // pages that only hardware reads are left out
  bool topology;        // the note names the host's PCI functions
  bool full;            // data pages are written, too
  unsigned omit;        // bits of enum note_member
  const struct break_subject* subject;  // what a break that serves several rules damages
};

struct child {
  char name[32];
  uint64_t data;
  uint64_t size;
  uint32_t data_length;  // of the property's value; 0: no property
  uint32_t size_length;
};

struct root {
  uint64_t pa;
  char compatible[16];
  uint64_t map;
  uint32_t map_length;
  struct child children[8];
  size_t nr_children;
};

struct region {
  char name[32];
  char compatible[32];
  uint64_t start;
  uint64_t size;
  uint32_t start_length;
  uint32_t size_length;
};

struct memblock {
  uint64_t pa;
  char compatible[16];
  struct region regions[8];
  size_t nr_regions;
};

struct memfd {
  uint64_t record;
  uint64_t size;
  uint64_t nr_folios;
  uint8_t* orders;
  struct vmalloc list;
};

struct kho_test {
  uint64_t fdt;
  uint64_t nr_folios;
  struct vmalloc list;
};

struct file {
  uint64_t ser;
  uint64_t token;
  struct memfd memfd;  // empty for the files of devices
};

struct session {
  uint64_t ser;
  struct chain blocks;
  struct file* files;
  size_t nr_files;
};

struct image {
  struct scenario scenario;
  struct arena arena;
  struct map map;  // kho-v1: written as `bitmaps` last of all
  struct bitmaps bitmaps;
  struct root root;
  struct memblock memblock;
  struct kho_test test;
  struct devices devices;
  struct guests guests;
  uint64_t metadata;
  uint64_t luo;         // struct luo_ser
  uint64_t luo_header;  // v2: where the tree says that it is
  struct luo_tree luo_tree;
  uint64_t flbs;
  struct chain session_blocks;
  struct session* sessions;
  size_t nr_sessions;
  size_t nr_flbs;
  uint64_t scratch;  // the table
  uint64_t scratch_size;
  uint64_t note_page_size;
  uint64_t note_root;
  const char* note_text;  // instead of the note that the facts give
  bool orphan_pages;      // outgoing: write the pages below sessions_pa, although nothing leads there
};

// A whole, well-formed image.
void image_build(struct image* image, const struct scenario* scenario);
void image_free(struct image* image);

// kho.c
void kho_build(struct image* image);  // scratch, map, root, metadata, memblock
void kho_write_root(struct image* image);
struct child* kho_child(struct image* image, const char* name);
struct child* kho_add_child(struct image* image, const char* name, uint64_t data, uint64_t size);
void memblock_write(struct image* image);  // the FDT, and its size in the root
void memblock_add(struct image* image, const char* name, uint64_t start, uint64_t size);
uint64_t kho_alloc_preserve(struct image* image, enum reach reach);  // one page and its key
uint64_t kho_alloc_preserve_block(struct image* image, uint64_t bytes,
                                  enum reach reach);  // one block and its key
uint64_t kho_alloc_preserve_bytes(struct image* image, uint64_t bytes);
void metadata_write(struct image* image, uint64_t pa);

// blocks.c
size_t block_capacity(const struct image* image, size_t entry_size);
// A chain for `count` entries; `entries` receives the address of each.
struct chain blocks_build(struct image* image, size_t count, size_t entry_size, uint64_t* entries);
// One more block after the last, without entries.
uint64_t blocks_append(struct image* image, struct chain* chain);

// vmalloc.c
void vmalloc_build(struct image* image, struct vmalloc* list, size_t nr_pages, enum reach reach);
uint64_t vmalloc_append(struct image* image, struct vmalloc* list);  // one more, empty, chunk
struct kho_vmalloc* vmalloc_ser(const struct image* image, const struct vmalloc* list);
void vmalloc_unpreserve(struct image* image, const struct vmalloc* list);
void vmalloc_free(struct vmalloc* list);

// kho_test.c
void kho_test_build(struct image* image);
uint64_t* kho_test_folio(const struct image* image, uint64_t i);  // phys | order
void kho_test_unpreserve_folio(struct image* image, uint64_t i);

// memfd.c
struct memfd memfd_build(struct image* image, unsigned number);
struct memfd_luo_ser* memfd_ser(const struct image* image, const struct memfd* memfd);
struct memfd_luo_folio_ser* memfd_folio(const struct image* image, const struct memfd* memfd, uint64_t i);
uint64_t folio_pa(const struct image* image, const struct memfd_luo_folio_ser* folio);
void folio_set_pa(const struct image* image, struct memfd_luo_folio_ser* folio, uint64_t pa);
// Removes the keys of everything below the record, and with `all` the record's own.
void memfd_unpreserve(struct image* image, const struct memfd* memfd, bool all);

// luo.c
void luo_build(struct image* image);

// core.c
void core_write(const struct image* image, const char* path);
// truth.c: what was written, as JSON, for a reader to compare with
void truth_write(const struct image* image, const char* path);

// spare.c
size_t spare_files(const struct image* image);  // of one session, behind its other files
void spare_build_files(struct image* image);
uint64_t spare_flb(struct image* image);  // its record; 0: there is none
void spare_build_subtree(struct image* image);
