#!/usr/bin/env python3
"""One damage in a real image: the rule that speaks of it objects.

    breaks_test.py KHOVER SOURCE
"""

import json
import os
import struct
import subprocess
import sys
import tempfile

from toy_test import Core


def u16(value):
    return struct.pack("<H", value)


def u32(value):
    return struct.pack("<I", value)


def u64(value):
    return struct.pack("<Q", value)


# Addresses of corpus/real/iommu-i1-basic, as `khover dump` shows them.
PCI, PCI_DEVICES, VFIO, FLBS = 0xC28000, 0xC29010, 0xC2B000, 0xA37010
IOMMU, UNITS, DOMAINS, DEVICES, HWPTS = 0x9E8000, 0xBF8010, 0x9ED010, 0xC13010, 0xBF9008
UNIT, DOMAIN, DEVICE = 24, 37, 40
DELETED_UNIT, DELETED_DOMAIN = UNITS + 2 * UNIT, DOMAINS + 2 * DOMAIN

DAMAGES = [
    ("iommu-unit-refcount", UNITS, u32(3)),
    ("iommu-device-domain", DEVICES + 24, u64(DOMAINS + 4)),
    ("iommu-device-domain", DEVICES + 24, u64(DELETED_DOMAIN)),
    ("iommu-device-unit", DEVICES + 32, u64(DELETED_UNIT)),
    ("iommu-device-marks", DEVICES + 4, u32(2)),
    ("iommu-device-identity-unique", DEVICES + 8, u32(0x400)),
    ("iommu-domain-restored", DOMAINS + 29, u64(1)),
    ("iommu-attachment-domain", DEVICES + 2 * DEVICE + 16, u64(3)),
    ("iommu-unit-token-unique", UNITS + UNIT + 8, u64(0xFED90000)),
    ("iommu-unit-pages-acyclic", UNITS - 16, u64(UNITS - 16)),
    ("iommu-list-pages-unique", UNITS - 16, u64(DEVICES - 16)),
    ("iommu-device-page-count", DEVICES - 8, u64(1000)),
    ("iommu-domain-top-table", DOMAINS + 8, u64(0x1000)),
    ("iommu-lists-present", IOMMU + 8, u64(0)),
    ("iommu-version", IOMMU, u64(0)),
    ("iommufd-hwpt-domain", HWPTS, u64(DELETED_DOMAIN)),
    ("iommufd-hwpt-token-unique", HWPTS + 24 + 8, u64(0x701)),
    ("pci-version", PCI, u32(0)),
    ("pci-device-count", PCI + 4, u32(12)),
    ("pci-identity-unique", PCI_DEVICES + 4 * 8, u32(0) + u16(0x300)),
    ("vfio-pci-record", PCI_DEVICES, bytes(8)),
    ("vfio-pci-record", VFIO + 4, u16(0x999)),
    ("pci-flb-count", FLBS + 56, u64(4)),
    ("pci-flb-leaked", FLBS + 56, u64(6)),
    ("luo-flb-known", FLBS, b"pcj\0"),
]


def main():
    khover, source = sys.argv[1:]
    image = os.path.join(source, "corpus/real/iommu-i1-basic/finalized.elf.zst")
    errors = []
    with tempfile.TemporaryDirectory() as folder:
        for rule, address, damage in DAMAGES:
            core = Core(image)
            core.write(address, damage)
            path = os.path.join(folder, "damaged.elf")
            with open(path, "wb") as file:
                file.write(core.bytes)
            result = subprocess.run(
                [khover, "check", "--no-prove", "--format", "json", path],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            assert result.stdout, result.stderr
            violated = [
                one["rule"] for one in json.loads(result.stdout)["rules"] if one["verdict"] == "violated"
            ]
            if rule not in violated:
                errors.append(f"{damage.hex()} at {address:#x}: expected {rule}, found {violated}")
    print("\n".join(errors) or f"{len(DAMAGES)} damages found")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
