// The files of sessions that represent devices: iommufd and vfio-pci.
#include <stdlib.h>
#include <string.h>

#include "image.h"

static void write_file(struct image* image, uint64_t pa, const char* compatible, uint64_t data) {
  if (image->scenario.phase == PHASE_OUTGOING) return;
  struct luo_file_ser* ser = arena_at(&image->arena, pa);
  strcpy(ser->compatible, compatible);
  ser->data = data;
}

static void build_hwpts(struct image* image, struct iommufd* iommufd, size_t session) {
  struct devices* devices = &image->devices;
  const bool old = image->scenario.iommufd == IOMMUFD_1;
  const size_t header = old ? sizeof(struct iommufd_ser_1) : sizeof(struct iommufd_ser);
  const size_t size = old ? sizeof(struct iommufd_hwpt_ser_1) : sizeof(struct iommufd_hwpt_ser);
  uint64_t at = iommufd->record + header;
  for (size_t i = 0; i < devices->nr_domains; i++) {
    struct iommu_domain* domain = &devices->domains[i];
    if (domain->session != session) continue;
    const struct iommufd_hwpt_ser_1 hwpt_1 = {(uint32_t)domain->token, domain->ser, 0};
    const struct iommufd_hwpt_ser hwpt = {.domain_data = domain->ser, .token = domain->token};
    domain->hwpt = at;
    arena_write(&image->arena, at, old ? (const void*)&hwpt_1 : (const void*)&hwpt, size);
    at += size;
  }
}

void iommufd_build(struct image* image) {
  struct devices* devices = &image->devices;
  const bool old = image->scenario.iommufd == IOMMUFD_1;
  for (size_t i = 0; i < image->scenario.sessions; i++) {
    struct iommufd* iommufd = &devices->iommufds[i];
    for (size_t j = 0; j < devices->nr_domains; j++) iommufd->nr_hwpts += devices->domains[j].session == i;
    // Before there was a record, the file had an empty page.
    if (image->scenario.iommufd == IOMMUFD_0) {
      iommufd->record = kho_alloc_preserve(image, REACH_SESSIONS);
      write_file(image, iommufd->file, IOMMUFD_COMPATIBLE, iommufd->record);
      continue;
    }
    const size_t count = iommufd->nr_hwpts;
    const size_t bytes = old ? sizeof(struct iommufd_ser_1) + count * sizeof(struct iommufd_hwpt_ser_1)
                             : sizeof(struct iommufd_ser) + count * sizeof(struct iommufd_hwpt_ser);
    iommufd->record = kho_alloc_preserve_bytes(image, bytes);
    void* record = arena_at(&image->arena, iommufd->record);
    if (old)
      ((struct iommufd_ser_1*)record)->nr_hwpts = (uint32_t)count;
    else
      ((struct iommufd_ser*)record)->nr_hwpts = count;
    build_hwpts(image, iommufd, i);
    write_file(image, iommufd->file, IOMMUFD_COMPATIBLE, iommufd->record);
  }
}

static void write_full_state(struct image* image, const struct device* device) {
  struct vfio_pci_ser_r1* ser = xrealloc(NULL, sizeof(*ser));
  memset(ser, 0, sizeof(*ser));
  ser->bdf = device->bdf;
  ser->cfg_size = 4096;
  memset(ser->map, 1, sizeof(ser->map));
  memset(ser->vconfig, 0x5c, sizeof(ser->vconfig));
  ser->rbar[0] = 0xfe000000;
  ser->reset_works = 1;
  ser->pci_saved_state_phys = kho_alloc_preserve_bytes(image, page_size(&image->arena) << 2);
  arena_write(&image->arena, device->record, ser, sizeof(*ser));
  free(ser);
}

static void write_device(struct image* image, const struct device* device) {
  void* record = arena_at(&image->arena, device->record);
  const struct vfio_pci_ser_r2 r2 = {device->bdf, (uint16_t)device->domain};
  const struct vfio_pci_ser_r3 r3 = {r2, 1};
  switch (image->scenario.vfio) {
    case VFIO_R0:
      ((struct vfio_pci_ser_r0*)record)->bdf = device->bdf;
      break;
    case VFIO_R1:
      write_full_state(image, device);
      break;
    case VFIO_R2:
      *(struct vfio_pci_ser_r2*)record = r2;
      break;
    case VFIO_R3:
      *(struct vfio_pci_ser_r3*)record = r3;
      break;
    case VFIO_R4:
      *(struct vfio_pci_ser_r4*)record =
          (struct vfio_pci_ser_r4){r3, (uint32_t)image->devices.iommufds[device->session].token};
      break;
    default:
      *(struct vfio_pci_ser_r5*)record = (struct vfio_pci_ser_r5){device->domain, device->bdf};
      break;
  }
}

void vfio_build(struct image* image) {
  struct devices* devices = &image->devices;
  const size_t bytes = image->scenario.vfio == VFIO_R1 ? sizeof(struct vfio_pci_ser_r1) : 1;
  for (size_t i = 0; i < devices->nr_devices; i++) {
    struct device* device = &devices->devices[i];
    device->record = kho_alloc_preserve_bytes(image, bytes);
    write_device(image, device);
    write_file(image, device->file, VFIO_PCI_COMPATIBLE, device->record);
  }
}
