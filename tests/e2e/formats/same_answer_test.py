#!/usr/bin/env python3
"""One memory in every file format: `khover check` and `khover dump` must say the same, value by value."""

import argparse
import os
import subprocess
import sys
import tempfile

import elf_memory
import kdump_writer
import khover

VMCOREINFO = "OSRELEASE=7.3.4\nPAGESIZE=4096\n"


def formats(pages, ram, folder):
    """(name, files) of each format."""

    def store(name, data):
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    for method in kdump_writer.FLAG:
        dump = kdump_writer.write(pages, ram=ram, method=method, vmcoreinfo=VMCOREINFO)
        yield method, [store(method, dump)]
    dump = kdump_writer.write(pages, ram=ram, version=5)
    yield "version 5", [store("version5", dump)]
    dump = kdump_writer.write(pages, ram=ram, vmcoreinfo=VMCOREINFO)
    flat = store("flat", kdump_writer.flatten(dump))
    yield "flattened", [flat]
    subprocess.run(["zstd", "-q", flat], check=True)
    yield "flattened, zstd", [flat + ".zst"]
    yield "split", [
        store(f"split{i}", part) for i, part in enumerate(kdump_writer.split_set(pages, 3, ram=ram))
    ][::-1]
    yield "split, flattened", [
        store(f"flat{i}", kdump_writer.flatten(part))
        for i, part in enumerate(kdump_writer.split_set(pages, 2, ram=ram))
    ]


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("image")
    options = arguments.parse_args()

    core = elf_memory.read_file(options.image)
    facts = elf_memory.note(core)
    block = facts.get("page_size", 4096)
    pages = elf_memory.pages(core, block)
    if pages is None:
        sys.exit(f"{options.image}: pages in part; choose an image of whole pages")
    ram = {
        frame
        for start, length in facts.get("ram", [])
        if int(length, 16) <= 1 << 34
        for frame in range(int(start, 16) // block, (int(start, 16) + int(length, 16)) // block)
    }
    given = elf_memory.options(facts)
    if not ram:
        # A kdump always says what RAM is. So that it says no more than the ELF core, both are told.
        ram = set(range(0, (max(pages) | (1 << 30) // block - 1) + 1))
        given += ["--ram", f"0x0,{len(ram) * block:#x}"]
    expected = khover.answer(options.khover, options.image, *given)
    print(f"{len(pages)} pages, exit status {expected[0]}")
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, files in formats(pages, ram, folder):
            found = khover.answer(options.khover, *files, *given)
            same = found == expected
            failures += not same
            print(f"{name}: {'the same' if same else khover.first_difference(list(expected), list(found))}")
        # RAM and page size are the dump's own where nobody gives them.
        without_ram = [
            word for i, word in enumerate(given) if word != "--ram" and (i == 0 or given[i - 1] != "--ram")
        ]
        if ram and "--ram" in given:
            found = khover.answer(options.khover, os.path.join(folder, "zlib"), *without_ram)
            failures += found != expected
            print(
                f"RAM of the dump: {'the same' if found == expected else khover.first_difference(list(expected), list(found))}"
            )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
