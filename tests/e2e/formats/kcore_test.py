#!/usr/bin/env python3
"""A core of the shape of /proc/kcore: as large as an address space, its segments where the kernel maps them,
some of them no memory. Read in place, it must be judged as the plain core of the same memory is.

The file is sparse, on a file system that allows it (tmpfs does). /proc/kcore itself needs a kernel with KHO
and is tried by hand."""

import argparse
import os
import resource
import struct
import subprocess
import sys
import tempfile

import elf_memory
import elf_writer
import khover
from kernel_memory import PAGE, Kernel

NO_MEMORY = (1 << 64) - 1
HIGH = 1 << 47  # bits of a virtual address that make an offset


def write_kcore(path, pieces, notes):
    """`pieces`: (virtual address, physical address or NO_MEMORY, bytes)."""
    table = [struct.pack("<IIQQQQQQ", 4, 0, 64 + 56 * (len(pieces) + 1), 0, 0, len(notes), 0, 0)]
    data_at = (64 + 56 * (len(pieces) + 1) + len(notes) + PAGE - 1) // PAGE * PAGE
    with open(path, "wb") as file:
        for virt, phys, data in pieces:
            offset = virt % HIGH + data_at
            table.append(struct.pack("<IIQQQQQQ", 1, 7, offset, virt, phys, len(data), len(data), PAGE))
            file.seek(offset)
            file.write(data)
        file.seek(0)
        file.write(b"\x7fELF\x02\x01\x01".ljust(16, b"\0"))
        file.write(struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, len(table), 0, 0, 0))
        file.write(b"".join(table) + notes)
        file.truncate(HIGH + data_at)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("image")
    options = arguments.parse_args()
    place = next(
        (folder for folder in ("/dev/shm", None) if folder is None or os.access(folder, os.W_OK)), None
    )
    failures = []
    with tempfile.TemporaryDirectory(dir=place) as folder:
        core = elf_memory.read_file(options.image)
        facts = elf_memory.note(core)
        root, scratch = int(facts.pop("root"), 16), facts.pop("scratch")
        stated = elf_memory.options(facts)
        pages = {frame * PAGE: data for frame, data in elf_memory.pages(core, PAGE).items()}

        kernel = Kernel(slide=0x1C000000)
        pointers = kernel.pointer(root), kernel.pointer(int(scratch[0], 16))
        kernel.variable("kho_out", struct.pack("<Q", pointers[0]) + bytes(64))
        kernel.variable("kho_in", bytes(64))
        kernel.variable("kho_scratch", struct.pack("<Q", pointers[1]))
        kernel.variable("kho_scratch_cnt", struct.pack("<I", scratch[1] // 16))
        notes = elf_writer.note(b"CORE", 1, bytes(336)) + elf_writer.note(b"VMCOREINFO", 0, kernel.finish())
        (image_at, image), *tables = kernel.memory()
        pages.update(tables)
        pieces = [(kernel.direct + phys, phys, data) for phys, data in sorted(pages.items())]
        pieces.insert(3, (kernel.text, image_at, image))
        pieces.insert(0, (0xFFFFC90000000000, NO_MEMORY, b"vmalloc!" * 512))
        pieces.append((kernel.direct + image_at, image_at, image))  # the same memory, in the direct map too
        path, plain = os.path.join(folder, "kcore"), os.path.join(folder, "plain")
        try:
            write_kcore(path, pieces, notes)
        except OSError as reason:
            print(f"no file of 128 TiB here: {reason}")
            return 77

        result = subprocess.run(
            [options.khover, "check", khover.NO_PROOF, "--format", "json", path, *stated],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=60,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)),
        )
        for word in (
            b'"root_from": "kallsyms"',
            f'"root": "{root:#x}"'.encode(),
            b'"format": "ELF core, read in place"',
            b'"scratch": "dump"',
        ):
            if word not in result.stdout:
                failures.append(
                    f"{word.decode()} is missing: {result.returncode} {result.stdout[:300]} {result.stderr.decode()}"
                )
        expected = khover.answer(options.khover, options.image)
        for name, extra in (
            ("by kallsyms", []),
            ("stated", ["--fdt", hex(root), "--scratch", f"{scratch[0]},{scratch[1]}"]),
        ):
            found = khover.answer(options.khover, path, *stated, *extra)
            if expected[0] != found[0] or expected[2] != found[2]:
                failures.append(
                    f"{name}: another answer: " + khover.first_difference(list(expected), list(found))
                )
        # Without symbols the memory is looked through, and the root found as in a plain file.
        write_kcore(path, pieces, elf_writer.note(b"CORE", 1, bytes(336)))
        with open(plain, "wb") as file:
            file.write(elf_writer.core([(phys, data) for _, phys, data in pieces[1:]]))
        for one in (path, plain):
            result = khover.run(options.khover, "check", khover.NO_PROOF, "--format", "json", one, *stated)
            if (
                f'"root": "{root:#x}"'.encode() not in result.stdout
                or b'"root_from": "scan"' not in result.stdout
            ):
                failures.append(f"scan of {one}: {result.returncode} {result.stderr.decode()}")
        # Tables and notes at impossible addresses.
        with open(path, "rb") as file:
            head = file.read(64 + 56 * 3)
        for at, value in (
            (32, b"\xff" * 8),
            (32, struct.pack("<Q", 1 << 40)),
            (56, b"\xff\xff"),
            (72, b"\xff" * 8),
            (96, b"\xff" * 8),
        ):
            with open(path, "r+b") as file:
                file.write(head)
                file.seek(at)
                file.write(value)
            result = khover.run(options.khover, "check", khover.NO_PROOF, path, *stated)
            if result.returncode not in (0, 1, 2, 3) or (result.returncode == 2 and not result.stderr):
                failures.append(f"damage at {at}: {result.returncode} {result.stderr.decode()}")
    for path, word in (("/proc/self/cmdline", "is not an ELF core"), ("/proc/kcore", "CONFIG_PROC_KCORE")):
        result = khover.run(options.khover, "check", path)
        if not os.path.exists(path) or path != "/proc/kcore":
            if result.returncode != khover.NO_ANSWER or word not in result.stderr.decode():
                failures.append(f"{path}: {result.returncode} {result.stderr.decode()}")
    print("\n".join(failures) or "as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
