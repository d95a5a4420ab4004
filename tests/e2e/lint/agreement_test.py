#!/usr/bin/env python3
"""The checks of lint or review, the files that they are in, their pages, their tests and the table of the README are the same
set, by name.

    agreement_test.py KHOVER_ABI lint|review SOURCE
"""
import pathlib
import re
import subprocess
import sys

khover_abi, kind, source = sys.argv[1:]
source = pathlib.Path(source)
docs = source / "docs" / kind
NO_CHECKS = {"README", "findings-7.3.4", "known-defects", "review-prompts"}
OF_FOLDERS = {"suppression"} | (
    {"layout-change"} if kind == "review" else set()
)  # checks without a file in checks/

done = subprocess.run([khover_abi, kind, "--list-checks"], check=True, capture_output=True, text=True)
ran = {line.split()[0] for line in done.stdout.splitlines()}
files = {path.stem.replace("_", "-") for path in (source / "analyzer" / kind / "checks").glob("*.cpp")}
said = {
    (path.stem.replace("_", "-"), found)
    for path in (source / "analyzer" / kind / "checks").glob("*.cpp")
    for found in re.findall(r'_check\s*=\s*\{\s*"([a-z0-9-]+)"', path.read_text())
}
pages = {path.stem for path in docs.glob("*.md")} - NO_CHECKS - OF_FOLDERS
tests = {
    path.name for path in (source / "tests/e2e" / kind / "checks").iterdir() if path.is_dir()
} - OF_FOLDERS
failures = [
    f"checks and {what} differ: {sorted(ran ^ others)}"
    for what, others in (("files", files), ("pages", pages), ("test folders", tests))
    if ran != others
]
failures += [f"{file}.cpp says that it is '{check}'" for file, check in sorted(said) if file != check]
if len(said) != len(files):
    failures.append("not every file in checks/ defines one check")
table = subprocess.run(
    [sys.executable, "-B", source / "tools/list-checks.py", khover_abi, kind, "--check"],
    capture_output=True,
    text=True,
)
if table.returncode:
    failures.append(table.stderr)
if failures:
    sys.exit("\n".join(failures))
