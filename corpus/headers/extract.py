#!/usr/bin/env python3
"""Extracts the layouts that no headers of a released kernel give.

    extract.py KHOVER_ABI OUTPUT_FOLDER

writes OUTPUT_FOLDER/devices/NAME.yaml for each line of bundles.txt, and
OUTPUT_FOLDER/earlier/NAME-ARCH-PAGES.yaml for each line of earlier.txt and each kind of pages.
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = (("x86_64", "4k"), ("arm64", "4k"), ("arm64", "16k"), ("arm64", "64k"))


def lines(name):
    """{name: [word, …]} of a list."""
    found = {}
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        for line in file:
            if not line.strip() or line.startswith("#"):
                continue
            name, words = line.split(":")
            found[name] = words.split()
    return found


def jobs():
    """(file below OUTPUT_FOLDER, arguments of `khover-abi extract`)"""
    for name, layouts in lines("bundles.txt").items():
        yield f"devices/{name}.yaml", [f"layouts/{layout}.h" for layout in layouts]
    for name, words in lines("earlier.txt").items():
        name, _, only = name.partition(" @")
        headers = [word if word.startswith("-D") else f"earlier/{word}.h" for word in words]
        for arch, pages in PAGES:
            if not only or only == pages:
                size = ["--arch", arch, "--page-size", str(int(pages[:-1]) * 1024)]
                yield f"earlier/{name}-{arch}-{pages}.yaml", headers + size


def extract(khover_abi, folder):
    for path, arguments in jobs():
        output = os.path.join(os.path.abspath(folder), path)
        os.makedirs(os.path.dirname(output), exist_ok=True)
        subprocess.run([khover_abi, "extract", *arguments, "-o", output], check=True, cwd=HERE)


if __name__ == "__main__":
    extract(os.path.abspath(sys.argv[1]), sys.argv[2])
