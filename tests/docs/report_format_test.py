#!/usr/bin/env python3
"""`khover check --format json` has the form of docs/check.schema.json. report_format_test.py KHOVER KHOVER-WRITE-IMAGE"""

import copy
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

import json_schema

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WRITTEN = (
    ("--break", "luo-token-unique"),
    ("--break", "luo-compatible:2"),
    ("--break", "kho-keys-disjoint"),
    ("--bad", "sessions-in-hole"),
    ("--bad", "unknown-handler"),
    ("--bad", "map-in-hole"),
    ("--phase", "outgoing"),
)


class ReportFormat(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with open(os.path.join(SOURCE, "docs", "check.schema.json"), encoding="utf-8") as file:
            cls.schema = json.load(file)

    def report(self, image):
        done = subprocess.run([KHOVER, "check", "--format", "json", image], capture_output=True, text=True)
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        return json.loads(done.stdout)

    def fits(self, report):
        self.assertEqual(list(json_schema.violations(report, self.schema, self.schema)), [])
        verdicts = [rule["verdict"].replace(" ", "_") for rule in report["rules"]]
        self.assertEqual({word: verdicts.count(word) for word in report["summary"]}, report["summary"])
        self.assertEqual(
            {finding["rule"] for finding in report["findings"]},
            {rule["rule"] for rule in report["rules"] if rule["verdict"] in ("violated", "undetermined")},
        )

    def test_real_images(self):
        images = glob.glob(os.path.join(SOURCE, "corpus", "real", "*", "*.elf.zst"))
        self.assertTrue(images)
        for image in images:
            with self.subTest(image=image):
                self.fits(self.report(image))

    def test_broken_images(self):
        with tempfile.TemporaryDirectory() as folder:
            for arguments in WRITTEN:
                with self.subTest(image=arguments):
                    image = os.path.join(folder, "image.elf")
                    subprocess.run([WRITER, *arguments, "-o", image], check=True)
                    self.fits(self.report(image))

    def test_the_schema_can_fail(self):
        report = self.report(os.path.join(SOURCE, "corpus", "real", "bug-dup51", "finalized.elf.zst"))
        for change in (
            lambda r: r.pop("summary"),
            lambda r: r.update(extra=1),
            lambda r: r.update(root=5),
            lambda r: r.update(phase="late"),
            lambda r: r["findings"][0].pop("because"),
            lambda r: r["findings"][0].update(address="12"),
            lambda r: r["rules"][0].update(verdict="not_judged"),
        ):
            wrong = copy.deepcopy(report)
            change(wrong)
            self.assertTrue(list(json_schema.violations(wrong, self.schema, self.schema)))


if __name__ == "__main__":
    WRITER = sys.argv.pop(2)
    KHOVER = sys.argv.pop(1)
    unittest.main()
