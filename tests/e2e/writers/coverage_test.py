#!/usr/bin/env python3
"""Every rule has a break; every break changes a well-formed image; all bad input can be written.

coverage_test.py KHOVER-WRITE-IMAGE
"""
import filecmp
import json
import os
import sys
import tempfile

import reader
from writer import Writer


def rules():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rules.txt")) as file:
        return set(file.read().split())


def uncovered(breaks):
    listed, wanted = {entry.rule for entry in breaks}, rules()
    for rule in sorted(wanted - listed):
        yield "%s has no break" % rule
    for rule in sorted(listed - wanted):
        yield "%s is broken, but is no rule" % rule
    for entry in breaks:
        for rule in sorted(entry.also - wanted):
            yield "%s names %s, which is no rule" % (entry.name, rule)


def write_break(writer, folder, entry):
    good, broken = os.path.join(folder, "good.elf"), os.path.join(folder, "broken.elf")
    truth = os.path.join(folder, "truth.json")
    writer.run("--scenario-of", entry.name, "-o", good, "--truth", truth)
    with open(truth) as file:
        variants = json.load(file)["variants"]
    writer.run("--break", entry.name, "-o", broken)
    try:
        reader.read(good, variants=variants)
    except reader.Surprise as surprise:
        yield "the unbroken image of %s: %s" % (entry.name, surprise)
    if filecmp.cmp(good, broken, shallow=False):
        yield "%s changes nothing" % entry.name


def main():
    writer = Writer(sys.argv[1])
    breaks, kinds = list(writer.breaks()), writer.bad_kinds()
    failures = list(uncovered(breaks))
    with tempfile.TemporaryDirectory() as folder:
        for entry in breaks:
            failures += write_break(writer, folder, entry)
        for kind in kinds:
            writer.run("--bad", kind, "-o", os.path.join(folder, "bad.elf"))
    for failure in failures:
        print("FAILED", failure)
    print(
        "%d breaks of %d rules, %d kinds of bad input, %d failures"
        % (len(breaks), len({entry.rule for entry in breaks}), len(kinds), len(failures))
    )
    return len(failures) > 0


if __name__ == "__main__":
    sys.exit(main())
