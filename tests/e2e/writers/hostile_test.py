#!/usr/bin/env python3
"""khover survives bad input: it ends in time, with an answer or with an error that says why.

hostile_test.py KHOVER KHOVER-WRITE-IMAGE
"""
import json
import os
import resource
import subprocess
import sys
import tempfile

from writer import Writer

# The newest formats, and of the earlier ones those that have the most of their own.
EARLIER = ((), ("--kho", "v3", "--luo", "v2"), ("--kho", "v1", "--luo", "v1", "--memfd", "v1"))
TIMEOUT = 120  # seconds; the largest image has 80 MB
MEMORY = 2 << 30  # bytes of address space


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def complaint(khover, image):
    try:
        done = subprocess.run(
            [khover, "check", "--no-prove", "--format", "json", image],
            text=True,
            capture_output=True,
            timeout=TIMEOUT,
            preexec_fn=limit_memory,
        )
    except subprocess.TimeoutExpired:
        return "no answer in %d s" % TIMEOUT
    if done.returncode not in (0, 1, 2, 3):
        return "exit status %d; %s" % (done.returncode, done.stderr.strip()[-200:])
    if done.returncode == 2:
        return None if done.stderr.strip() else "exit status 2 without a message"
    try:
        json.loads(done.stdout)
    except ValueError as error:
        return "exit status %d, but no JSON: %s" % (done.returncode, error)
    return None


def main():
    khover, writer = sys.argv[1], Writer(sys.argv[2])
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in writer.bad_kinds():
            for earlier in EARLIER:
                image = os.path.join(folder, "bad.elf")
                try:
                    writer.run("--bad", kind, *earlier, "-o", image)
                except subprocess.CalledProcessError:
                    continue  # this version has no such thing
                problem = complaint(khover, image)
                failures += problem is not None
                print(
                    "%s %s %s%s"
                    % (
                        "FAILED" if problem else "ok    ",
                        kind,
                        " ".join(earlier),
                        ": " + problem if problem else "",
                    ),
                    flush=True,
                )
    print("%d failures" % failures)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
