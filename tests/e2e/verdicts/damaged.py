"""Images with some bytes exchanged, and what khover says of them."""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

NOTHING_TO_OBJECT, VIOLATED, CANNOT_ANSWER, UNDETERMINED = 0, 1, 2, 3
PT_LOAD = 1
KHOVER, WRITER = sys.argv[1:3]


class Core:
    """An ELF core whose memory can be written."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        if path.endswith(".zst"):
            data = subprocess.run(["zstd", "-dcq"], input=data, check=True, capture_output=True).stdout
        self.bytes = bytearray(data)
        offset, count = struct.unpack_from("<Q", data, 32)[0], struct.unpack_from("<H", data, 56)[0]
        self.loads = [
            fields
            for fields in (struct.unpack_from("<IIQQQQQQ", data, offset + 56 * i) for i in range(count))
            if fields[0] == PT_LOAD
        ]

    def place(self, phys, length):
        for _, _, offset, _, start, size, _, _ in self.loads:
            if start <= phys and phys + length <= start + size:
                return offset + phys - start
        raise AssertionError(f"{phys:#x} is not in the core")

    def read(self, phys, length):
        at = self.place(phys, length)
        return bytes(self.bytes[at : at + length])

    def write(self, phys, data):
        at = self.place(phys, len(data))
        self.bytes[at : at + len(data)] = data

    def save(self, path):
        with open(path, "wb") as file:
            file.write(self.bytes)
        return path


class Damaged(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def written(self, *options):
        path = os.path.join(self.folder, "good.elf")
        subprocess.run([WRITER, *options, "-o", path], check=True)
        return path

    def dumped(self, path):
        return json.loads(
            subprocess.run(
                [KHOVER, "dump", "--json", path], check=True, capture_output=True, text=True
            ).stdout
        )["sets"]

    def check(self, core, *options):
        """The report; text, JSON and exit status have one verdict."""
        path = core.save(os.path.join(self.folder, "damaged.elf"))
        done = subprocess.run(
            [KHOVER, "check", *options, "--format", "json", path], capture_output=True, text=True
        )
        report = json.loads(done.stdout)
        self.assertEqual(report["verdict"]["status"], done.returncode)
        text = subprocess.run([KHOVER, "check", *options, path], capture_output=True, text=True)
        self.assertEqual(text.returncode, done.returncode)
        self.assertEqual(text.stdout.splitlines()[-1], "verdict: " + report["verdict"]["sentence"])
        return report

    def verdicts(self, report):
        return {rule["rule"]: rule["verdict"] for rule in report["rules"]}
