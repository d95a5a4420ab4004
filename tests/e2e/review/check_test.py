#!/usr/bin/env python3
"""One check of khover review: it fires exactly on the lines that say "EXPECT: <check>", and has a page.

    check_test.py KHOVER_ABI CHECK CHECK_FOLDER TREE DOC_PAGE WORK_FOLDER

The reproductions are C files of a small tree of our own, in which they lie as drivers/parcel/*.c.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

khover_abi, check, folder, tree, page, work = sys.argv[1:]
folder, work = pathlib.Path(folder), pathlib.Path(work)
failures = []
shutil.rmtree(work, ignore_errors=True)
shutil.copytree(tree, work)
(work / "drivers/parcel").mkdir(parents=True)

for name, must_find in (("triggers.c", True), ("does-not-trigger.c", False)):
    text = (folder / name).read_text()
    inside = f"drivers/parcel/{name}"
    (work / inside).write_text(text)
    expected = sorted(
        number
        for number, line in enumerate(text.splitlines(), 1)
        for found in re.findall(r"EXPECT: ([a-z-]+)", line)
        if found == check
    )
    # The findings that a suppression is about are those of another check.
    checks = "*" if check == "suppression" else check
    result = subprocess.run(
        [khover_abi, "review", "--tree", work, "--all", inside, "--checks", checks, "--format", "json"],
        capture_output=True,
        text=True,
    )
    if result.returncode not in (0, 1) or result.stderr:
        failures.append(f"{name}: exit status {result.returncode}\n{result.stderr}")
        continue
    report = json.loads(result.stdout)
    mine = [one for one in report["findings"] if one["check"] == check and "suppressed" not in one]
    lines = sorted(one["line"] for one in mine)
    if lines != expected or bool(lines) != must_find:
        failures.append(f"{name}: found in lines {lines}, expected {expected}\n" + json.dumps(mine, indent=1))
    if check == "suppression" and not any("suppressed" in one for one in report["findings"]):
        failures.append(f"{name}: nothing was suppressed")
    for one in report["findings"]:
        if not one["message"] or one["message"].endswith(".") or one["message"][0].isupper():
            failures.append(f"wording: {one['message']}")
        if one["file"] != inside:
            failures.append(f"not a path of the tree: {one['file']}")
    # A name that is not in the table means nothing to the checks: everything is known from there.
    (work / "empty.yml").write_text("headers: []\nfunctions: {}\n")
    result = subprocess.run(
        [
            khover_abi,
            "review",
            "--tree",
            work,
            "--all",
            inside,
            "--checks",
            checks,
            "--format",
            "json",
            "--table",
            work / "empty.yml",
            "-D",
            "CONFIG_KEXEC_HANDOVER",
        ],
        capture_output=True,
        text=True,
    )
    named = {"shift-before-widening", "suppression"}  # arithmetic needs no names
    if check not in named and result.returncode != 0:
        failures.append(f"{name}: finds something with an empty table\n{result.stdout}{result.stderr}")

text = pathlib.Path(page).read_text()
if not text.startswith(f"# {check}\n"):
    failures.append(f"{page}: must begin with '# {check}'")
for heading in ("## Why", "## Instead", "## Would have caught"):
    if heading not in text and check != "suppression":
        failures.append(f"{page}: has no '{heading}'")

if failures:
    sys.exit("\n".join(failures))
