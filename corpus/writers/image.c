#include "image.h"

#include <stdlib.h>
#include <string.h>

const char* const phase_names[] = {"outgoing", "finalized", "early"};
const char* const note_names[] = {"ram", "numa", "scratch", "root", "phase", "page_size", "pci"};

static void check(const struct scenario* scenario) {
  // The number of test FLBs that CONFIG_LIVEUPDATE_TEST registers.
  if (scenario->flbs > 3) die("there are only 3 test FLBs");
  if (scenario->flbs && !(scenario->sessions && (scenario->files || scenario->devices)))
    die("an FLB needs a file that depends on it");
  if (scenario->spare && (scenario->devices || scenario->hugetlb || scenario->kvm))
    die("a spare object is alone: leave out devices and guests");
  if (scenario->regions > 2) die("there are only 2 reserve_mem regions");
}

void image_build(struct image* image, const struct scenario* scenario) {
  check(scenario);
  memset(image, 0, sizeof(*image));
  image->scenario = *scenario;
  struct arena* arena = &image->arena;
  arena_init(arena, scenario->page_shift, scenario->numa_nodes, scenario->seed);
  const uint64_t bank = UINT64_C(1) << 40;
  const uint64_t largest = page_size(arena) << 31;
  if (scenario->huge_ram) arena_add_bank(arena, largest, largest);
  if (scenario->folios || scenario->test_folios > 100)
    arena_add_bank(arena, bank, (scenario->folios + 2 * scenario->test_folios + 1024) << arena->page_shift);
  // A device takes two pages of records and what its tables take.
  if (scenario->devices > 1000)
    arena_add_room(arena, 2 * bank, (uint64_t)scenario->devices * 16 << arena->page_shift);
  // Thousands of blocks shall not become thousands of segments.
  if (scenario->sessions + scenario->idle_sessions > 1000 || scenario->files > 1000) arena->gaps = false;
  image->note_page_size = page_size(arena);
  kho_build(image);
  image->note_root = image->root.pa;
}

static void free_memfd(struct memfd* memfd) {
  free(memfd->orders);
  vmalloc_free(&memfd->list);
}

void image_free(struct image* image) {
  for (size_t i = 0; i < image->nr_sessions; i++) {
    struct session* session = &image->sessions[i];
    for (size_t j = 0; j < session->nr_files; j++) free_memfd(&session->files[j].memfd);
    free(session->files);
    free(session->blocks.blocks);
  }
  free(image->sessions);
  vmalloc_free(&image->test.list);
  devices_free(&image->devices);
  guests_free(&image->guests);
  free(image->session_blocks.blocks);
  arena_free(&image->arena);
}
