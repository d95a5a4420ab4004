#include <inttypes.h>
#include <stdio.h>

#include "image.h"

static void write_keys(const struct image* image, FILE* file) {
  uint64_t all = 0;
  const char* separator = "";
  fputs("  \"keys_by_order\": {", file);
  for (unsigned order = 0; order < MAP_MAX_ORDER; order++) {
    if (!image->map.nr_keys[order]) continue;
    fprintf(file, "%s\"%u\": %" PRIu64, separator, order, image->map.nr_keys[order]);
    separator = ", ";
    all += image->map.nr_keys[order];
  }
  fprintf(file, "},\n  \"keys\": %" PRIu64 ",\n", all);
}

static void write_devices(const struct image* image, FILE* file) {
  const struct scenario* scenario = &image->scenario;
  const struct devices* devices = &image->devices;
  fprintf(file,
          "  \"variants\": {\"kho\": \"%s\", \"luo\": \"%s\", \"memfd\": \"%s\", \"kvm\": \"%s\", \"pci\": "
          "\"%s\", \"vfio\": \"%s\", \"iommu\": \"%s\", "
          "\"iommufd\": \"%s\"},\n",
          kho_names[scenario->kho], luo_names[scenario->luo], memfd_names[scenario->memfd],
          kvm_names[scenario->kvm], pci_names[scenario->pci], vfio_names[scenario->vfio],
          iommu_names[scenario->iommu], iommufd_names[scenario->iommufd]);
  fprintf(file, "  \"devices\": %zu,\n  \"hw_units\": %zu,\n  \"domains\": %zu,\n  \"iommu_devices\": %zu,\n",
          devices->nr_devices, devices->arrays[HW_ARRAY].nr_slots, devices->arrays[DOMAIN_ARRAY].nr_slots,
          devices->arrays[DEVICE_ARRAY].nr_slots);
}

void truth_write(const struct image* image, const char* path) {
  FILE* file = fopen(path, "w");
  if (!file) die("cannot create %s", path);
  uint64_t files = 0, folios = 0,
           blocks = image->session_blocks.nr_blocks + image->devices.pci_blocks.nr_blocks, chunks = 0,
           array_pages = 0;
  for (size_t i = 0; i < image->nr_sessions; i++) {
    const struct session* session = &image->sessions[i];
    files += session->nr_files;
    blocks += session->blocks.nr_blocks;
    for (size_t j = 0; j < session->nr_files; j++) {
      folios += session->files[j].memfd.nr_folios;
      chunks += session->files[j].memfd.list.nr_chunks;
      array_pages += session->files[j].memfd.list.nr_pages;
    }
  }
  fprintf(file, "{\n  \"phase\": \"%s\",\n  \"page_size\": %" PRIu64 ",\n",
          phase_names[image->scenario.phase], page_size(&image->arena));
  write_keys(image, file);
  write_devices(image, file);
  fprintf(file, "  \"radix_nodes\": %" PRIu64 ",\n", image->map.nr_nodes);
  fprintf(file, "  \"subtrees\": %zu,\n  \"regions\": %zu,\n  \"flbs\": %zu,\n", image->root.nr_children,
          image->memblock.nr_regions, image->nr_flbs);
  fprintf(file, "  \"test_folios\": %" PRIu64 ",\n", image->test.nr_folios);
  fprintf(file, "  \"sessions\": %zu,\n  \"files\": %" PRIu64 ",\n  \"blocks\": %" PRIu64 ",\n",
          image->nr_sessions, files, blocks);
  fprintf(file, "  \"folios\": %" PRIu64 ",\n  \"chunks\": %" PRIu64 ",\n  \"array_pages\": %" PRIu64 "\n}\n",
          folios, chunks, array_pages);
  if (fclose(file)) die("cannot write %s", path);
}
