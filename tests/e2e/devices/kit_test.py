#!/usr/bin/env python3
"""docs/adding-a-subsystem.md leads from a header to a verdict: its files are written, its commands run, and what they
print is what stands below them. A line `…` is any number of lines; within a line it is any text.

kit_test.py KHOVER SOURCE
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

PAGE = os.path.join("docs", "adding-a-subsystem.md")
HEADER = """
#define {macro} "{name}"
#define TOY_VERSION 3
struct toy_ser {{
  unsigned int version;
  unsigned int reserved;
}};
"""


def blocks():
    """(language, text) of each fenced block of the page, and the text before it."""
    with open(os.path.join(SOURCE, PAGE), encoding="utf-8") as file:
        text = file.read()
    return [
        (match[1], match[2], text[: match.start()].rstrip().splitlines()[-1])
        for match in re.finditer(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def pattern(lines):
    """A regular expression for what a command prints."""
    text = ""
    for line in lines:
        text += r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
    return re.compile(text)


class Kit(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, path, text):
        path = os.path.join(self.folder, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_khover(self, *words):
        return subprocess.run(
            [KHOVER, *words], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def console(self, block):
        """Runs each command of a transcript; what it prints is what the transcript has."""
        done, ran = None, 0
        for command in re.split(r"(?m)^(?=\$ )", block):
            if not command:
                continue
            line, *printed = command.splitlines()
            if line == "$ echo $?":
                self.assertEqual(str(done.returncode), printed[0], done.stdout)
                continue
            words = shlex.split(line[2:])
            self.assertEqual(words[0], "khover")
            done = self.run_khover(*words[1:])
            ran += 1
            self.assertTrue(pattern(printed).fullmatch(done.stdout), f"{line}\n{done.stdout}")
        return ran

    def test_the_page(self):
        ran = written = 0
        for language, text, before in blocks():
            name = re.search(r"`([\w/]+\.(?:h|yaml))`[^`]*$", before)
            if language == "console":
                ran += self.console(text)
            elif name:
                self.write(name[1], text)
                written += 1
        self.assertEqual(written, 2)
        self.assertGreaterEqual(ran, 5)

    def new(self, macro, *options):
        self.write("toy.h", HEADER.format(macro=macro, name="toy"))
        return self.run_khover("new-subsystem", "toy.h", "-o", "mine", *options)

    def pack(self):
        with open(os.path.join(self.folder, "mine", "toy", "toy.yaml"), encoding="utf-8") as file:
            return file.read()

    def test_every_kind_and_page_size(self):
        for kind, macro in (
            ("file", "TOY_LUO_FH_COMPATIBLE"),
            ("flb", "TOY_LUO_FLB_COMPATIBLE"),
            ("subtree", "TOY_NODE_NAME"),
        ):
            for abi in ("linux-7.3-x86_64-4k", "linux-7.3-arm64-16k", "linux-7.3-arm64-64k"):
                with self.subTest(kind=kind, abi=abi):
                    done = self.new(macro, "--abi", abi)
                    self.assertEqual(done.returncode, 0, done.stdout)
                    self.assertIn(f"  {kind}: {macro}\n", self.pack())
                    self.assertIn("is_version(version, TOY_VERSION)", self.pack())
                    tested = self.run_khover("rules", "test", "mine")
                    self.assertEqual(tested.returncode, 0, tested.stdout)
                    self.assertIn("mine/toy/good/first.elf: no rule is violated\n", tested.stdout)
                    # Without --abi, the layouts are found by the name in the image.
                    image = "mine/toy/good/first.elf"
                    judged = self.run_khover("check", "--add-rules", "mine", image)
                    self.assertEqual(judged.returncode, 0, judged.stdout)
                    self.assertIn("new/toy", judged.stdout)
                    unknown = self.run_khover("check", image)
                    self.assertRegex(unknown.stdout, r"\[(luo-file-handler|luo-flb|kho-subtree)-known\]")
                    shutil.rmtree(os.path.join(self.folder, "mine"))

    def test_what_cannot_be_told_is_asked(self):
        done = self.new("TOY_STRING")
        self.assertEqual(done.returncode, 2)
        self.assertIn(
            "'TOY_STRING' does not say what it is the name of; choose one of file, flb, subtree", done.stdout
        )
        self.assertEqual(self.new("TOY_STRING", "--as", "flb").returncode, 0)
        self.assertIn("is there already", self.new("TOY_STRING", "--as", "flb").stdout)
        self.assertIn(
            "unknown record 'ty'; records are toy_ser", self.new("TOY_FLB", "--record", "ty").stdout
        )
        self.write("none.h", "struct a_ser { int x; };\n")
        done = self.run_khover("new-subsystem", "none.h", "-o", "other")
        self.assertIn("no header defines the name", done.stdout)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "other")))

    def test_a_snapshot_in_place_of_headers(self):
        self.assertEqual(self.new("TOY_FLB_COMPATIBLE").returncode, 0)
        done = self.run_khover("new-subsystem", "mine/abi/new/toy.yaml", "-o", "again")
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_errors_are_told_at_once(self):
        self.assertEqual(self.new("TOY_FLB_COMPATIBLE").returncode, 0)
        pack = self.pack()
        self.write(
            "mine/toy/toy.yaml", pack.replace("sets:", "sests:").replace("severity: hygiene", "severity: low")
        )
        done = self.run_khover("rules", "test", "mine")
        self.assertEqual(done.returncode, 2)
        self.assertIn("unknown key 'sests'; did you mean 'sets'", done.stdout)
        self.assertIn("'low' is not a severity", done.stdout)
        self.write("mine/toy/toy.yaml", pack.replace("version, TOY_VERSION", "versoin, TOY_VERSION"))
        self.assertIn("did you mean 'version'", self.run_khover("rules", "test", "mine").stdout)

    def test_what_is_left_out_is_said(self):
        self.assertEqual(self.new("TOY_FLB_COMPATIBLE").returncode, 0)
        pack = self.pack()
        self.write("mine/toy/toy.yaml", re.sub(r"serves:\n.*\n", "", pack))
        self.assertIn("no pack 'toy' serves a name", self.run_khover("rules", "test", "mine").stdout)
        array = (
            "  cells:\n    singular: cell\n    in: root\n"
            "    array: {at: _addr, record: toy_ser, count: version}\nrules:\n"
        )
        self.write("mine/toy/toy.yaml", re.sub(r"(?m)^# Severity.*\nrules:\n", array, pack))
        self.assertIn(
            "the array 'toy.cells' has no capacity", self.run_khover("rules", "test", "mine").stdout
        )
        self.write("mine/toy/toy.yaml", pack.replace("has: [TOY_FLB_COMPATIBLE", "has: [TOY_FLB_COMPATIBEL"))
        done = self.run_khover("rules", "test", "mine")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no ABI has 'TOY_FLB_COMPATIBEL', so this pack never applies", done.stdout)
        self.assertIn("did you mean 'TOY_FLB_COMPATIBLE'", done.stdout)

    def test_images_that_show_something_else_fail(self):
        self.assertEqual(self.new("TOY_FLB_COMPATIBLE").returncode, 0)
        good = os.path.join(self.folder, "mine/toy/good/first.elf")
        bad = os.path.join(self.folder, "mine/toy/bad")
        os.mkdir(bad)
        shutil.copy(good, os.path.join(bad, "toy-version.elf"))
        shutil.copy(good, os.path.join(bad, "toy-vresion.elf"))
        done = self.run_khover("rules", "test", "mine")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("toy-version.elf: does not violate toy-version\n", done.stdout)
        self.assertIn("is named for 'toy-vresion', which is no rule; did you mean 'toy-version'", done.stdout)

    def test_export(self):
        done = self.run_khover("rules", "export", "all")
        self.assertEqual(done.returncode, 0, done.stdout)
        compared = subprocess.run(
            ["diff", "-r", os.path.join(self.folder, "all"), os.path.join(SOURCE, "rules")],
            capture_output=True,
            text=True,
        )
        self.assertEqual(compared.stdout, "")
        self.assertEqual(self.run_khover("rules", "test", "all").returncode, 0)
        self.assertIn("is there already", self.run_khover("rules", "export", "all").stdout)

    def test_one_pack_in_place_of_all(self):
        self.assertEqual(self.new("TOY_FLB_COMPATIBLE").returncode, 0)
        done = self.run_khover(
            "check", "--rules", "mine", "--abi", "linux-7.3-x86_64-4k+new/toy", "mine/toy/good/first.elf"
        )
        self.assertEqual(done.returncode, 2)
        self.assertIn("is below 'luo.flbs', which does not exist", done.stdout)
        self.assertIn("--add-rules", done.stdout)


if __name__ == "__main__":
    KHOVER, SOURCE = (os.path.abspath(word) for word in sys.argv[1:3])
    del sys.argv[1:3]
    unittest.main()
