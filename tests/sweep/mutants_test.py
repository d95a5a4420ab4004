#!/usr/bin/env python3
"""Every claim with one small fault: some image of the corpus notices, or survivors.tsv lists the fault.

mutants_test.py KHOVER-SWEEP KHOVER-WRITE-IMAGE CORPUS SURVIVORS [--write] [--every N]

The corpus: what the writers break, image by image, each beside the unbroken image; the images of corpus/witness, each of
which breaks one rule; images of real kernels. --every N takes each Nth rule only.
"""

import os
import subprocess
import sys
import tempfile

import images


def breaks(writer):
    """(name, rule) of each break that violates its rule."""
    listed = subprocess.run([writer, "--list-breaks"], check=True, capture_output=True, text=True).stdout
    for line in listed.splitlines():
        name = line.split("\t")[0]
        if not name.startswith("?"):
            yield name, name.split(":")[0]


def cases(writer, corpus, folder):
    for path in images.real(os.path.join(corpus, "real")) + images.written(writer, folder):
        yield "-", path
    for name, rule in breaks(writer):
        path = os.path.join(folder, name.replace(":", "-"))
        subprocess.run([writer, "--break", name, "-o", path + ".broken.elf"], check=True)
        yield rule, path + ".broken.elf"
    witnesses = os.path.join(corpus, "witness")
    for name in sorted(os.listdir(witnesses)):
        if name.endswith(".elf.zst"):
            yield name[: -len(".elf.zst")], os.path.join(witnesses, name)


def main():
    sweep, writer, corpus, table, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cases.tsv")
        with open(path, "w") as file:
            file.writelines("\t".join(case) + "\n" for case in cases(writer, corpus, folder))
        return subprocess.run([sweep, "mutants", table, *options, path]).returncode


if __name__ == "__main__":
    sys.exit(main())
