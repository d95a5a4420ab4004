#!/usr/bin/env python3
"""Files that are no image, and images that end early: a sentence or a finding, in bounded memory and time.

bad_input_test.py KHOVER KHOVER-WRITE-IMAGE
"""

import json
import os
import struct
import subprocess
import tempfile

import khover
from khover import CANNOT_ANSWER, NOTHING_TO_OBJECT, real

ELF_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
ET_EXEC, ET_CORE, EM_X86_64, EM_386 = 2, 4, 62, 3


def elf_header(bits=2, endian=1, kind=ET_CORE, machine=EM_X86_64, count=0):
    ident = b"\x7fELF" + bytes((bits, endian, 1)) + bytes(9)
    return ELF_HEADER.pack(ident, kind, machine, 1, 0, 64, 0, 0, 64, 56, count, 0, 0, 0)


class BadInput(khover.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, content):
        path = os.path.join(self.folder.name, "image")
        with open(path, "wb") as file:
            file.write(content)
        return path

    def refused(self, path):
        for command in ("check", "dump"):
            self.answer(command, path, status=CANNOT_ANSWER)

    def test_paths(self):
        for path in ("/nonexistent", self.folder.name, "/dev/null", "/dev/zero", "", "/proc/self/mem"):
            self.refused(path)

    def test_an_unreadable_file(self):
        path = self.file(elf_header())
        os.chmod(path, 0)
        if os.access(path, os.R_OK):
            self.skipTest("root reads everything")
        self.refused(path)

    def test_files_that_are_no_image(self):
        for content in (
            b"",
            b"\x7fELF",
            b"x" * 5000,
            bytes(5000),
            elf_header(),
            elf_header()[:40],
            elf_header(bits=1),
            elf_header(bits=1, machine=EM_386),
            elf_header(endian=2),
            elf_header(kind=ET_EXEC),
            elf_header(count=0xFFFF),
            elf_header(count=5),
            b"\x28\xb5\x2f\xfd",
            b"\x28\xb5\x2f\xfd" + b"x" * 100,
        ):
            self.refused(self.file(content))

    def test_a_program(self):
        self.refused(khover.KHOVER)

    def test_raw_memory_without_a_root(self):
        self.answer("check", "--raw-base", "0", self.file(bytes(1 << 20)), status=CANNOT_ANSWER)

    def cut(self, content, name):
        # 50 places, the first and last bytes among them.
        places = sorted({*(len(content) * i // 44 for i in range(44)), 1, 63, 64, 65, 119, len(content) - 1})
        ends = {0: 0, 1: 0, 2: 0, 3: 0}
        for place in places:
            with self.subTest(image=name, bytes=place):
                done = khover.run("check", "--format", "json", self.file(content[:place]))
                self.assertIn(done.returncode, ends, done.stderr)
                if done.returncode == CANNOT_ANSWER:
                    self.assertRegex(done.stderr, r"\Akhover: [^\n]+\n\Z")
                if done.returncode == NOTHING_TO_OBJECT:  # no structure is in the missing bytes
                    self.assertIn("truncated", " ".join(json.loads(done.stdout)["warnings"]))
                ends[done.returncode] += 1
        print(f"{name}: {len(places)} places, exit statuses {ends}")

    def test_truncated_elf(self):
        path = self.write_image(os.path.join(self.folder.name, "good.elf"))
        with open(path, "rb") as file:
            self.cut(file.read(), "ELF core")

    def test_truncated_zstd(self):
        with open(real("v2-three"), "rb") as file:
            self.cut(file.read(), "zstd of an ELF core")

    def test_truncated_real_elf(self):
        path = os.path.join(self.folder.name, "plain.elf")
        subprocess.run(["zstd", "-q", "-d", real("v1-one"), "-o", path], check=True)
        with open(path, "rb") as file:
            self.cut(file.read(), "real ELF core")


if __name__ == "__main__":
    khover.main()
