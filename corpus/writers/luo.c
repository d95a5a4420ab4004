// The Live Update Orchestrator: sessions, their files, and FLBs.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

// Entries side by side, after a header of so many bytes: one "block", of several pages.
static struct chain array_build(struct image* image, size_t pages, size_t header, size_t count,
                                size_t entry_size, uint64_t* entries) {
  const uint64_t bytes = pages * page_size(&image->arena);
  if (header + count * entry_size > bytes)
    die("%s has no room for %zu entries", luo_compatibles[image->scenario.luo], count);
  const bool at_boot = header && image->scenario.luo >= LUO_V2;
  const uint64_t pa = kho_alloc_preserve_block(image, bytes, at_boot ? REACH_ALWAYS : REACH_SESSIONS);
  for (size_t i = 0; i < count; i++) entries[i] = pa + header + i * entry_size;
  struct chain chain = {xrealloc(NULL, sizeof(uint64_t)), 1};
  chain.blocks[0] = pa;
  return chain;
}

static void build_files(struct image* image, struct session* session, unsigned* number) {
  const bool outgoing = image->scenario.phase == PHASE_OUTGOING;
  uint64_t* entries = xrealloc(NULL, session->nr_files * sizeof(*entries));
  session->files = xrealloc(NULL, session->nr_files * sizeof(*session->files));
  if (image->scenario.luo >= LUO_V4)
    session->blocks =
        array_build(image, LUO_FILE_PAGES, 0, session->nr_files, sizeof(struct luo_file_ser), entries);
  else
    session->blocks = blocks_build(image, session->nr_files, sizeof(struct luo_file_ser), entries);
  for (size_t i = 0; i < session->nr_files; i++) {
    struct file* file = &session->files[i];
    const bool is_memfd = i < image->scenario.files;
    // The largest token is legal; one session has it, so that readers meet it.
    const bool largest = session == image->sessions && i + 1 == image->scenario.files && i;
    *file = (struct file){.ser = entries[i], .token = largest ? UINT64_MAX : i + 0x10};
    if (is_memfd) file->memfd = memfd_build(image, (*number)++);
    if (outgoing) continue;
    struct luo_file_ser* ser = arena_at(&image->arena, file->ser);
    ser->token = file->token;
    if (!is_memfd) continue;
    strcpy(ser->compatible, memfd_compatibles[image->scenario.memfd]);
    ser->data = file->memfd.record;
  }
  free(entries);
}

static void build_sessions(struct image* image) {
  const struct scenario* scenario = &image->scenario;
  const bool outgoing = scenario->phase == PHASE_OUTGOING;
  image->nr_sessions = scenario->sessions + scenario->idle_sessions;
  // Version 3 takes the pages with the first session, earlier ones at boot.
  if (!image->nr_sessions && scenario->luo < LUO_V2) return;
  uint64_t* entries = xrealloc(NULL, image->nr_sessions * sizeof(*entries));
  image->sessions = xrealloc(NULL, image->nr_sessions * sizeof(*image->sessions));
  memset(image->sessions, 0, image->nr_sessions * sizeof(*image->sessions));
  if (scenario->luo >= LUO_V3) {
    image->session_blocks = array_build(image, LUO_SESSION_PAGES, sizeof(uint64_t), image->nr_sessions,
                                        sizeof(struct luo_session_ser), entries);
    if (!outgoing) *(uint64_t*)arena_at(&image->arena, image->session_blocks.blocks[0]) = image->nr_sessions;
  } else {
    image->session_blocks = blocks_build(image, image->nr_sessions, sizeof(struct luo_session_ser), entries);
  }
  unsigned number = 0;
  for (size_t i = 0; i < image->nr_sessions; i++) {
    struct session* session = &image->sessions[i];
    session->ser = entries[i];
    session->nr_files = i < scenario->sessions ? scenario->files + devices_files(image, i) +
                                                     guest_files(image) + spare_files(image)
                                               : 0;
    if (session->nr_files) build_files(image, session, &number);
    if (outgoing) continue;
    struct luo_session_ser* ser = arena_at(&image->arena, session->ser);
    snprintf(ser->name, sizeof(ser->name), i < scenario->sessions ? "vm-%zu" : "idle/%zu", i);
    ser->files = session->nr_files ? session->blocks.blocks[0] : 0;
    ser->count = session->nr_files;
  }
  free(entries);
}

static uint64_t all_files(const struct image* image) {
  uint64_t count = 0;
  for (size_t i = 0; i < image->nr_sessions; i++) count += image->sessions[i].nr_files;
  return count;
}

static void add_flb(struct luo_flb_ser* flb, const char* name, uint64_t data, uint64_t files) {
  strcpy(flb->name, name);
  flb->data = data;
  flb->count = files;
}

static void build_flbs(struct image* image) {
  const struct scenario* scenario = &image->scenario;
  if (!image->flbs) return;
  struct luo_flb_header_ser* header = arena_at(&image->arena, image->flbs);
  header->pgcnt = 1;
  if (scenario->phase == PHASE_OUTGOING) return;
  struct luo_flb_ser* entries = (void*)(header + 1);
  for (unsigned i = 0; i < scenario->flbs; i++) {
    snprintf(entries[i].name, sizeof(entries[i].name), "liveupdate-test-flb-v%u", i);
    entries[i].data = TEST_FLB_MAGIC + i;
    // Every file depends on a test FLB.
    entries[i].count = all_files(image);
  }
  struct devices* devices = &image->devices;
  uint64_t used = scenario->flbs;
  if (devices->pci) {
    devices->pci_flb = image->flbs + sizeof(*header) + used * sizeof(*entries);
    const char* name = scenario->pci <= PCI_B   ? PCI_NAME_AB
                       : scenario->pci <= PCI_E ? PCI_NAME_CDE
                                                : PCI_NAME_F;
    add_flb(&entries[used++], name, devices->pci, devices->nr_devices);
  }
  if (devices->iommu) {
    devices->iommu_flb = image->flbs + sizeof(*header) + used * sizeof(*entries);
    const char* name = scenario->iommu <= IOMMU_A1         ? IOMMU_NAME_A
                       : scenario->iommu <= IOMMU_C_SMMUV3 ? IOMMU_NAME_BC
                                                           : IOMMU_NAME_D;
    add_flb(&entries[used++], name, devices->iommu, scenario->sessions);
  }
  if (image->guests.hugetlb)
    add_flb(&entries[used++], HUGETLB_NAME, image->guests.hugetlb, scenario->sessions * scenario->hugetlb);
  const uint64_t spare = spare_flb(image);
  if (spare) add_flb(&entries[used++], SPARE_NAME, spare, all_files(image));
  header->count = image->nr_flbs = used;
}

// A device tree for versions 1 and 2. The record is a page of its own in version 2, and no page in version 1.
static void build_tree(struct image* image) {
  const struct scenario* scenario = &image->scenario;
  image->luo_tree = (struct luo_tree){.pa = kho_alloc_preserve(image, REACH_ALWAYS),
                                      .compatible_length = sizeof("luo-v1"),
                                      .header_length = 8,
                                      .number_length = 8,
                                      .session_length = 8,
                                      .flb_length = 8,
                                      .session_node = "luo-session",
                                      .flb_node = "luo-flb",
                                      .session_compatible = "luo-session-v2",
                                      .flb_compatible = "luo-flb-v1"};
  image->luo = scenario->luo == LUO_V2 ? kho_alloc_preserve(image, REACH_ALWAYS)
                                       : arena_alloc_page(&image->arena, REACH_ALWAYS);
  image->luo_header = image->luo;
  kho_add_child(image, LUO_NAME, image->luo_tree.pa, 1);
}

void luo_build(struct image* image) {
  const struct scenario* scenario = &image->scenario;
  if (scenario->luo == LUO_NONE) return;
  if (scenario->luo >= LUO_V2) {
    build_tree(image);
  } else {
    image->luo = kho_alloc_preserve(image, REACH_ALWAYS);
    kho_add_child(image, LUO_NAME, image->luo, sizeof(struct luo_ser));
  }
  if (scenario->luo == LUO_V1_SESSION_V1) {
    if (scenario->sessions) die("luo-session-v1 has sessions without files only: --sessions 0");
    image->luo_tree.session_compatible = "luo-session-v1";
    image->luo_tree.flb_node = NULL;
  } else {
    image->flbs = kho_alloc_preserve(image, REACH_ALWAYS);
  }
  devices_plan(image);
  build_sessions(image);
  devices_build(image);
  guests_build(image);
  spare_build_files(image);
  build_flbs(image);
  struct luo_ser* ser = arena_at(&image->arena, image->luo);
  strcpy(ser->compatible, luo_compatibles[scenario->luo]);
  ser->liveupdate_num = 1;
  ser->flbs_pa = image->flbs;
  const bool known = scenario->phase != PHASE_OUTGOING || scenario->luo >= LUO_V2;
  if (known && image->session_blocks.nr_blocks) ser->sessions_pa = image->session_blocks.blocks[0];
  if (image->luo_tree.pa) luo_tree_write(image);
}
