#!/usr/bin/env python3
"""How many of the known defects the checks find: each is reproduced, and docs/review/known-defects.md says what finds it.

    defects_test.py KHOVER_ABI SOURCE
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

khover_abi, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
page = (source / "docs/review/known-defects.md").read_text()
review, lint = source / "tests/e2e/review", source / "tests/e2e/lint"
# Layouts that followed each other under one string.
LAYOUTS = {
    "iommu-layout-kept-version": ("iommu-2026-04-v2", "iommu-2026-06-v3"),
    "iommufd-layout-kept-version": ("iommufd-2026-02-v1", "iommufd-2026-04-v2"),
    "vfio-layout-kept-version": ("vfio-2026-02-iommufd", "vfio-2026-03-v3"),
    "pci-layout-kept-version": ("pci-2026-03-v3", "pci-2026-04-v4"),
}
failures = []


def run(*words, cwd=None):
    done = subprocess.run([khover_abi, *words], capture_output=True, text=True, cwd=cwd)
    if done.returncode not in (0, 1) or done.stderr:
        sys.exit(f"{' '.join(map(str, words))}: exit status {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def marks(text, word="DEFECT"):
    """Names of defects by line: a comment of its own names those of the next line with an expectation."""
    places, names = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.search(word + r": ([a-z0-9-]+(?:, *[a-z0-9-]+)*)", line):
            names += re.split(r", *", found[1])
        elif names and "EXPECT" in line:
            places[number], names = names, []
    return places


rows = re.findall(
    r"^\| ([a-z0-9-]+) \| [^|]+ \| [^|]+ \| (?:\[([a-z-]+)\]\(([^)]+)\)|(not found)|(other tools: [^|]+)) \|( found)? \|$",
    page,
    re.M,
)
stated = {
    name: (("lint " if link.startswith("../lint/") else "") + check) if check else ""
    for name, check, link, _, _, _ in rows
}
elsewhere = {name for name, *_, other, _ in rows if other}
stated_shapes = {name for name, *_, shape in rows if shape}
listed, _, reasons = page.partition("Why the others are not found:")
if len(rows) != len(stated) or len(rows) != listed.count("\n| ") - 1:
    failures.append("a row of the table is not understood, or is there twice")

found, found_shapes = {}, set()
with tempfile.TemporaryDirectory() as folder:
    work = pathlib.Path(folder, "tree")
    shutil.copytree(review / "tree", work)
    (work / "drivers/parcel").mkdir(parents=True)
    files = {}
    for path in sorted(review.glob("checks/*/triggers.c")):
        if marks(path.read_text()) or marks(path.read_text(), "SHAPE"):
            files[f"drivers/parcel/{path.parent.name}.c"] = path
    missed = {f"drivers/parcel/missed-{path.name}": path for path in sorted((review / "defects").glob("*.c"))}
    for name, path in (files | missed).items():
        shutil.copy(path, work / name)
    findings = run("review", "--tree", work, "--format", "json", "--all", *files, *missed)["findings"]
    for name, path in files.items():
        check = path.parent.name
        for line, defects in marks(path.read_text()).items():
            if any((one["file"], one["line"], one["check"]) == (name, line, check) for one in findings):
                found |= {defect: check for defect in defects}
        for line, defects in marks(path.read_text(), "SHAPE").items():
            if any((one["file"], one["line"], one["check"]) == (name, line, check) for one in findings):
                found_shapes |= set(defects)
    for one in findings:
        if one["file"] in missed:
            failures.append(
                f"{missed[one['file']].name}: the table says that it is not found: {one['check']}"
            )
for path in sorted(lint.glob("checks/*/triggers.h")):
    places = marks(path.read_text())
    if not places:
        continue
    check = path.parent.name
    lines = {
        one["line"]
        for one in run(
            "lint", path.name, "--page-size", "4096", "--checks", check, "--format", "json", cwd=path.parent
        )["findings"]
    }
    found |= {
        defect: f"lint {check}" for line, defects in places.items() if line in lines for defect in defects
    }
for defect, (old, new) in LAYOUTS.items():
    report = run(
        "diff", f"{old}.h", f"{new}.h", "-I", "..", "--format", "json", cwd=source / "corpus/headers/layouts"
    )
    if report["verdict"] == "break, version not changed":
        found[defect] = "layout-change"

if stated_shapes != found_shapes:
    failures.append(
        f"as the kernel had it: found or stated, not both: {sorted(stated_shapes ^ found_shapes)}"
    )
for name in sorted(stated.keys() | found.keys()):
    if stated.get(name) != found.get(name, ""):
        failures.append(f"{name}: the table says '{stated.get(name)}', found by '{found.get(name, '')}'")
explained = {
    name for cell in re.findall(r"^\| ([a-z0-9, -]+) \| ", reasons, re.M) for name in cell.split(", ")
} - {"defect"}
if explained != set(stated) - set(found):
    failures.append(
        f"not found, and why is not said, or the reverse: {sorted(explained ^ (set(stated) - set(found)))}"
    )
reproduced = {path.stem for path in missed.values()}
if reproduced != {name for name, check in stated.items() if not check} - elsewhere:
    failures.append(
        f"without a reproduction, or with one too many: {reproduced ^ ({n for n, c in stated.items() if not c} - elsewhere)}"
    )
figure = f"{len(found)} of {len(stated)} defects are found"
print(figure)
print("missed: " + ", ".join(sorted(set(stated) - set(found))))
if figure not in page:
    failures.append(f"the page does not say '{figure}'")
if f"{len(found)} of {len(stated)} are found" not in (source / "docs/review/findings-7.3.4.md").read_text():
    failures.append("docs/review/findings-7.3.4.md has another sum")
# The other figure is that of the real sources, which tests/kernel/review_sources_test.py counts.
print(
    "findings on the sources of Linux 7.3.4: "
    + re.search(r"\d+ findings, \d+ true, \d+ false", (source / "docs/review/findings-7.3.4.md").read_text())[
        0
    ]
)
if failures:
    sys.exit("\n".join(failures))
