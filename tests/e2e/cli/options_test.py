#!/usr/bin/env python3
"""Exit statuses and options. options_test.py KHOVER KHOVER-WRITE-IMAGE"""

import os
import subprocess
import tempfile

import khover
from khover import CANNOT_ANSWER, NOTHING_TO_OBJECT, UNDETERMINED, VIOLATED, real


class ExitStatus(khover.TestCase):
    def test_nothing_to_object(self):
        text = self.answer("check", real("v1-one"), status=NOTHING_TO_OBJECT)
        self.assertIn("verdict: well-formed", text)

    def test_violated(self):
        text = self.answer("check", real("bug-dup51"), status=VIOLATED)
        self.assertIn("[luo-session-block-count]", text)

    def test_undetermined(self):
        with tempfile.TemporaryDirectory() as folder:
            image = self.write_image(os.path.join(folder, "newer.elf"), "--break", "luo-compatible:2")
            self.assertIn("UNDETERMINED", self.answer("check", image, status=UNDETERMINED))

    def test_violated_outranks_undetermined(self):
        with tempfile.TemporaryDirectory() as folder:
            image = self.write_image(os.path.join(folder, "image.elf"), "--bad", "sessions-in-hole")
            report = self.json("check", "--format", "json", image, status=VIOLATED)
            self.assertGreater(report["summary"]["violated"], 0)
            self.assertGreater(report["summary"]["undetermined"], 0)

    def test_hygiene_counts_only_when_asked(self):
        with tempfile.TemporaryDirectory() as folder:
            image = self.write_image(os.path.join(folder, "hygiene.elf"), "--break", "luo-flb-pages")
            self.assertIn("VIOLATED  hygiene", self.answer("check", image, status=NOTHING_TO_OBJECT))
            self.answer("check", "--fail-on", "hygiene", image, status=VIOLATED)
            self.answer("check", "--fail-on", "silent", image, status=NOTHING_TO_OBJECT)

    def test_fail_on_passes_over_lesser_severities(self):
        self.answer("check", "--fail-on", "refuse", real("bug-resmem"), status=NOTHING_TO_OBJECT)
        self.answer("check", "--fail-on", "crash", real("bug-dup51"), status=VIOLATED)


class Options(khover.TestCase):
    def refused(self, *arguments, says):
        self.assertIn(says, self.answer(*arguments, status=CANNOT_ANSWER))

    def test_only_and_skip(self):
        image, rule = real("bug-dup51"), "luo-session-block-count"
        report = self.json("check", "--format", "json", "--only", rule, image, status=VIOLATED)
        self.assertEqual([line["rule"] for line in report["rules"]], [rule])
        # What the skipped rule kept from being read stays unread.
        report = self.json("check", "--format", "json", "--skip", rule, image, status=UNDETERMINED)
        self.assertNotIn(rule, [line["rule"] for line in report["rules"]])
        report = self.json(
            "check", "--format", "json", "--only", rule, "--only", "luo-token-unique", image, status=VIOLATED
        )
        self.assertEqual(sorted(line["rule"] for line in report["rules"]), [rule, "luo-token-unique"])

    def test_unknown_rules(self):
        self.refused("check", "--only", "no-such-rule", real("v1-one"), says="unknown rule 'no-such-rule'")
        self.refused("check", "--skip", "no-such-rule", real("v1-one"), says="unknown rule 'no-such-rule'")

    def test_abi_by_name_and_by_file(self):
        name = "linux-7.3-x86_64-4k"
        by_name = self.json(
            "check", "--format", "json", "--abi", name, real("v1-one"), status=NOTHING_TO_OBJECT
        )
        self.assertEqual(by_name["abi"], [name])
        path = os.path.join(khover.SOURCE, "rules", "abi", name + ".yaml")
        by_file = self.json(
            "check", "--format", "json", "--abi", path, real("v1-one"), status=NOTHING_TO_OBJECT
        )
        self.assertEqual(by_file["summary"], by_name["summary"])
        self.refused("check", "--abi", "no-such-abi", real("v1-one"), says="unknown ABI snapshot")
        self.refused("check", "--abi", __file__, real("v1-one"), says=os.path.basename(__file__))

    def test_rules_from_a_folder(self):
        rules = os.path.join(khover.SOURCE, "rules")
        own = self.json(
            "check", "--format", "json", "--rules", rules, real("v1-one"), status=NOTHING_TO_OBJECT
        )
        built_in = self.json("check", "--format", "json", real("v1-one"), status=NOTHING_TO_OBJECT)
        for rule in own["rules"] + built_in["rules"]:
            rule.get("proof", {}).pop("seconds", None)
        self.assertEqual(own["rules"], built_in["rules"])
        self.refused("check", "--rules", "/nonexistent", real("v1-one"), says="cannot be read")
        self.refused(
            "check", "--rules", os.path.dirname(__file__), real("v1-one"), says="holds no .yaml file"
        )

    def test_phase(self):
        image = real("v1-one")
        given = self.json("check", "--format", "json", "--phase", "early", image, status=NOTHING_TO_OBJECT)
        self.assertEqual((given["phase"], given["phase_from"]), ("early", "given"))
        self.refused("check", "--phase", "outgoing", image, says="the image is not outgoing")
        self.refused("check", "--phase", "late", image, says="'late' is not a phase")

    def test_root(self):
        found = self.json("check", "--format", "json", real("bug-dup51"), status=VIOLATED)
        self.assertEqual(found["root_from"], "scan")
        given = self.json(
            "check", "--format", "json", "--fdt", found["root"], real("bug-dup51"), status=VIOLATED
        )
        self.assertEqual(given["root_from"], "given")
        self.assertEqual(given["findings"], found["findings"])
        self.refused("check", "--fdt", "here", real("v1-one"), says="'here' is not an address")

    def test_a_wrong_root_is_never_well_formed(self):
        image = real("v1-one")
        # A page of zeroes or records, an odd place in the root FDT, a hole, the end of the address space.
        for address in ("0x8a3000", "0x949000", "0x8a4004", "0x1000", "0xfffffffffffff000"):
            done = khover.run("check", "--format", "json", "--fdt", address, image)
            self.assertIn(done.returncode, (VIOLATED, CANNOT_ANSWER, UNDETERMINED), address)

    def test_two_roots(self):
        with tempfile.TemporaryDirectory() as folder:
            image = self.write_image(os.path.join(folder, "two.elf"), "--bad", "two-roots")
            text = self.answer("check", image, status=NOTHING_TO_OBJECT)
            self.assertIn("2 pages look like a root FDT", text)

    def test_facts(self):
        image = real("bug-dup51")
        without = self.json("check", "--format", "json", image, status=VIOLATED)
        self.assertEqual(without["inputs"], {"ram": None, "scratch": None, "numa": None})
        given = self.json(
            "check",
            "--format",
            "json",
            "--ram",
            "0,0x10000000",
            "--numa",
            "0,0x10000000@0",
            image,
            status=VIOLATED,
        )
        self.assertEqual(given["inputs"], {"ram": "given", "scratch": None, "numa": "given"})
        self.assertLess(given["summary"]["not_judged"], without["summary"]["not_judged"])
        for option, value in (
            ("--ram", "5"),
            ("--ram", "0,10+5,10"),
            ("--scratch", "0,1+2,3"),
            ("--numa", "0,10"),
            ("--numa", "0,10@x"),
            ("--raw-base", "-1"),
        ):
            self.refused("check", option, value, image, says=option)

    def test_command_line_that_is_none(self):
        for arguments in (
            (),
            ("frob",),
            ("check",),
            ("dump",),
            ("rules",),
            ("check", "--bogus", real("v1-one")),
            ("check", real("v1-one"), real("v2-three")),
            ("check", "--format", "xml", real("v1-one")),
            ("check", "--fail-on", "none", real("v1-one")),
            ("rules", "explain"),
            ("rules", "test"),
        ):
            self.answer(*arguments, status=CANNOT_ANSWER)

    def test_help_and_version(self):
        self.assertRegex(
            self.answer("--version", status=NOTHING_TO_OBJECT),
            r"\Akhover [0-9]+\.[0-9]+\.[0-9]+( \(commit [0-9a-f]+(, modified)?\))?\n\Z",
        )
        for arguments in (
            ("--help",),
            ("check", "--help"),
            ("dump", "--help"),
            ("rules", "--help"),
            ("rules", "list", "--help"),
        ):
            self.assertIn("Usage: khover", self.answer(*arguments, status=NOTHING_TO_OBJECT))
        self.assertIn(
            "Exit status: 0 nothing to object, 1 violated, 2 cannot answer, 3 undetermined.",
            self.answer("check", "--help", status=NOTHING_TO_OBJECT),
        )

    def test_abi_without_khover_abi_says_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder:
            alone = os.path.join(folder, "khover")
            subprocess.run(["cp", khover.KHOVER, alone], check=True)
            done = subprocess.run(
                [alone, "abi", "extract"], capture_output=True, text=True, env={"PATH": folder}
            )
            self.assertEqual(done.returncode, CANNOT_ANSWER)
            self.assertIn("khover-abi", done.stderr)


if __name__ == "__main__":
    khover.main()
