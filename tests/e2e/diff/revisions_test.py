#!/usr/bin/env python3
"""khover-abi diff --tree: two commits of a git tree, without a checkout.

    revisions_test.py KHOVER_ABI TREE WORK_FOLDER
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

khover_abi, tree, work = sys.argv[1:]
work = pathlib.Path(work)
HEADER = "include/linux/kho/abi/parcel.h"
# A name longer than the 100 bytes that plain tar has for it.
DEEP = "include/linux/" + "a-folder-with-a-name/" * 6 + "deep.h"


def git(*words):
    environment = dict(
        os.environ,
        GIT_CONFIG_GLOBAL="/dev/null",
        GIT_AUTHOR_NAME="a",
        GIT_AUTHOR_EMAIL="a@b",
        GIT_COMMITTER_NAME="a",
        GIT_COMMITTER_EMAIL="a@b",
    )
    return subprocess.run(
        ["git", *words], cwd=work, check=True, capture_output=True, text=True, env=environment
    ).stdout


def diff(*words):
    return subprocess.run([khover_abi, "diff", "--tree", work, *words], capture_output=True, text=True)


class Revisions(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(tree, work)
        git("init", "-q", "-b", "main")
        text = (work / HEADER).read_text()
        (work / DEEP).parent.mkdir(parents=True)
        (work / DEEP).write_text("#define PARCEL_DEEP 7\n")
        text = text.replace("#pragma once\n", f"#pragma once\n#include <{DEEP[8:]}>\n")
        self.commit(text, "one")
        swapped = re.sub(r"(u64 token;)(\s+)(u64 root;)", r"\3\2\1", text)
        self.commit(swapped, "two")
        self.commit(swapped.replace("parcel-v1", "parcel-v2"), "three")

    def commit(self, text, subject):
        (work / HEADER).write_text(text)
        git("add", "-A")
        git("commit", "-qm", subject)

    def test_verdicts(self):
        result = diff("main~2", "main~1")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("parcel_hw_ser", result.stdout)
        self.assertIn("version not changed", result.stdout)
        result = diff("main~2", "main")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        result = diff("main", "main")
        self.assertEqual(
            (result.returncode, "the same ABI" in result.stdout), (0, True), result.stdout + result.stderr
        )

    def test_the_tree_may_stand_anywhere(self):
        there = diff("main~2", "main~1").stdout
        git("checkout", "-q", "main~2")
        before = {path: path.stat().st_mtime_ns for path in sorted(work.rglob("*"))}
        self.assertEqual(diff("main~2", "main~1").stdout, there)
        self.assertEqual(before, {path: path.stat().st_mtime_ns for path in sorted(work.rglob("*"))})

    def test_what_is_no_revision(self):
        for words in (("main", "no-such"), ("--output=x", "main"), ("main", "-x")):
            self.assertEqual(diff(*words).returncode, 2, words)
        shutil.rmtree(work / ".git")
        result = diff("main~1", "main")
        self.assertEqual(result.returncode, 2)
        self.assertIn("is not a revision of this tree", result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
