#!/usr/bin/env python3
"""Every fenced block of docs/rule-language.md loads. rule_language_test.py KHOVER"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def blocks(kind):
    with open(os.path.join(SOURCE, "docs", "rule-language.md"), encoding="utf-8") as file:
        return re.findall(rf"^```{kind}\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)


def pack_of(claims):
    rules = "".join(
        f"  - id: example-{i}\n    severity: hygiene\n    claim: '{claim}'\n    because: x\n    evidence: y\n"
        for i, claim in enumerate(claims)
    )
    return "pack: examples\ntitle: Examples\nrules:\n" + rules


class RuleLanguage(unittest.TestCase):
    def loads(self, pack):
        with tempfile.TemporaryDirectory() as folder:
            rules = os.path.join(folder, "rules")
            shutil.copytree(os.path.join(SOURCE, "rules"), rules)
            os.mkdir(os.path.join(rules, "zz"))
            with open(os.path.join(rules, "zz", "zz.yaml"), "w", encoding="utf-8") as file:
                file.write(pack)
            return subprocess.run([KHOVER, "rules", "test", rules], capture_output=True, text=True)

    def test_packs(self):
        self.assertTrue(blocks("yaml"))
        for block in blocks("yaml"):
            done = self.loads(block)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"(?m)^example +ok$")

    def test_claims(self):
        claims = [claim.strip() for block in blocks("claim") for claim in block.split("\n\n")]
        self.assertGreater(len(claims), 10)
        done = self.loads(pack_of(claims))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_wrong_claims_are_refused(self):
        self.assertEqual(self.loads(pack_of(["for luo.sessions: nme.terminated"])).returncode, 2)

    def test_every_function_is_documented(self):
        with open(os.path.join(SOURCE, "analyzer", "pack", "typing.cpp"), encoding="utf-8") as file:
            functions = re.findall(r'\{"(\w+)", \{Function::', file.read())
        self.assertGreater(len(functions), 8)
        with open(os.path.join(SOURCE, "docs", "rule-language.md"), encoding="utf-8") as file:
            text = file.read()
        self.assertEqual([name for name in functions if f"`{name}(" not in text], [])


if __name__ == "__main__":
    KHOVER = sys.argv.pop(1)
    unittest.main()
