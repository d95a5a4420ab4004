#!/usr/bin/env python3
"""Layouts of patch series, each against its successor by date: every break is found, with bytes that show it, and "version
not changed" is said exactly where the series kept its compatible string.

    variants_test.py KHOVER_ABI CORPUS_HEADERS
"""
import json
import pathlib
import re
import subprocess
import sys

khover_abi, corpus = sys.argv[1:]
corpus = pathlib.Path(corpus)
KEPT, CHANGED, PERSON, FINE = "break, version not changed", "break, version changed", "needs a person", "compatible"
# The compatible string of each variant, from the postings and not from the headers that are compared.
STRINGS = {
    "iommu": {"a0": "iommu-v1", "a1": "iommu-v1", "b": "iommu-liveupdate-v1", "c": "iommu-liveupdate-v1",
              "c-intel": "iommu-liveupdate-v1", "c-smmuv3": "iommu-liveupdate-v1", "d": "iommu-liveupdate", "e": "iommu-liveupdate"},
    "pci": {"a": "pci-v1", "b": "pci-v1", "c": "pci-v2", "d": "pci-v2", "e": "pci-v2", "f": "pci"},
    "vfio": {f"r{n}": "vfio-pci-v1" for n in range(6)},
    "iommufd": {str(n): "iommufd-v1" for n in range(3)},
    "kvm": {letter: "kvm_vm_luo_v1" for letter in "abc"},
}
# One series took its string back while it was posted: pci-v2 → pci-v1. Only a person knows what that means.
BACK = {("pci-d", "pci-b"): PERSON}
# The first generation of iommufd had no record: there are no bytes to misread.
EMPTY = {("iommufd-0", "iommufd-1"): FINE}
# Pairs that no two trees by date have, and that series did have.
ALSO = [("pci-a", "pci-b"), ("iommu-c", "iommu-c-smmuv3"), ("iommu-c", "iommu-d")]


def by_date():
    """Layouts that replaced each other in bundles.txt, whose lines are in the order of dates."""
    last, pairs = {}, []
    for line in (corpus / "bundles.txt").read_text().splitlines():
        for layout in re.findall(r"[\w-]+", line.partition(":")[2]) if not line.startswith("#") else []:
            family = layout.split("-")[0]
            if family in STRINGS and last.get(family, layout) != layout:
                pairs.append((last[family], layout))
            last[family] = layout
    return pairs


def string(layout):
    family, _, variant = layout.partition("-")
    return STRINGS[family][variant]


failures = []
pairs = sorted(set(by_date() + ALSO))
if len(pairs) < 18:
    failures.append(f"only {len(pairs)} pairs in bundles.txt: {pairs}")
for old, new in pairs:
    expected = BACK.get((old, new)) or EMPTY.get((old, new)) or (KEPT if string(old) == string(new) else CHANGED)
    result = subprocess.run([khover_abi, "diff", f"{old}.h", f"{new}.h", "-I", "..", "--format", "json"],
                            cwd=corpus / "layouts", capture_output=True, text=True)
    if result.returncode == 2:
        failures.append(f"{old} → {new}: {result.stderr}")
        continue
    report = json.loads(result.stdout)
    # pci-a and pci-c differ in the meaning of reserved bytes only: there are no bytes that they read differently.
    layout = any(change["effect"] == "layout" for item in report["items"] for change in item["changes"])
    shown = any("bytes" in field for item in report["items"] for field in item.get("proof", {}).get("fields", []))
    status = {KEPT: 1, CHANGED: 0, PERSON: 3, FINE: 0}[expected]
    if report["verdict"] != expected or result.returncode != status or shown != layout:
        failures.append(f"{old} → {new}: {report['verdict']}, expected {expected}; exit status {result.returncode}; "
                        f"layout {layout}, bytes shown {shown}")
    # A layout against itself is the same, whatever its name.
    result = subprocess.run([khover_abi, "diff", f"{new}.h", f"{new}.h", "-I", "..", "--format", "json"],
                            cwd=corpus / "layouts", capture_output=True, text=True)
    if result.returncode != 0 or json.loads(result.stdout)["verdict"] != "same":
        failures.append(f"{new} differs from itself")
print(f"{len(pairs)} pairs")
if failures:
    sys.exit("\n".join(failures))
