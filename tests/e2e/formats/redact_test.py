#!/usr/bin/env python3
"""`khover carve --redact`: no name that people chose is in the core, and it is judged as the dump is."""

import argparse
import os
import sys
import tempfile

import elf_memory
import elf_writer
import khover

STALE = b"left-over-of-an-older-session"


def names(dump):
    """Names in the order of their records, by set."""
    return {
        kind: [row["name"] for row in dump["sets"].get(kind, [])]
        for kind in ("luo.sessions", "memblock.regions")
    }


def same_shape(before, after):
    """Equal names stay equal, different ones different, lengths stay."""
    pairs = [pair for kind in before for pair in zip(before[kind], after[kind])]
    forward, backward = dict(pairs), {new: old for old, new in pairs}
    return all(
        forward[old] == new and backward[new] == old and len(old) == len(new) for old, new in pairs
    ) and [len(before[kind]) for kind in before] == [len(after[kind]) for kind in after]


def without_names(dump):
    """All records; of those that have names, without them."""
    return {
        kind: [
            {key: value for key, value in row.items() if key != "name" or kind not in names(dump)}
            for row in rows
        ]
        for kind, rows in dump["sets"].items()
    }


def with_stale_name(core, dump):
    """The image with a name behind the last session of a block, as a kernel that reuses pages leaves it."""
    rows = dump["sets"]["luo.sessions"]
    end = max(int(row["_addr"], 16) for row in rows) + 80
    pieces = []
    for phys, data in elf_memory.ranges(core):
        if phys <= end < phys + len(data):
            data = data[: end - phys] + STALE + data[end - phys + len(STALE) :]
        pieces.append((phys, data))
    return elf_writer.core(pieces)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("images", nargs="+")
    options = arguments.parse_args()
    failures, replaced = [], 0
    with tempfile.TemporaryDirectory() as folder:
        small = os.path.join(folder, "small.elf")

        def redacted(image, *stated):
            nonlocal replaced
            result = khover.run(options.khover, "carve", "--redact", image, "-o", small, *stated)
            if result.returncode != 0 or b"names replaced: " not in result.stdout:
                failures.append(
                    f"{image}: exit status {result.returncode} {result.stdout.decode()}{result.stderr.decode()}"
                )
                return
            before, after = khover.answer(options.khover, image, *stated), khover.answer(
                options.khover, small
            )
            old, new = names(before[2]), names(after[2])
            words = {name for kind in old.values() for name in kind if name}
            replaced += len(words)
            if f"names replaced: {len(words)}\n".encode() not in result.stdout:
                failures.append(f"{image}: {len(words)} names, but {result.stdout.decode()}")
            if not same_shape(old, new):
                failures.append(f"{image}: {old} became {new}")
            with open(small, "rb") as file:
                core = file.read()
            for word in words:
                if len(word) > 3 and word.encode() in core:
                    failures.append(f"{image}: {word} is in the core")
            if STALE in core:
                failures.append(f"{image}: a name that no record has is in the core")
            rules = [
                [(rule["rule"], rule["verdict"]) for rule in answer[1]["rules"]] for answer in (before, after)
            ]
            if before[0] != after[0] or rules[0] != rules[1]:
                failures.append(f"{image}: judged differently")
            shown = [without_names(answer[2]) for answer in (before, after)]
            if shown[0] != shown[1]:
                failures.append(f"{image}: " + khover.first_difference(*shown))

        for image in options.images:
            redacted(image)
        image = options.images[0]
        core = elf_memory.read_file(image)
        stale = os.path.join(folder, "stale.elf")
        dump = khover.answer(options.khover, image)[2]
        with open(stale, "wb") as file:
            file.write(with_stale_name(core, dump))
        stated = elf_memory.options(elf_memory.note(core))
        result = khover.run(options.khover, "carve", stale, "-o", small, *stated)
        with open(small, "rb") as file:
            if result.returncode != 0 or STALE not in file.read():
                failures.append(
                    f"the left-over name is not in the plain core: nothing is tested {result.stderr.decode()}"
                )
        redacted(stale, *stated)
        if replaced < 4:
            failures.append(f"{replaced} names in all images: nothing is tested")
    print("\n".join(failures) or "as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
