#!/usr/bin/env python3
"""Prints docs/invariants.md: every rule that khover was built with, as it lists them itself.

list-invariants.py KHOVER
"""

import json
import subprocess
import sys

HEAD = """# What khover checks of an image

One row per rule. `khover rules explain RULE` says more: the condition, the kernel functions it comes from, the rules
that it needs. This page is printed by `tools/list-invariants.py`; a test compares the two.

Severity is what the next kernel does with an image that violates the rule: **crash** it panics or reads wild memory,
**refuse** it refuses the object or all of them, **silent** it continues and loses or corrupts data, **hygiene** it
accepts the image, but no correct kernel writes it. Phases are those in which the rule can be judged: *outgoing*
before serialization, *finalized* at the jump, *early* in the next kernel before it retrieves anything. A rule with an
input is judged only if that fact is known (`--ram`, `--scratch`, `--numa`, `--host`, or the note of the image).

Records of devices and guests have many layouts, and so have the formats of earlier kernels; a rule says the same of all
of them. Where its claim has another form for another layout, that of the newest is shown.
"""


def cell(text):
    return " ".join(text.split()).replace("|", "\\|")


def rows(rules):
    pack = None
    for rule in rules:
        if rule["pack"] != pack:
            pack = rule["pack"]
            yield f"\n## {pack}\n\n| rule | claim | otherwise | severity | phases | inputs |\n|---|---|---|---|---|---|"
        phases = "all" if len(rule["phases"]) == 3 else ", ".join(rule["phases"])
        yield (
            f"| `{rule['id']}` | `{cell(rule['claim'])}` | {cell(rule['because'])} | {rule['severity']} | "
            f"{phases} | {', '.join(rule['inputs'])} |"
        )


def listed(khover, *arguments):
    return subprocess.run(
        [khover, "rules", "list", *arguments], check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def all_rules(khover):
    """Those for the newest release, then those that only earlier formats and layouts of devices have, the newest first."""
    snapshots = listed(khover, "--snapshots").split()
    rules = {rule["id"]: rule for rule in json.loads(listed(khover, "--format", "json"))}
    for name in sorted((name for name in snapshots if name.startswith("earlier/")), reverse=True):
        for rule in json.loads(listed(khover, "--format", "json", "--abi", name)):
            rules.setdefault(rule["id"], rule)
    for addition in sorted((name for name in snapshots if name[0] == "+"), reverse=True):
        for rule in json.loads(listed(khover, "--format", "json", "--abi", snapshots[0] + addition)):
            rules.setdefault(rule["id"], rule)
    return rules.values()


def main():
    rules = sorted(all_rules(sys.argv[1]), key=lambda rule: rule["pack"])  # stable: in the order of each pack
    print(HEAD + "\n".join(rows(rules)))
    count = {
        word: sum(rule["severity"] == word for rule in rules)
        for word in ("crash", "refuse", "silent", "hygiene")
    }
    print(f"\n{len(rules)} rules: " + ", ".join(f"{number} {word}" for word, number in count.items()) + ".")
    return 0


if __name__ == "__main__":
    sys.exit(main())
