#!/usr/bin/env python3
"""One damage is one group of findings, the cause first. causes_test.py KHOVER KHOVER-WRITE-IMAGE"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

from damaged import KHOVER, UNDETERMINED, VIOLATED, Core

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
IMAGE = os.path.join(SOURCE, "corpus/real/v2-three/finalized.elf.zst")
NODE, LEAF = 0x8B2000, 0x8B3000  # its only table page with keys of order 0, and the page in its slot 0
COMPATIBLE = b"kho-v4\0"


class Causes(unittest.TestCase):
    def check(self, core, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = core.save(os.path.join(folder, "damaged.elf"))
            done = subprocess.run([KHOVER, "check", *options, path], capture_output=True, text=True)
        return done.returncode, done.stdout

    def slot(self, value):
        core = Core(IMAGE)
        self.assertEqual(int.from_bytes(core.read(NODE, 8), "little"), LEAF)
        core.write(NODE, value.to_bytes(8, "little"))
        return core

    def damaged_slot(self, value):
        status, text = self.check(self.slot(value), "--no-prove", "--format", "json")
        self.assertEqual(status, VIOLATED)
        report = json.loads(text)
        self.assertGreater(len(report["findings"]), 8)
        self.assertEqual(len(report["groups"]), 1, report["groups"])
        group = report["groups"][0]
        self.assertEqual(sorted(group["findings"]), list(range(len(report["findings"]))))
        self.assertEqual(sorted(group["gone"]), list(range(len(report["findings"]))))
        self.assertEqual(
            (group["repair"][0]["address"], group["repair"][0]["becomes"]), (hex(NODE), hex(LEAF))
        )
        return report, group

    def test_a_lost_page_of_the_map(self):
        _, group = self.damaged_slot(0)
        self.assertFalse(group["cause_is_finding"])
        _, text = self.check(self.slot(0), "--no-prove")
        self.assertIn("\nDAMAGED  crash\n", text)
        self.assertNotIn("\nVIOLATED", text)

    def test_a_wild_slot(self):
        report, group = self.damaged_slot(0x7FFFFFFFF000)
        self.assertTrue(group["cause_is_finding"])
        self.assertEqual(report["findings"][group["findings"][0]]["rule"], "kho-radix-slot")

    def test_a_slot_that_leads_to_another_page(self):
        self.damaged_slot(0x955000)

    def test_two_damages_are_two_groups(self):
        core = self.slot(0)
        core.write(0xA66010, b"\0")  # a session without a name
        status, text = self.check(core, "--no-prove", "--format", "json")
        self.assertEqual(status, VIOLATED)
        report = json.loads(text)
        self.assertEqual(len(report["groups"]), 2)
        first, second = ([report["findings"][i]["rule"] for i in one["findings"]] for one in report["groups"])
        self.assertIn("luo-session-block-preserved", first)
        self.assertEqual(second, ["luo-session-name"])

    def test_a_newer_version_is_one_line(self):
        core = Core(IMAGE)
        at = core.bytes.index(COMPATIBLE)
        core.bytes[at + len(COMPATIBLE) - 2] = ord("9")
        status, text = self.check(core, "--no-prove")
        self.assertEqual(status, UNDETERMINED)
        lines = text.splitlines()
        self.assertTrue(lines[0].startswith("verdict: undetermined"), lines[0])
        self.assertEqual(lines[-1], lines[0])
        self.assertTrue(
            lines[1].startswith('newer: KHO says "kho-v9"; khover knows up to "kho-v4": '), lines[1]
        )
        self.assertLess(len(lines), 30)
        self.assertEqual(text.count("\nUNDETERMINED"), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
