#!/usr/bin/env python3
"""khover rules and khover dump. commands_test.py KHOVER KHOVER-WRITE-IMAGE"""

import os
import re
import tempfile

import khover
from khover import CANNOT_ANSWER, NOTHING_TO_OBJECT, real

RULES = os.path.join(khover.SOURCE, "rules")
PACK = """pack: own
title: Own
sets:
  root: {singular: root, fdt: {at: root_address, limit: 0x1000}, properties: {compatible: {property: compatible, type: text}}}
rules:
  - id: own-rule
    severity: hygiene
    claim: "for root: %s"
    because: it is so
    evidence: f()
"""


class Rules(khover.TestCase):
    def test_list(self):
        rules = self.json("rules", "list", "--format", "json", status=NOTHING_TO_OBJECT)
        self.assertGreater(len(rules), 100)
        self.assertEqual(len({rule["id"] for rule in rules}), len(rules))
        for rule in rules:
            self.assertIn(rule["severity"], ("crash", "refuse", "silent", "hygiene"))
            self.assertTrue(
                set(rule["phases"]) <= {"outgoing", "finalized", "early"} and rule["phases"], rule
            )
            self.assertTrue(rule["claim"] and rule["because"] and rule["evidence"], rule)
        text = self.answer("rules", "list", status=NOTHING_TO_OBJECT)
        for rule in rules:
            self.assertIn(f"  {rule['id']} ", text)

    def test_list_sets_and_snapshots(self):
        self.assertIn(
            "luo.sessions (session, 80 bytes)",
            self.answer("rules", "list", "--sets", status=NOTHING_TO_OBJECT),
        )
        names = self.answer("rules", "list", "--snapshots", status=NOTHING_TO_OBJECT).split()
        abi = os.path.join(RULES, "abi")
        shipped = [
            os.path.relpath(os.path.join(folder, name), abi).removesuffix(".yaml")
            for folder, _, files in os.walk(abi)
            for name in files
            if name.endswith(".yaml")
        ]
        # A "+" marks layouts that are added to those of a released kernel.
        self.assertEqual(sorted(name.lstrip("+") for name in names), sorted(shipped))

    def test_explain(self):
        for rule in self.json("rules", "list", "--format", "json", status=NOTHING_TO_OBJECT)[::10]:
            text = self.answer("rules", "explain", rule["id"], status=NOTHING_TO_OBJECT)
            self.assertTrue(text.startswith(rule["id"] + "\n"))
            self.assertIn(rule["because"], text)
        for id in (
            "kho-map-chunk-pointer",
            "iommu-device-unit",
        ):  # of an earlier format, of layouts of devices
            self.assertTrue(
                self.answer("rules", "explain", id, status=NOTHING_TO_OBJECT).startswith(id + "\n")
            )
        self.assertIn("unknown rule", self.answer("rules", "explain", "no-such-rule", status=CANNOT_ANSWER))

    def test_test(self):
        self.assertRegex(
            self.answer("rules", "test", RULES, status=NOTHING_TO_OBJECT), r"\d+ rules over \d+ sets"
        )

    def test_test_finds_the_place_of_an_error(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "own"))
            path = os.path.join(folder, "own", "own.yaml")
            with open(path, "w") as file:
                file.write(PACK % "sound")
            self.assertRegex(
                self.answer("rules", "test", folder, status=NOTHING_TO_OBJECT),
                r"own +ok\n\d+ rules over \d+ sets",
            )
            with open(path, "w") as file:
                file.write(PACK % "sound and wrong")
            self.assertIn(
                "own/own.yaml:8:33: 'wrong' is not a column",
                self.answer("rules", "test", folder, status=CANNOT_ANSWER),
            )

    def test_a_folder_of_own_rules_judges_an_image(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "own"))
            with open(os.path.join(folder, "own", "own.yaml"), "w") as file:
                file.write(PACK % "sound")
            os.symlink(os.path.join(RULES, "abi"), os.path.join(folder, "abi"))
            done = khover.run("check", "--format", "json", "--rules", folder, real("v1-one"))
            self.assertIn(done.returncode, (NOTHING_TO_OBJECT, CANNOT_ANSWER), done.stderr)


class Dump(khover.TestCase):
    def test_text(self):
        text = self.answer("dump", real("v1-one"), status=NOTHING_TO_OBJECT)
        self.assertIn('    LUO at 0x949000: compatible "luo-v5", liveupdate_num 1', text)
        self.assertIn('        session "solo" at 0xa94010: name "solo"', text)
        self.assertIn("11 × folio", text)

    def test_all_lists_bulk_sets_too(self):
        text = self.answer("dump", "--all", real("v1-one"), status=NOTHING_TO_OBJECT)
        self.assertEqual(text.count("folio at index "), 11)

    def test_json_has_every_set(self):
        dump = self.json("dump", "--json", real("v1-one"), status=NOTHING_TO_OBJECT)
        self.assertEqual(dump["phase"], "finalized")
        self.assertEqual([session["name"] for session in dump["sets"]["luo.sessions"]], ["solo"])
        self.assertEqual(len(dump["sets"]["memfd.folios"]), 11)

    def test_names_layouts_that_fit_as_well(self):
        tie = "fit as well as those of linux-7.3-x86_64-4k+devices/2026-06-"
        with tempfile.TemporaryDirectory() as folder:
            image = self.write_image(
                os.path.join(folder, "image.elf"),
                "--scenario",
                "2026-06-intel",
                "--devices",
                "1",
                "--sessions",
                "1",
            )
            done = khover.run("dump", image)
            self.assertRegex(done.stderr, "^khover: warning: the layouts of .* " + re.escape(tie))
            dump = self.json("dump", "--json", image, status=NOTHING_TO_OBJECT)
            self.assertIn(tie, dump["warnings"][0])
            self.assertEqual(len(dump["abi"]), 1)
        self.assertEqual(khover.run("dump", real("v1-one")).stderr, "")

    def test_shows_no_control_character_of_the_image(self):
        with tempfile.TemporaryDirectory() as folder:
            image = self.write_image(os.path.join(folder, "image.elf"), "--sessions", "1")
            with open(image, "r+b") as file:
                data = file.read()
                compatible = data.find(b"memfd-v2")
                self.assertGreater(compatible, 0)
                file.seek(compatible)
                file.write(b"\x1b[31m\x07\xff\xc2")
            for arguments in (("dump",), ("check",)):
                done = khover.run(*arguments, image)
                self.assertFalse([c for c in done.stdout if ord(c) < 32 and c != "\n"], arguments)
                self.assertNotIn("\udcff", done.stdout)


if __name__ == "__main__":
    khover.main()
