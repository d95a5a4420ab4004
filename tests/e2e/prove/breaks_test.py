#!/usr/bin/env python3
"""On broken images the proof agrees with evaluation: no rule that is violated is proved.

breaks_test.py KHOVER KHOVER-WRITE-IMAGE [--part K/N]

A local check that is too weak would prove a rule that such an image violates: khover says "internal error" then.
"""
import json
import os
import subprocess
import sys
import tempfile

import part

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "writers"))
from writer import Writer  # noqa: E402


def check(khover, image, *arguments):
    done = subprocess.run(
        [khover, "check", "--format", "json", *arguments, image], capture_output=True, text=True
    )
    return json.loads(done.stdout)


def verdicts(report):
    return {
        rule["rule"]: "proved" if rule["verdict"] == "holds" else rule["verdict"] for rule in report["rules"]
    }


def main():
    chosen = part.of(sys.argv)
    khover, writer = sys.argv[1], Writer(sys.argv[2])
    failures = violated = facts = queries = 0
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "broken.elf")
        for entry in chosen(list(writer.breaks())):
            writer.run("--break", entry.name, "-o", image)
            proved, evaluated = check(khover, image), check(khover, image, "--no-prove")
            before, after = verdicts(evaluated), verdicts(proved)
            for rule in before:
                # Bytes that are absent may decide nothing: the solver sees that, evaluation does not.
                if before[rule] == after[rule] or (before[rule], after[rule]) == ("undetermined", "proved"):
                    continue
                failures += 1
                why = next(one.get("why") for one in proved["rules"] if one["rule"] == rule)
                print("%s: %s is %s, with proof %s: %s" % (entry.name, rule, before[rule], after[rule], why))
            violated += sum(verdict == "violated" for verdict in after.values())
            facts += proved["proof"]["facts"]
            queries += proved["proof"]["queries"]
    print("%d violated, %d facts, %d queries, %d failures" % (violated, facts, queries, failures))
    return 1 if failures or not violated else 0


if __name__ == "__main__":
    sys.exit(main())
