#!/usr/bin/env python3
"""tools/new-check.py: what it writes compiles, is where the tests look for it, and is no check yet.

new_check_test.py BUILD_FOLDER
"""

import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
TOOL = SOURCE / "tools" / "new-check.py"
# Any check of the same kind: a new one is compiled as it is.
LIKE = {"lint": "bool_member.cpp", "review": "double_free.cpp"}


def command_of(kind):
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    path = SOURCE / "analyzer" / kind / "checks" / LIKE[kind]
    one = next(one for one in commands if pathlib.Path(one["file"]) == path)
    words = shlex.split(one["command"])
    words = words[next(i for i, word in enumerate(words) if word.endswith("++") or "g++" in word) :]
    kept = []
    skip = False
    for word in words:
        if skip or word == "-c" or word == one["file"]:
            skip = False
        elif word in ("-o", "-include"):
            skip = True
        elif word != "-Winvalid-pch" and word != "-fpch-preprocess":
            kept.append(word)
    return [*kept, "-fsyntax-only"], one["directory"]


class NewCheck(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.tree = pathlib.Path(folder.name)
        (self.tree / "CMakeLists.txt").write_text((SOURCE / "CMakeLists.txt").read_text())

    def new_check(self, *words):
        return subprocess.run(
            [sys.executable, TOOL, "--tree", self.tree, *words], capture_output=True, text=True
        )

    def written(self):
        return {str(path.relative_to(self.tree)) for path in self.tree.rglob("*") if path.is_file()}

    def test_both_kinds(self):
        for kind, ending in (("lint", "h"), ("review", "c")):
            before = self.written()
            done = self.new_check(kind, "brand-new-one")
            self.assertEqual(done.returncode, 0, done.stderr)
            source = f"analyzer/{kind}/checks/brand_new_one.cpp"
            cases = {
                f"tests/e2e/{kind}/checks/brand-new-one/{name}.{ending}"
                for name in ("triggers", "does-not-trigger")
            }
            self.assertEqual(self.written() - before, {source, f"docs/{kind}/brand-new-one.md"} | cases)
            page = (self.tree / f"docs/{kind}/brand-new-one.md").read_text()
            self.assertTrue(page.startswith("# brand-new-one\n"))
            text = (self.tree / source).read_text()
            self.assertIn('const Check brand_new_one_check = {"brand-new-one", ', text)
            self.assertRegex(text, r'"\d+\.\d+"')
            command, folder = command_of(kind)
            text = text.replace(
                'checks.h"\n',
                f'checks.h"\nnamespace khover::{kind} {{ extern const Check brand_new_one_check; }}\n',
            )
            compiled = subprocess.run(
                [*command, "-xc++", "-"], input=text, cwd=folder, capture_output=True, text=True
            )
            self.assertEqual(compiled.returncode, 0, compiled.stderr)
            for case in sorted(cases):
                marks = re.findall(r"EXPECT: ([a-z-]+)", (self.tree / case).read_text())
                self.assertEqual(
                    marks, ["brand-new-one"] if "triggers." in case and "does" not in case else []
                )
            again = self.new_check(kind, "brand-new-one")
            self.assertEqual(again.returncode, 2)
            self.assertIn("exists already", again.stderr)
            for path in (f"docs/{kind}/brand-new-one.md",):
                (self.tree / path).unlink()

    def test_ids(self):
        for name in ("one", "Two-words", "with_underscore", "with-"):
            done = self.new_check("lint", name)
            self.assertEqual(done.returncode, 2, name)
            self.assertIn("is not a check id", done.stderr)
        self.assertEqual(self.written(), {"CMakeLists.txt"})


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv[1])
    unittest.main(argv=sys.argv[:1])
