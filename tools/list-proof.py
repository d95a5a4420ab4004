#!/usr/bin/env python3
"""Prints docs/proof-table.md: for each rule its claim form, and the image in which it alone was broken.

list-proof.py KHOVER
"""

import importlib.util
import os
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

HEAD = """# What stands behind each rule

The form says which certificate and which lemmas prove a rule on an image ([proof.md](proof.md)). The witness is an image
in `corpus/witness/` that the solver made from a well-formed one: it violates this rule and no other, which shows that
the rule is not implied by the others and can be satisfied and violated; *queries* is what the solver was asked until it
was found. Where none was found, an image of the writers violates the rule alone (`tests/e2e/writers/breaks.py` fails
otherwise), or it is implied by the rules that stand there, as `khover rules prove` proves. This page is printed by
`tools/list-proof.py`; a test compares the two.

| rule | form | witness: what was changed | in | queries |
|---|---|---|---|---|"""


def invariants():
    spec = importlib.util.spec_from_file_location("invariants", os.path.join(SOURCE, "tools", "list-invariants.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def witnesses():
    with open(os.path.join(SOURCE, "corpus", "witness", "manifest.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {row[0]: row[1:] for row in rows}


def main():
    listing, found = invariants(), witnesses()
    rules = sorted(listing.all_rules(sys.argv[1]), key=lambda rule: rule["pack"])
    print(HEAD)
    for rule in rules:
        implied = "implied by " + ", ".join(f"`{one}`" for one in rule["implied_by"]) if rule["implied_by"] else ""
        base, _, queries, change = found.get(rule["id"], ("", "", "", implied))
        changes = change.split("; ")
        # Keys that went with an object are many and say the same.
        shown = "; ".join(changes[:2]) + (f"; and {len(changes) - 2} more" if len(changes) > 2 else "")
        print(f"| `{rule['id']}` | {rule['form']} | {listing.cell(shown)} | {base} | {queries} |")
    print(f"\n{sum(rule['id'] in found for rule in rules)} of {len(rules)} rules have a witness.")


if __name__ == "__main__":
    main()
