#!/usr/bin/env python3
"""No pointer can be made equal to its neighbour's without notice: over real images and all formats of the writer.

    shared_pointers_test.py KHOVER-SHARED-POINTERS KHOVER-WRITE-IMAGE [IMAGE...]
"""
import glob
import os
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Formats as in base_images.txt; these have more of what a record can share with.
MORE = {
    "units": "--scenario 2026-10-intel --units 3 --devices 6 --domains 3",
    "smmu-units": "--scenario 2026-10-smmuv3 --units 3 --devices 6 --domains 3",
    "guests": "--kvm c --hugetlb 2 --sessions 3",
    "many-files": "--sessions 3 --files 70 --idle-sessions 60",
}


def formats():
    yield from MORE.items()
    with open(os.path.join(SOURCE, "corpus", "base_images.txt"), encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#") and ":" in line:
                name, options = line.split(":", 1)
                if not name.endswith(("-16k", "-64k")):  # the same pointers
                    yield name, options.strip()


def main():
    sweep, writer, images = sys.argv[1], sys.argv[2], sys.argv[3:]
    with tempfile.TemporaryDirectory() as folder:
        if not images:
            images = sorted(glob.glob(os.path.join(SOURCE, "corpus", "real", "*", "finalized.elf.zst")))
            for name, options in formats():
                images.append(os.path.join(folder, name + ".elf"))
                subprocess.run([writer, *options.split(), "-o", images[-1]], check=True)
        return subprocess.run([sweep, *images]).returncode


if __name__ == "__main__":
    sys.exit(main())
