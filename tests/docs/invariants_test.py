#!/usr/bin/env python3
"""docs/invariants.md is what tools/list-invariants.py prints. invariants_test.py KHOVER"""

import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    tool = os.path.join(SOURCE, "tools", "list-invariants.py")
    printed = subprocess.run(
        [sys.executable, tool, sys.argv[1]], check=True, capture_output=True, text=True
    ).stdout
    with open(os.path.join(SOURCE, "docs", "invariants.md"), encoding="utf-8") as file:
        written = file.read()
    if printed != written:
        print("docs/invariants.md is not up to date: tools/list-invariants.py KHOVER > docs/invariants.md")
        return 1
    if "to be written" in printed:
        print("a rule is not written yet")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
