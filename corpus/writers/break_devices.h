// What the breaks of preserved devices share.
#pragma once

#include "breaks.h"

// Two sessions with an iommufd and two vfio-pci files each, one bridge, two units,
// three domains, and two devices that were unpreserved: the newest layouts.
void with_devices(struct scenario* scenario);
void with_bundle(struct scenario* scenario, const char* name);

static inline struct device* device_of(struct image* image, size_t i) { return &image->devices.devices[i]; }
static inline struct pci_ser_f* pci_ser(struct image* image) {
  return AT(struct pci_ser_f, image->devices.pci);
}
static inline struct pci_dev_ser* pci_dev(struct image* image, size_t i) {
  return AT(struct pci_dev_ser, device_of(image, i)->pci);
}
static inline struct iommu_device_ser* iommu_device(struct image* image, size_t i) {
  return AT(struct iommu_device_ser, device_of(image, i)->iommu);
}
static inline struct iommu_domain_ser* iommu_domain(struct image* image, size_t i) {
  return AT(struct iommu_domain_ser, image->devices.domains[i].ser);
}
static inline struct iommu_hw_ser* iommu_hw(struct image* image, size_t i) {
  return AT(struct iommu_hw_ser, image->devices.units[i].ser);
}
static inline struct vfio_pci_ser_r5* vfio_ser(struct image* image, size_t i) {
  return AT(struct vfio_pci_ser_r5, device_of(image, i)->record);
}
static inline struct iommufd_hwpt_ser* hwpt_ser(struct image* image, size_t domain) {
  return AT(struct iommufd_hwpt_ser, image->devices.domains[domain].hwpt);
}
