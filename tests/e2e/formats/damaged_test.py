#!/usr/bin/env python3
"""Cut and damaged dumps: khover answers or refuses, never crashes or hangs, and calls what is missing a hole."""

import argparse
import os
import random
import resource
import sys
import tempfile

import elf_memory
import kdump_writer
import khover

MEMORY = 4 << 30  # bytes of address space; a dump of a few hundred KiB must not ask for more
SECONDS = 120


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("--rounds", type=int, default=40)
    arguments.add_argument("image")
    options = arguments.parse_args()
    limit()
    pages = elf_memory.pages(elf_memory.read_file(options.image), 4096)
    ram = range(0, max(pages) + 1)
    choose = random.Random(6)
    statuses = {}
    failures = []

    def judge(what, *files):
        result = khover.run(options.khover, "check", khover.NO_PROOF, *files, timeout=SECONDS)
        statuses[result.returncode] = statuses.get(result.returncode, 0) + 1
        if (
            result.returncode not in (0, 1, 2, 3)
            or result.returncode == khover.NO_ANSWER
            and not result.stderr
        ):
            failures.append(f"{what}: exit status {result.returncode}\n{result.stderr.decode()[-2000:]}")
        return result

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "dump")

        def store(data):
            with open(path, "wb") as file:
                file.write(data)
            return path

        for method in kdump_writer.FLAG:
            dump = kdump_writer.write(pages, ram=ram, method=method)
            data_at = len(dump) - 3 * len(dump) // 4
            for i in range(options.rounds):
                damaged = bytearray(dump)
                # Headers and bitmaps, descriptors, data: each gets its share.
                areas = [(0, 600), (4096, 4096 + 104), (8192, data_at), (0, len(dump))]
                first, end = areas[i % len(areas)]
                for _ in range(choose.choice([1, 2, 8, 64])):
                    damaged[choose.randrange(first, max(end, first + 1))] = choose.choice(
                        [0, 255, choose.randrange(256)]
                    )
                judge(f"{method}, damage {i}", store(damaged))
        dump = kdump_writer.write(pages, ram=ram)
        for size in sorted(choose.randrange(len(dump)) for _ in range(options.rounds)):
            judge(f"cut to {size} bytes", store(dump[:size]))
        flat = kdump_writer.flatten(dump)
        for size in sorted(choose.randrange(len(flat)) for _ in range(options.rounds)):
            judge(f"flattened, cut to {size} bytes", store(flat[:size]))
            damaged = bytearray(flat)
            damaged[4096 + choose.randrange(64)] = choose.randrange(256)
            judge("flattened, damaged", store(damaged))

        # A dump without its last pages says so, and judges what it has.
        result = judge(
            "without its last bytes", store(kdump_writer.write(pages, ram=ram, method="none")[:-3000])
        )
        if b"missing" not in result.stdout + result.stderr:
            failures.append("nothing tells that the dump is truncated:\n" + result.stdout.decode())

        # Sets: a file too few is a warning, a wrong or doubled one an error.
        parts = [os.path.join(folder, f"part{i}") for i in range(3)]
        for name, data in zip(parts, kdump_writer.split_set(pages, 3, ram=ram)):
            with open(name, "wb") as file:
                file.write(data)
        result = judge("two of three", parts[0], parts[2])
        if b"split dump" not in result.stdout + result.stderr:
            failures.append("nothing tells that a file of the set is missing:\n" + result.stdout.decode())
        for what, files in (
            ("one file twice", [parts[0], parts[1], parts[1]]),
            ("a file of no set", [parts[0], store(dump)]),
            ("another format", [parts[0], options.image]),
        ):
            if judge(what, *files).returncode != khover.NO_ANSWER:
                failures.append(f"{what}: accepted")
    print("exit statuses:", statuses)
    print("\n".join(failures) or "as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
