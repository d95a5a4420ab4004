#!/usr/bin/env python3
"""A subsystem that no C++ knows, from its header to verdicts: docs/adding-a-subsystem.md, step by step.

    toy_test.py KHOVER_ABI KHOVER SOURCE
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile

PT_LOAD = 1
HERE = os.path.dirname(os.path.abspath(__file__))
RULES = ("toy-version", "toy-record-preserved", "toy-cell-unique", "toy-cell-state")


class Core:
    """An ELF core whose memory can be written."""

    def __init__(self, path):
        self.bytes = bytearray(
            subprocess.run(["zstd", "-dc", path], check=True, stdout=subprocess.PIPE).stdout
        )
        offset, count = (
            struct.unpack_from("<Q", self.bytes, 32)[0],
            struct.unpack_from("<H", self.bytes, 56)[0],
        )
        self.loads = [
            fields
            for fields in (struct.unpack_from("<IIQQQQQQ", self.bytes, offset + 56 * i) for i in range(count))
            if fields[0] == PT_LOAD
        ]

    def write(self, phys, data):
        for _, _, offset, _, start, size, _, _ in self.loads:
            if start <= phys and phys + len(data) <= start + size:
                at = offset + phys - start
                self.bytes[at : at + len(data)] = data
                return
        raise AssertionError(f"{phys:#x} is not in the core")


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def main():
    khover_abi, khover, source = sys.argv[1:]
    image = os.path.join(source, "corpus/real/p1-one/finalized.elf.zst")
    dump = json.loads(run(khover, "dump", "--json", image).stdout)["sets"]
    flb, root, block = dump["luo.flbs"][0], dump["pci.root"][0], dump["pci.blocks"][0]

    errors = []
    with tempfile.TemporaryDirectory() as folder:
        rules, snapshot = os.path.join(folder, "rules"), os.path.join(folder, "toy.yaml")
        shutil.copytree(os.path.join(source, "rules"), rules)
        os.mkdir(os.path.join(rules, "toy"))
        shutil.copy(os.path.join(HERE, "toy/toy.yaml"), os.path.join(rules, "toy"))
        extracted = run(khover_abi, "extract", os.path.join(HERE, "toy/toy.h"), "-o", snapshot)
        assert extracted.returncode == 0, extracted.stderr
        abi = f"linux-7.3-x86_64-4k+{snapshot}"
        tested = run(khover, "rules", "test", rules, "--abi", abi)
        assert tested.returncode == 0, tested.stderr

        def check(version, cells):
            core = Core(image)
            core.write(int(flb["_addr"], 16), b"toy\0")
            core.write(
                int(root["_addr"], 16), struct.pack("<IIQ", version, len(cells), int(block["_addr"], 16))
            )
            core.write(int(block["_addr"], 16), b"".join(struct.pack("<II", *cell) for cell in cells))
            path = os.path.join(folder, "toy.elf")
            with open(path, "wb") as file:
                file.write(core.bytes)
            only = [word for rule in RULES for word in ("--only", rule)]
            result = run(khover, "check", "--format", "json", "--rules", rules, "--abi", abi, *only, path)
            assert result.stdout, result.stderr
            return {rule["rule"]: rule["verdict"] for rule in json.loads(result.stdout)["rules"]}

        good = {rule: "proved" for rule in RULES}
        cases = [
            ("good", (1, [(1, 0), (2, 2), (7, 1)]), good),
            ("no cell", (1, []), good),
            ("two of one number", (1, [(1, 0), (7, 2), (7, 1)]), good | {"toy-cell-unique": "violated"}),
            ("impossible state", (1, [(1, 3)]), good | {"toy-cell-state": "violated"}),
        ]
        for name, content, expected in cases:
            found = check(*content)
            if found != expected:
                errors.append(f"{name}: {found}")
        if check(0, [(1, 0)])["toy-version"] != "violated":
            errors.append("version 0 is not objected to")
    print("\n".join(errors) or "as expected")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
