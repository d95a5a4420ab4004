// The PCI core's FLB: one record for each preserved function and bridge.
#include <stdlib.h>
#include <string.h>

#include "image.h"

struct entry {
  struct pci_dev_ser ser;
  uint64_t* slot;  // NULL: a hole
};

static bool has_refcounts(const struct scenario* scenario) {
  return scenario->pci != PCI_A && scenario->pci != PCI_B;
}
static bool has_holes(const struct scenario* scenario) { return scenario->pci >= PCI_D; }
static bool is_sorted(const struct scenario* scenario) {
  return scenario->pci == PCI_A || scenario->pci == PCI_C;
}

static int by_identity(const void* left, const void* right) {
  const struct pci_dev_ser* a = &((const struct entry*)left)->ser;
  const struct pci_dev_ser* b = &((const struct entry*)right)->ser;
  if (a->domain != b->domain) return a->domain < b->domain ? -1 : 1;
  return a->bdf < b->bdf ? -1 : a->bdf > b->bdf;
}

// In the order in which the files were preserved: an endpoint, then the bridges above
// it that are new. Unpreserved devices leave holes.
static size_t list_entries(struct image* image, struct entry* entries) {
  struct devices* devices = &image->devices;
  const uint16_t one = has_refcounts(&image->scenario);
  size_t count = 0;
  unsigned holes = has_holes(&image->scenario) ? image->scenario.deleted : 0;
  for (size_t i = 0; i < devices->nr_devices; i++) {
    struct device* device = &devices->devices[i];
    if (i % 3 == 1 && holes) entries[count++] = (struct entry){{0}, NULL}, holes--;
    entries[count++] = (struct entry){{device->domain, device->bdf, one}, &device->pci};
    if (i >= devices->nr_bridges) continue;
    struct bridge* bridge = device->bridge;
    entries[count++] = (struct entry){{0, bridge->bdf, (uint16_t)bridge->endpoints}, &bridge->ser};
  }
  while (holes) entries[count++] = (struct entry){{0}, NULL}, holes--;
  if (is_sorted(&image->scenario)) qsort(entries, count, sizeof(*entries), by_identity);
  return count;
}

static void place_entries(struct image* image, size_t count) {
  struct devices* devices = &image->devices;
  const bool packed32 = image->scenario.pci == PCI_B || image->scenario.pci == PCI_D;
  const size_t header = packed32 ? sizeof(struct pci_ser_bd) : sizeof(struct pci_ser_ac);
  if (image->scenario.pci >= PCI_E) {
    devices->pci = kho_alloc_preserve(image, REACH_SESSIONS);
    devices->pci_blocks = blocks_build(image, count, sizeof(struct pci_dev_ser), devices->pci_slots);
    return;
  }
  // As many as the machine has PCI functions.
  devices->pci = kho_alloc_preserve_bytes(image, header + (count + 5) * sizeof(struct pci_dev_ser));
  for (size_t i = 0; i < count; i++)
    devices->pci_slots[i] = devices->pci + header + i * sizeof(struct pci_dev_ser);
}

static void write_header(struct image* image, uint32_t live, uint64_t room) {
  const struct devices* devices = &image->devices;
  void* record = arena_at(&image->arena, devices->pci);
  switch (image->scenario.pci) {
    case PCI_A:
    case PCI_C:
      *(struct pci_ser_ac*)record = (struct pci_ser_ac){.max_nr_devices = room, .nr_devices = live};
      break;
    case PCI_B:
    case PCI_D:
      *(struct pci_ser_bd*)record = (struct pci_ser_bd){.max_nr_devices = (uint32_t)room, .nr_devices = live};
      break;
    case PCI_E:
      *(struct pci_ser_e*)record = (struct pci_ser_e){live, devices->pci_blocks.blocks[0]};
      break;
    default:
      *(struct pci_ser_f*)record =
          (struct pci_ser_f){image->scenario.pci == PCI_F1 ? 1 : 2, live, devices->pci_blocks.blocks[0]};
      break;
  }
}

void pci_build(struct image* image) {
  struct devices* devices = &image->devices;
  const size_t most = devices->nr_devices + devices->nr_bridges + image->scenario.deleted;
  struct entry* entries = xrealloc(NULL, most * sizeof(*entries));
  const size_t count = devices->nr_pci_slots = list_entries(image, entries);
  devices->pci_slots = xrealloc(NULL, count * sizeof(*devices->pci_slots));
  place_entries(image, count);
  uint32_t live = 0;
  for (size_t i = 0; i < count; i++) {
    *(struct pci_dev_ser*)arena_at(&image->arena, devices->pci_slots[i]) = entries[i].ser;
    if (!entries[i].slot) continue;
    *entries[i].slot = devices->pci_slots[i];
    live++;
  }
  write_header(image, live, count + 5);
  free(entries);
}
