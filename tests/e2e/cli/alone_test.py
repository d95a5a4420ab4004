#!/usr/bin/env python3
"""khover runs on a host where nothing of its tree is, and loads neither LLVM nor clang.

alone_test.py KHOVER KHOVER-WRITE-IMAGE
"""

import os
import shutil
import subprocess
import tempfile

import khover
from khover import NOTHING_TO_OBJECT, real


def loaded(program):
    """All shared libraries, those of libraries included."""
    lines = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split()[0] for line in lines if line.strip()]


class Alone(khover.TestCase):
    def test_needs_no_llvm(self):
        libraries = loaded(khover.KHOVER)
        print("\n".join(libraries))
        self.assertTrue(any("libc.so" in library for library in libraries), libraries)
        wrong = [library for library in libraries if "llvm" in library.lower() or "clang" in library.lower()]
        self.assertEqual(wrong, [])

    def test_runs_from_any_folder_with_no_file_beside_it(self):
        with tempfile.TemporaryDirectory() as folder:
            program = shutil.copy(khover.KHOVER, os.path.join(folder, "khover"))
            image = shutil.copy(real("v1-one"), folder)
            for cwd in (folder, "/"):
                text = self.answer("check", image, status=NOTHING_TO_OBJECT, cwd=cwd, program=program)
                self.assertIn("verdict: well-formed", text)
            self.answer("rules", "list", status=NOTHING_TO_OBJECT, cwd="/", program=program)

    def test_leaves_nothing_behind(self):
        with tempfile.TemporaryDirectory() as folder:
            before = os.listdir(folder)
            subprocess.run(
                [khover.KHOVER, "check", real("v3-many")],
                check=True,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "TMPDIR": folder},
            )
            self.assertEqual(os.listdir(folder), before)


if __name__ == "__main__":
    khover.main()
