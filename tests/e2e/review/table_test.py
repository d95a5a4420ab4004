#!/usr/bin/env python3
"""The table of checks, their pages and their tests are the same set.

    table_test.py KHOVER_ABI CHECKS_FOLDER DOCS_FOLDER
"""
import pathlib
import re
import subprocess
import sys

khover_abi, checks_folder, docs_folder = sys.argv[1:]
docs = pathlib.Path(docs_folder)
listed = subprocess.run(
    [khover_abi, "review", "--list-checks"], capture_output=True, text=True
).stdout.splitlines()
listed = {line.split()[0] for line in listed} | {"suppression"}
tested = {path.name for path in pathlib.Path(checks_folder).iterdir() if path.is_dir()}
documented = {path.stem for path in docs.glob("*.md")} - {
    "README",
    "findings-7.3.4",
    "known-defects",
    "layout-change",
}
in_readme = set(re.findall(r"^\| \[([a-z-]+)\]\(\1\.md\) \|", (docs / "README.md").read_text(), re.M))
failures = [
    f"{what} differ: {sorted(listed ^ other)}"
    for what, other in (
        ("checks and tests", tested),
        ("checks and pages", documented),
        ("checks and the README", in_readme),
    )
    if listed != other
]
if failures:
    sys.exit("\n".join(failures))
