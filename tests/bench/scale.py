#!/usr/bin/env python3
"""How evaluation and proof grow, as ratios of one run. By hand: nothing calls it.

scale.py KHOVER KHOVER-WRITE-IMAGE [--most N]

Each image is written with more and more of one thing, up to N (10^5; 10^6 takes minutes). CPU time counts, of all
threads, without what khover takes for a small image; the least of several repetitions. The limit is one copy of the
file's bytes in memory. Nothing is asserted.
"""

import math
import os
import subprocess
import sys
import tempfile
import time

from bench import usage_of

KINDS = (  # what grows, and how an image with that many is written
    ("folios of a memfd", lambda n: ("--sessions", "1", "--files", "1", "--folios", str(n))),
    ("sessions", lambda n: ("--sessions", "1", "--files", "1", "--idle-sessions", str(n))),
    (
        "devices",
        lambda n: (
            "--scenario",
            "2026-09",
            "--devices",
            str(n),
            "--units",
            "64",
            "--domains",
            "64",
            "--without-tables",
        ),
    ),
)


def seconds(*command, repetitions=3):
    """CPU time, and the greatest resident set in bytes."""
    usages = [usage_of(*command) for _ in range(repetitions)]
    return min(one.ru_utime + one.ru_stime for one in usages), max(one.ru_maxrss for one in usages) * 1024


def copy_seconds(path):
    with open(path, "rb") as file:
        data = file.read()
    least = math.inf
    for _ in range(5):
        begin = time.process_time()
        bytearray(data)
        least = min(least, time.process_time() - begin)
    return least


def main():
    arguments = sys.argv[1:]
    most = int(arguments.pop(arguments.index("--most") + 1)) if "--most" in arguments else 100_000
    khover, writer = arguments[:2]
    print(
        "| what grows | number | evaluation / one copy | peak memory / image | proof / evaluation | growth |"
    )
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "image.elf")
        for what, options in KINDS:
            subprocess.run([writer, *options(1), "-o", path], check=True)
            small = seconds(khover, "check", "--no-prove", path)[0]
            small_proof = seconds(khover, "check", path)[0] - small
            before = None
            number = 10_000
            while number <= most:
                subprocess.run([writer, *options(number), "-o", path], check=True)
                evaluation, memory = seconds(khover, "check", "--no-prove", path)
                proof = seconds(khover, "check", path)[0] - evaluation - small_proof
                evaluation = max(evaluation - small, 1e-3)
                growth = f"{math.log10(evaluation / before):.2f}" if before else ""
                print(
                    f"| {what} | {number} | {evaluation / copy_seconds(path):.0f} "
                    f"| {memory / os.path.getsize(path):.1f} | {max(proof, 0) / evaluation:.1f} | {growth} |",
                    flush=True,
                )
                before = evaluation
                number *= 10


if __name__ == "__main__":
    main()
