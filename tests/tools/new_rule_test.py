#!/usr/bin/env python3
"""tools/new-rule.py: what it writes is rejected until it is completed, and accepted then.

new_rule_test.py KHOVER
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LISTED = os.path.join("tests", "e2e", "writers", "rules.txt")
TOOL = os.path.join(SOURCE, "tools", "new-rule.py")


class NewRule(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = folder.name
        shutil.copytree(os.path.join(SOURCE, "rules"), os.path.join(self.tree, "rules"))
        os.makedirs(os.path.dirname(os.path.join(self.tree, LISTED)))
        shutil.copy(os.path.join(SOURCE, LISTED), os.path.join(self.tree, LISTED))

    def new_rule(self, *arguments):
        return subprocess.run(
            [sys.executable, TOOL, "--tree", self.tree, *arguments], capture_output=True, text=True
        )

    def loaded(self):
        return subprocess.run(
            [KHOVER, "rules", "test", os.path.join(self.tree, "rules")], capture_output=True, text=True
        )

    def read(self, path):
        with open(os.path.join(self.tree, path), encoding="utf-8") as file:
            return file.read()

    def test_every_pack(self):
        before = self.loaded()
        self.assertEqual(before.returncode, 0, before.stderr)
        packs = sorted(
            name
            for name in os.listdir(os.path.join(self.tree, "rules"))
            if os.path.exists(os.path.join(self.tree, "rules", name, name + ".yaml"))
        )
        self.assertIn("luo", packs)
        for pack in packs:
            rule, path = f"{pack}-brand-new", os.path.join("rules", pack, pack + ".yaml")
            done = self.new_rule(pack, rule)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(rule, self.read(LISTED).split())
            text = self.read(path)
            line = text[: text.index("to be written")].count("\n") + 1
            self.assertTrue(done.stdout.startswith(f"{path}:{line - 5}: "), done.stdout)
            rejected = self.loaded()
            self.assertEqual(rejected.returncode, 2, rejected.stdout)
            self.assertIn(f"{pack}/{pack}.yaml:{line}:13: expected 'for'", rejected.stderr)
            with open(os.path.join(self.tree, path), "w", encoding="utf-8") as file:
                file.write(text.replace('"to be written"', '"for kho.keys: order >= 0"'))
            accepted = self.loaded()
            self.assertEqual(accepted.returncode, 0, accepted.stderr)

    def test_refuses(self):
        for arguments, says in (
            (("vax", "vax-a-rule"), "there is no pack 'vax'; packs are"),
            (("luo", "Luo_Rule"), "is not a rule id"),
            (("luo", "luo"), "is not a rule id"),
            (("luo", "luo-token-unique"), "has a rule 'luo-token-unique' already"),
        ):
            done = self.new_rule(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(says, done.stderr)
        self.assertEqual(self.read("rules/luo/luo.yaml").count("to be written"), 0)


if __name__ == "__main__":
    KHOVER = sys.argv.pop(1)
    unittest.main()
