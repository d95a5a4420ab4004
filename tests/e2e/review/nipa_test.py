#!/usr/bin/env python3
"""tools/nipa/khover, run as NIPA would: HEAD is the patch, 0 / 250 / else, one line on DESC_FD.

    nipa_test.py KHOVER_ABI TREE WORK_FOLDER NIPA_FOLDER
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

khover_abi, tree, work, nipa = sys.argv[1:]
work, nipa = pathlib.Path(work), pathlib.Path(nipa)
HEAD = "#include <linux/kernel.h>\n#include <linux/kho/abi/parcel.h>\n\n"
WARNS = "bool parcel_retrieve(const struct parcel_ser *ser, const char *name)\n{\n\treturn !strcmp(ser->compatible, name);\n}\n"
FAILS = "void parcel_preserve(struct folio *folio)\n{\n\tkho_preserve_folio(folio);\n}\n"


class Nipa(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(tree, work)
        self.environment = dict(
            os.environ,
            GIT_CONFIG_GLOBAL="/dev/null",
            GIT_AUTHOR_NAME="a",
            GIT_AUTHOR_EMAIL="a@b",
            GIT_COMMITTER_NAME="a",
            GIT_COMMITTER_EMAIL="a@b",
        )
        self.git("init", "-q")
        self.git("add", "-A")
        self.git("commit", "-qm", "base")
        self.program = work.parent / "khover-as-people-type-it"
        self.program.write_text(f'#!/bin/sh\nexec {os.path.abspath(khover_abi)} "$@"\n')
        self.program.chmod(0o755)

    def git(self, *words):
        subprocess.run(["git", *words], cwd=work, check=True, capture_output=True, env=self.environment)

    def judge(self, path, text):
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(text)
        self.git("add", "-A")
        self.git("commit", "-qm", "patch")
        reader, writer = os.pipe()
        command = [
            nipa.resolve() / word if word.startswith("./") else word
            for word in json.loads((nipa / "info.json").read_text())["run"]
        ]
        result = subprocess.run(
            command,
            cwd=work,
            pass_fds=[writer],
            capture_output=True,
            text=True,
            env=dict(self.environment, DESC_FD=str(writer), KHOVER=str(self.program)),
        )
        os.close(writer)
        with os.fdopen(reader) as stream:
            description = stream.read()
        self.assertEqual(description.count("\n"), 1, description)
        return result.returncode, description

    def test_verdicts(self):
        self.assertEqual(self.judge("README", "words\n"), (0, "no C file is touched\n"))
        self.assertEqual(self.judge("drivers/a.c", HEAD), (0, "nothing to object\n"))
        status, words = self.judge("drivers/a.c", HEAD + WARNS)
        self.assertEqual(status, 250, words)
        self.assertIn("0 errors, 1 warning,", words)
        # What was there before is counted in a line of its own, which is not the verdict.
        status, words = self.judge(
            "drivers/a.c", HEAD + WARNS + WARNS.replace("parcel_retrieve", "parcel_restore")
        )
        self.assertEqual(status, 250, words)
        self.assertIn("0 errors, 1 warning,", words)
        status, words = self.judge("drivers/a.c", HEAD + FAILS)
        self.assertEqual(status, 1, words)
        status, words = self.judge("drivers/a.c", HEAD + "broken\n")
        self.assertEqual(status, 250, words)
        self.assertIn("cannot be reviewed", words)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
