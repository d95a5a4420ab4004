#!/usr/bin/env python3
"""khover reads what earlier kernels wrote: it finds the root by itself, takes the layouts of that format, and objects to
nothing; and of the breaks that every version can have, it finds each one in these formats, too.

earlier_test.py KHOVER KHOVER-WRITE-IMAGE [SNAPSHOT]
"""
import json
import os
import subprocess
import sys
import tempfile

from breaks_test import Failure, names, run, verdicts
from good_test import EARLIER, PHASES, sizes
from writer import Writer

PAGES = ("4K", "16K", "64K")
COUNTED = ("keys", "sessions", "files", "folios", "FLBs")
# One format of each kind: with all breaks that its rules have. The others differ from these in single sets.
BROKEN = ("kho-v4-luo-v4", "kho-v3-luo-v2", "kho-v2-luo-v1-memfd-v1", "kho-v1-luo-v1-memfd-v1")
# Breaks of what has another form: layouts of devices that go with newer kernels only; since a subtree is a device tree,
# a rule on those comes first; pages of the radix tree; a node that says where FLBs are; keys before there is a map,
# and the map that is written as 0 until then; a root FDT that is larger than its page, whose version is not read to choose a format by.
OTHERWISE = {
    "kho-v4-luo-v4": {"luo-flb-known:2", "kho-root-size"},
    "kho-v3-luo-v2": {"luo-flb-known:2", "kho-root-size"},
    "kho-v2-luo-v1-memfd-v1": {
        "luo-flb-known:2",
        "kho-root-size",
        "memblock-fdt",
        "luo-flbs-pointer:1",
        "luo-flbs-null",
        "memfd-folio-not-structure:1",
    },
    "kho-v1-luo-v1-memfd-v1": {
        "luo-flb-known:2",
        "kho-root-size",
        "memblock-fdt",
        "luo-flbs-pointer:1",
        "luo-flbs-null",
        "memfd-folio-not-structure:1",
        "kho-structures-outside-scratch",
        "kho-memory-map-property:1",
        "kho-memory-map-missing:1",
        "kho-keys-disjoint",
        "kho-keys-outside-scratch-outgoing",
        "kho-key-in-ram:1",
        "kho-key-order",
        "kho-keys-overlap:1",
        "kho-keys-fit-ram",
    },
}


def snapshot(earlier):
    """kho-v3-luo-v2 of --kho v3 --luo v2"""
    if "v1-512" in earlier:
        return "kho-v1-bitmaps-of-512"
    return "-".join("%s-%s" % (name[2:], version) for name, version in zip(earlier[::2], earlier[1::2]))


def expect(condition, message, *values):
    if not condition:
        raise Failure(message % values)


def right_layouts(khover, writer, earlier, folder):
    """Every size, phase and page size; each with the root found by scanning."""
    image, truth = os.path.join(folder, "image.elf"), os.path.join(folder, "truth.json")
    for pages in PAGES:
        for phase in PHASES:
            for size in sizes(earlier):
                arguments = (*earlier, "--phase", phase, "--page-size", pages, *size)
                writer.run(*arguments, "--no-note", "root", "-o", image, "--truth", truth)
                report = run(khover, "check", "--no-prove", "--format", "json", image)
                with open(truth) as file:
                    written = json.load(file)
                what = " ".join(arguments)
                expect(
                    not report["findings"], "%s: %s", what, names({one["rule"] for one in report["findings"]})
                )
                expect(report["root_from"] == "scan", "%s: root from %s", what, report["root_from"])
                told_apart = (
                    phase != "outgoing" or "--memfd" not in earlier
                )  # nothing leads to a memfd before
                wanted = "earlier/%s-%s-%s" % (
                    snapshot(earlier),
                    "x86_64" if pages == "4K" else "arm64",
                    pages.lower(),
                )
                expect(
                    wanted in report["abi"]
                    and (size == sizes(earlier)[0] or not told_apart or len(report["abi"]) == 1),
                    "%s: read as %s",
                    what,
                    report["abi"],
                )
                if phase != "outgoing":
                    counted = [name for name in COUNTED if name in report["contents"]]
                    expect("keys" in counted, "%s: no keys", what)
                    found = {name: report["contents"][name] for name in counted}
                    wrote = {name: written[name.lower()] for name in counted}
                    expect(found == wrote, "%s: found %s, written %s", what, found, wrote)


def proved_and_dumped(khover, writer, earlier, folder):
    image = os.path.join(folder, "image.elf")
    without = ("--sessions", "0", "--idle-sessions", "2") if "v1-session-v1" in earlier else ()
    writer.run(*earlier, *without, "--no-note", "root,page_size", "-o", image)
    report = run(khover, "check", "--format", "json", image)
    expect(report["backed_by"] == "proof" and not report["findings"], "not proved: %s", report["findings"])
    dumped = subprocess.run([khover, "dump", image], check=True, capture_output=True, text=True).stdout
    words = ('session "idle/1"',) if without else () if "none" in earlier else ('session "vm-1"', "memfd at ")
    for word in (*words, 'reserve_mem "foo"'):
        expect(word in dumped, "the dump does not show %s", word)


def all_breaks(khover, writer, earlier, folder):
    rules = {
        rule["id"]
        for rule in run(
            khover, "rules", "list", "--format", "json", "--abi", "earlier/%s-x86_64-4k" % snapshot(earlier)
        )
    }
    good, broken = os.path.join(folder, "good.elf"), os.path.join(folder, "broken.elf")
    tried, impossible = set(), []
    for entry in writer.breaks():
        of_one_version = entry.what.startswith(("luo-v", "kho-v", "memfd-v"))
        if entry.rule not in rules or of_one_version or entry.name in OTHERWISE[snapshot(earlier)]:
            continue
        writer.run("--scenario-of", entry.name, *earlier, "-o", good)
        found = verdicts(khover, good)
        expect(not found["violated"] | found["undetermined"], "unbroken %s: %s", entry.name, found)
        try:
            writer.run("--break", entry.name, *earlier, "-o", broken)
        except subprocess.CalledProcessError:
            impossible.append(entry.name)  # the writer says why: there is no such subtree, no such record
            continue
        found = verdicts(khover, broken)
        expect(
            entry.rule in found["undetermined" if entry.undetermined else "violated"],
            "%s: %s",
            entry.name,
            found,
        )
        beyond = found["violated"] - entry.also - (set() if entry.undetermined else {entry.rule})
        expect(not beyond, "%s: violated, too: %s", entry.name, names(beyond))
        tried.add(entry.rule)
    expect(
        len(tried) > 80 and len(impossible) < 8,
        "%d rules were broken; not written: %s",
        len(tried),
        impossible,
    )
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
