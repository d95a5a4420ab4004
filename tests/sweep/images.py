"""Images that the sweeps start from: of real kernels, and of the writers for what no released kernel writes."""

import os
import subprocess

# Small ones: each change is a whole reading. The other variants have the same kinds of records.
REAL = ("v1-one", "v6-tests", "p2-bridges", "iommu-i1-basic")

WRITTEN = (
    ("hugetlb", "--hugetlb", "2", "--numa", "2"),
    ("kvm-a", "--kvm", "a"),
    ("kvm-b", "--kvm", "b"),
    ("kvm-c", "--kvm", "c"),
    ("2026-10-intel", "--scenario", "2026-10-intel"),
    ("2026-10-smmuv3", "--scenario", "2026-10-smmuv3", "--devices", "3"),
    ("2026-06-intel", "--scenario", "2026-06-intel", "--devices", "3"),
    ("2026-02", "--scenario", "2026-02"),
    ("2025-12", "--scenario", "2025-12"),
    ("luo-v4", "--luo", "v4"),
    ("luo-v3", "--kho", "v3", "--luo", "v3"),
    ("luo-v2", "--kho", "v3", "--luo", "v2"),
    ("luo-v1", "--kho", "v3", "--luo", "v1", "--memfd", "v1"),
    ("kho-v2", "--kho", "v2", "--luo", "v1", "--memfd", "v1"),
    ("kho-v1", "--kho", "v1", "--luo", "v1", "--memfd", "v1"),
)


def real(corpus):
    return [os.path.join(corpus, variant, "finalized.elf.zst") for variant in REAL]


def written(writer, folder):
    paths = []
    for name, *arguments in WRITTEN:
        paths.append(os.path.join(folder, name + ".elf"))
        subprocess.run([writer, *arguments, "-o", paths[-1]], check=True)
    return paths
