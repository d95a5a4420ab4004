#!/usr/bin/env python3
"""The root of a dump that states none: found by a scan, told apart from a decoy by setup_data.

The memory is synthesised: the pages of a real image, a copy of its root FDT elsewhere as an earlier
kernel leaves it behind, and boot parameters as kexec writes them."""

import argparse
import os
import struct
import sys
import tempfile

import elf_memory
import elf_writer
import khover

PAGE = 4096
DECOY, TWIN, BOOT_PARAMS, NODES = 0x100000, 0x101000, 0x90000, 0x91000
HOLE = 0x7F000000


def boot_params(first_node):
    page = bytearray(PAGE)
    struct.pack_into("<H", page, 0x1FE, 0xAA55)
    struct.pack_into("<4sH", page, 0x202, b"HdrS", 0x020F)
    struct.pack_into("<Q", page, 0x250, first_node)
    return bytes(page)


def node(following, kind, data):
    return struct.pack("<QII", following, kind, len(data)) + data


def kho_node(following, root, scratch):
    return node(following, 10, struct.pack("<QQQQ", root, PAGE, scratch[0], scratch[1]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("image")
    options = arguments.parse_args()
    core = elf_memory.read_file(options.image)
    facts = elf_memory.note(core)
    root = int(facts["root"], 16)
    scratch = (int(facts["scratch"][0], 16), facts["scratch"][1])
    pages = elf_memory.pages(core, PAGE)
    taken = {phys // PAGE for phys in (DECOY, TWIN, BOOT_PARAMS, NODES, HOLE)}
    if taken & set(pages):
        sys.exit("the image uses the addresses of this test")
    decoy = (DECOY, pages[root // PAGE])
    stated = [
        word
        for i, word in enumerate(elf_memory.options(facts))
        if not any(
            option in elf_memory.options(facts)[max(i - 1, 0) : i + 1] for option in ("--fdt", "--scratch")
        )
    ]
    failures = []

    with tempfile.TemporaryDirectory() as folder:

        def check(name, extra, without=()):
            path = os.path.join(folder, name)
            kept = [(frame * PAGE, data) for frame, data in pages.items() if frame not in without]
            with open(path, "wb") as file:
                file.write(elf_writer.core(sorted(kept + extra)))
            return (
                khover.run(options.khover, "check", khover.NO_PROOF, "--format", "json", path, *stated),
                path,
            )

        def expect(name, condition, result):
            if not condition:
                failures.append(
                    f"{name}: exit status {result.returncode}\n{result.stdout.decode()[:600]}{result.stderr.decode()}"
                )

        expected = khover.answer(options.khover, options.image)

        def found(path):
            return khover.answer(options.khover, path, *stated)

        result, path = check("scan", [])
        expect("one root, by scan", b'"root_from": "scan"' in result.stdout, result)

        result, path = check("decoy", [decoy])
        expect(
            "a decoy, which the preserved memory map does not hold",
            f'"root": "{root:#x}"'.encode() in result.stdout and b"look like a root" in result.stdout,
            result,
        )

        # Neither is preserved: nothing but the boot parameters tells them apart.
        twins = [decoy, (TWIN, decoy[1])]
        result, _ = check("twins", twins, without={root // PAGE})
        expect(
            "two equal roots",
            result.returncode == khover.NO_ANSWER and b"several root" in result.stderr,
            result,
        )
        result, _ = check(
            "named-twin",
            twins + [(BOOT_PARAMS, boot_params(NODES)), (NODES, kho_node(0, TWIN, scratch))],
            without={root // PAGE},
        )
        expect("the one that setup_data names", f'"root": "{TWIN:#x}"'.encode() in result.stdout, result)

        chain = node(NODES + 64, 1, b"e820ext!").ljust(64, b"\0") + kho_node(0, root, scratch)
        result, path = check("setup_data", [decoy, (BOOT_PARAMS, boot_params(NODES)), (NODES, chain)])
        expect("setup_data", b'"root_from": "setup_data"' in result.stdout, result)
        expect("its scratch table", b'"scratch": "dump"' in result.stdout, result)
        if result.returncode != khover.NO_ANSWER and found(path) != expected:
            failures.append("setup_data: " + khover.first_difference(list(expected), list(found(path))))

        # Lists that lead in a circle, into a hole or to a place without a tree.
        circle = kho_node(NODES, root, scratch)
        result, _ = check("circle", [decoy, (BOOT_PARAMS, boot_params(NODES)), (NODES, circle)])
        expect("a circle", b'"root_from": "setup_data"' in result.stdout, result)
        result, _ = check("lost", [(BOOT_PARAMS, boot_params(HOLE))])
        expect("a list in a hole", b'"root_from": "scan"' in result.stdout, result)
        result, _ = check("stale", [(BOOT_PARAMS, boot_params(NODES)), (NODES, kho_node(0, HOLE, scratch))])
        expect("a stale list", b'"root_from": "scan"' in result.stdout, result)
        result, _ = check(
            "only-word",
            [(BOOT_PARAMS, boot_params(NODES)), (NODES, kho_node(0, root, scratch))],
            without={root // PAGE},
        )
        expect("a root in a hole", result.returncode in (2, 3), result)
    print("\n".join(failures) or "as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
