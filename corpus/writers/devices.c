// Who is preserved, and where.
#include "devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

const char* const pci_names[] = {"none", "A", "B", "C", "D", "E", "F1", "F2"};
const char* const vfio_names[] = {"none", "r0", "r1", "r2", "r3", "r4", "r5"};
const char* const iommu_names[] = {"none",    "A0",       "A1", "B",       "C",
                                   "C-intel", "C-smmuv3", "D",  "E-intel", "E-smmuv3"};
const char* const iommufd_names[] = {"none", "0", "1", "2"};

static const struct bundle bundles[] = {
    {"2025-10", PCI_NONE, VFIO_R0, IOMMU_NONE, IOMMUFD_NONE, "RFC"},
    {"2025-10-full", PCI_NONE, VFIO_R1, IOMMU_NONE, IOMMUFD_NONE, "RFC, with the state of the function"},
    {"2025-12", PCI_A, VFIO_R2, IOMMU_A0, IOMMUFD_0, "before the IOMMU series was posted"},
    {"2026-01", PCI_A, VFIO_R3, IOMMU_NONE, IOMMUFD_NONE, "PCI v2"},
    {"2026-02", PCI_A, VFIO_R4, IOMMU_A1, IOMMUFD_1, "IOMMU v1"},
    {"2026-03", PCI_C, VFIO_R5, IOMMU_NONE, IOMMUFD_NONE, "PCI v3"},
    {"2026-04", PCI_D, VFIO_R5, IOMMU_B, IOMMUFD_2, "IOMMU v2"},
    {"2026-04-pci", PCI_D, VFIO_R5, IOMMU_NONE, IOMMUFD_NONE, "PCI v4"},
    {"2026-05", PCI_B, VFIO_R5, IOMMU_NONE, IOMMUFD_NONE, "PCI v5, first patch only"},
    {"2026-06", PCI_D, VFIO_R5, IOMMU_C, IOMMUFD_2, "IOMMU v3, no driver"},
    {"2026-06-intel", PCI_D, VFIO_R5, IOMMU_C_INTEL, IOMMUFD_2, "IOMMU v3, Intel"},
    {"2026-06-smmuv3", PCI_D, VFIO_R5, IOMMU_C_SMMUV3, IOMMUFD_2, "IOMMU v3, SMMUv3"},
    {"2026-07", PCI_E, VFIO_R5, IOMMU_NONE, IOMMUFD_NONE, "PCI v7"},
    {"2026-08", PCI_E, VFIO_R5, IOMMU_D, IOMMUFD_2, "IOMMU v4 on PCI v7"},
    {"2026-09", PCI_F2, VFIO_R5, IOMMU_D, IOMMUFD_2, "IOMMU v5 on PCI v9"},
    {"2026-09-pci", PCI_F2, VFIO_R5, IOMMU_NONE, IOMMUFD_NONE, "PCI v9"},
    {"2026-10-intel", PCI_F2, VFIO_R5, IOMMU_E_INTEL, IOMMUFD_2, "IOMMU after v5, Intel"},
    {"2026-10-smmuv3", PCI_F2, VFIO_R5, IOMMU_E_SMMUV3, IOMMUFD_2, "IOMMU after v5, SMMUv3"},
    {"2026-09-v1", PCI_F1, VFIO_R5, IOMMU_D, IOMMUFD_2, "IOMMU v5 on PCI v8, which has no bridges"},
    {"2026-09-v1-pci", PCI_F1, VFIO_R5, IOMMU_NONE, IOMMUFD_NONE, "PCI v8"},
};
enum { NR_BUNDLES = sizeof(bundles) / sizeof(bundles[0]) };

void bundle_apply(struct scenario* scenario, const char* name) {
  for (size_t i = 0; i < NR_BUNDLES; i++) {
    if (strcmp(bundles[i].name, name)) continue;
    scenario->pci = bundles[i].pci;
    scenario->vfio = bundles[i].vfio;
    scenario->iommu = bundles[i].iommu;
    scenario->iommufd = bundles[i].iommufd;
    if (!scenario->devices) scenario->devices = 3;
    return;
  }
  die("there is no scenario \"%s\"; --list-scenarios shows them all", name);
}

void bundle_list(void) {
  for (size_t i = 0; i < NR_BUNDLES; i++)
    printf("%s\tPCI %s, VFIO %s, IOMMU %s, iommufd %s\t%s\n", bundles[i].name, pci_names[bundles[i].pci],
           vfio_names[bundles[i].vfio], iommu_names[bundles[i].iommu], iommufd_names[bundles[i].iommufd],
           bundles[i].what);
}

static bool wide_domain(const struct scenario* scenario) { return scenario->vfio == VFIO_R5; }

// Bridge b is the root port 00:b.0 with bus b + 1 below it.
static void place(const struct scenario* scenario, struct devices* devices, size_t i) {
  enum { FIRST = 0x20, PER_BUS = 0xe0 };  // bus 0 begins with root ports and the machine's own devices
  struct device* device = &devices->devices[i];
  if (devices->nr_bridges) {
    struct bridge* bridge = &devices->bridges[i % devices->nr_bridges];
    const size_t devfn = i / devices->nr_bridges;
    if (devfn > 0xff) die("there are too many devices for so few bridges");
    device->bridge = bridge;
    device->bdf = (uint16_t)((i % devices->nr_bridges + 1) << 8 | devfn);
    bridge->endpoints++;
    return;
  }
  device->bdf = (uint16_t)(FIRST + i % PER_BUS);
  if (scenario->vfio == VFIO_R0 || scenario->vfio == VFIO_R1)
    device->bdf |= (uint16_t)(i / PER_BUS << 8);  // these records name no domain
  else
    device->domain = (uint32_t)(i / PER_BUS);
  // VMD counts its domains from 0x10000.
  if (i && i + 1 == devices->nr_devices && wide_domain(scenario)) device->domain += 0x10000;
}

static void plan_translation(const struct scenario* scenario, struct devices* devices) {
  const unsigned sessions = scenario->sessions;
  devices->nr_units = scenario->units;
  devices->nr_domains = scenario->domains < sessions ? sessions : scenario->domains;
  devices->units = calloc(devices->nr_units + 1, sizeof(*devices->units));
  devices->domains = calloc(devices->nr_domains + 1, sizeof(*devices->domains));
  if (!devices->units || !devices->domains) die("out of memory");
  // Where no RAM is: with pages of 64K it reaches beyond 4 GiB.
  const uint64_t registers = scenario->page_shift == 16 ? UINT64_C(0x40fed90000) : 0xfed90000;
  for (size_t i = 0; i < devices->nr_units; i++) devices->units[i].token = registers + 0x1000 * i;
  static const struct {
    unsigned level, vasz;
  } depths[] = {{3, 48}, {2, 39}, {4, 57}};
  for (size_t i = 0; i < devices->nr_domains; i++)
    devices->domains[i] = (struct iommu_domain){.session = i % sessions,
                                                .top_level = depths[i % 3].level,
                                                .vasz = depths[i % 3].vasz,
                                                .stage2 = i % 3 == 2,
                                                .token = 1 + i / sessions};
  for (size_t i = 0; i < devices->nr_devices; i++) {
    struct device* device = &devices->devices[i];
    const size_t choices = (devices->nr_domains - device->session + sessions - 1) / sessions;
    device->iommu_domain = device->session + sessions * (i / sessions % choices);
    device->unit = i % devices->nr_units;
    devices->units[device->unit].nr_devices++;
  }
}

void devices_plan(struct image* image) {
  const struct scenario* scenario = &image->scenario;
  struct devices* devices = &image->devices;
  if (!scenario->devices && !scenario->iommufd) return;
  if (!scenario->sessions) die("a device needs a session that holds its file");
  if (scenario->bridges && (scenario->pci < PCI_C || scenario->pci == PCI_F1))
    die("this variant of the PCI records has no bridges");
  if (scenario->bridges > 0x1f) die("there are at most 31 bridges");
  devices->nr_bridges = scenario->devices < scenario->bridges ? scenario->devices : scenario->bridges;
  devices->bridges = calloc(devices->nr_bridges + 1, sizeof(*devices->bridges));
  devices->nr_devices = scenario->devices;
  devices->devices = calloc(devices->nr_devices + 1, sizeof(*devices->devices));
  devices->iommufds = calloc(scenario->sessions, sizeof(*devices->iommufds));
  if (!devices->bridges || !devices->devices || !devices->iommufds) die("out of memory");
  for (size_t i = 0; i < devices->nr_bridges; i++) devices->bridges[i].bdf = (uint16_t)(i << 3);
  for (size_t i = 0; i < devices->nr_devices; i++) {
    devices->devices[i].session = i % scenario->sessions;
    place(scenario, devices, i);
  }
  if (scenario->iommu) plan_translation(scenario, devices);
}

size_t devices_files(const struct image* image, size_t session) {
  const struct devices* devices = &image->devices;
  size_t count = image->scenario.iommufd != IOMMUFD_NONE;
  for (size_t i = 0; i < devices->nr_devices; i++) count += devices->devices[i].session == session;
  return count;
}

static void* file_entry(struct image* image, size_t session, size_t* used) {
  const struct session* holder = &image->sessions[session];
  return &holder->files[image->scenario.files + used[session]++];
}

// Which entries of the sessions' blocks the files of devices get: after the memfds.
static void assign_files(struct image* image) {
  struct devices* devices = &image->devices;
  size_t* used = calloc(image->scenario.sessions, sizeof(*used));
  if (!used) die("out of memory");
  for (size_t i = 0; i < image->scenario.sessions && image->scenario.iommufd; i++) {
    const struct file* file = file_entry(image, i, used);
    devices->iommufds[i].file = file->ser;
    devices->iommufds[i].token = file->token;
  }
  for (size_t i = 0; i < devices->nr_devices; i++) {
    const struct file* file = file_entry(image, devices->devices[i].session, used);
    devices->devices[i].file = file->ser;
  }
  free(used);
}

void devices_build(struct image* image) {
  const struct scenario* scenario = &image->scenario;
  if (!image->devices.devices) return;
  assign_files(image);
  if (scenario->iommu) iommu_build(image);
  if (scenario->iommufd) iommufd_build(image);
  if (scenario->pci && scenario->devices) pci_build(image);
  if (scenario->vfio) vfio_build(image);
}

void devices_free(struct devices* devices) {
  free(devices->devices);
  free(devices->bridges);
  free(devices->domains);
  free(devices->units);
  free(devices->iommufds);
  free(devices->pci_slots);
  free(devices->tables);
  free(devices->pci_blocks.blocks);
  for (size_t i = 0; i < NR_ARRAYS; i++) {
    free(devices->arrays[i].pages);
    free(devices->arrays[i].slots);
  }
}
