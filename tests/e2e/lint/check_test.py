#!/usr/bin/env python3
"""One lint check: it fires exactly on the lines that say "EXPECT: <check>", has a page, and is in the page's terms.

    check_test.py KHOVER_ABI CHECK CHECK_FOLDER DOC_PAGE
"""
import json
import pathlib
import re
import subprocess
import sys

khover_abi, check, folder, page = sys.argv[1:]
folder = pathlib.Path(folder).resolve()
failures = []


def expected(path):
    lines = path.read_text().splitlines()
    return sorted(
        n
        for n, text in enumerate(lines, 1)
        for found in re.findall(r"EXPECT: ([a-z-]+)", text)
        if found == check
    )


def found(arguments, cwd):
    # The findings that a suppression is about are those of another check.
    checks = "*" if check == "suppression" else check
    result = subprocess.run(
        [khover_abi, "lint", "--format", "json", "--checks", checks, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
    )
    if result.returncode not in (0, 1):
        sys.exit(f"{arguments}: exit status {result.returncode}\n{result.stderr}")
    report = json.loads(result.stdout)
    mine = [one for one in report["findings"] if one["check"] == check and "suppressed" not in one]
    return sorted(one["line"] for one in mine), report


tree = folder / "tree"
if tree.is_dir():
    header = next((tree / "include/linux/kho/abi").glob("*.h"))
    lines, report = found([str(tree)], folder)
    if lines != expected(header) or not lines:
        failures.append(f"{header}: found in lines {lines}, expected {expected(header)}")
    (_, report) = found([str(header), "--page-size", "4096"], folder)
    if not any(one["check"] == check for one in report["not_judged"]):
        failures.append("without C sources the check must say that it did not judge")
else:
    for name, must_find in (("triggers.h", True), ("does-not-trigger.h", False)):
        lines, report = found([name, "--page-size", "4096"], folder)
        if lines != expected(folder / name) or bool(lines) != must_find:
            failures.append(
                f"{name}: found in lines {lines}, expected {expected(folder / name)}\n"
                + json.dumps(report["findings"], indent=1)
            )
        if check == "suppression" and not any("suppressed" in one for one in report["findings"]):
            failures.append(f"{name}: nothing was suppressed")
        for one in report["findings"]:
            if not one["message"] or one["message"].endswith(".") or one["message"][0].isupper():
                failures.append(f"wording: {one['message']}")
            if one["file"] != name:
                failures.append(f"a path that is not relative: {one['file']}")

text = pathlib.Path(page).read_text()
if not text.startswith(f"# {check}\n"):
    failures.append(f"{page}: must begin with '# {check}'")
for heading in ("## Why", "## Instead"):
    if heading not in text:
        failures.append(f"{page}: has no '{heading}'")

if failures:
    sys.exit("\n".join(failures))
