#!/usr/bin/env python3
"""docs/proof-table.md is what tools/list-proof.py prints. proof_table_test.py KHOVER"""

import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def main():
    tool = os.path.join(SOURCE, "tools", "list-proof.py")
    printed = subprocess.run(
        [sys.executable, tool, sys.argv[1]], check=True, capture_output=True, text=True
    ).stdout
    with open(os.path.join(SOURCE, "docs", "proof-table.md"), encoding="utf-8") as file:
        if printed != file.read():
            print("docs/proof-table.md is not up to date: tools/list-proof.py KHOVER > docs/proof-table.md")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
