#!/usr/bin/env python3
"""`khover rules prove` is green for what khover ships: kernels, formats of earlier ones, trees with preserved devices.

rules_test.py KHOVER [EVERY] [--part K/N]

EVERY: of the formats and the trees with devices, only each such one (6 by default; 1 takes minutes).
--part: of what is to be proved, each Nth, from the Kth on (from 0).
"""
import json
import subprocess
import sys

import part


def implied(khover, name):
    """Rules that are said to follow from others with these layouts."""
    listed = subprocess.run(
        [khover, "rules", "list", "--format", "json", "--abi", name], capture_output=True, text=True
    )
    return {rule["id"] for rule in json.loads(listed.stdout) if rule["implied_by"]}


def main():
    chosen = part.of(sys.argv)
    khover = sys.argv[1]
    names = subprocess.run(
        [khover, "rules", "list", "--snapshots"], capture_output=True, text=True
    ).stdout.split()
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 6
    kernels = [name for name in names if name.startswith("linux-") and ("x86_64" in name or "64k" in name)]
    devices = [kernels[0] + name for name in names if name.startswith("+devices/")]
    # One page size of each: they differ in nothing but numbers.
    earlier = [name for name in names if name.startswith("earlier/") and name.endswith("-x86_64-4k")]
    names = (
        kernels[-2:] + earlier[every > 1 :: max(every // 2, 1)] + devices[::every]
        if kernels and devices and earlier
        else []
    )
    # Each implication is proved with some layouts that have it.
    open_ones = set().union(*(implied(khover, name) for name in devices + earlier + kernels))
    covered = set().union(*(implied(khover, name) for name in names))
    for name in devices:
        if implied(khover, name) - covered:
            names.append(name)
            covered |= implied(khover, name)
    failures = len(open_ones - covered)
    print("%d rules are said to follow from others" % len(open_ones))
    for name in chosen(names):
        done = subprocess.run([khover, "rules", "prove", "--abi", name], capture_output=True, text=True)
        print("%s: exit status %d\n%s" % (name, done.returncode, done.stdout))
        failures += done.returncode != 0
    return 1 if failures or not names else 0


if __name__ == "__main__":
    sys.exit(main())
