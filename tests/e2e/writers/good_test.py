#!/usr/bin/env python3
"""What the writer says it wrote is what a reader that shares nothing with it finds.

good_test.py KHOVER-WRITE-IMAGE
"""
import itertools
import json
import os
import sys
import tempfile

import reader
from writer import Writer

PHASES = ("outgoing", "finalized", "early")
SCENARIOS = (
    (),
    ("--seed", "2", "--full", "--files", "1"),
    ("--sessions", "0", "--idle-sessions", "0"),
    ("--sessions", "0", "--idle-sessions", "3", "--regions", "0"),
    ("--sessions", "52", "--files", "2", "--idle-sessions", "0"),
    ("--sessions", "1", "--files", "64", "--flbs", "3"),
    ("--sessions", "3", "--files", "6", "--numa", "2", "--seed", "3"),
    ("--hugetlb", "2"),
    ("--kvm", "a"),
    ("--kvm", "b", "--files", "0"),
    ("--kvm", "c", "--hugetlb", "1", "--sessions", "1"),
    ("--test-folios", "12", "--seed", "4"),
    ("--test-folios", "3000", "--sessions", "1"),
    ("--sessions", "2", "--files", "2", "--memfd-size", "41083", "--regions", "1"),
)
# Formats of earlier kernels, each with nothing, with one, and with many.
EARLIER = (
    ("--kho", "v4", "--luo", "v4"),
    ("--kho", "v3", "--luo", "v4"),
    ("--kho", "v3", "--luo", "v3"),
    ("--kho", "v3", "--luo", "v2"),
    ("--kho", "v3", "--luo", "v1", "--memfd", "v2"),
    ("--kho", "v3", "--luo", "v1", "--memfd", "v1"),
    ("--kho", "v2", "--luo", "v1", "--memfd", "v1"),
    ("--kho", "v1", "--luo", "v1", "--memfd", "v1"),
    ("--kho", "v1", "--luo", "v1-session-v1"),
    ("--kho", "v1-512", "--luo", "none"),
)
SIZES = (
    ("--sessions", "0", "--idle-sessions", "0", "--regions", "0"),
    ("--sessions", "1", "--files", "1", "--idle-sessions", "0", "--flbs", "1", "--regions", "1"),
    ("--sessions", "20", "--files", "6", "--idle-sessions", "60", "--test-folios", "12"),
)
WITHOUT_FILES = (
    ("--sessions", "0", "--idle-sessions", "0", "--regions", "0"),
    ("--sessions", "0", "--idle-sessions", "1", "--regions", "1"),
    ("--sessions", "0", "--idle-sessions", "200"),
)


def sizes(earlier):
    """What this format can hold."""
    return SIZES[:1] if "none" in earlier else WITHOUT_FILES if "v1-session-v1" in earlier else SIZES


# Preserved devices: as the scenario has them, without any, many, and what was unpreserved.
DEVICES = (
    ("--deleted", "2", "--seed", "5"),
    ("--devices", "0", "--sessions", "1"),
    ("--devices", "1", "--sessions", "1", "--files", "1", "--idle-sessions", "0"),
    ("--devices", "300", "--files", "1", "--units", "4", "--domains", "7", "--deleted", "30"),
)
BRIDGES = ("--bridges", "3", "--devices", "8", "--units", "2", "--domains", "4", "--deleted", "3")
# A full page of addresses makes the kernel add an empty chunk: 511 array pages of 256 folios.
EXACT_FIT = ("--folios", str(511 * 256))
# The real image of one session with one memfd of 41083 bytes, Linux 7.3.4, 256 MiB.
LIKE_REAL = (
    "--sessions",
    "1",
    "--files",
    "1",
    "--idle-sessions",
    "0",
    "--memfd-size",
    "41083",
    "--regions",
    "1",
)
REAL = {"keys_by_order": {"0": 21, "10": 2, "11": 1}, "radix_nodes": 15}


def differences(found, truth):
    # Nothing leads to sessions and FLBs before they are serialized.
    reachable = set(truth)
    if truth["phase"] == "outgoing":
        reachable -= {
            "flbs",
            "sessions",
            "files",
            "blocks",
            "folios",
            "chunks",
            "array_pages",
            "devices",
            "hw_units",
            "domains",
            "iommu_devices",
        }
        if not found["keys"]:  # kho-v1 writes its map last
            reachable -= {"keys", "keys_by_order", "radix_nodes"}
    return {name: (found[name], truth[name]) for name in sorted(reachable) if found[name] != truth[name]}


def check(writer, folder, arguments):
    image, truth = os.path.join(folder, "image.elf"), os.path.join(folder, "truth.json")
    writer.run(*arguments, "-o", image, "--truth", truth)
    with open(truth) as file:
        written = json.load(file)
    found = reader.read(image, variants=written.pop("variants"))
    wrong = differences(found, written)
    if wrong:
        raise reader.Surprise("found, and written: %s" % wrong)
    return found


def main():
    writer, failures = Writer(sys.argv[1]), 0
    runs = [
        ("--phase", phase, "--page-size", size, *scenario)
        for scenario, phase, size in itertools.product(SCENARIOS, PHASES, ("4K", "16K", "64K"))
        if size == "4K" or "--full" not in scenario
    ]  # the same folios are 4 and 16 times as large
    runs += [
        (*earlier, "--phase", phase, "--page-size", size, *scenario)
        for earlier, phase, size in itertools.product(EARLIER, PHASES, ("4K", "16K", "64K"))
        for scenario in sizes(earlier)
    ]
    runs.append(EXACT_FIT)
    for name, pci in writer.scenarios():
        more = (BRIDGES,) if pci in ("C", "D", "E", "F2") else ()
        runs += [
            ("--phase", phase, "--scenario", name, *scenario)
            for scenario, phase in itertools.product(DEVICES + more, PHASES)
        ]
    runs.append(("--page-size", "64K", "--scenario", "2026-09", *BRIDGES))
    with tempfile.TemporaryDirectory() as folder:
        for arguments in runs:
            try:
                check(writer, folder, arguments)
            except reader.Surprise as surprise:
                failures += 1
                print("FAILED %s: %s" % (" ".join(arguments), surprise))
        found = check(writer, folder, LIKE_REAL)
        for name, value in REAL.items():
            if found[name] != value:
                failures += 1
                print("FAILED unlike the real image: %s is %s, not %s" % (name, found[name], value))
    print("%d images, %d failures" % (len(runs) + 1, failures))
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
