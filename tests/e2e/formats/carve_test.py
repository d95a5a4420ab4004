#!/usr/bin/env python3
"""`khover carve`: a core of the structures alone that is judged as its dump is, without user data."""

import argparse
import os
import sys
import tempfile

import elf_memory
import khover

PAGE = 4096


def covers(ranges, start, length):
    return any(phys <= start and start + length <= phys + len(data) for phys, data in ranges)


def user_memory(dump):
    """Physical ranges of the users' bytes: folios of memfds, reserved regions."""

    def number(value):
        return int(value, 16)

    for name, rows in dump["sets"].items():
        for row in rows:
            if name == "memfd.folios" and number(row["pfn"]) != 0:
                yield number(row["pfn"]) * PAGE, PAGE
            if name == "memblock.regions" and row.get("start") and row.get("size"):
                yield number(row["start"]), number(row["size"])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument(
        "--writer", help="khover-write-image: judge an image that it writes with user memory"
    )
    arguments.add_argument("image", nargs="?")
    options = arguments.parse_args()
    failures = []

    with tempfile.TemporaryDirectory() as folder:
        image = options.image
        if options.writer:
            image = os.path.join(folder, "full.elf")
            written = khover.run(options.writer, "--full", "--flbs", "2", "-o", image)
            if written.returncode != 0:
                sys.exit(written.stderr.decode())
        small = os.path.join(folder, "small.elf")
        result = khover.run(options.khover, "carve", image, "-o", small)
        print(result.stdout.decode())
        if result.returncode != 0:
            sys.exit(f"carve: exit status {result.returncode}\n{result.stderr.decode()}")

        expected, found = khover.answer(options.khover, image), khover.answer(options.khover, small)
        if expected != found:
            failures.append("another answer: " + khover.first_difference(list(expected), list(found)))

        source, kept = elf_memory.ranges(elf_memory.read_file(image)), elf_memory.ranges(
            elf_memory.read_file(small)
        )
        for phys, data in kept:
            if not any(
                start <= phys and data == bytes_[phys - start : phys - start + len(data)]
                for start, bytes_ in source
            ):
                failures.append(f"the piece at {phys:#x} is not in the dump as it is")
        before, after = sum(len(data) for _, data in source), sum(len(data) for _, data in kept)
        print(f"{after} of {before} bytes")
        if after >= before:
            failures.append("nothing was left out")
        dump = expected[2]
        user = list(user_memory(dump))
        if options.writer and not (user and any(covers(source, *one) for one in user)):
            failures.append("the image has no user memory: nothing is tested")
        for start, length in user:
            for phys, data in kept:
                if phys < start + length and start < phys + len(data):
                    failures.append(f"user memory at {start:#x} is in the core")
        facts = elf_memory.note(elf_memory.read_file(small))
        if "scratch" in facts:
            table, size = int(facts["scratch"][0], 16), facts["scratch"][1]
            if any(
                phys <= table < phys + len(data) and (phys, len(data)) != (table, size) for phys, data in kept
            ):
                failures.append("more than the scratch table itself is in the core")
        if "root" not in facts:
            failures.append("the note names no root")

        again = os.path.join(folder, "again.elf")
        khover.run(options.khover, "carve", small, "-o", again)
        with open(small, "rb") as first, open(again, "rb") as second:
            if first.read() != second.read():
                failures.append("carving the core again gives another one")
        # Neither the dump nor half a core may be where the output should be.
        for target in (image, os.path.join(folder, "no", "folder.elf")):
            size = os.path.getsize(image)
            result = khover.run(options.khover, "carve", image, "-o", target)
            if result.returncode != khover.NO_ANSWER or os.path.getsize(image) != size:
                failures.append(f"-o {target}: exit status {result.returncode}")
        if leftovers := [name for name in os.listdir(folder) if name.endswith(".part")]:
            failures.append(f"left behind: {leftovers}")
    print("\n".join(failures) or "as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
