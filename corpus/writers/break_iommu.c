// Breaks of the IOMMU core's records: layouts D, and A where only it has the field.
#include <string.h>

#include "break_devices.h"

static struct iommu_flb_ser_d* flb(struct image* image) {
  return AT(struct iommu_flb_ser_d, image->devices.iommu);
}
static void layout_a(struct scenario* scenario) { with_bundle(scenario, "2026-02"); }
static void layout_b(struct scenario* scenario) { with_bundle(scenario, "2026-04"); }
static void layout_e_intel(struct scenario* scenario) { with_bundle(scenario, "2026-10-intel"); }
static void layout_c_intel(struct scenario* scenario) { with_bundle(scenario, "2026-06-intel"); }

static void record_without_key(struct image* image) { map_del(&image->map, image->devices.iommu, 0); }
static void record_tail(struct image* image) {
  *AT(uint8_t, image->devices.iommu + page_size(&image->arena) - 1) = 0x5a;
}
// So does the code that was posted first.
static void version_0(struct image* image) { flb(image)->version = 0; }
static void version_2(struct image* image) { flb(image)->version = 2; }

static void device_incoming(struct image* image) { iommu_device(image, 1)->hdr.flags = IOMMU_INCOMING; }
static void hw_incoming(struct image* image) { iommu_hw(image, 0)->hdr.flags = IOMMU_INCOMING; }
static void domain_flag(struct image* image) { iommu_domain(image, 0)->hdr.flags = 0x80; }
static void deleted_incoming(struct image* image) {
  AT(struct iommu_device_ser, image->devices.deleted_device)->hdr.flags |= IOMMU_INCOMING;
}

static void unit_null(struct image* image) { iommu_device(image, 0)->iommu_phys = 0; }
static void unit_middle(struct image* image) { iommu_device(image, 0)->iommu_phys += 8; }
static void unit_deleted(struct image* image) {
  iommu_device(image, 0)->iommu_phys = image->devices.deleted_unit;
}
static void domain_null(struct image* image) { iommu_device(image, 0)->domain_phys = 0; }
static void domain_middle(struct image* image) { iommu_device(image, 0)->domain_phys += 1; }
static void domain_is_unit(struct image* image) {
  iommu_device(image, 0)->domain_phys = image->devices.units[0].ser;
}
static void domain_deleted(struct image* image) {
  iommu_device(image, 0)->domain_phys = image->devices.deleted_domain;
}
// A device that was unpreserved keeps its record alive: the unit counts one less.
static void deleted_not_set(struct image* image) {
  struct iommu_device_ser* device = AT(struct iommu_device_ser, image->devices.deleted_device);
  device->hdr.flags = 0;
  device->iommu_phys = image->devices.units[0].ser;
  device->domain_phys = image->devices.domains[0].ser;
}
static void deleted_not_set_old(struct image* image) {
  AT(struct iommu_device_ser_b, image->devices.deleted_device)->hdr.flags = 0;
}

static void hw_ref_zero(struct image* image) { iommu_hw(image, 0)->hdr.ref_count = 0; }
static void hw_ref_over(struct image* image) { iommu_hw(image, 0)->hdr.ref_count++; }
static void hw_ref_under(struct image* image) { iommu_hw(image, 0)->hdr.ref_count--; }
static void domain_ref(struct image* image) { iommu_domain(image, 0)->hdr.ref_count = 2; }
static void device_ref(struct image* image) { iommu_device(image, 0)->hdr.ref_count = 0; }
static void domain_ref_zero(struct image* image) { iommu_domain(image, 0)->hdr.ref_count = 0; }
static void deleted_device_ref(struct image* image) {
  AT(struct iommu_device_ser, image->devices.deleted_device)->hdr.ref_count = 0;
}
// Its last device was unpreserved, and it was not given up.
static void unit_not_given_up(struct image* image) {
  struct iommu_hw_ser* unit = AT(struct iommu_hw_ser, image->devices.deleted_unit);
  unit->hdr.flags = 0;
  unit->hdr.ref_count = 0;
  unit->token = iommu_hw(image, 0)->token + 0x100000;
}
static void deleted_hw_ref(struct image* image) {
  AT(struct iommu_hw_ser, image->devices.deleted_unit)->hdr.ref_count = 2;
}

static void device_twice(struct image* image) {
  iommu_device(image, 1)->devid = iommu_device(image, 0)->devid;
  iommu_device(image, 1)->pci_domain_nr = iommu_device(image, 0)->pci_domain_nr;
}
static void devid_wide(struct image* image) { iommu_device(image, 1)->devid |= 0x10000; }
static void kernel_pointer(struct image* image) {
  iommu_domain(image, 0)->restored_domain = UINT64_C(0xffff888001234500);
}
static void sign_padding(struct image* image) { iommu_domain(image, 0)->sign_extend = 0x80; }
static void hw_type_zero(struct image* image) { iommu_hw(image, 0)->type = IOMMU_INVALID; }
static void hw_type_unknown(struct image* image) { iommu_hw(image, 0)->type = 9; }
static void hw_type_other(struct image* image) { iommu_hw(image, 0)->type = 3 - iommu_hw(image, 0)->type; }
static void token_wide(struct image* image) { iommu_hw(image, 0)->token |= UINT64_C(1) << 63; }
static void token_twice(struct image* image) { iommu_hw(image, 1)->token = iommu_hw(image, 0)->token; }
static void token_unaligned(struct image* image) { iommu_hw(image, 0)->token += 8; }
static void token_in_ram(struct image* image) { iommu_hw(image, 0)->token = 38 * image->arena.unit; }

static void id_zero(struct image* image) { iommu_device(image, 0)->attachment_id = 0; }
static void id_wide(struct image* image) { iommu_device(image, 0)->attachment_id |= 0x10000; }
// Devices 0 and 2 are in the same unit, and with one session per two devices in two domains.
static void id_of_two_domains(struct image* image) {
  iommu_device(image, 2)->attachment_id = iommu_device(image, 0)->attachment_id;
}
static void one_domain_each(struct scenario* scenario) {
  with_devices(scenario);
  scenario->units = 1;
}
static void one_session(struct scenario* scenario) {
  with_devices(scenario);
  scenario->sessions = 1;
  scenario->domains = 1;
  scenario->units = 1;
}
static void two_ids_of_domain(struct image* image) { iommu_device(image, 1)->attachment_id++; }

static void not_in_pci(struct image* image) {
  memset(pci_dev(image, 1), 0, sizeof(struct pci_dev_ser));
  pci_ser(image)->nr_devices--;
}
// The bridge has a record, and no file.
static void without_file(struct image* image) {
  iommu_device(image, 1)->devid = image->devices.bridges[0].bdf;
}
static void domain_without_hwpt(struct image* image) {
  const uint64_t pa = iommu_add_slot(image, DOMAIN_ARRAY);
  *AT(struct iommu_domain_ser, pa) = *iommu_domain(image, 0);
  AT(struct iommu_domain_ser, pa)->top_table_phys = table_new(image, 0);
}
static void device_in_orphan(struct image* image) {
  domain_without_hwpt(image);
  const struct record_array* domains = &image->devices.arrays[DOMAIN_ARRAY];
  iommu_device(image, 0)->domain_phys = domains->slots[domains->nr_slots - 1];
}

static void a_total_over(struct image* image) {
  AT(struct iommu_flb_ser_a, image->devices.iommu)->nr_devices++;
}
static void a_total_domains(struct image* image) {
  AT(struct iommu_flb_ser_a, image->devices.iommu)->nr_domains++;
}
static void a_total_units(struct image* image) {
  AT(struct iommu_flb_ser_a, image->devices.iommu)->nr_iommus += 1000;
}
static void a_idx(struct image* image) {
  AT(struct iommu_device_ser_a1, device_of(image, 1)->iommu)->obj.idx = 0;
}
static void a_type(struct image* image) {
  AT(struct iommu_device_ser_a1, device_of(image, 1)->iommu)->type = IOMMU_INTEL;
}
static void a_owner(struct image* image) {
  AT(struct iommu_device_ser_a1, device_of(image, 1)->iommu)->token = 0x4242;
}
static void a_unit_deleted(struct image* image) {
  AT(struct iommu_device_ser_a1, device_of(image, 0)->iommu)->iommu_phys = image->devices.deleted_unit;
}
// Its preserve failed; the devices after it were taken nevertheless.
static void a_unit_marked(struct image* image) {
  AT(struct iommu_hw_ser_a1, image->devices.units[0].ser)->obj.flags = IOMMU_DELETED;
}
static void a_phys_addr(struct image* image) {
  AT(struct iommu_hw_ser_a1, image->devices.units[0].ser)->phys_addr += 0x1000;
}
static void c_restored(struct image* image) {
  AT(struct iommu_hw_ser_intel, image->devices.units[0].ser)->restored = 1;
}
// The string stays "iommu-liveupdate-v1", the records are those of another layout.
static void b_stride(struct image* image) {
  AT(struct iommu_device_ser_b, device_of(image, 0)->iommu)->domain_phys += 3;
}

static void sign_padding_e(struct image* image) {
  AT(struct iommu_domain_ser_e, image->devices.domains[0].ser)->padding[2] = 1;
}
static void device_restored(struct image* image) {
  AT(struct iommu_device_ser_e, device_of(image, 0)->iommu)->restored = 1;
}

const struct break_rule iommu_breaks[] = {
    {"iommu-data-preserved", "", "The page of the IOMMU record has no key.", with_devices, record_without_key,
     false},
    {"iommu-root-tail-zero", "", "The last byte of the IOMMU record's page is not zero.", with_devices,
     record_tail, false},
    {"iommu-version", "", "The version is 0: it was never written.", with_devices, version_0, false},
    {"iommu-version", "", "The version is 2: newer than any known.", with_devices, version_2, true},
    {"iommu-device-marks", "", "A device is INCOMING before the jump.", with_devices, device_incoming, false},
    {"iommu-device-marks", "", "A deleted device is INCOMING before the jump.", with_devices,
     deleted_incoming, false},
    {"iommu-unit-marks", "", "A unit is INCOMING before the jump.", with_devices, hw_incoming, false},
    {"iommu-domain-marks", "", "A domain has an unknown flag.", with_devices, domain_flag, false},
    {"iommu-device-unit", "iommu-unit-refcount", "A device has no unit.", with_devices, unit_null, false},
    {"iommu-device-unit", "iommu-unit-refcount", "A device points into the middle of a unit.", with_devices,
     unit_middle, false},
    {"iommu-device-unit", "iommu-unit-refcount", "A device points to a deleted unit.", with_devices,
     unit_deleted, false},
    {"iommu-device-unit", "iommu-unit-refcount", "Layout A: a device points to a deleted unit.", layout_a,
     a_unit_deleted, false},
    {"iommu-device-unit",
     "iommu-device-domain,iommu-device-identity-unique,iommu-device-vfio,iommu-device-pci",
     "Layout B: a device that was unpreserved is not marked.", layout_b, deleted_not_set_old, false},
    {"iommu-device-unit", "iommu-unit-deleted-refcount,kho-keys-referenced",
     "Layout A: a unit with devices is marked as deleted.", layout_a, a_unit_marked, false},
    {"iommu-device-domain", "iommu-device-domain-owner", "A device has no domain.", with_devices, domain_null,
     false},
    {"iommu-device-domain", "iommu-device-domain-owner", "A device points into the middle of a domain.",
     with_devices, domain_middle, false},
    {"iommu-device-domain", "iommu-device-domain-owner", "The domain of a device is a unit.", with_devices,
     domain_is_unit, false},
    {"iommu-device-domain", "iommu-device-domain-owner", "A device points to a deleted domain.", with_devices,
     domain_deleted, false},
    {"iommu-device-domain", "", "Layout B: a domain's address is off by the difference of two layouts.",
     layout_b, b_stride, false},
    {"iommu-unit-refcount",
     "iommu-device-identity-unique,iommu-device-vfio,iommu-device-pci,iommu-attachment-domain",
     "A device that was unpreserved is not marked.", with_devices, deleted_not_set, false},
    {"iommu-unit-refcount", "", "A unit counts no device.", with_devices, hw_ref_zero, false},
    {"iommu-unit-refcount", "", "A unit counts one device too many.", with_devices, hw_ref_over, false},
    {"iommu-unit-refcount", "", "A unit counts one device too few.", with_devices, hw_ref_under, false},
    {"iommu-unit-deleted-refcount", "", "A deleted unit counts two devices.", with_devices, deleted_hw_ref,
     false},
    {"iommu-unit-idle", "", "A unit without devices was not given up.", with_devices, unit_not_given_up,
     false},
    {"iommu-domain-refcount", "", "The count of a domain is 0.", with_devices, domain_ref_zero, false},
    {"iommu-domain-refcount-one", "", "The count of a domain is 2.", with_devices, domain_ref, false},
    {"iommu-device-refcount-one", "", "The count of a deleted device is 0.", with_devices, deleted_device_ref,
     false},
    {"iommu-device-refcount", "", "The count of a device is 0.", with_devices, device_ref, false},
    {"iommu-device-identity-unique", "iommu-device-vfio,iommu-device-pci", "Two devices have the same name.",
     with_devices, device_twice, false},
    {"iommu-device-id-range", "iommu-device-vfio,iommu-device-pci", "A devid has 17 bits.", with_devices,
     devid_wide, false},
    {"iommu-domain-restored", "", "A domain holds a pointer of the old kernel.", with_devices, kernel_pointer,
     false},
    {"iommu-domain-padding", "", "A bit beside sign_extend is set.", with_devices, sign_padding, false},
    {"iommu-domain-padding", "", "Layout E: the padding after sign_extend is not 0.", layout_e_intel,
     sign_padding_e, false},
    {"iommu-version", "", "Layout E: the version was never written.", layout_e_intel, version_0, false},
    {"iommu-device-restored", "", "Layout E, Intel: a device is `restored` before the jump.", layout_e_intel,
     device_restored, false},
    {"iommu-restored", "", "Layout C, Intel: a unit is `restored` before the jump.", layout_c_intel,
     c_restored, false},
    {"iommu-unit-type", "", "The type of a unit is 0.", with_devices, hw_type_zero, false},
    {"iommu-unit-type", "", "Nobody knows the type of a unit.", with_devices, hw_type_unknown, false},
    {"iommu-unit-type", "", "The type of a unit is that of another architecture.", with_devices,
     hw_type_other, false},
    {"iommu-device-type", "", "Layout A: a device has a type, which nothing writes.", layout_a, a_type,
     false},
    {"iommu-unit-token-unique", "", "Two units have the same token.", with_devices, token_twice, false},
    {"iommu-unit-token-aligned", "", "The registers of a unit are not page aligned.", with_devices,
     token_unaligned, false},
    {"iommu-unit-token-aligned", "", "The registers of a unit lie beyond all memory.", with_devices,
     token_wide, false},
    {"iommu-unit-token-mmio", "", "The registers of a unit are in RAM.", with_devices, token_in_ram, false},
    {"iommu-unit-token-address", "", "Layout A: token and phys_addr of a unit differ.", layout_a, a_phys_addr,
     false},
    {"iommu-attachment-range", "iommu-attachment-domain", "The domain id of a device is 0.", with_devices,
     id_zero, false},
    {"iommu-attachment-range", "iommu-attachment-domain", "The domain id of a device has 17 bits.",
     with_devices, id_wide, false},
    {"iommu-attachment-domain", "", "Two domains of a unit have the same id.", one_domain_each,
     id_of_two_domains, false},
    {"iommu-attachment-id", "", "A domain has two ids in a unit.", one_session, two_ids_of_domain, false},
    {"iommu-device-pci", "vfio-pci-record", "A device has no PCI record.", with_devices, not_in_pci, false},
    {"iommu-device-vfio", "", "A device is no file's.", with_devices, without_file, false},
    {"iommu-domain-owner", "", "A domain belongs to no iommufd.", with_devices, domain_without_hwpt, false},
    {"iommu-device-domain-owner", "iommu-domain-owner,iommu-attachment-domain",
     "The domain of a device belongs to no iommufd.", with_devices, device_in_orphan, false},
    {"iommu-array-total", "", "Layout A: nr_devices is one too large.", layout_a, a_total_over, false},
    {"iommu-array-total", "", "Layout A: nr_domains is one too large.", layout_a, a_total_domains, false},
    {"iommu-array-total", "", "Layout A: nr_iommus is 1000 too large.", layout_a, a_total_units, false},
    {"iommu-idx", "", "Layout A: the idx of a device is 0.", layout_a, a_idx, false},
    {"iommu-device-owner", "", "Layout A: no iommufd has the token of a device.", layout_a, a_owner, false},
    {0},
};
