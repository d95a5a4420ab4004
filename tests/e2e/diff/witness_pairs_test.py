#!/usr/bin/env python3
"""Each layout against its successor by date: the image that khover-abi diff --witness makes of what it carries, or why
there is none. The list is golden: witnesses.txt.

    witness_pairs_test.py KHOVER_ABI KHOVER SOURCE WORK_FOLDER
    witness_pairs_test.py … --update
"""
import json
import pathlib
import subprocess
import sys

from pairs import of_releases, of_series

khover_abi, khover = (str(pathlib.Path(program).resolve()) for program in sys.argv[1:3])
source, work = map(pathlib.Path, sys.argv[3:5])
golden = pathlib.Path(__file__).parent / "witnesses.txt"
witness = work.resolve() / "witness.elf"
failures = []


def told(record):
    fields = [one["field"] for one in record["readings"] if one["differs"]]
    hidden = [one["field"] for one in record["readings"] if one["could_differ"] and not one["differs"]]
    text = f"  {record['record']}: {', '.join(fields)}"
    if hidden:
        text += f"; could, and does not: {', '.join(hidden)}"
    if record["changes"]:
        text += "; changed: " + ", ".join(change["what"].rpartition(".")[2] for change in record["changes"])
    for one in record["readings"]:
        if one["differs"] and one["old"] == one["new"]:
            failures.append(f"{record['record']}.{one['field']} does not differ")
    return text


def line(old, new, folder, options):
    """What is said of one pair."""
    witness.unlink(missing_ok=True)
    command = [khover_abi, "diff", old, new, *options, "--witness", witness, "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    name = f"{pathlib.Path(old).stem} → {pathlib.Path(new).stem}"
    if done.returncode == 2:
        return f"{name}: {done.stderr.strip()}"
    report = json.loads(done.stdout)
    broken = any(
        change["effect"] == "layout"
        for item in report["items"]
        if "proof" in item and not item["proof"]["all_alike"]
        for change in item["changes"]
    )
    if broken != ("witness" in report) or broken != witness.exists():
        failures.append(f"{name}: layouts broken: {broken}, witness: {'witness' in report}")
    if "witness" not in report:
        return f"{name}: {report['verdict']}; none exists: no bytes of a record that both have are read differently"
    one = report["witness"]
    if not one["built_in"] or one["under_old"]["violated"]:
        failures.append(f"{name}: {one}")
    if folder.name == "abi":
        # khover itself, which knows nothing of the comparison.
        judged = subprocess.run(
            [khover, "check", "--no-prove", "--format", "json", "--abi", folder / old, witness],
            capture_output=True,
            text=True,
        )
        if json.loads(judged.stdout)["findings"]:
            failures.append(f"{name}: not well-formed under OLD")
    what = [f"{name}: {report['verdict']}; witness of {one['base']}", *map(told, one["records"])]
    what += [f"  {record}: shows no difference" for record in one["shows_nothing"]]
    what += [f"  {record}: not in this image" for record in one["not_in_image"]]
    return "\n".join(what)


work.mkdir(parents=True, exist_ok=True)
layouts, abi = source.resolve() / "corpus/headers/layouts", source.resolve() / "rules/abi"
lines = [
    line(f"{old}.h", f"{new}.h", layouts, ["-I", ".."]) for old, new in of_series(source / "corpus/headers")
]
for machine in ("x86_64-4k", "arm64-16k"):
    lines += [line(f"{old}.yaml", f"{new}.yaml", abi, []) for old, new in of_releases(machine)]
text = "\n".join(lines) + "\n"
if sys.argv[5:] == ["--update"]:
    golden.write_text(text)
elif text != golden.read_text():
    for was, now in zip(golden.read_text().splitlines() + [""] * 999, text.splitlines()):
        if was != now:
            failures.append(f"witnesses.txt has '{was}'\n      now it is '{now}'")
print(f"{len(lines)} pairs, {text.count('witness of')} witnesses")
if failures:
    sys.exit("\n".join(failures))
