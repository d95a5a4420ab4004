#!/usr/bin/env python3
"""Begins a new rule: its entry in rules/PACK/PACK.yaml and its place in the list of rules that need a broken image.

new-rule.py [--tree FOLDER] PACK RULE-ID

The entry is not a rule yet: its claim does not parse, so that nothing is green until it is written.
"""

import argparse
import os
import re
import sys

ENTRY = """  - id: {id}
    severity: silent  # what the next kernel does: crash, refuse, silent (loses or corrupts data) or hygiene (nothing)
    phases: [finalized, early]  # where it holds; outgoing: before serialization
    inputs: []  # facts beside the bytes without which it is not judged: ram, scratch, numa, topology
    needs: []  # rules that must hold for the same record first
    claim: "to be written"  # docs/rule-language.md
    because: to be written; what the next kernel does with such an image
    evidence: to be written; the kernel's functions that do it
"""
BREAKS = {"kexec-metadata": "memblock"}  # packs whose breaks are in another pack's file


def yaml_files(tree):
    for folder, _, names in os.walk(os.path.join(tree, "rules")):
        yield from (os.path.join(folder, name) for name in names if name.endswith(".yaml"))


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def insert_at_end_of_rules(text, entry):
    """After the last rule: at the end of the file, or before the next top-level key."""
    begin = re.search(r"^rules:[ \t]*(#.*)?\n", text, re.MULTILINE)
    if not begin:
        return text.rstrip("\n") + "\nrules:\n" + entry
    after = re.compile(r"^[^\s#-]", re.MULTILINE).search(text, begin.end())
    end = after.start() if after else len(text)
    head = text[:end].rstrip("\n") + "\n"
    return head + entry + ("\n" + text[end:] if after else "")


def problem(tree, pack, rule):
    path = os.path.join(tree, "rules", pack, pack + ".yaml")
    if not os.path.exists(path):
        packs = sorted(name for name in os.listdir(os.path.join(tree, "rules")) if name != "abi")
        return f"there is no pack '{pack}'; packs are {', '.join(packs)}"
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule):
        return f"'{rule}' is not a rule id: words of a-z and 0-9, joined by hyphens, as in luo-token-unique"
    for other in yaml_files(tree):
        if re.search(rf"id: *['\"]?{re.escape(rule)}['\"]?\s*$", read(other), re.MULTILINE):
            return f"{os.path.relpath(other, tree)} has a rule '{rule}' already; ids are permanent and unique"
    return None


def main():
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--tree", default=here, help="the source tree")
    arguments.add_argument("pack", metavar="PACK")
    arguments.add_argument("rule", metavar="RULE-ID")
    options = arguments.parse_args()
    tree, pack, rule = options.tree, options.pack, options.rule
    wrong = problem(tree, pack, rule)
    if wrong:
        print("new-rule:", wrong, file=sys.stderr)
        return 2
    listed = os.path.join("tests", "e2e", "writers", "rules.txt")
    path = os.path.join("rules", pack, pack + ".yaml")
    text = insert_at_end_of_rules(read(os.path.join(tree, path)), ENTRY.format(id=rule))
    with open(os.path.join(tree, path), "w", encoding="utf-8") as file:
        file.write(text)
    rules = read(os.path.join(tree, listed)).split()
    if rule not in rules:
        with open(os.path.join(tree, listed), "a", encoding="utf-8") as file:
            file.write(rule + "\n")
    line = text[: text.index(f"id: {rule}\n")].count("\n") + 1
    file_of_breaks = f"corpus/writers/break_{BREAKS.get(pack, pack)}.c"
    if not os.path.exists(os.path.join(tree, file_of_breaks)):
        file_of_breaks = "a file corpus/writers/break_*.c"
    print(
        f"""{path}:{line}: write severity, claim, because and evidence (docs/rule-language.md)
  khover rules test rules      says where the entry is wrong; it is, until the claim is written
{file_of_breaks}: write one function that breaks a well-formed image, and its line in the table
  ctest -R writers             fails until there is one, and when khover does not find it
docs/invariants.md: tools/list-invariants.py KHOVER > docs/invariants.md"""
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
