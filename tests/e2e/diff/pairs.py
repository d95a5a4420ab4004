"""Layouts that replaced each other, by the dates in corpus/headers."""
import re

# The compatible string of each variant, from the postings and not from the headers that are compared.
STRINGS = {
    "iommu": {
        "2025-12": "iommu-v1",
        "2026-02-v1": "iommu-v1",
        "2026-04-v2": "iommu-liveupdate-v1",
        "2026-06-v3": "iommu-liveupdate-v1",
        "2026-06-v3-intel": "iommu-liveupdate-v1",
        "2026-06-v3-smmuv3": "iommu-liveupdate-v1",
        "2026-08-v4": "iommu-liveupdate",
        "2026-10": "iommu-liveupdate",
    },
    "pci": {
        "2026-01-v2": "pci-v1",
        "2026-03-v3": "pci-v2",
        "2026-04-v4": "pci-v2",
        "2026-05-v5": "pci-v1",
        "2026-07-v7": "pci-v2",
        "2026-09-v8": "pci",
    },
    "vfio": dict.fromkeys(
        (
            "2025-10-rfc",
            "2025-10-rfc-full",
            "2026-01-v2",
            "2026-01-v2-reset",
            "2026-02-iommufd",
            "2026-03-v3",
        ),
        "vfio-pci-v1",
    ),
    "iommufd": dict.fromkeys(("2025-12", "2026-02-v1", "2026-04-v2"), "iommufd-v1"),
    "kvm": {letter: "kvm_vm_luo_v1" for letter in "abc"},
}
# Pairs that no two trees by date have, and that series did have.
ALSO = [
    ("pci-2026-01-v2", "pci-2026-05-v5"),
    ("iommu-2026-06-v3", "iommu-2026-06-v3-smmuv3"),
    ("iommu-2026-06-v3", "iommu-2026-08-v4"),
]
# Released formats, oldest first: earlier.txt has them in another order.
RELEASED = [
    "kho-v1-bitmaps-of-512",
    "kho-v1-luo-v1-session-v1",
    "kho-v1-luo-v1-memfd-v1",
    "kho-v2-luo-v1-memfd-v1",
    "kho-v3-luo-v1-memfd-v1",
    "kho-v3-luo-v1-memfd-v2",
    "kho-v3-luo-v2",
    "kho-v3-luo-v3",
    "kho-v3-luo-v4",
    "kho-v4-luo-v4",
    "linux-7.2",
    "linux-7.3",
]


def of_series(corpus):
    """Layouts that replaced each other in bundles.txt, whose lines are in the order of dates."""
    last, pairs = {}, []
    for line in (corpus / "bundles.txt").read_text().splitlines():
        for layout in re.findall(r"[\w-]+", line.partition(":")[2]) if not line.startswith("#") else []:
            family = layout.split("-")[0]
            if family in STRINGS and last.get(family, layout) != layout:
                pairs.append((last[family], layout))
            last[family] = layout
    return sorted(set(pairs + ALSO))


def of_releases(machine):
    """Names of snapshots below rules/abi, for "x86_64-4k" or the like."""
    names = [
        f"{name}-{machine}" if name.startswith("linux") else f"earlier/{name}-{machine}" for name in RELEASED
    ]
    return list(zip(names, names[1:]))


def string(layout):
    family, _, variant = layout.partition("-")
    return STRINGS[family][variant]
