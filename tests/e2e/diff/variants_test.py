#!/usr/bin/env python3
"""Layouts of patch series, each against its successor: every break is found, and "not changed" is said exactly where the
series kept the version (corpus/headers).

    variants_test.py KHOVER_ABI LAYOUTS_FOLDER
"""
import json
import subprocess
import sys

khover_abi, layouts = sys.argv[1:]
KEPT, CHANGED = "break, version not changed", "break, version changed"
PAIRS = [
    ("iommu-a0", "iommu-a1", KEPT), ("iommu-a1", "iommu-b", CHANGED), ("iommu-b", "iommu-c", KEPT),
    ("iommu-c", "iommu-d", CHANGED), ("iommufd-1", "iommufd-2", KEPT),
    ("pci-a", "pci-b", KEPT), ("pci-a", "pci-c", CHANGED), ("pci-c", "pci-d", KEPT), ("pci-d", "pci-e", KEPT),
    ("pci-e", "pci-f", CHANGED),
    ("vfio-r0", "vfio-r1", KEPT), ("vfio-r1", "vfio-r2", KEPT), ("vfio-r2", "vfio-r3", KEPT),
    ("vfio-r3", "vfio-r4", KEPT), ("vfio-r4", "vfio-r5", KEPT),
]
failures = []
for old, new, verdict in PAIRS:
    result = subprocess.run([khover_abi, "diff", f"{old}.h", f"{new}.h", "-I", "..", "--format", "json"], cwd=layouts,
                            capture_output=True, text=True)
    if result.returncode == 2:
        failures.append(f"{old} → {new}: {result.stderr}")
        continue
    report = json.loads(result.stdout)
    # pci-a and pci-c differ in the meaning of reserved bytes only: there are no bytes that they read differently.
    layout = any(change["effect"] == "layout" for item in report["items"] for change in item["changes"])
    shown = any(line["differs"] for item in report["items"] for line in item.get("witness", {}).get("readings", []))
    if report["verdict"] != verdict or result.returncode != (1 if verdict == KEPT else 0) or shown != layout:
        failures.append(f"{old} → {new}: {report['verdict']}, exit status {result.returncode}, bytes shown: {shown}")
if failures:
    sys.exit("\n".join(failures))
