#!/usr/bin/env python3
"""The writer of these tests against makedumpfile, which reads the flattened and the split format itself."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import elf_memory
import kdump_writer

SKIP = 77


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("image")
    options = arguments.parse_args()
    program = shutil.which("makedumpfile")
    if not program:
        print("skipped: makedumpfile is not installed")
        return SKIP
    pages = elf_memory.pages(elf_memory.read_file(options.image), 4096)
    with tempfile.TemporaryDirectory() as folder:
        dump = kdump_writer.write(pages)
        straight = os.path.join(folder, "straight")
        subprocess.run(
            [program, "-R", straight], input=kdump_writer.flatten(dump), check=True, stdout=subprocess.DEVNULL
        )
        with open(straight, "rb") as file:
            if file.read() != dump:
                sys.exit("makedumpfile -R makes another file of the flattened dump")
        parts = []
        for i, part in enumerate(kdump_writer.split_set(pages, 3)):
            parts.append(os.path.join(folder, f"part{i}"))
            with open(parts[-1], "wb") as file:
                file.write(part)
        whole = os.path.join(folder, "whole")
        subprocess.run([program, "--reassemble", *parts, whole], check=True, stdout=subprocess.DEVNULL)
        with open(whole, "rb") as file:
            joined = file.read()
        found = kdump_writer.read_zlib(joined)
        if found != pages:
            sys.exit(
                f"makedumpfile --reassemble finds {len(found)} pages, expected {len(pages)}, or other bytes"
            )
    print(f"makedumpfile reads the {len(pages)} pages of both formats")
    return 0


if __name__ == "__main__":
    sys.exit(main())
