// Breaks of the files that represent devices, and of the FLBs that count them.
#include <string.h>

#include "break_devices.h"

static uint8_t* last_byte(struct image* image, uint64_t record) {
  return AT(uint8_t, record + page_size(&image->arena) - 1);
}
static void vfio_without_key(struct image* image) { map_del(&image->map, device_of(image, 0)->record, 0); }
static void vfio_tail(struct image* image) { *last_byte(image, device_of(image, 0)->record) = 0x5a; }
static void vfio_twice(struct image* image) { *vfio_ser(image, 1) = *vfio_ser(image, 0); }
static void vfio_domain_cut(struct image* image) { vfio_ser(image, 3)->domain &= 0xffff; }
static void without_bridges(struct scenario* scenario) {
  with_devices(scenario);
  scenario->bridges = 0;
}

static void r4(struct scenario* scenario) { with_bundle(scenario, "2026-02"); }
static void r1(struct scenario* scenario) { with_bundle(scenario, "2025-10-full"); }
static void saved_without_key(struct image* image) {
  uint64_t state;  // the record spans pages, and the field is not aligned
  const uint64_t at = device_of(image, 0)->record + offsetof(struct vfio_pci_ser_r1, pci_saved_state_phys);
  memcpy(&state, AT(uint8_t, at), sizeof(state));
  map_del(&image->map, state, 2);
}
static void r4_token_unknown(struct image* image) {
  AT(struct vfio_pci_ser_r4, device_of(image, 0)->record)->iommufd_token = 0x4242;
}
static void r4_token_of_memfd(struct image* image) {
  AT(struct vfio_pci_ser_r4, device_of(image, 0)->record)->iommufd_token =
      (uint32_t)file_of(image, 0, 0)->token;
}

static uint64_t iommufd_record(struct image* image) { return image->devices.iommufds[0].record; }
static void iommufd_without_key(struct image* image) { map_del(&image->map, iommufd_record(image), 0); }
static void iommufd_count(struct image* image) {
  AT(struct iommufd_ser, iommufd_record(image))->nr_hwpts = 1000;
}
static void iommufd_count_huge(struct image* image) {
  AT(struct iommufd_ser, iommufd_record(image))->nr_hwpts = UINT64_C(1) << 40;
}
static void iommufd_tail(struct image* image) { *last_byte(image, iommufd_record(image)) = 0x5a; }
// Session 0 holds domains 0 and 2.
static void hwpt_token_twice(struct image* image) { hwpt_ser(image, 2)->token = hwpt_ser(image, 0)->token; }
static void hwpt_null(struct image* image) { hwpt_ser(image, 0)->domain_data = 0; }
static void hwpt_middle(struct image* image) { hwpt_ser(image, 0)->domain_data += 5; }
static void hwpt_deleted(struct image* image) {
  hwpt_ser(image, 0)->domain_data = image->devices.deleted_domain;
}
static void hwpt_shared(struct image* image) {
  hwpt_ser(image, 2)->domain_data = hwpt_ser(image, 0)->domain_data;
}
static void hwpt_reclaimed(struct image* image) { hwpt_ser(image, 0)->reclaimed = 1; }
static void hwpt_padding(struct image* image) { hwpt_ser(image, 0)->padding[3] = 1; }
static void memfd_unsealed(struct image* image) {
  for (size_t i = 0; i < image->scenario.files; i++)
    memfd_ser(image, &file_of(image, 0, i)->memfd)->seals = 1;
}

static struct luo_flb_ser* pci_flb(struct image* image) {
  return AT(struct luo_flb_ser, image->devices.pci_flb);
}
static struct luo_flb_ser* iommu_flb(struct image* image) {
  return AT(struct luo_flb_ser, image->devices.iommu_flb);
}
static void pci_count_under(struct image* image) { pci_flb(image)->count--; }
static void pci_count_over(struct image* image) { pci_flb(image)->count = 2 * pci_flb(image)->count; }
static void iommu_count_under(struct image* image) { iommu_flb(image)->count--; }
static void iommu_count_over(struct image* image) { iommu_flb(image)->count++; }

// The entry goes, and what only it leads to.
static void remove_flb(struct image* image, uint64_t flb) {
  struct luo_flb_header_ser* header = flb_header(image);
  struct luo_flb_ser* entry = AT(struct luo_flb_ser, flb);
  struct luo_flb_ser* last = flb_ser(image, --header->count);
  memmove(entry, entry + 1, (size_t)((uint8_t*)last - (uint8_t*)entry));
  memset(last, 0, sizeof(*last));
}
static void pci_only(struct scenario* scenario) { with_bundle(scenario, "2026-09-pci"); }
static void pci_flb_missing(struct image* image) {
  remove_flb(image, image->devices.pci_flb);
  for (size_t i = 0; i < image->devices.pci_blocks.nr_blocks; i++)
    map_del(&image->map, image->devices.pci_blocks.blocks[i], 0);
  map_del(&image->map, image->devices.pci, 0);
}
void remove_file(struct image* image, uint64_t record) {
  struct session* session = &image->sessions[0];
  const uint64_t ser = session->files[--session->nr_files].ser;
  memset(AT(void, ser), 0, sizeof(struct luo_file_ser));
  AT(struct kho_block_header_ser, session->blocks.blocks[0])->count--;
  session_ser(image, 0)->count--;
  map_del(&image->map, record, 0);
}
static void one_device(struct scenario* scenario) {
  pci_only(scenario);
  scenario->devices = scenario->sessions = 1;
  scenario->deleted = 0;
}
static void last_device_gone(struct image* image) { remove_file(image, device_of(image, 0)->record); }
// Nor is any device preserved any more.
static void device_unpreserved_without_its_flb(struct image* image) {
  last_device_gone(image);
  memset(pci_dev(image, 0), 0, sizeof(struct pci_dev_ser));
  pci_ser(image)->nr_devices--;
}
static void iommufd_only(struct scenario* scenario) {
  with_bundle(scenario, "2026-09");
  scenario->devices = 0;
  scenario->sessions = 1;
}
// Domains of that time have no owner that could be missing.
static void iommufd_only_early(struct scenario* scenario) {
  with_bundle(scenario, "2025-12");
  scenario->devices = 0;
  scenario->sessions = 1;
}
static void last_iommufd_gone(struct image* image) { remove_file(image, iommufd_record(image)); }
static void pci_flb_unknown(struct image* image) { strcpy(pci_flb(image)->name, "pci-of-nobody"); }
static void iommu_flb_missing(struct image* image) { remove_flb(image, image->devices.iommu_flb); }

static void iommu_flb_gone(struct image* image) {
  remove_flb(image, image->devices.iommu_flb);
  for (size_t i = 0; i < 3; i++) {
    for (size_t j = 0; j < image->devices.arrays[i].nr_pages; j++)
      map_del(&image->map, image->devices.arrays[i].pages[j], 0);
  }
  map_del(&image->map, image->devices.iommu, 0);
}

const struct break_rule device_file_breaks[] = {
    {"vfio-record-preserved", "", "The page of a vfio-pci record has no key.", with_devices, vfio_without_key,
     false},
    {"vfio-saved-state-preserved", "", "r1: the saved state of a function has no key.", r1, saved_without_key,
     false},
    {"vfio-record-tail-zero", "", "The last byte of a vfio-pci record's page is not zero.", with_devices,
     vfio_tail, false},
    {"vfio-device-unique", "vfio-pci-record,pci-endpoint-has-file,iommu-device-vfio",
     "Two files are the same device.", with_devices, vfio_twice, false},
    {"vfio-pci-record", "pci-endpoint-has-file,iommu-device-vfio",
     "The domain of a VMD device is cut to 16 bits.", without_bridges, vfio_domain_cut, false},
    {"vfio-iommufd-token", "", "r4: no file of the session has the token of its iommufd.", r4,
     r4_token_unknown, false},
    {"vfio-iommufd-token", "", "r4: the token of its iommufd is that of a memfd.", r4, r4_token_of_memfd,
     false},
    {"iommufd-record-preserved", "", "The page of an iommufd record has no key.", with_devices,
     iommufd_without_key, false},
    {"iommufd-record-preserved", "", "nr_hwpts is larger than the record's key holds.", with_devices,
     iommufd_count, false},
    {"iommufd-flb", "iommu-device-vfio", "The FLB of the IOMMU state is missing.", iommufd_only,
     iommu_flb_gone, false},
    {"iommufd-hwpt-limit", "", "nr_hwpts is 2^40.", with_devices, iommufd_count_huge, false},
    {"iommufd-record-tail-zero", "", "The last byte of an iommufd record's page is not zero.", with_devices,
     iommufd_tail, false},
    {"iommufd-hwpt-token-unique", "", "Two hwpts of an iommufd have the same token.", with_devices,
     hwpt_token_twice, false},
    {"iommufd-hwpt-domain", "iommu-domain-owner,iommu-device-domain-owner", "A hwpt has no domain.",
     with_devices, hwpt_null, false},
    {"iommufd-hwpt-domain", "iommu-domain-owner,iommu-device-domain-owner",
     "A hwpt points into the middle of a domain.", with_devices, hwpt_middle, false},
    {"iommufd-hwpt-domain", "iommu-domain-owner,iommu-device-domain-owner",
     "A hwpt points to a deleted domain.", with_devices, hwpt_deleted, false},
    {"iommufd-domain-owner-unique", "iommu-domain-owner,iommu-device-domain-owner",
     "Two hwpts have the same domain.", with_devices, hwpt_shared, false},
    {"iommufd-hwpt-reclaimed", "", "A hwpt is `reclaimed` before the jump.", with_devices, hwpt_reclaimed,
     false},
    {"iommufd-hwpt-padding-zero", "", "A padding byte of a hwpt is not zero.", with_devices, hwpt_padding,
     false},
    {"iommufd-memfd-sealed", "", "No memfd of the session is sealed against change.", with_devices,
     memfd_unsealed, false},
    {"pci-flb-count", "", "The PCI FLB counts one file too few.", with_devices, pci_count_under, false},
    {"pci-flb-leaked", "", "The PCI FLB counts every file twice.", with_devices, pci_count_over, false},
    {"iommu-flb-count", "", "The IOMMU FLB counts one file too few.", with_devices, iommu_count_under, false},
    {"iommu-flb-leaked", "", "The IOMMU FLB counts one file too many.", with_devices, iommu_count_over,
     false},
    {"vfio-pci-record", "vfio-pci-record", "There is no PCI FLB.", pci_only, pci_flb_missing, false},
    {"luo-flb-known", "vfio-pci-record", "Nobody knows the name of the PCI FLB.", pci_only, pci_flb_unknown,
     false},
    {"iommufd-flb", "iommufd-hwpt-domain,kho-keys-referenced", "There is no IOMMU FLB.", with_devices,
     iommu_flb_missing, false},
    {"pci-flb-used", "pci-refcount-bounds", "The only vfio-pci file is gone, the PCI FLB is not.", one_device,
     last_device_gone, false},
    {"pci-flb-used", "", "No device is preserved any more, but there is a PCI FLB.", one_device,
     device_unpreserved_without_its_flb, false},
    {"iommu-flb-used", "iommu-domain-owner", "The only iommufd is gone, the IOMMU FLB is not.", iommufd_only,
     last_iommufd_gone, false},
    {"iommu-flb-used", "", "Layout A: the only iommufd is gone, the IOMMU FLB is not.", iommufd_only_early,
     last_iommufd_gone, false},
    {0},
};
