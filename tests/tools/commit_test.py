#!/usr/bin/env python3
"""cmake/commit.cmake: the commit of a clone, of what `git archive` wrote, of a folder that is neither."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = ("cmake/commit.cmake", "cmake/commit.txt", ".gitattributes")


class Commit(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.tree = os.path.join(self.folder, "tree")
        for file in FILES:
            os.makedirs(os.path.dirname(os.path.join(self.tree, file)), exist_ok=True)
            shutil.copy(os.path.join(SOURCE, file), os.path.join(self.tree, file))

    def git(self, *arguments):
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", "-C", self.tree, *who, *arguments], check=True, capture_output=True)
        return done.stdout

    def commit(self, tree):
        out = os.path.join(self.folder, "commit.cpp")
        script = os.path.join(SOURCE, "cmake", "commit.cmake")
        subprocess.run(["cmake", "-D", f"SOURCE={tree}", "-D", f"OUT={out}", "-P", script], check=True)
        with open(out, encoding="utf-8") as file:
            return re.search(r'kCommit = "(.*)"', file.read()).group(1)

    def test_neither(self):
        self.assertEqual(self.commit(self.tree), "")

    def test_clone_and_archive(self):
        self.git("init", "-q")
        self.git("add", ".")
        self.git("commit", "-q", "-m", "x")
        head = self.git("rev-parse", "HEAD").decode().strip()
        self.assertEqual(self.commit(self.tree), head[:12])
        with open(os.path.join(self.tree, "cmake/commit.cmake"), "a", encoding="utf-8") as file:
            file.write("# changed\n")
        self.assertEqual(self.commit(self.tree), head[:12] + ", modified")
        unpacked = os.path.join(self.folder, "unpacked")
        os.mkdir(unpacked)
        subprocess.run(["tar", "-x", "-C", unpacked], input=self.git("archive", "HEAD"), check=True)
        archived = self.commit(unpacked)
        self.assertGreaterEqual(len(archived), 7)
        self.assertTrue(head.startswith(archived))


if __name__ == "__main__":
    unittest.main()
