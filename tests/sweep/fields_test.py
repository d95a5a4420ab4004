#!/usr/bin/env python3
"""Every field of every kind of record, with every value that a fault could leave in it: a rule above hygiene objects, or
undetected.tsv says why none need.

fields_test.py KHOVER-SWEEP KHOVER-WRITE-IMAGE CORPUS-REAL UNDETECTED [--write] [--rows N]

--write writes UNDETECTED anew and keeps the reasons that it has; --rows N takes the first and
the last N of each kind, not one of each.
"""

import subprocess
import sys
import tempfile

import images


def main():
    sweep, writer, corpus, table, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        paths = images.real(corpus) + images.written(writer, folder)
        return subprocess.run([sweep, "fields", table, *options, *paths]).returncode


if __name__ == "__main__":
    sys.exit(main())
