"""Runs khover as a user does, with limits on memory and time, and what all its answers have in common."""

import json
import os
import resource
import subprocess
import sys
import unittest

TIMEOUT = 120  # seconds; generous, for sanitizers on a busy machine
MEMORY = 2 << 30  # bytes of address space

KHOVER = ""  # set by main()
WRITER = ""
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
REAL = os.path.join(SOURCE, "corpus", "real")

NOTHING_TO_OBJECT, VIOLATED, CANNOT_ANSWER, UNDETERMINED = 0, 1, 2, 3


def sanitized():
    """AddressSanitizer reserves terabytes of address space."""
    with open(KHOVER, "rb") as file:
        return b"__asan_init" in file.read()


def real(variant, phase="finalized"):
    return os.path.join(REAL, variant, phase + ".elf.zst")


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def run(*arguments, cwd=None, program=None):
    return subprocess.run(
        [program or KHOVER, *arguments],
        capture_output=True,
        timeout=TIMEOUT,
        cwd=cwd,
        preexec_fn=None if sanitized() else limit_memory,
        text=True,
        errors="surrogateescape",
    )


class TestCase(unittest.TestCase):
    def answer(self, *arguments, status, **options):
        """What khover prints when it ends with `status`. 2 means: one sentence on stderr, nothing else."""
        done = run(*arguments, **options)
        self.assertEqual(
            done.returncode, status, f"khover {' '.join(arguments)}\n{done.stdout[-2000:]}{done.stderr}"
        )
        if status == CANNOT_ANSWER:
            self.assertEqual(done.stdout, "")
            self.assertRegex(done.stderr, r"\Akhover: [^\n]+\n\Z")
            return done.stderr
        self.assertEqual(done.stderr, "")
        return done.stdout

    def json(self, *arguments, status, **options):
        return json.loads(self.answer(*arguments, status=status, **options))

    def write_image(self, path, *arguments):
        subprocess.run([WRITER, *arguments, "-o", path], check=True)
        return path


def main():
    """SCRIPT KHOVER WRITER"""
    global KHOVER, WRITER
    KHOVER, WRITER = sys.argv[1:3]
    # The tests' module is __main__; the helper that it imports is this one.
    sys.modules["khover"].KHOVER, sys.modules["khover"].WRITER = KHOVER, WRITER
    unittest.main(module="__main__", argv=sys.argv[:1] + sys.argv[3:])
