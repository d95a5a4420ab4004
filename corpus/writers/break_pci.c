// Breaks of the PCI core's records.
#include <string.h>

#include "break_devices.h"

void with_bundle(struct scenario* scenario, const char* name) {
  scenario->devices = 4;
  scenario->units = 2;
  scenario->domains = 3;
  scenario->deleted = 2;
  bundle_apply(scenario, name);
}
void with_devices(struct scenario* scenario) {
  with_bundle(scenario, "2026-09");
  scenario->bridges = 1;
}
static void pci_only(struct scenario* scenario) { with_bundle(scenario, "2026-09-pci"); }
static void version_1(struct scenario* scenario) { with_bundle(scenario, "2026-09-v1-pci"); }
static void variant_a(struct scenario* scenario) { with_bundle(scenario, "2026-01"); }
static void variant_c(struct scenario* scenario) { with_bundle(scenario, "2026-03"); }
static void variant_d(struct scenario* scenario) { with_bundle(scenario, "2026-04-pci"); }
static void variant_e(struct scenario* scenario) { with_bundle(scenario, "2026-07"); }

static void fill_pci(struct scenario* scenario, size_t entries) {
  scenario->devices = (unsigned)entries;
  scenario->deleted = 0;
  scenario->files = 1;
}
static struct chain* pci_chain(struct image* image) { return &image->devices.pci_blocks; }
static uint64_t pci_head(struct image* image) {
  return image->devices.pci + offsetof(struct pci_ser_f, devices);
}
static void make_hole(struct image* image, uint64_t pa) {
  memset(AT(void, pa), 0, sizeof(struct pci_dev_ser));
}
const struct break_subject pci_subject = {
    .prefix = "pci",
    .entry_size = sizeof(struct pci_dev_ser),
    .setup = pci_only,
    .fill = fill_pci,
    .chain = pci_chain,
    .head = pci_head,
    .make_entry = make_hole,
};

static void record_without_key(struct image* image) { map_del(&image->map, image->devices.pci, 0); }
static void record_tail(struct image* image) {
  *AT(uint8_t, image->devices.pci + page_size(&image->arena) - 1) = 0x5a;
}
static void version_0(struct image* image) { pci_ser(image)->version = 0; }
static void version_3(struct image* image) { pci_ser(image)->version = 3; }
static void version_0_without_devices(struct image* image) {
  version_0(image);
  pci_ser(image)->nr_devices = 0;
}

static void devices_zero(struct image* image) {
  for (size_t i = 0; i < image->devices.pci_blocks.nr_blocks; i++)
    map_del(&image->map, image->devices.pci_blocks.blocks[i], 0);
  pci_ser(image)->devices = 0;
}
static void count_over(struct image* image) { pci_ser(image)->nr_devices++; }
static void count_under(struct image* image) { pci_ser(image)->nr_devices--; }
static void count_under_e(struct image* image) { AT(struct pci_ser_e, image->devices.pci)->nr_devices--; }
static void count_with_holes(struct image* image) {
  pci_ser(image)->nr_devices = (uint32_t)image->devices.nr_pci_slots;
}

static struct pci_dev_ser* hole(struct image* image) {
  for (size_t i = 0; i < image->devices.nr_pci_slots; i++) {
    struct pci_dev_ser* ser = AT(struct pci_dev_ser, image->devices.pci_slots[i]);
    if (!ser->refcount) return ser;
  }
  die("internal error: this scenario has no hole");
}
static void hole_with_name(struct image* image) { hole(image)->bdf = 0x38; }
static void record_twice(struct image* image) {
  *hole(image) = *pci_dev(image, 0);
  pci_ser(image)->nr_devices++;
}
// An endpoint whose file is gone; without topology it could be a bridge.
static void record_leaked(struct image* image) {
  *hole(image) = (struct pci_dev_ser){0, 0x00e8, 1};
  pci_ser(image)->nr_devices++;
}

static struct pci_dev_ser* bridge(struct image* image) {
  return AT(struct pci_dev_ser, image->devices.bridges[0].ser);
}
static void bridge_over(struct image* image) { bridge(image)->refcount++; }
static void refcount_large(struct image* image) { bridge(image)->refcount = 0xffff; }
static void endpoint_two(struct image* image) { pci_dev(image, 0)->refcount = 2; }
static void version_1_count(struct image* image) { pci_dev(image, 0)->refcount = 3; }

static void other_function(struct image* image) { pci_dev(image, 1)->bdf = 0x1234; }
static void endpoint_hole(struct image* image) {
  memset(pci_dev(image, 1), 0, sizeof(struct pci_dev_ser));
  pci_ser(image)->nr_devices--;
}

// Variants with one array.
static void swap_first(struct image* image) {
  struct pci_dev_ser* devices = AT(struct pci_ser_ac, image->devices.pci)->devices;
  const struct pci_dev_ser first = devices[0];
  devices[0] = devices[1];
  devices[1] = first;
}
static void array_over(struct image* image) {
  struct pci_ser_bd* ser = AT(struct pci_ser_bd, image->devices.pci);
  ser->nr_devices = ser->max_nr_devices + 1;
}
static void array_beyond_key(struct image* image) {
  AT(struct pci_ser_bd, image->devices.pci)->max_nr_devices = 0x1000;
}
static void reserved_set(struct image* image) {
  AT(struct pci_ser_ac, image->devices.pci)->devices[1].refcount = 1;
}
static void array_rest(struct image* image) {
  struct pci_ser_ac* ser = AT(struct pci_ser_ac, image->devices.pci);
  ser->devices[ser->max_nr_devices - 1].bdf = 0x38;
}
// The function of device 0, in a domain that differs only above bit 15.
static void alias(struct image* image) {
  const struct pci_dev_ser* of = pci_dev(image, 0);
  pci_dev(image, 1)->domain = vfio_ser(image, 1)->domain = of->domain ^ 0x10000;
  pci_dev(image, 1)->bdf = vfio_ser(image, 1)->bdf = of->bdf;
}
static void array_count_over(struct image* image) { AT(struct pci_ser_bd, image->devices.pci)->nr_devices++; }
static void array_tail(struct image* image) {
  *AT(uint8_t, image->devices.pci + page_size(&image->arena) - 1) = 0x5a;
}

static void with_topology(struct scenario* scenario) {
  with_devices(scenario);
  scenario->topology = true;
}
static void with_topology_e(struct scenario* scenario) {
  variant_e(scenario);
  scenario->bridges = 2;
  scenario->topology = true;
}
static void with_topology_alone(struct scenario* scenario) {
  with_topology(scenario);
  scenario->bridges = 0;
}
static void function_hidden(struct image* image) { image->devices.hidden_functions = 1; }
static void groups_shared(struct image* image) { image->devices.one_group = true; }
static struct pci_dev_ser* bridge_of(struct image* image) {
  return AT(struct pci_dev_ser, image->devices.bridges[0].ser);
}
static void bridge_under(struct image* image) { bridge_of(image)->refcount--; }
static void bridge_gone(struct image* image) {
  memset(bridge_of(image), 0, sizeof(struct pci_dev_ser));
  pci_ser(image)->nr_devices--;
}
static void bridge_gone_e(struct image* image) {
  memset(bridge_of(image), 0, sizeof(struct pci_dev_ser));
  AT(struct pci_ser_e, image->devices.pci)->nr_devices--;
}
// 00:1f.7, which the host has.
static void endpoint_leaked(struct image* image) {
  *hole(image) = (struct pci_dev_ser){0, 0x1f << 3 | 7, 1};
  pci_ser(image)->nr_devices++;
}

const struct break_rule pci_breaks[] = {
    {"pci-function-exists", "pci-bridge-refcount", "The host has no function of a preserved device's name.",
     with_topology, function_hidden, false},
    {"pci-function-exists", "", "The host has no function of the name of a device below no bridge.",
     with_topology_alone, function_hidden, false},
    {"pci-group-singleton", "", "All preserved devices share an IOMMU group.", with_topology, groups_shared,
     false},
    {"pci-bridge-refcount", "", "A bridge counts one endpoint less than there are below it.", with_topology,
     bridge_under, false},
    {"pci-bridge-refcount", "", "Variant E: a bridge counts one endpoint less than there are below it.",
     with_topology_e, bridge_under, false},
    {"pci-bridge-preserved", "", "The bridge above preserved devices has no record.", with_topology,
     bridge_gone, false},
    {"pci-bridge-preserved", "", "Variant E: the bridge above preserved devices has no record.",
     with_topology_e, bridge_gone_e, false},
    {"pci-endpoint-named", "", "A live record of an endpoint belongs to no vfio-pci file.", with_topology,
     endpoint_leaked, false},
    {"pci-data-preserved", "", "The page of pci_ser has no key.", with_devices, record_without_key, false},
    {"pci-root-tail-zero", "", "The last byte of pci_ser's page is not zero.", with_devices, record_tail,
     false},
    {"pci-version", "", "The version of pci_ser is 0.", with_devices, version_0, false},
    {"pci-version", "", "The version of pci_ser is 3: newer than any known.", with_devices, version_3, true},
    {"pci-version", "pci-device-count", "The version is 0 where nr_devices is 0.", with_devices,
     version_0_without_devices, false},
    {"pci-devices-null", "pci-device-count,vfio-pci-record,iommu-device-pci",
     "`devices` is 0, nr_devices is not.", with_devices, devices_zero, false},
    {"pci-device-count", "", "nr_devices is one too large.", with_devices, count_over, false},
    {"pci-device-count", "", "nr_devices is one too small.", with_devices, count_under, false},
    {"pci-device-count", "", "nr_devices counts the holes.", with_devices, count_with_holes, false},
    {"pci-device-count", "", "Variant E: nr_devices is one too small.", variant_e, count_under_e, false},
    {"pci-device-count", "", "Variant D: nr_devices is one too large.", variant_d, array_count_over, false},
    {"pci-hole-zero", "", "A hole names a function.", with_devices, hole_with_name, false},
    {"pci-key-alias", "", "Variant D: two domains differ above bit 15 only.", variant_d, alias, false},
    {"pci-identity-unique", "", "Two records name the same function.", with_devices, record_twice, false},
    {"pci-refcount-bounds", "", "The refcount of a bridge is 2^16 - 1.", with_devices, refcount_large, false},
    {"pci-refcount-bounds", "", "The refcount of a bridge is one larger than there are endpoints.",
     with_devices, bridge_over, false},
    {"pci-refcount-one", "vfio-endpoint-refcount", "Version 1: a refcount is 3.", version_1, version_1_count,
     false},
    {"vfio-endpoint-refcount", "", "The refcount of an endpoint is 2.", with_devices, endpoint_two, false},
    {"pci-endpoint-has-file", "", "Version 1: a live record belongs to no vfio-pci file.", version_1,
     record_leaked, false},
    {"vfio-pci-record", "pci-endpoint-has-file,iommu-device-pci",
     "The record of a file's device names another function.", with_devices, other_function, false},
    {"vfio-pci-record", "iommu-device-pci", "The record of a file's device is a hole.", with_devices,
     endpoint_hole, false},
    {"pci-array-sorted", "", "Variant A: two records have changed places.", variant_a, swap_first, false},
    {"pci-array-sorted", "", "Variant C: two records have changed places.", variant_c, swap_first, false},
    {"pci-array-bounds", "", "Variant D: nr_devices is larger than max_nr_devices.", variant_d, array_over,
     false},
    {"pci-data-preserved", "", "Variant D: max_nr_devices needs a larger key.", variant_d, array_beyond_key,
     false},
    {"pci-array-rest-zero", "", "Variant A: a record comes after the last one.", variant_a, array_rest,
     false},
    {"pci-array-reserved", "", "Variant A: a reserved field is 1.", variant_a, reserved_set, false},
    {"pci-root-tail-zero", "", "Variant D: the last byte of the array's page is not zero.", variant_d,
     array_tail, false},
    {0},
};
