#!/usr/bin/env python3
"""Writes the table of checks in docs/lint/README.md or docs/review/README.md: every check that khover-abi runs, with the
first paragraph of its page.

list-checks.py KHOVER_ABI lint|review [--check]

With --check, says whether the table is as it would be written.
"""

import argparse
import pathlib
import re
import subprocess
import sys

HEAD = "| check | severity | finds |\n|---|---|---|\n"
SUPPRESSION = ("suppression", "warning")  # of both, and in no table of checks


def first_paragraph(page):
    return " ".join(page.read_text(encoding="utf-8").split("\n\n")[1].split())


def table(khover_abi, kind, docs):
    listed = subprocess.run(
        [khover_abi, kind, "--list-checks"], check=True, capture_output=True, text=True
    ).stdout
    checks = [tuple(line.split()[:2]) for line in listed.splitlines()] + [SUPPRESSION]
    rows = [
        f"| [{check}]({check}.md) | {severity} | {first_paragraph(docs / f'{check}.md')} |\n"
        for check, severity in sorted(checks)
    ]
    return HEAD + "".join(rows)


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("khover_abi", metavar="KHOVER_ABI")
    arguments.add_argument("kind", choices=("lint", "review"))
    arguments.add_argument("--check", action="store_true")
    options = arguments.parse_args()
    docs = here / "docs" / options.kind
    readme = docs / "README.md"
    text = readme.read_text(encoding="utf-8")
    written = re.sub(
        r"^\| check \|.*\n\|[-|]+\|\n(\|.*\n)+",
        lambda _: table(options.khover_abi, options.kind, docs),
        text,
        count=1,
        flags=re.M,
    )
    if options.check:
        if written != text:
            print(
                f"{readme.relative_to(here)}: the table is not that of the checks: "
                f"tools/list-checks.py KHOVER_ABI {options.kind} writes it",
                file=sys.stderr,
            )
        return int(written != text)
    readme.write_text(written, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
