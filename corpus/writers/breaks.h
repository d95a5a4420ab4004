// Breaks: the smallest damage that violates one rule. Each says which further rules
// cannot but be violated with it; rules that only become undecidable because the
// walk stops at the damage are not listed.
#pragma once

#include "image.h"

struct break_rule {
  const char* rule;                   // NULL ends a table
  const char* also;                   // further rules that may be violated, comma-separated
  const char* what;                   // one sentence
  void (*prepare)(struct scenario*);  // NULL: the default scenario serves
  void (*damage)(struct image*);
  bool undetermined;  // by design: a version newer than any that is known
};

// What a table is about that serves several rules: `*` in its names represents the prefix.
struct break_subject {
  const char* prefix;
  size_t entry_size;
  void (*setup)(struct scenario*);                    // NULL: the default scenario has the subject
  void (*fill)(struct scenario*, size_t entries);     // that many entries, and no more
  void (*unpreserve)(struct image*, uint64_t entry);  // removes the keys of what an entry names
  struct vmalloc* (*list)(struct image*);
  struct chain* (*chain)(struct image*);
  uint64_t (*head)(struct image*);                 // where the chain's first address is
  int array;                                       // of IOMMU records
  void (*make_entry)(struct image*, uint64_t pa);  // in a chain
};
extern const struct break_subject memfd_subject, test_subject, session_subject, file_subject;
extern const struct break_subject hugetlb_subject, guest_memfd_subject, kvm_subject;
extern const struct break_subject pci_subject, hw_subject, domain_subject, device_subject;

struct break_choice {
  const struct break_rule* rule;
  const struct break_subject* subject;
};

extern const struct break_rule kho_breaks[];
extern const struct break_rule radix_breaks[];
extern const struct break_rule memblock_breaks[];
extern const struct break_rule block_breaks[];
extern const struct break_rule long_chain_breaks[];
extern const struct break_rule luo_breaks[];
extern const struct break_rule flb_breaks[];
extern const struct break_rule memfd_breaks[];
extern const struct break_rule folio_breaks[];
extern const struct break_rule vmalloc_breaks[];
extern const struct break_rule test_breaks[];
extern const struct break_rule pci_breaks[];
extern const struct break_rule array_breaks[];
extern const struct break_rule iommu_breaks[];
extern const struct break_rule device_file_breaks[];
extern const struct break_rule table_breaks[];
extern const struct break_rule smmu_breaks[];
extern const struct break_rule guest_breaks[];
extern const struct break_rule earlier_breaks[];
extern const struct break_rule bitmap_breaks[];

// "RULE" or "RULE:N"; exits with a message when there is none.
struct break_choice break_find(const char* name);
// Changes the default scenario into the one that the break damages.
void break_prepare(const struct break_choice* choice, struct scenario* scenario);
void break_list(void);

// Bad input: what no rule is about, and what a reader must survive.
struct bad_input {
  const char* kind;
  const char* what;
  void (*prepare)(struct scenario*);
  void (*damage)(struct image*);
  unsigned keep_percent;  // of the file; 0: all
};
const struct bad_input* bad_find(const char* kind);
void bad_list(void);

// What several of them need.
// Session 0 loses its last file, whose record this is; the FLB that the file needed stays.
void remove_file(struct image* image, uint64_t record);
#define AT(type, pa) ((type*)arena_at(&image->arena, (pa)))

static inline struct luo_ser* luo_ser(struct image* image) { return AT(struct luo_ser, image->luo); }
static inline struct luo_session_ser* session_ser(struct image* image, size_t i) {
  return AT(struct luo_session_ser, image->sessions[i].ser);
}
static inline struct file* file_of(struct image* image, size_t session, size_t i) {
  return &image->sessions[session].files[i];
}
static inline struct luo_file_ser* file_ser(struct image* image, size_t session, size_t i) {
  return AT(struct luo_file_ser, file_of(image, session, i)->ser);
}
static inline struct luo_flb_header_ser* flb_header(struct image* image) {
  return AT(struct luo_flb_header_ser, image->flbs);
}
static inline struct luo_flb_ser* flb_ser(struct image* image, size_t i) {
  return (struct luo_flb_ser*)(void*)(flb_header(image) + 1) + i;
}
static inline size_t entries_per_block(const struct scenario* scenario, size_t entry_size) {
  return ((UINT64_C(1) << scenario->page_shift) - sizeof(struct kho_block_header_ser)) / entry_size;
}
static inline size_t folios_per_page(const struct scenario* scenario) {
  return (UINT64_C(1) << scenario->page_shift) / sizeof(struct memfd_luo_folio_ser);
}
static inline void outgoing(struct scenario* scenario) { scenario->phase = PHASE_OUTGOING; }
// Beyond any simulated RAM, and no node has it.
#define NOWHERE (UINT64_C(1) << 38)
static inline void without_numa(struct scenario* scenario) { scenario->omit |= 1U << NOTE_NUMA; }
static inline void with_kho_test(struct scenario* scenario) { scenario->test_folios = 12; }
static inline void outgoing_without_numa(struct scenario* scenario) {
  outgoing(scenario);
  without_numa(scenario);
}
