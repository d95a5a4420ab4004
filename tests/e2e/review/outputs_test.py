#!/usr/bin/env python3
"""What khover review writes: text, JSON, SARIF, GitHub annotations and mail; suppressions, baselines, exit status.

    outputs_test.py KHOVER_ABI TREE WORK_FOLDER
"""
import contextlib
import email
import email.policy
import json
import mailbox
import pathlib
import shutil
import subprocess
import sys
import unittest

khover_abi, tree, work = sys.argv[1:]
work = pathlib.Path(work)
FILE = "drivers/parcel/core.c"
CODE = """#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void parcel_one(struct folio *folio)
{
	kho_preserve_folio(folio);
}

int parcel_retrieve(const struct parcel_ser *ser, const char *name)
{
	return strcmp(ser->compatible, name);
}
"""
MAIL = """From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: A. Author <author@example.org>
To: list@example.org
Cc: Somebody <somebody@example.org>
Date: Sat, 21 Nov 2026 10:00:00 +0000
Message-ID: <patch.1@example.org>
Subject: [PATCH 1/2] parcel: add
 the core

Text above the diff.
---
 drivers/parcel/core.c | 12 ++++++++++++

diff --git a/drivers/parcel/core.c b/drivers/parcel/core.c
new file mode 100644
--- /dev/null
+++ b/drivers/parcel/core.c
@@ -0,0 +1,%d @@
%s--
2.39.5

"""
SECOND = """From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001
From: A. Author <author@example.org>
Message-ID: <patch.2@example.org>
Subject: [PATCH 2/2] parcel: say something

diff --git a/drivers/parcel/words b/drivers/parcel/words
new file mode 100644
--- /dev/null
+++ b/drivers/parcel/words
@@ -0,0 +1 @@
+word
"""


def run(*words, **options):
    return subprocess.run(
        [khover_abi, "review", "--tree", work, *words], capture_output=True, text=True, **options
    )


class Outputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(tree, work)
        lines = CODE.splitlines(keepends=True)
        (work / "series.mbox").write_text(MAIL % (len(lines), "".join("+" + line for line in lines)) + SECOND)

    def setUp(self):
        self.patch = work / "series.mbox"

    def test_text_has_the_line_and_a_caret(self):
        result = run(self.patch)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertRegex(result.stdout, rf"(?m)^{FILE}:6:2: error: .* \[result-ignored\]$")
        self.assertIn(
            "     6 | \tkho_preserve_folio(folio);\n       | \t^~~~~~~~~~~~~~~~~~~~~~~~~\n", result.stdout
        )
        self.assertNotIn("\033", result.stdout)

    def test_fail_on(self):
        self.assertEqual(run(self.patch, "--checks", "string-*").returncode, 1)
        self.assertEqual(run(self.patch, "--checks", "string-*", "--fail-on", "error").returncode, 0)
        self.assertEqual(run(self.patch, "--fail-on", "error").returncode, 1)
        self.assertEqual(run(self.patch, "--fail-on", "none").returncode, 0)

    def test_github(self):
        result = run(self.patch, "--format", "github")
        lines = result.stdout.splitlines()
        self.assertEqual(len(lines), 2, result.stdout)
        self.assertTrue(
            lines[0].startswith(
                f"::error file={FILE},line=6,col=2,endColumn=27,title=khover result-ignored::"
            )
        )
        self.assertTrue(lines[1].startswith(f"::warning file={FILE},line=11,"))

    def sarif(self, *words):
        result = run(self.patch, "--format", "sarif", *words)
        report = json.loads(result.stdout)
        # The parts of the published schema that hosts rely on.
        self.assertEqual(report["version"], "2.1.0")
        self.assertEqual(set(report) - {"$schema", "version", "runs"}, set())
        self.assertEqual(len(report["runs"]), 1)
        one = report["runs"][0]
        self.assertEqual(set(one) - {"tool", "invocations", "columnKind", "results"}, set())
        driver = one["tool"]["driver"]
        self.assertTrue(driver["name"] and driver["version"])
        ids = [rule["id"] for rule in driver["rules"]]
        self.assertEqual(len(ids), len(set(ids)))
        for rule in driver["rules"]:
            self.assertIn(rule["defaultConfiguration"]["level"], ("none", "note", "warning", "error"))
            self.assertIn("docs/review/", rule["help"]["text"])
        for invocation in one["invocations"]:
            self.assertIsInstance(invocation["executionSuccessful"], bool)
        prints = set()
        for item in one["results"]:
            self.assertEqual(ids[item["ruleIndex"]], item["ruleId"])
            self.assertIn(item["level"], ("none", "note", "warning", "error"))
            self.assertTrue(item["message"]["text"])
            location = item["locations"][0]["physicalLocation"]
            self.assertRegex(location["artifactLocation"]["uri"], r"^[^/:][^:]*$")
            for number in ("startLine", "startColumn", "endColumn"):
                self.assertGreaterEqual(location["region"].get(number, 1), 1)
            prints.add(item["partialFingerprints"]["khoverFinding/v1"])
            for waiver in item.get("suppressions", []):
                self.assertIn(waiver["kind"], ("inSource", "external"))
                self.assertIn(waiver["status"], ("accepted", "underReview", "rejected"))
            self.assertIn(item.get("baselineState", "new"), ("new", "unchanged", "updated", "absent"))
        self.assertEqual(len(prints), len(one["results"]))
        return one["results"]

    def test_sarif(self):
        self.assertEqual(
            sorted(one["ruleId"] for one in self.sarif()), ["result-ignored", "string-unterminated"]
        )

    def test_mail_quotes_the_hunk_and_answers_below(self):
        result = run(self.patch, "--format", "mail", "--mail-from", "Bot <bot@example.org>")
        path = work / "answer.mbox"
        path.write_text(result.stdout)
        with contextlib.closing(mailbox.mbox(path)) as box:
            mails = [email.message_from_bytes(one.as_bytes(), policy=email.policy.default) for one in box]
        self.assertEqual(len(mails), 1)  # nothing to say about the second patch
        mail = mails[0]
        self.assertEqual(mail["In-Reply-To"], "<patch.1@example.org>")
        self.assertEqual(mail["References"], "<patch.1@example.org>")
        self.assertEqual(mail["Subject"], "Re: [PATCH 1/2] parcel: add the core")
        self.assertEqual(mail["From"], "Bot <bot@example.org>")
        self.assertEqual([one.addr_spec for one in mail["To"].addresses], ["author@example.org"])
        self.assertEqual(
            [one.addr_spec for one in mail["Cc"].addresses], ["list@example.org", "somebody@example.org"]
        )
        lines = mail.get_content().splitlines()
        self.assertEqual(lines[0], "On Sat, 21 Nov 2026 10:00:00 +0000, A. Author wrote:")
        self.assertIn("> diff --git a/drivers/parcel/core.c b/drivers/parcel/core.c", lines)
        self.assertIn("> @@ -0,0 +1,12 @@", lines)
        at = lines.index("> +\tkho_preserve_folio(folio);")
        self.assertEqual(lines[at + 1], "")
        comment = lines[at + 2 : lines.index("[khover result-ignored]")]
        self.assertIn("the result of 'kho_preserve_folio()' is ignored", " ".join(comment).lower())
        self.assertLess(
            lines.index("[khover result-ignored]"), lines.index("> +\treturn strcmp(ser->compatible, name);")
        )
        self.assertIn("-- ", lines)
        self.assertTrue(all(len(line) <= 78 for line in lines if not line.startswith(">")))

    def test_mail_is_silent_where_there_is_nothing(self):
        result = run(self.patch, "--format", "mail", "--checks", "double-free")
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_suppressions_of_a_file(self):
        allow = work / "allow.yml"
        allow.write_text(
            "- {check: result-ignored, file: drivers/parcel/*, reason: the folio is found again}\n"
        )
        result = run(self.patch, "--suppressions", allow)
        self.assertIn("the folio is found again [result-ignored]", result.stdout)
        self.assertEqual(run(self.patch, "--suppressions", allow, "--fail-on", "error").returncode, 0)
        waived = [one for one in self.sarif("--suppressions", str(allow)) if "suppressions" in one]
        self.assertEqual(
            [(one["ruleId"], one["suppressions"][0]["kind"]) for one in waived],
            [("result-ignored", "external")],
        )
        allow.write_text("- {check: double-free, reason: none is here}\n")
        self.assertRegex(
            run(self.patch, "--suppressions", allow).stdout, r"suppresses 'double-free' .* \[suppression\]"
        )
        allow.write_text("- {check: double-free}\n")
        result = run(self.patch, "--suppressions", allow)
        self.assertEqual(result.returncode, 2)
        self.assertIn("needs a check and a reason", result.stderr)

    def test_a_baseline_marks_and_drops_nothing(self):
        baseline = work / "baseline"
        baseline.unlink(missing_ok=True)
        self.assertEqual(run(self.patch, "--baseline", baseline).returncode, 2)
        first = run(self.patch, "--checks", "string-*", "--baseline", baseline, "--update-baseline")
        self.assertEqual(first.returncode, 0, first.stderr)
        second = run(self.patch, "--baseline", baseline)
        self.assertEqual(second.returncode, 1)
        self.assertIn("in the baseline:", second.stdout)
        states = {one["ruleId"]: one["baselineState"] for one in self.sarif("--baseline", str(baseline))}
        self.assertEqual(states, {"result-ignored": "new", "string-unterminated": "unchanged"})
        self.assertEqual(run(self.patch, "--baseline", baseline, "--checks", "string-*").returncode, 0)

    def test_usage(self):
        for words in (
            [],
            ["--range", "nonsense"],
            [work / "nowhere.mbox"],
            [self.patch, "--checks", "no-such"],
            ["--range", "HEAD..--output=x"],
            [self.patch, "--table", self.patch],
        ):
            result = run(*words)
            self.assertEqual(result.returncode, 2, words)
            self.assertRegex(result.stderr, r"^khover: [^\n]+\n$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
