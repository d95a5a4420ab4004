#!/usr/bin/env python3
"""Damage that once left as well-formed. damage_test.py KHOVER KHOVER-WRITE-IMAGE

Each damage of real images was tried on a real kernel, with exactly these bytes: what that kernel did is beside it.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

from damaged import CANNOT_ANSWER, KHOVER, NOTHING_TO_OBJECT, UNDETERMINED, VIOLATED, WRITER, Core, Damaged

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))


class Damage(Damaged):
    def test_two_files_share_a_chunk(self):
        """REFUSE: WARN, -EINVAL for the second file."""
        core = Core(os.path.join(SOURCE, "corpus/real/v2-three/finalized.elf.zst"))
        core.write(0x1ACB018, bytes.fromhex("000800000000000000a0ac01000000000800000001000000"))
        report = self.check(core)
        self.assertIn(report["verdict"]["status"], (VIOLATED, UNDETERMINED))
        pointers = [(one["path"], one["pointer"], one["why"]) for one in report["not_followed"]]
        owners = [finding for finding in report["findings"] if "0x1acb000" in json.dumps(finding)]
        self.assertTrue(pointers or owners, report["verdict"])
        for path, pointer, why in pointers:
            self.assertIn("memfd", path)
            self.assertEqual(pointer, "folios.first.phys")
            self.assertIn("0x1aca000", why)

    def test_an_array_whose_first_entry_is_zero(self):
        """REFUSE: the reader stops at the first empty entry and finds no page."""
        good = self.written("--sessions", "1", "--files", "1", "--folios", "1024")
        chunk = self.dumped(good)["memfd.chunks"][0]
        core = Core(good)
        first = int(chunk["_addr"], 16) + 8
        self.assertNotEqual(core.read(first, 8), bytes(8))
        self.assertNotEqual(core.read(first + 8, 8), bytes(8), "several pages")
        core.write(first, bytes(8))
        report = self.check(core)
        self.assertEqual(report["verdict"]["status"], VIOLATED, report["verdict"])
        self.assertEqual(self.verdicts(report)["memfd-vmalloc-total-pages"], "violated")

    def test_a_key_without_its_order_bit(self):
        """none: the kernel reads on. Such a key is for no memory, so that no severer rule waits for it."""
        path = os.path.join(self.folder, "key.elf")
        subprocess.run([WRITER, "--break", "kho-radix-key-valid", "-o", path], check=True)
        report = self.check(Core(path))
        self.assertEqual(self.verdicts(report)["kho-radix-key-valid"], "violated")
        self.assertEqual(report["verdict"]["status"], NOTHING_TO_OBJECT, report["verdict"])

    def test_only_speaks_for_its_rules(self):
        image = os.path.join(SOURCE, "corpus/real/v2-three/finalized.elf.zst")
        core = Core(image)
        core.write(0x1ACB018, bytes.fromhex("000800000000000000a0ac01000000000800000001000000"))
        report = self.check(core, "--only", "luo-token-unique")
        self.assertEqual(report["verdict"]["status"], NOTHING_TO_OBJECT)
        self.assertEqual(report["verdict"]["word"], "nothing wrong in what is visible")
        self.assertIn("nothing is said of the image", report["verdict"]["sentence"])

    def test_no_proof_no_proved(self):
        report = self.check(Core(os.path.join(SOURCE, "corpus/real/v1-one/finalized.elf.zst")), "--no-prove")
        self.assertEqual({rule["verdict"] for rule in report["rules"]}, {"holds", "not judged"})
        self.assertEqual(
            {rule["backed_by"] for rule in report["rules"] if rule["verdict"] == "holds"}, {"evaluation"}
        )
        self.assertIn("no proof was made", report["verdict"]["sentence"])
        report = self.check(Core(os.path.join(SOURCE, "corpus/real/v1-one/finalized.elf.zst")))
        self.assertEqual({rule["verdict"] for rule in report["rules"]}, {"proved", "not judged"})

    def test_outgoing_images_are_not_called_well_formed(self):
        report = self.check(Core(os.path.join(SOURCE, "corpus/real/v1-one/outgoing.elf.zst")))
        self.assertEqual(report["verdict"]["status"], NOTHING_TO_OBJECT)
        self.assertEqual(report["verdict"]["word"], "nothing wrong in what is visible")
        hidden = report["verdict"]["coverage"]["not_judged"]["hidden by the phase"]
        self.assertGreater(hidden, 0)
        self.assertIn(f"{hidden} of {len(report['rules'])} rules say nothing", report["verdict"]["sentence"])


class GivenFacts(unittest.TestCase):
    """Facts that the image contradicts are an error: one sentence that names the option."""

    IMAGE = os.path.join(SOURCE, "corpus/real/v1-one/finalized.elf.zst")

    def refused(self, *options, image=IMAGE, says):
        done = subprocess.run([KHOVER, "check", *options, image], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (CANNOT_ANSWER, ""), done.stderr)
        self.assertRegex(done.stderr, r"\Akhover: [^\n]+\n\Z")
        self.assertIn(says, done.stderr)

    def test_phase(self):
        self.refused("--phase", "outgoing", says="--phase: the image is not outgoing")

    def test_ram(self):
        self.refused("--ram", "0x100000000,0x100000000", says="--ram: the root FDT at 0x")

    def test_scratch(self):
        self.refused(
            "--ram", "0,0x10000000", "--scratch", "0x200000000,16", says="--scratch: the table at 0x200000000"
        )

    def test_numa(self):
        self.refused("--numa", "0x100000000,0x100000000@0", says="--numa: the root FDT at 0x")

    def test_host_of_another_machine(self):
        with tempfile.TemporaryDirectory() as folder:
            device = os.path.join(folder, "devices/pci0000:00/0000:00:1f.0")
            os.makedirs(device)
            os.makedirs(os.path.join(folder, "bus/pci/devices"))
            os.symlink(
                "../../../devices/pci0000:00/0000:00:1f.0",
                os.path.join(folder, "bus/pci/devices/0000:00:1f.0"),
            )
            with open(os.path.join(device, "class"), "w", encoding="utf-8") as file:
                file.write("0x060100\n")
            self.refused(
                "--host",
                folder,
                image=os.path.join(SOURCE, "corpus/real/p2-bridges/finalized.elf.zst"),
                says="--host: it has none of the",
            )


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
