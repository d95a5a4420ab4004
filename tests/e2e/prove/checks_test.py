#!/usr/bin/env python3
"""What khover ships as proved is what the solver proves: no line more, no line less.

checks_test.py KHOVER TABLE

TABLE: analyzer/prove/formula/proved_obligations.txt
"""
import os
import subprocess
import sys
import tempfile


def lines_of(path):
    with open(path, encoding="ascii") as file:
        return file.read().splitlines()


def differences(shipped, proved):
    """One line for each. The first line of both says by what they were proved."""
    if shipped[:1] != proved[:1]:
        return ["proved by '%s', not by '%s'" % ("".join(shipped[:1]), "".join(proved[:1]))]
    return ["not proved: %s" % one for one in sorted(set(shipped) - set(proved))] + [
        "not shipped: %s" % one for one in sorted(set(proved) - set(shipped))
    ]


def main():
    khover, table = sys.argv[1:]
    shipped = lines_of(table)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "proved")
        done = subprocess.run(
            [khover, "rules", "prove", "--checks", "--proved", path], capture_output=True, text=True
        )
        print(done.stdout, done.stderr)
        proved = lines_of(path)
    found = differences(shipped, proved)
    for one in found[:20]:
        print(one)
    if found:
        print("%d differences; tools/prove-checks.sh writes the table anew" % len(found))
    # The comparison sees a line that is gone, one that is changed and one that was added.
    caught = all(
        differences(broken, shipped)
        for broken in (shipped[:-1], shipped[:-1] + [shipped[-1] + "0"], shipped + ["add.by.subtract"])
    )
    return 1 if done.returncode or found or len(shipped) < 1000 or not caught else 0


if __name__ == "__main__":
    sys.exit(main())
