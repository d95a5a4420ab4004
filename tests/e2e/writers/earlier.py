#!/usr/bin/env python3
"""khover reads what earlier kernels wrote: it finds the root by itself, takes the layouts of that format, and objects to
nothing; and of the breaks that every version can have, it finds each one in these formats, too.

earlier.py KHOVER KHOVER-WRITE-IMAGE [SNAPSHOT]
"""
import json
import os
import subprocess
import sys
import tempfile

from breaks import Failure, names, run, verdicts
from good import EARLIER, PHASES, SIZES
from writer import Writer

PAGES = ("4K", "16K", "64K")
COUNTED = ("keys", "sessions", "files", "folios", "FLBs")
# One format of each kind: with all breaks that its rules have. The others differ from these in single sets.
BROKEN = ("kho-v4-luo-v4", "kho-v3-luo-v2")
# Breaks of what has another form in these versions: they put LUO's record where a tree is, or need layouts of devices
# that go with newer kernels only.
OTHERWISE = {"kho-structures-outside-scratch:2", "luo-flb-known:2"}


def snapshot(earlier):
    """kho-v3-luo-v2 of --kho v3 --luo v2; the memfd's version only where the format had both."""
    words = dict(zip(earlier[::2], earlier[1::2]))
    return "-".join("%s-%s" % (name[2:], words[name]) for name in ("--kho", "--luo") if name in words)


def expect(condition, message, *values):
    if not condition:
        raise Failure(message % values)


def right_layouts(khover, writer, earlier, folder):
    """Every size, phase and page size; each with the root found by scanning."""
    image, truth = os.path.join(folder, "image.elf"), os.path.join(folder, "truth.json")
    for pages in PAGES:
        for phase in PHASES:
            for size in SIZES:
                arguments = (*earlier, "--phase", phase, "--page-size", pages, *size)
                writer.run(*arguments, "--no-note", "root", "-o", image, "--truth", truth)
                report = run(khover, "check", "--no-prove", "--format", "json", image)
                with open(truth) as file:
                    written = json.load(file)
                what = " ".join(arguments)
                expect(not report["findings"], "%s: %s", what, names({one["rule"] for one in report["findings"]}))
                expect(report["root_from"] == "scan", "%s: root from %s", what, report["root_from"])
                has_luo = phase != "outgoing" or size[1] != "0"
                wanted = "earlier/%s-%s-%s" % (snapshot(earlier), "x86_64" if pages == "4K" else "arm64", pages.lower())
                expect(wanted in report["abi"] and (not has_luo or len(report["abi"]) == 1), "%s: read as %s", what,
                       report["abi"])
                if phase != "outgoing":
                    found = {name: report["contents"].get(name) for name in COUNTED}
                    wrote = {name: written[name.lower()] for name in COUNTED}
                    expect(found == wrote, "%s: found %s, written %s", what, found, wrote)


def proved_and_dumped(khover, writer, earlier, folder):
    image = os.path.join(folder, "image.elf")
    writer.run(*earlier, "--no-note", "root,page_size", "-o", image)
    report = run(khover, "check", "--format", "json", image)
    expect(report["backed_by"] == "proved" and not report["findings"], "not proved: %s", report["findings"])
    dumped = subprocess.run([khover, "dump", image], check=True, capture_output=True, text=True).stdout
    for word in ('session "vm-1"', "memfd at ", 'reserve_mem "foo"'):
        expect(word in dumped, "the dump does not show %s", word)


def all_breaks(khover, writer, earlier, folder):
    rules = {rule["id"] for rule in run(khover, "rules", "list", "--format", "json", "--abi",
                                        "earlier/%s-x86_64-4k" % snapshot(earlier))}
    good, broken = os.path.join(folder, "good.elf"), os.path.join(folder, "broken.elf")
    tried = set()
    for entry in writer.breaks():
        of_one_version = entry.what.startswith(("luo-v", "kho-v"))
        if entry.rule not in rules or of_one_version or entry.name in OTHERWISE:
            continue
        writer.run("--scenario-of", entry.name, *earlier, "-o", good)
        found = verdicts(khover, good)
        expect(not found["violated"] | found["undetermined"], "unbroken %s: %s", entry.name, found)
        writer.run("--break", entry.name, *earlier, "-o", broken)
        found = verdicts(khover, broken)
        expect(entry.rule in found["undetermined" if entry.undetermined else "violated"], "%s: %s", entry.name, found)
        beyond = found["violated"] - entry.also - (set() if entry.undetermined else {entry.rule})
        expect(not beyond, "%s: violated, too: %s", entry.name, names(beyond))
        tried.add(entry.rule)
    expect(len(tried) > 80, "only %d rules were broken", len(tried))
    return len(tried)


def main():
    khover, writer, chosen = sys.argv[1], Writer(sys.argv[2]), sys.argv[3:]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for earlier in EARLIER:
            name = snapshot(earlier)
            if chosen and name not in chosen:
                continue
            try:
                right_layouts(khover, writer, earlier, folder)
                proved_and_dumped(khover, writer, earlier, folder)
                broken = all_breaks(khover, writer, earlier, folder) if name in BROKEN else 0
                print("ok     %s, %d rules broken" % (name, broken), flush=True)
            except (Failure, subprocess.SubprocessError) as failure:
                failures += 1
                print("FAILED %s: %s" % (name, failure), flush=True)
    print("%d formats, %d failures" % (len(EARLIER), failures))
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
