#!/usr/bin/env python3
"""Layouts of patch series, each against its successor by date: every break is found, with bytes that show it, and "version
not changed" is said exactly where the series kept its compatible string.

    variants_test.py KHOVER_ABI CORPUS_HEADERS
"""
import json
import pathlib
import subprocess
import sys

from pairs import of_series, string

khover_abi, corpus = sys.argv[1:]
corpus = pathlib.Path(corpus)
KEPT, CHANGED, PERSON, FINE = (
    "break, version not changed",
    "break, version changed",
    "needs a person",
    "compatible",
)
# One series took its string back while it was posted: pci-v2 → pci-v1. Only a person knows what that means.
BACK = {("pci-2026-04-v4", "pci-2026-05-v5"): PERSON}
# The first generation of iommufd had no record: there are no bytes to misread.
EMPTY = {("iommufd-2025-12", "iommufd-2026-02-v1"): FINE}
failures = []
pairs = of_series(corpus)
if len(pairs) < 18:
    failures.append(f"only {len(pairs)} pairs in bundles.txt: {pairs}")
for old, new in pairs:
    expected = (
        BACK.get((old, new)) or EMPTY.get((old, new)) or (KEPT if string(old) == string(new) else CHANGED)
    )
    result = subprocess.run(
        [khover_abi, "diff", f"{old}.h", f"{new}.h", "-I", "..", "--format", "json"],
        cwd=corpus / "layouts",
        capture_output=True,
        text=True,
    )
    if result.returncode == 2:
        failures.append(f"{old} → {new}: {result.stderr}")
        continue
    report = json.loads(result.stdout)
    # pci-2026-01-v2 and pci-2026-03-v3 differ in the meaning of reserved bytes only: there are no bytes that they read differently.
    layout = any(change["effect"] == "layout" for item in report["items"] for change in item["changes"])
    shown = any(
        "bytes" in field for item in report["items"] for field in item.get("proof", {}).get("fields", [])
    )
    status = {KEPT: 1, CHANGED: 0, PERSON: 3, FINE: 0}[expected]
    if report["verdict"] != expected or result.returncode != status or shown != layout:
        failures.append(
            f"{old} → {new}: {report['verdict']}, expected {expected}; exit status {result.returncode}; "
            f"layout {layout}, bytes shown {shown}"
        )
    # A layout against itself is the same, whatever its name.
    result = subprocess.run(
        [khover_abi, "diff", f"{new}.h", f"{new}.h", "-I", "..", "--format", "json"],
        cwd=corpus / "layouts",
        capture_output=True,
        text=True,
    )
    if result.returncode != 0 or json.loads(result.stdout)["verdict"] != "same":
        failures.append(f"{new} differs from itself")
print(f"{len(pairs)} pairs")
if failures:
    sys.exit("\n".join(failures))
