#!/usr/bin/env python3
"""Prints docs/proof-table.md: for each rule its claim form, what backs it, and the image in which it alone was broken.

list-proof.py KHOVER
list-proof.py KHOVER IMAGE
    with what the solver was asked and how long it took to prove the rules on that image: no two machines agree on it.
"""

import importlib.util
import json
import os
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

HEAD = """# The proof of each rule

The form says which certificate proves a rule on an image, and by which lemmas ([proof.md](proof.md)). The witness is an
image in `corpus/witness/` that the solver made from a well-formed one: it violates this rule and no other, which shows
that the rule is not implied by the others and can be satisfied and violated; *queries* is the number of queries to the
solver that it took. If none was found, an image of the writers violates the rule alone
(`tests/e2e/writers/breaks_test.py` fails otherwise), or it is implied by the rules in its row, as `khover rules prove`
proves. This page is printed by `tools/list-proof.py`; a test compares the two. With an image as its argument it prints
the facts, queries and seconds of the proof of each rule.
"""


def invariants():
    spec = importlib.util.spec_from_file_location(
        "invariants", os.path.join(SOURCE, "tools", "list-invariants.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def witnesses():
    with open(os.path.join(SOURCE, "corpus", "witness", "manifest.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {row[0]: row[1:] for row in rows}


def lemmas(khover):
    """{form: names}, as the solver proves them now."""
    names = {}
    for line in subprocess.run(
        [khover, "rules", "prove", "--lemmas"], check=True, stdout=subprocess.PIPE, text=True
    ).stdout.splitlines():
        words = line.split()
        if len(words) > 2 and words[0] == "proved":
            names.setdefault(words[1], []).append(words[2])
    return names


def proofs(khover, image):
    report = subprocess.run(
        [khover, "check", "--format", "json", image], stdout=subprocess.PIPE, text=True
    ).stdout
    return {rule["rule"]: rule["proof"] for rule in json.loads(report)["rules"] if "proof" in rule}


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def main():
    listing, found = invariants(), witnesses()
    khover, image = sys.argv[1], (sys.argv[2:] or [None])[0]
    rules = sorted(listing.all_rules(khover), key=lambda rule: rule["pack"])
    times = proofs(khover, image) if image else None
    print(HEAD)
    heads = ["rule", "form", "witness: what was changed", "in", "queries"] + (
        ["proof: facts, queries, seconds"] if image else []
    )
    row(*heads)
    print("|---" * len(heads) + "|")
    for rule in rules:
        implied = (
            "implied by " + ", ".join(f"`{one}`" for one in rule["implied_by"]) if rule["implied_by"] else ""
        )
        base, _, queries, change = found.get(rule["id"], ("", "", "", implied))
        changes = change.split("; ")
        # Keys that went with an object are many and say the same.
        shown = "; ".join(changes[:2]) + (f"; and {len(changes) - 2} more" if len(changes) > 2 else "")
        cells = [f"`{rule['id']}`", rule["form"], listing.cell(shown), base, queries]
        if image:
            proof = times.get(rule["id"])
            cells.append("{facts}, {queries}, {seconds:.3f}".format(**proof) if proof else "")
        row(*cells)
    print(f"\n{sum(rule['id'] in found for rule in rules)} of {len(rules)} rules have a witness.")
    print("\n| form | lemmas |\n|---|---|")
    for form, names in lemmas(khover).items():
        row(form, ", ".join(f"`{name}`" for name in names))


if __name__ == "__main__":
    main()
