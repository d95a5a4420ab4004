#!/usr/bin/env python3
"""Defects that code in circulation had, one test each: khover sees the image sign of each of them.

known_bugs_test.py KHOVER KHOVER-WRITE-IMAGE

A defect whose image is well-formed has a test, too: khover objects to nothing there.
"""
import os
import sys
import tempfile

from breaks_test import Failure, names, verdicts
from writer import Writer

# What went wrong; the break that leaves the same sign in an image; the rule that shows it.
SIGNS = (
    (
        "IOMMU A, B: unpreserving a device does not mark its record",
        "iommu-device-unit:5",
        "iommu-device-unit",
    ),
    (
        "the same: the unit counts fewer devices than there are",
        "iommu-unit-refcount:1",
        "iommu-unit-refcount",
    ),
    ("IOMMU A: totals lead the reader past the last page", "iommu-array-total:1", "iommu-array-total"),
    ("IOMMU A to C: a kernel pointer in the ABI", "iommu-domain-restored", "iommu-domain-restored"),
    (
        "IOMMU A: devices refer to a unit that could not be preserved",
        "iommu-device-unit:6",
        "iommu-device-unit",
    ),
    (
        "IOMMU A0: `next` of a new page is not zeroed",
        "iommu-device-page-pointer:3",
        "iommu-device-page-pointer",
    ),
    ("IOMMU: one string, several layouts", "iommu-device-domain:5", "iommu-device-domain"),
    ("IOMMU A: the type of a device, which nothing writes", "iommu-device-type", "iommu-device-type"),
    (
        "IOMMU C: max_pasid is not what the next kernel expects",
        "iommu-pasid-directory:3",
        "iommu-pasid-directory",
    ),
    (
        "Intel: one page of a larger PASID directory preserved",
        "iommu-pasid-directory:2",
        "iommu-pasid-directory",
    ),
    ("Intel: `restored` set before the jump", "iommu-restored", "iommu-restored"),
    ("iommufd: memory unmapped between marking and freezing", "iommu-leaf-memfd:1", "iommu-leaf-memfd"),
    ("iommufd: a failed preserve leaves domains behind", "iommu-domain-owner:1", "iommu-domain-owner"),
    ("VFIO r2: a PCI domain cut to 16 bits", "vfio-pci-record:3", "vfio-pci-record"),
    ("VFIO r4: a token cut to 32 bits", "vfio-iommufd-token:1", "vfio-iommufd-token"),
    ("PCI: two records of a function overwrite one another", "pci-identity-unique", "pci-identity-unique"),
    ("PCI B, D: a key of 32 bits, which VMD domains share with others", "pci-key-alias", "pci-key-alias"),
    ("PCI C: a count lands in another device's record", "vfio-endpoint-refcount:1", "vfio-endpoint-refcount"),
    ("PCI: the counts of bridges stay behind at finish", "pci-refcount-bounds:2", "pci-refcount-bounds"),
    ("PCI: a failure half-way up the bridges leaks counts", "pci-refcount-bounds:1", "pci-refcount-bounds"),
    ("PCI: damaged data that look like no devices", "pci-version:3", "pci-version"),
    ("FLBs: an unknown name looks like no data", "luo-flb-known:2", "luo-flb-known"),
    ("PCI E: a reference taken and never put", "pci-flb-leaked", "pci-flb-leaked"),
    ("IOMMU D: the version never written", "iommu-version:1", "iommu-version"),
)

# What shares a string, or looks odd, and is right.
CLEAN = tuple(
    ("one string, several layouts: " + name, ("--scenario", name, "--deleted", "2"))
    for name in (
        "2025-12",
        "2026-01",
        "2026-02",
        "2026-03",
        "2026-04",
        "2026-04-pci",
        "2026-05",
        "2026-06",
        "2026-06-intel",
        "2026-06-smmuv3",
        "2026-07",
        "2026-09",
        "2026-09-v1",
        "2026-10-intel",
        "2026-10-smmuv3",
    )
) + (
    (
        "Intel: two units use one domain id for two domains",
        ("--scenario", "2026-09", "--devices", "4", "--units", "2", "--domains", "4"),
    ),
    ("PCI: VMD domains, from 0x10000", ("--scenario", "2026-09", "--devices", "2")),
)


def sign(khover, writer, name, rule, image):
    writer.run("--break", name, "-o", image)
    found = verdicts(khover, image)["violated"]
    if rule not in found:
        raise Failure("%s is not violated, but %s" % (rule, names(found)))


def clean(khover, writer, arguments, image):
    writer.run(*arguments, "-o", image)
    found = verdicts(khover, image)
    for verdict in ("violated", "undetermined"):
        if found[verdict]:
            raise Failure("%s: %s" % (verdict, names(found[verdict])))


def main():
    khover, writer, failures = sys.argv[1], Writer(sys.argv[2]), 0
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "image.elf")
        tests = [(what, sign, (name, rule)) for what, name, rule in SIGNS]
        tests += [(what, clean, (arguments,)) for what, arguments in CLEAN]
        for what, test, arguments in tests:
            try:
                test(khover, writer, *arguments, image)
                print("ok     " + what, flush=True)
            except Failure as failure:
                failures += 1
                print("FAILED %s: %s" % (what, failure), flush=True)
    print("%d defects, %d clean images, %d failures" % (len(SIGNS), len(CLEAN), failures))
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
