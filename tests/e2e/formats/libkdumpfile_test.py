#!/usr/bin/env python3
"""The writer of these tests against libkdumpfile: every page, every compression, plain and split."""

import argparse
import ctypes
import os
import sys
import tempfile

import elf_memory
import kdump_writer

SKIP = 77
BLOCK = 4096
MACHINE_PHYSICAL = 1  # KDUMP_MACHPHYSADDR


def reader(library, files):
    """Calls libkdumpfile as its own read loop does: a function from frame number to bytes, or None."""
    context = ctypes.c_void_p(library.kdump_new())
    descriptors = [os.open(name, os.O_RDONLY) for name in files]
    if library.kdump_open_fdset(context, len(files), (ctypes.c_int * len(files))(*descriptors)) != 0:
        sys.exit(f"libkdumpfile does not open {files}")

    def read(frame):
        page, length = ctypes.create_string_buffer(BLOCK), ctypes.c_size_t(BLOCK)
        status = library.kdump_read(
            context, MACHINE_PHYSICAL, ctypes.c_uint64(frame * BLOCK), page, ctypes.byref(length)
        )
        return page.raw if status == 0 else None

    return read


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("image")
    options = arguments.parse_args()
    try:
        library = ctypes.CDLL("libkdumpfile.so.10")
    except OSError:
        print("skipped: libkdumpfile10 is not installed")
        return SKIP
    library.kdump_new.restype = ctypes.c_void_p
    pages = elf_memory.pages(elf_memory.read_file(options.image), BLOCK)
    ram = range(0, max(pages) + 1)
    failures = 0
    with tempfile.TemporaryDirectory() as folder:

        def compare(name, dumps):
            files = []
            for dump in dumps:
                files.append(os.path.join(folder, f"{name}{len(files)}"))
                with open(files[-1], "wb") as file:
                    file.write(dump)
            read = reader(library, files)
            wrong = [frame for frame in pages if read(frame) != pages[frame]]
            holes = [frame for frame in list(ram)[:200] if frame not in pages and read(frame) is not None]
            print(f"{name}: {len(pages) - len(wrong)} of {len(pages)} pages, {len(holes)} holes with bytes")
            return bool(wrong or holes)

        for method in kdump_writer.FLAG:
            failures += compare(method, [kdump_writer.write(pages, ram=ram, method=method)])
        failures += compare("split", kdump_writer.split_set(pages, 3, ram=ram))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
