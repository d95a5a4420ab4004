#!/usr/bin/env python3
"""Trees in which something is missing: what parses is judged, what does not is named, and nothing claims more.

    incomplete_test.py KHOVER_ABI TREE WORK_FOLDER
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

khover_abi, tree, work = sys.argv[1:]
work = pathlib.Path(work)
FILE = "drivers/parcel/core.c"
HEAD = "#include <linux/kernel.h>\n#include <linux/kho/abi/parcel.h>\n\n"
FINDS = "void parcel_one(struct folio *folio)\n{\n\tkho_preserve_folio(folio);\n}\n\n"
GOOD = "int parcel_two(struct folio *folio)\n{\n\treturn kho_preserve_folio(folio);\n}\n\n"
BROKEN = "int parcel_three(struct folio *folio)\n{\n\treturn kho_preserve_folio(folio) + NEW_CONSTANT;\n}\n\n"
UNDECLARED = "int parcel_four(struct parcel_ser *ser)\n{\n\tvoid *memory = new_helper(ser->head_phys);\n\n\tif (!memory)\n\t\treturn -ENOMEM;\n\treturn new_other(memory, 1);\n}\n\n"


def run(*words):
    return subprocess.run(
        [khover_abi, "review", "--tree", work, *words], capture_output=True, text=True, timeout=120
    )


class Incomplete(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(tree, work)
        (work / FILE).parent.mkdir(parents=True)

    def write(self, text, path=FILE):
        (work / path).write_text(HEAD + text)

    def report(self, *words, status):
        result = run("--all", FILE, "--format", "json", *words)
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        return json.loads(result.stdout)

    def test_the_rest_of_a_file_is_judged(self):
        self.write(BROKEN + FINDS + GOOD)
        report = self.report(status=1)
        self.assertEqual([one["check"] for one in report["findings"]], ["result-ignored"])
        self.assertEqual(
            report["coverage"], {"files": 1, "parsed_files": 1, "functions": 3, "judged_functions": 2}
        )
        line = (HEAD + BROKEN).splitlines().index("int parcel_three(struct folio *folio)") + 1
        (left,) = report["left_out"]
        self.assertEqual(
            (left["part"], left["name"], left["file"], left["line"]), ("function", "parcel_three", FILE, line)
        )
        self.assertIn("NEW_CONSTANT", left["why"])
        text = run("--all", FILE).stdout
        self.assertIn(
            f"  {FILE}:{line}: 'parcel_three()': use of undeclared identifier 'NEW_CONSTANT'\n", text
        )
        self.assertTrue(text.endswith("\n2 of 3 functions of 1 file judged\n"), text)

    def test_no_findings_but_not_everything(self):
        self.write(BROKEN + GOOD)
        self.report(status=3)
        sarif = json.loads(run("--all", FILE, "--format", "sarif").stdout)["runs"][0]["invocations"][0]
        told = {one["level"]: one["message"]["text"] for one in sarif["toolExecutionNotifications"]}
        self.assertIn("'parcel_three()'", told["warning"])
        self.assertEqual(told["note"], "1 of 2 functions of 1 files judged")
        self.assertTrue(sarif["executionSuccessful"])
        annotations = run("--all", FILE, "--format", "github").stdout
        self.assertRegex(
            annotations, rf"^::notice file={FILE},line=4,title=khover not judged::.*parcel_three"
        )

    def test_nothing_parses(self):
        self.write(BROKEN)
        result = run("--all", FILE)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertIn("nothing was judged", result.stdout)
        self.assertNotIn("0 errors", result.stdout)
        self.assertIn(f"not reviewed: {FILE}: ", result.stderr)
        sarif = json.loads(run("--all", FILE, "--format", "sarif").stdout)["runs"][0]["invocations"][0]
        self.assertFalse(sarif["executionSuccessful"])

    def test_one_of_two_files(self):
        self.write(BROKEN)
        self.write(GOOD, "drivers/parcel/other.c")
        result = run("--all", FILE, "drivers/parcel/other.c")
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn(f"not reviewed: {FILE}: ", result.stderr)
        self.assertIn("1 of 1 function of 2 files judged\n", result.stdout)

    def test_a_header_that_is_missing(self):
        (work / FILE).write_text("#include <linux/not_there.h>\n" + HEAD + FINDS + GOOD)
        report = self.report(status=1)
        self.assertEqual([one["check"] for one in report["findings"]], ["result-ignored"])
        (left,) = report["left_out"]
        self.assertEqual((left["part"], left["line"]), ("declaration", 1))
        self.assertIn("not_there.h", left["why"])

    def test_undeclared_functions_return_an_int(self):
        self.write(UNDECLARED)
        report = self.report("--checks", "result-ignored", status=0)
        self.assertEqual(report["undeclared"], ["new_helper", "new_other"])
        self.assertEqual(report["coverage"]["judged_functions"], 1)
        self.assertEqual(report["left_out"], [])
        self.assertIn(
            "taken as int f(...):\n  new_helper()\n", run("--all", FILE, "--checks", "result-ignored").stdout
        )

    def test_what_is_done_nowhere_needs_the_whole_file(self):
        fills = (
            "int parcel_preserve(void)\n{\n\tstruct parcel_ser *ser = kho_alloc_preserve(sizeof(*ser));\n\n"
            "\tif (IS_ERR(ser))\n\t\treturn PTR_ERR(ser);\n\tser->count = 0;\n\treturn 0;\n}\n\n"
        )
        self.write(fills)
        report = self.report("--checks", "version-not-written", status=1)
        self.assertEqual({one["check"] for one in report["findings"]}, {"version-not-written"})
        self.write(fills + BROKEN)
        report = self.report("--checks", "version-not-written", status=3)
        self.assertEqual([one["check"] for one in report["not_judged"]], ["version-not-written"])

    def git(self, *words):
        who = {f"GIT_{role}_{what}": "a@b" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        subprocess.run(
            ["git", *words],
            cwd=work,
            check=True,
            capture_output=True,
            env=dict(os.environ, GIT_CONFIG_GLOBAL="/dev/null", **who),
        )

    def test_before_the_change(self):
        # The function with the finding did not parse before: nobody can say whether the change brought it.
        self.write(FINDS.replace("\tkho", "\tNEW_CONSTANT;\n\tkho"))
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-qm", "one")
        self.write(FINDS + GOOD)
        self.git("add", "-A")
        self.git("commit", "-qm", "two")
        result = run("--range", "HEAD~1..HEAD", "--format", "json")
        self.assertEqual(json.loads(result.stdout)["findings"], [])
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("as it was before the change", result.stderr)

    def test_an_empty_range(self):
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-qm", "one")
        result = run("--range", "HEAD..HEAD")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "")

    def test_the_head_names_the_reviewed_tree(self):
        self.write(GOOD)
        (work / "Makefile").write_text("VERSION = 9\nPATCHLEVEL = 8\nSUBLEVEL = 7\nEXTRAVERSION = -rc6\n")
        generated = work / "built/include/generated"
        shutil.copytree(work / "include/generated", generated)
        (generated / "utsrelease.h").write_text('#define UTS_RELEASE "1.2.3-other"\n')
        report = self.report("--generated", str(work / "built"), status=0)
        self.assertEqual(report["subject"], "9.8.7-rc6")

    def test_mail_says_it(self):
        (work / "new.patch").write_text("")
        lines = (HEAD + BROKEN + FINDS).splitlines()
        (work / "new.patch").write_text(
            "From: A <a@b>\nSubject: [PATCH] core\n\n---\n"
            f"diff --git a/{FILE} b/{FILE}\nnew file mode 100644\n--- /dev/null\n+++ b/{FILE}\n@@ -0,0 +1,{len(lines)} @@\n"
            + "".join(f"+{line}\n" for line in lines)
        )
        text = run(work / "new.patch", "--format", "mail").stdout
        self.assertIn("'parcel_three()'", text)
        self.assertIn("1 of 2 functions of 1 files were judged.", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
