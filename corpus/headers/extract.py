#!/usr/bin/env python3
"""Extracts the bundles of bundles.txt: layouts that no released kernel has, one snapshot a kernel tree.

    extract.py KHOVER_ABI OUTPUT_FOLDER
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def bundles():
    """{name: [layout, …]} of bundles.txt."""
    found = {}
    with open(os.path.join(HERE, "bundles.txt"), encoding="utf-8") as file:
        for line in file:
            if not line.strip() or line.startswith("#"):
                continue
            name, layouts = line.split(":")
            found[name] = layouts.split()
    return found


def extract(khover_abi, folder):
    for name, layouts in bundles().items():
        headers = [f"layouts/{layout}.h" for layout in layouts]
        subprocess.run([khover_abi, "extract", *headers, "-o", os.path.join(os.path.abspath(folder), f"{name}.yaml")],
                       check=True, cwd=HERE)


if __name__ == "__main__":
    extract(os.path.abspath(sys.argv[1]), sys.argv[2])
