"""Layouts that replaced each other, by the dates in corpus/headers."""
import re

# The compatible string of each variant, from the postings and not from the headers that are compared.
STRINGS = {
    "iommu": {
        "a0": "iommu-v1",
        "a1": "iommu-v1",
        "b": "iommu-liveupdate-v1",
        "c": "iommu-liveupdate-v1",
        "c-intel": "iommu-liveupdate-v1",
        "c-smmuv3": "iommu-liveupdate-v1",
        "d": "iommu-liveupdate",
        "e": "iommu-liveupdate",
    },
    "pci": {"a": "pci-v1", "b": "pci-v1", "c": "pci-v2", "d": "pci-v2", "e": "pci-v2", "f": "pci"},
    "vfio": {f"r{n}": "vfio-pci-v1" for n in range(6)},
    "iommufd": {str(n): "iommufd-v1" for n in range(3)},
    "kvm": {letter: "kvm_vm_luo_v1" for letter in "abc"},
}
# Pairs that no two trees by date have, and that series did have.
ALSO = [("pci-a", "pci-b"), ("iommu-c", "iommu-c-smmuv3"), ("iommu-c", "iommu-d")]
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
