#!/usr/bin/env python3
"""Patches that want more than a review: nothing is read outside the tree, nothing is run, nothing hangs or crashes.

    hostile_test.py KHOVER_ABI TREE WORK_FOLDER
"""
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import unittest

khover_abi, tree, work = sys.argv[1:]
work = pathlib.Path(work)
FILE = "drivers/parcel/core.c"


def run(*words, **options):
    return subprocess.run(
        [khover_abi, "review", "--tree", work, *words], capture_output=True, text=True, timeout=600, **options
    )


def diff(path, text, mode="100644"):
    lines = text.splitlines()
    return (
        f"diff --git a/{path} b/{path}\nnew file mode {mode}\n--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{len(lines)} @@\n"
        + "".join(f"+{line}\n" for line in lines)
    )


def cpu_seconds():
    """Of the programs that ended: not the clock, which a busy machine moves."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Hostile(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(tree, work)
        self.outside = work.parent / "secret.h"
        self.outside.write_text("int secret_of_this_machine;\n")

    def review(self, text, *words):
        (work / "one.patch").write_text(text)
        return run(work / "one.patch", *words)

    def assertRefused(self, result, *texts):
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        for text in texts:
            self.assertIn(text, result.stderr)

    def test_includes_stay_inside(self):
        for include in (
            f'"{self.outside.resolve()}"',
            f'"{"../" * 12}etc/passwd"',
            '"/etc/passwd"',
            '"/dev/zero"',
        ):
            result = self.review(diff(FILE, f"#include {include}\n"))
            self.assertRefused(result, "not found")
            self.assertNotIn("root:", result.stdout + result.stderr)
        result = self.review(
            diff(FILE, f'#include "{self.outside.resolve()}"\n'), "--allow", str(work.parent)
        )
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_headers_of_the_abi_stay_inside(self):
        for include in (f'"{self.outside.resolve()}"', '"/etc/passwd"', f'"{"../" * 14}etc/passwd"'):
            result = self.review(
                diff("include/linux/kho/abi/other.h", f"#include {include}\nstruct other_ser {{ int x; }};\n")
            )
            self.assertRefused(result, "headers of the ABI")
            self.assertNotIn("root:", result.stdout + result.stderr)

    def test_links_do_not_lead_out(self):
        (work / "include/linux/way_out.h").symlink_to(self.outside.resolve())
        self.assertRefused(self.review(diff(FILE, "#include <linux/way_out.h>\n")), "not found")
        (work / "include/out").symlink_to("/etc")
        self.assertRefused(self.review(diff(FILE, "#include <out/passwd>\n")), "not found")
        os.mkfifo(work / "include/linux/pipe.h")
        self.assertRefused(self.review(diff(FILE, "#include <linux/pipe.h>\n")), "not found")

    def test_a_patch_with_a_link_in_it(self):
        result = self.review(
            diff("include/linux/link.h", "/etc/passwd", "120000").replace(
                "\n+/etc/passwd\n", "\n+/etc/passwd\n\\ No newline at end of file\n"
            )
            + diff(FILE, "#include <linux/link.h>\n")
        )
        self.assertRefused(result, "not found")
        self.assertFalse((work / "include/linux/link.h").exists())

    def test_paths_stay_inside(self):
        for path in ("../outside.c", "/tmp/outside.c", "a/../../outside.c", ".git/config"):
            self.assertRefused(self.review(diff(path, "int x;\n")), "not inside a tree")
        self.assertFalse((work.parent / "outside.c").exists())

    def test_nothing_of_the_tree_is_run(self):
        witness = work / "was-run"
        script = work / "script"
        script.write_text(f"#!/bin/sh\ntouch {witness}\ncat\n")
        script.chmod(0o755)
        environment = dict(
            os.environ,
            GIT_CONFIG_GLOBAL="/dev/null",
            GIT_AUTHOR_NAME="a",
            GIT_AUTHOR_EMAIL="a@b",
            GIT_COMMITTER_NAME="a",
            GIT_COMMITTER_EMAIL="a@b",
        )
        git = lambda *words: subprocess.run(
            ["git", *words], cwd=work, check=True, capture_output=True, env=environment
        )
        git("init", "-q")
        (work / FILE).parent.mkdir(parents=True)
        (work / FILE).write_text("int one;\n")
        git("add", "-A")
        git("commit", "-qm", "one")
        (work / FILE).write_text("int one;\nint two;\n")
        (work / ".gitattributes").write_text("*.c diff=evil filter=evil\n")
        git("add", "-A")
        git("commit", "-qm", "two")
        for name, value in (
            ("core.hooksPath", str(work)),
            ("diff.external", str(script)),
            ("core.fsmonitor", str(script)),
            ("diff.evil.textconv", str(script)),
            ("diff.evil.command", str(script)),
            ("filter.evil.smudge", str(script)),
            ("filter.evil.clean", str(script)),
            ("core.pager", str(script)),
        ):
            git("config", name, value)
        for hook in ("applypatch-msg", "pre-applypatch", "post-index-change", "post-checkout"):
            shutil.copy(script, work / hook)
        result = run("--range", "HEAD~1..HEAD")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertFalse(witness.exists())

    def test_bombs_end(self):
        doubled = "#define A0 x + x\n" + "".join(f"#define A{n} A{n-1} + A{n-1}\n" for n in range(1, 40))
        deep = "int x = " + "(" * 200000 + "1" + ")" * 200000 + ";\n"
        endless = '#include "core.c"\n'
        braces = "int f(void) " + "{" * 100000 + "}" * 100000 + "\n"
        for text in (doubled + "int x; int y = A39;\n", deep, endless, braces):
            begin = cpu_seconds()
            result = self.review(diff(FILE, text), "--seconds", "3", "--memory", "1024")
            self.assertEqual(result.returncode, 2, result.stdout[:500])
            self.assertIn("not reviewed: " + FILE, result.stderr)
            self.assertLess(cpu_seconds() - begin, 60)

    def test_deep_code_is_no_crash(self):
        body = "".join("if (x) {\n" for _ in range(200)) + "x = 0;\n" + "}\n" * 200
        ors = "x = " + "|".join(["x"] * 20000) + ";\n"
        result = self.review(diff(FILE, f"int f(int x)\n{{\n{body}{ors}return x;\n}}\n"))
        self.assertIn(result.returncode, (0, 2), result.stderr)

    def test_many_ways_are_given_up_on(self):
        steps = "".join(
            f"\tif (take({n}))\n\t\tser->nr_items++;\n\tif (take({n}))\n\t\tser->nr_devices++;\n\tint e{n} = take({n});\n\tif (e{n})\n\t\tse = 1;\n"
            for n in range(40)
        )
        code = (
            "#include <linux/kernel.h>\n#include <linux/kho/abi/parcel.h>\nint take(int n);\n"
            f"int parcel_preserve(struct parcel_ser *ser)\n{{\n\tint se = 0;\n{steps}\treturn se;\n}}\n"
        )
        result = self.review(diff(FILE, code), "--fail-on", "none")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("too many paths", result.stdout)

    def test_no_patch_at_all(self):
        for text in (
            "",
            "hello\n",
            "\0\0\0",
            "diff --git a/x b/x\n",
            "--- a/x\n+++ b/x\n@@ -1,99999999 +1,99999999 @@\n+x\n",
            "--- a/x\n+++ b/x\n@@ -4294967295,4294967295 +4294967295,4294967295 @@\n x\n",
        ):
            result = self.review(text)
            self.assertEqual(result.returncode, 2, text)
            self.assertRegex(result.stderr, r"^khover: [^\n]+\n$")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
