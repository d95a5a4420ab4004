#!/usr/bin/env python3
"""khover abi diff --witness: the image that it writes is well-formed under OLD, and its bytes are what both sides are
said to read.

    witness_test.py KHOVER_ABI KHOVER KHOVER_WRITE_IMAGE SOURCE WORK_FOLDER
"""
import json
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import unittest

khover_abi, khover, write_image = sys.argv[1:4]
source, work = map(pathlib.Path, sys.argv[4:])
ABI = source / "rules/abi"
KERNEL = ABI / "linux-7.3-x86_64-4k.yaml"
# Trees by date with the layouts of each, and the options of the writer for an image of it.
TREES = [
    "2025-10",
    "2025-10-full",
    "2025-12",
    "2026-01",
    "2026-02",
    "2026-03",
    "2026-04",
    "2026-05",
    "2026-06",
    "2026-06-intel",
    "2026-06-smmuv3",
    "2026-07",
    "2026-08",
    "2026-09",
    "2026-10",
]
PAIRS = [(f"devices/{old}", f"devices/{new}", ["--scenario", old]) for old, new in zip(TREES, TREES[1:])]
PAIRS += [
    (f"devices/guests-{old}", f"devices/guests-{new}", ["--kvm", old, "--hugetlb", "1"])
    for old, new in ("ab", "bc")
]
# Both only add or leave out whole objects: each record that both have is the same.
NONE = {"devices/2026-04", "devices/2026-05", "devices/2026-07"}


def diff(old, new, image, *more):
    """Without an image: of one that is built in."""
    (work / "witness.elf").unlink(missing_ok=True)
    return subprocess.run(
        [
            khover_abi,
            "diff",
            old,
            new,
            *(["--image", image] if image else []),
            "--witness",
            work / "witness.elf",
            "--format",
            "json",
            *more,
        ],
        capture_output=True,
        text=True,
    )


def load(path):
    """(address, bytes) of each segment of an ELF core."""
    core = path.read_bytes()
    (table,) = struct.unpack_from("<Q", core, 32)
    (count,) = struct.unpack_from("<H", core, 56)
    for i in range(count):
        kind, _, offset, _, address, size, _, _ = struct.unpack_from("<IIQQQQQQ", core, table + 56 * i)
        if kind == 1:
            yield address, core[offset : offset + size]


def number(path, address, size):
    for start, data in load(path):
        if start <= address and address + size <= start + len(data):
            return hex(int.from_bytes(data[address - start : address - start + size], "little"))
    return None


def fields(snapshot, record):
    """Offset and size of the plain unsigned fields of a record: read by a regular expression, not by khover."""
    text = re.search(rf"^  {record}:\n((?:    .*\n)*)", snapshot.read_text(), re.M)[1]
    found = re.findall(r"\{name: (\w+), offset: (\d+), size: (\d+), kind: integer, type: u\d+\}", text)
    return {name: (int(offset), int(size)) for name, offset, size in found}


class Witness(unittest.TestCase):
    def setUp(self):
        work.mkdir(parents=True, exist_ok=True)

    def judged(self, image, abi):
        done = subprocess.run(
            [khover, "check", "--no-prove", "--format", "json", "--abi", abi, image],
            capture_output=True,
            text=True,
        )
        return json.loads(done.stdout) if done.stdout else done.stderr

    def held_against_bytes(self, witness, old, new):
        checked = 0
        for record in witness["records"]:
            for side, snapshot in (("old", old), ("new", new)):
                plain = fields(snapshot, record["record"])
                for reading in record["readings"]:
                    if reading["field"] in plain and reading[side] is not None:
                        offset, size = plain[reading["field"]]
                        address = int(record[side + "_address"], 16) + offset
                        self.assertEqual(reading[side], number(work / "witness.elf", address, size), reading)
                        checked += 1
            self.assertTrue(
                any(one["differs"] and one["old"] != one["new"] for one in record["readings"]), record
            )
            for one in record["readings"]:
                self.assertTrue(one["could_differ"] or not one["differs"])
            for change in record["changes"]:
                size = len(change["becomes"].split())
                self.assertEqual(
                    number(work / "witness.elf", int(change["address"], 16), size),
                    hex(int("".join(reversed(change["becomes"].split())), 16)),
                    change,
                )
        return checked

    def test_trees_by_date(self):
        image, checked = work / "base.elf", 0
        for old, new, options in PAIRS:
            with self.subTest(old=old, new=new):
                subprocess.run([write_image, *options, "-o", image], check=True)
                old_file, new_file = ABI / f"{old}.yaml", ABI / f"{new}.yaml"
                plain = subprocess.run(
                    [khover_abi, "diff", old_file, new_file], capture_output=True, text=True
                )
                done = diff(old_file, new_file, image)
                self.assertEqual(done.returncode, plain.returncode, done.stderr)
                report = json.loads(done.stdout)
                if old in NONE:
                    self.assertNotIn("witness", report)
                    self.assertFalse((work / "witness.elf").exists())
                    continue
                witness = report["witness"]
                self.assertEqual((witness["base"], witness["built_in"]), (str(image), False))
                # khover itself, which knows nothing of the comparison.
                arch = "x86_64"
                if "smmuv3" in old:
                    arch = "arm64"
                judged = self.judged(work / "witness.elf", f"linux-7.3-{arch}-4k+{old}")
                self.assertEqual(judged["findings"], [], judged)
                self.assertEqual(judged["summary"]["holds"], witness["under_old"]["proved"])
                checked += self.held_against_bytes(witness, old_file, new_file)
        self.assertGreater(checked, 40)

    def test_one_header_of_many(self):
        """The layouts that fit the image stand for what one header leaves out, if they are OLD's."""
        image = work / "base.elf"
        subprocess.run([write_image, "--scenario", "2026-03", "-o", image], check=True)
        layouts = source / "corpus/headers/layouts"
        headers = ["-I", source / "corpus/headers"]
        done = diff(layouts / "pci-2026-03-v3.h", layouts / "pci-2026-04-v4.h", image, *headers)
        self.assertEqual(done.returncode, 1, done.stderr)
        witness = json.loads(done.stdout)["witness"]
        self.assertIn("pci-", witness["under_new"])
        self.assertGreater(
            self.held_against_bytes(witness, ABI / "devices/2026-03.yaml", ABI / "devices/2026-04.yaml"), 2
        )
        done = diff(layouts / "pci-2026-04-v4.h", layouts / "pci-2026-07-v7.h", image, *headers)
        self.assertEqual(done.returncode, 2)
        self.assertIn("pci_ser differs from OLD", done.stderr)

    def kernel_with(self, record, *changes):
        text = KERNEL.read_text()
        begin = text.index(f"\n  {record}:")
        end = re.compile(r"\n  \w").search(text, begin + 1).start()
        body = text[begin:end]
        for before, after in changes:
            self.assertIn(before, body)
            body = body.replace(before, after)
        path = work / "new.yaml"
        path.write_text(text[:begin] + body + text[end:])
        return path

    def test_an_image_of_a_kernel(self):
        new = self.kernel_with(
            "luo_file_ser",
            ("name: data, offset: 48", "name: data, offset: 57"),
            ("name: token, offset: 56", "name: token, offset: 48"),
            ("offset: 57", "offset: 56"),
        )
        done = diff(KERNEL, new, source / "corpus/real/v1-one/finalized.elf.zst")
        witness = json.loads(done.stdout)["witness"]
        self.assertEqual((done.returncode, witness["records"][0]["changes"]), (1, []))
        self.assertEqual(self.judged(work / "witness.elf", KERNEL.stem)["findings"], [])
        self.assertNotEqual(self.judged(work / "witness.elf", new)["findings"], [])
        self.assertEqual(self.held_against_bytes(witness, KERNEL, new), 4)

    def test_a_field_is_changed_where_the_image_hides_the_difference(self):
        # The position in the memfd of this image fits into 4 bytes as well.
        new = self.kernel_with(
            "memfd_luo_ser",
            (
                "{name: pos, offset: 0, size: 8, kind: integer, type: u64}",
                "{name: pos, offset: 0, size: 4, kind: integer, type: u32}",
            ),
        )
        image = source / "corpus/real/v1-one/finalized.elf.zst"
        done = diff(KERNEL, new, image)
        witness = json.loads(done.stdout)["witness"]
        self.assertEqual(done.returncode, 1, done.stderr)
        (record,) = witness["records"]
        self.assertEqual(record["record"], "memfd_luo_ser")
        (change,) = record["changes"]
        self.assertEqual(change["what"], "memfd_luo_ser.pos")
        self.assertEqual(self.judged(work / "witness.elf", KERNEL.stem)["findings"], [])
        address = int(change["address"], 16)
        was = (
            subprocess.run(["zstd", "-dqf", image, "-o", work / "base.elf"], check=True) and work / "base.elf"
        )
        changed = [
            start + i
            for start, data in load(work / "witness.elf")
            for i, byte in enumerate(data)
            if number(was, start + i, 1) != hex(byte)
        ]
        self.assertTrue(changed and set(changed) <= set(range(address, address + 8)), changed)

    def test_no_image(self):
        new = self.kernel_with(
            "luo_file_ser",
            ("data, offset: 48", "data, offset: 57"),
            ("token, offset: 56", "token, offset: 48"),
            ("offset: 57", "offset: 56"),
        )
        # No file in it; and one that was damaged.
        done = diff(KERNEL, new, source / "corpus/real/v0-empty/finalized.elf.zst")
        self.assertEqual(done.returncode, 2)
        self.assertIn("name an image with records of a changed type: luo_file_ser", done.stderr)
        done = diff(KERNEL, new, source / "corpus/real/bug-dup51/finalized.elf.zst")
        self.assertEqual(done.returncode, 2)
        self.assertIn("is not well-formed under OLD: luo-session-block-count", done.stderr)
        self.assertFalse((work / "witness.elf").exists())
        # Equal layouts: proved, so there is none.
        text = subprocess.run(
            [
                khover_abi,
                "diff",
                ABI / "linux-7.2-x86_64-4k.yaml",
                KERNEL,
                "--image",
                "none.elf",
                "--witness",
                work / "witness.elf",
            ],
            capture_output=True,
            text=True,
        )
        self.assertEqual(text.returncode, 0, text.stderr)
        self.assertIn(
            "witness: none exists: all fields of all records that both declare read alike", text.stdout
        )
        text = subprocess.run(
            [khover_abi, "diff", KERNEL, new, "--image", "x.elf"], capture_output=True, text=True
        )
        self.assertEqual(text.returncode, 2)

    def test_every_changed_field(self):
        """Two types, and two fields of one of them that the image hides."""
        new = self.kernel_with(
            "memfd_luo_ser",
            (
                "{name: pos, offset: 0, size: 8, kind: integer, type: u64}",
                "{name: pos, offset: 0, size: 4, kind: integer, type: u32}",
            ),
            ("{name: flags, offset: 20, size: 4", "{name: flags, offset: 22, size: 2"),
            ("{name: seals, offset: 16, size: 4", "{name: seals, offset: 18, size: 2"),
        )
        text = new.read_text()
        new.write_text(
            text.replace(
                "{name: token, offset: 56, size: 8, kind: integer, type: u64}",
                "{name: token, offset: 56, size: 4, kind: integer, type: u32}",
            )
        )
        self.assertNotEqual(new.read_text(), text)
        for image in (source / "corpus/real/v1-one/finalized.elf.zst", None):
            done = diff(KERNEL, new, image)
            self.assertEqual(done.returncode, 1, done.stderr)
            witness = json.loads(done.stdout)["witness"]
            # What shows most comes first.
            memfd = witness["records"][0]
            differ = {
                record["record"]: {one["field"] for one in record["readings"] if one["differs"]}
                for record in witness["records"]
            }
            self.assertEqual(differ["luo_file_ser"], {"token"})
            self.assertEqual(differ["memfd_luo_ser"], {"pos", "seals"})
            # No flag is allowed, so none can be misread; and it is said.
            (flags,) = [one for one in memfd["readings"] if one["field"] == "flags"]
            self.assertEqual((flags["differs"], flags["could_differ"]), (False, True))
            self.assertEqual(witness["built_in"], image is None)
            self.assertEqual(self.judged(work / "witness.elf", KERNEL.stem)["findings"], [])
            self.held_against_bytes(witness, KERNEL, new)


if __name__ == "__main__":
    shutil.rmtree(work, ignore_errors=True)
    unittest.main(argv=sys.argv[:1])
