#!/usr/bin/env python3
"""Pages taken out of well-formed and broken images: verdicts are monotone in the bytes.

holes_test.py KHOVER CORPUS [PAGES [SETS]] [--part K/N]

A rule that the whole image does not judge, since a rule that it needs fails for the same record, may
be decided where the other one is not: the image is broken either way.

1. Without any one page (all of the small images, an even sample of at most PAGES of the large),
   and without random sets of pages, an image is never `violated` where the whole one is not, and
   nothing is `proved` that the whole image violates or leaves open.
2. A set of pages and one that contains it: what the poorer image decides, the richer decides alike.
3. The holes that a verdict names suffice: with them filled in, round by round, the rule is decided
   as in the whole image, and each round names a page that is really absent.

--part takes each Nth image, from the Kth on (from 0): a test for each part runs beside the others.
The root FDT's page is left in place: without it there is nothing to judge.
"""
import concurrent.futures
import json
import os
import random
import struct
import subprocess
import sys
import tempfile

import part

PAGE = 4096
PT_LOAD = 1
IMAGES = (
    "v0-empty/finalized",
    "v1-one/finalized",
    "bug-dup51/finalized",
    "bug-resmem/finalized",
    "v2-three/finalized",
    "p2-bridges/finalized",
    "iommu-i2-version0/finalized",
)
DECIDED = ("proved", "violated")


def without(data, holes):
    """The ELF core without these pages of physical memory: segments are cut around them."""
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = []
    for i in range(count):
        kind, flags, offset, virtual, address, length, memory, align = struct.unpack_from(
            "<IIQQQQQQ", data, table + i * size
        )
        if kind != PT_LOAD:
            segments.append((kind, flags, offset, virtual, address, length, memory, align))
            continue
        start, end = address, address + length
        for hole in sorted(page for page in holes if address & -PAGE <= page < end) + [end]:
            if start < hole:
                segments.append(
                    (kind, flags, offset + start - address, virtual, start, hole - start, hole - start, align)
                )
            start = max(start, hole + PAGE)
    out = bytearray(data)
    struct.pack_into("<Q", out, 32, len(data))  # the new table is at the end
    struct.pack_into("<H", out, 56, len(segments))
    return bytes(out) + b"".join(struct.pack("<IIQQQQQQ", *segment) for segment in segments)


def pages(data):
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for i in range(count):
        kind, _, _, _, address, length = struct.unpack_from("<IIQQQQ", data, table + i * size)
        if kind == PT_LOAD:
            yield from range(address & -PAGE, address + length, PAGE)


class Image:
    def __init__(self, khover, path, folder):
        self.khover, self.path, self.folder = khover, path, folder
        self.data = subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True).stdout
        self.root, self.abi = None, []
        whole = self.report(path)
        self.root, self.abi = whole["root"], whole["abi"]
        whole = self.report(path)
        self.whole = verdicts(whole)
        self.pages = [page for page in pages(self.data) if page != int(self.root, 16) & -PAGE]

    def report(self, path, *options):
        # With fewer bytes more layouts fit; which one it is, is not what is asked here.
        given = (["--fdt", self.root, "--abi", self.abi[0]] if self.root else []) + list(options)
        done = subprocess.run(
            [self.khover, "check", "--format", "json", *given, path], capture_output=True, text=True
        )
        return json.loads(done.stdout)

    def lacking(self, holes, *options):
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
            path = file.name
            file.write(without(self.data, holes))
        try:
            return self.report(path, *options)
        finally:
            os.unlink(path)


def word(rule):
    """What holds without a proof counts as what is proved: some of these reports are made without one."""
    return "proved" if rule["verdict"] == "holds" else rule["verdict"]


def verdicts(report):
    """A rule that is not judged since one that it needs fails counts as violated with that one."""
    of = {rule["rule"]: word(rule) for rule in report["rules"]}
    for rule in report["rules"]:
        if (
            rule["verdict"] == "not judged"
            and of.get(rule.get("why", "").removeprefix("needs ")) == "violated"
        ):
            of[rule["rule"]] = "violated"
    return of


def against_whole(image, report):
    for rule in report["rules"]:
        verdict, why, before = word(rule), rule.get("why", ""), image.whole[rule["rule"]]
        if (verdict == "violated" and before != "violated") or (
            verdict == "proved" and before in ("violated", "undetermined")
        ):
            yield "%s: %s, whole: %s %s" % (rule["rule"], verdict, before, why)
        if why.startswith("internal error"):
            yield "%s: %s" % (rule["rule"], why)


def lacks_one(image, page):
    report = image.lacking({page})
    return [*against_whole(image, report)], "undetermined" in verdicts(report).values()


def lacks_sets(image, few, more):
    """`few` lies in `more`: the poorer image decides nothing that the richer decides otherwise."""
    richer, poorer = image.lacking(few, "--no-prove"), image.lacking(more, "--no-prove")
    problems = [*against_whole(image, richer), *against_whole(image, poorer)]
    rich = verdicts(richer)
    for rule in poorer["rules"]:
        verdict = word(rule)
        if verdict in DECIDED and rich[rule["rule"]] != verdict:
            problems.append("%s: %s, with more bytes: %s" % (rule["rule"], verdict, rich[rule["rule"]]))
    return problems, "undetermined" in verdicts(poorer).values()


def restores(image, holes):
    """Fills in what the verdict of one rule after the other asks for."""
    problems = []
    first = image.lacking(holes, "--no-prove")
    for rule in [finding["rule"] for finding in first["findings"] if finding["verdict"] == "undetermined"]:
        if image.whole[rule] == "undetermined":
            continue  # for want of pages that the whole image lacks, too: there is nothing to fill them with
        left, report = set(holes), first
        while True:
            finding = next(
                (f for f in report["findings"] if f["rule"] == rule and f["verdict"] == "undetermined"), None
            )
            if finding is None:
                verdict = next(one["verdict"] for one in report["rules"] if one["rule"] == rule)
                if verdict in DECIDED and verdict != image.whole[rule]:
                    problems.append(
                        "%s: %s with its holes filled, whole: %s" % (rule, verdict, image.whole[rule])
                    )
                break
            named = {int(hole, 16) & -PAGE for hole in finding.get("holes", [])} & left
            if not named:
                problems.append(
                    "%s: undetermined, and names no page that is absent: %s" % (rule, finding.get("why"))
                )
                break
            left -= named
            report = image.lacking(left, "--no-prove")
    return problems, True


def main():
    images = part.take(sys.argv, IMAGES)
    khover, corpus = sys.argv[1:3]
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    sets = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    choose = random.Random(4)
    failures = undetermined = 0
    runs = {"one page": 0, "sets": 0, "restored": 0}
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(
        os.cpu_count()
    ) as pool:
        for name in images:
            image = Image(khover, "%s/%s.elf.zst" % (corpus, name), folder)
            asked = []
            for page in image.pages[:: max(1, len(image.pages) // most)]:
                asked.append(("one page", "%#x" % page, pool.submit(lacks_one, image, page)))
            for _ in range(sets):
                more = set(choose.sample(image.pages, min(len(image.pages), choose.choice((2, 4, 8)))))
                few = set(choose.sample(sorted(more), len(more) // 2))
                words = ", ".join("%#x" % page for page in sorted(more))
                asked.append(("sets", words, pool.submit(lacks_sets, image, few, more)))
                asked.append(("restored", words, pool.submit(restores, image, more)))
            for kind, words, future in asked:
                problems, open_ = future.result()
                runs[kind] += 1
                undetermined += open_
                failures += bool(problems)
                for problem in problems:
                    print("%s without %s (%s): %s" % (name, words, kind, problem))
    print(
        "%d images without a page, %d pairs without sets of pages, %d sets filled in again; %d with a rule undetermined: "
        "%d contradictions" % (*runs.values(), undetermined, failures)
    )
    return 1 if failures or not all(runs.values()) or undetermined == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
