#!/usr/bin/env python3
"""khover-abi lint in a pipeline: baseline, suppressions with a reason, annotations.

    waivers_test.py KHOVER_ABI HEADER WORK_FOLDER
"""
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

khover_abi, header, work = sys.argv[1:]
header, work = pathlib.Path(header), pathlib.Path(work)


def lint(*words):
    return subprocess.run(
        [khover_abi, "lint", header.name, "--page-size", "4096", "--checks", "bit-field,bool-member", *words],
        cwd=header.parent,
        capture_output=True,
        text=True,
    )


class Waivers(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        self.plain = lint()
        self.assertEqual(self.plain.returncode, 1, self.plain.stdout)

    def test_a_baseline_marks_and_never_drops(self):
        baseline = work / "lint.baseline"
        done = lint("--baseline", baseline, "--update-baseline")
        self.assertEqual(done.returncode, 0, done.stderr)
        done = lint("--baseline", baseline, "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertTrue(report["findings"])
        self.assertTrue(all(one["baselined"] for one in report["findings"]), report["findings"])
        baseline.write_text(baseline.read_text().splitlines(True)[0])
        self.assertEqual(lint("--baseline", baseline).returncode, 1)
        self.assertEqual(lint("--update-baseline").returncode, 2)

    def test_a_suppression_has_a_reason_and_is_used(self):
        allow = work / "allow.yml"
        allow.write_text("- {check: bit-field, reason: the hardware has it so}\n")
        done = lint("--suppressions", allow)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        allow.write_text("- {check: bit-field, reason: so}\n- {check: bool-member, reason: of nothing}\n")
        done = lint("--suppressions", allow)
        self.assertEqual(done.returncode, 1)
        self.assertIn("[suppression]", done.stdout)
        allow.write_text("- {check: bit-field}\n")
        self.assertEqual(lint("--suppressions", allow).returncode, 2)

    def test_annotations(self):
        done = lint("--format", "github")
        self.assertEqual(done.returncode, 1)
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), self.plain.stdout.count("[bit-field]"))
        for line in lines:
            self.assertRegex(
                line, rf"^::(error|warning|notice) file={header.name},line=\d+.*title=khover bit-field::"
            )


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
