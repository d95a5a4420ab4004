// Breaks of a chain of blocks, for every subject that has one.
#include <string.h>

#include "breaks.h"

static struct chain* chain(struct image* image) { return image->scenario.subject->chain(image); }
static struct kho_block_header_ser* block(struct image* image, size_t i) {
  return AT(struct kho_block_header_ser, chain(image)->blocks[i]);
}
static struct kho_block_header_ser* last(struct image* image) {
  return block(image, chain(image)->nr_blocks - 1);
}

// Scenarios: full blocks, so that no damage to a chain makes one look cut short.
static void fill(struct scenario* scenario, size_t full_blocks, size_t further) {
  const size_t per_block = entries_per_block(scenario, scenario->subject->entry_size);
  scenario->subject->fill(scenario, full_blocks * per_block + further);
}
static void one_full_block(struct scenario* scenario) { fill(scenario, 1, 0); }
static void two_full_blocks(struct scenario* scenario) { fill(scenario, 2, 0); }
static void two_blocks(struct scenario* scenario) { fill(scenario, 1, 1); }
static void one_entry(struct scenario* scenario) { fill(scenario, 0, 1); }

static void head_unaligned(struct image* image) { *AT(uint64_t, image->scenario.subject->head(image)) += 8; }
static void next_unaligned(struct image* image) { last(image)->next = chain(image)->blocks[0] + 8; }
static void next_beyond_ram(struct image* image) { last(image)->next = NOWHERE; }
static void without_key(struct image* image) { map_del(&image->map, chain(image)->blocks[0], 0); }
static void cycle(struct image* image) { last(image)->next = chain(image)->blocks[0]; }

// 7.3.4 itself leaves an empty block when a session is created whose name exists.
static void empty_block(struct image* image) { blocks_append(image, chain(image)); }
static void count_over(struct image* image) { block(image, 0)->count++; }
static void count_huge(struct image* image) { block(image, 0)->count = UINT64_MAX; }

static void append(struct image* image, size_t entries) {
  const size_t size = image->scenario.subject->entry_size;
  const uint64_t pa = blocks_append(image, chain(image));
  AT(struct kho_block_header_ser, pa)->count = entries;
  for (size_t i = 0; i < entries; i++)
    image->scenario.subject->make_entry(image, pa + sizeof(struct kho_block_header_ser) + i * size);
}
static void too_many_blocks(struct image* image) {
  while (chain(image)->nr_blocks <= KHO_MAX_BLOCKS) append(image, 1);
}

static void too_many_full_blocks(struct image* image) {
  const size_t full = entries_per_block(&image->scenario, image->scenario.subject->entry_size);
  while (chain(image)->nr_blocks <= KHO_MAX_BLOCKS) append(image, full);
}

// The last entry of the first block becomes the second one of the second block.
static void not_full(struct image* image) {
  const size_t size = image->scenario.subject->entry_size;
  struct kho_block_header_ser* from = block(image, 0);
  struct kho_block_header_ser* to = block(image, 1);
  uint8_t* entry = (uint8_t*)(from + 1) + --from->count * size;
  memcpy((uint8_t*)(to + 1) + to->count++ * size, entry, size);
  memset(entry, 0, size);
}

static void tail(struct image* image) {
  *AT(uint8_t, chain(image)->blocks[0] + page_size(&image->arena) - 1) = 0x5a;
}

static void hidden(struct image* image) {
  const size_t size = image->scenario.subject->entry_size;
  ((uint8_t*)(block(image, 0) + 1))[block(image, 0)->count * size] = 'x';
}

const struct break_rule block_breaks[] = {
    {"*-block-pointer", "", "The head of the chain is not page aligned.", one_entry, head_unaligned, false},
    {"*-block-pointer", "", "`next` of the last block is not page aligned.", one_full_block, next_unaligned,
     false},
    {"*-block-pointer", "", "`next` of the last block is beyond RAM.", one_full_block, next_beyond_ram,
     false},
    {"*-block-preserved", "", "The page of a block has no key.", one_entry, without_key, false},
    {"*-block-acyclic", "", "`next` of the last block leads to the first.", two_full_blocks, cycle, false},
    {"*-block-count", "", "An empty block follows a full one.", one_full_block, empty_block, false},
    {"*-block-count", "", "The count of a full block is one too large.", one_full_block, count_over, false},
    {"*-block-count", "", "The count of a full block is 2^64 - 1.", one_full_block, count_huge, false},
    {"*-block-limit", "*-block-full", "The chain has 10001 blocks with one entry each.", one_entry,
     too_many_blocks, false},
    {"*-block-full", "", "The first of two blocks lacks one entry.", two_blocks, not_full, false},
    {"*-block-tail-zero", "", "A record begins after the last one.", one_entry, hidden, false},
    {"*-block-rest-zero", "", "The last byte of a block is not zero.", one_entry, tail, false},
    {0},
};

// Of entries that need no memory of their own.
const struct break_rule long_chain_breaks[] = {
    {"*-block-limit", "", "The chain has 10001 full blocks.", one_full_block, too_many_full_blocks, false},
    {0},
};
