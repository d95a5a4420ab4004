#!/usr/bin/env python3
"""Each break makes khover find the rule that it breaks, and nothing that does not follow from it.

breaks.py KHOVER KHOVER-WRITE-IMAGE [RULE[:N]...]

For each line of --list-breaks: the unbroken image of its scenario has no finding;
of the broken one, `rule` is among the violated rules (or, for breaks that are
undetermined by design, among the undetermined ones), and no rule is violated but it
and those that the list names. And every rule that khover has, has a break.
"""
import json
import os
import subprocess
import sys
import tempfile

from writer import Writer

TIMEOUT = 60  # seconds for one image


class Failure(Exception):
    pass


def run(khover, *arguments):
    done = subprocess.run([khover, *arguments], text=True, capture_output=True, timeout=TIMEOUT)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise Failure("khover %s: exit status %d, no JSON; %s" %
                      (arguments[0], done.returncode, done.stderr.strip() or "no message"))


def verdicts(khover, image):
    """{verdict: {rule}}"""
    rules = {"violated": set(), "undetermined": set()}
    for finding in run(khover, "check", "--no-prove", "--format", "json", image)["findings"]:
        rules.setdefault(finding["verdict"], set()).add(finding["rule"])
    return rules


def names(rules):
    return ", ".join(sorted(rules)) or "nothing"


def judge(khover, known, writer, entry, folder):
    if entry.rule not in known:
        raise Failure("khover has no such rule")
    good, broken = os.path.join(folder, "good.elf"), os.path.join(folder, "broken.elf")
    writer.run("--scenario-of", entry.name, "-o", good)
    found = verdicts(khover, good)
    for verdict in ("violated", "undetermined"):
        if found[verdict]:
            raise Failure("unbroken image: %s: %s" % (verdict, names(found[verdict])))
    writer.run("--break", entry.name, "-o", broken)
    found = verdicts(khover, broken)
    wanted = "undetermined" if entry.undetermined else "violated"
    if entry.rule not in found[wanted]:
        raise Failure("not %s; violated: %s; undetermined: %s" %
                      (wanted, names(found["violated"]), names(found["undetermined"])))
    allowed = entry.also if entry.undetermined else entry.also | {entry.rule}
    if found["violated"] - allowed:
        raise Failure("violated, too: %s" % names(found["violated"] - allowed))
    return names(found["violated"] - {entry.rule})


def rule_ids(khover):
    """Those of every layout: the shipped snapshots, and the overlays of device layouts on the first of them."""
    listed = subprocess.run([khover, "rules", "list", "--snapshots"], text=True, check=True, capture_output=True)
    snapshots = listed.stdout.split()
    ids = set()
    for name in snapshots:
        rules = run(khover, "rules", "list", "--format", "json", "--abi", snapshots[0] + name if name[0] == "+" else name)
        ids |= {rule["id"] for rule in (rules["rules"] if isinstance(rules, dict) else rules)}
    return ids


def main():
    khover, writer, chosen = sys.argv[1], Writer(sys.argv[2]), set(sys.argv[3:])
    breaks = list(writer.breaks())
    known, failures = rule_ids(khover), 0
    with tempfile.TemporaryDirectory() as folder:
        for entry in breaks:
            if chosen and not chosen & {entry.name, entry.rule}:
                continue
            try:
                print("ok     %s (with it: %s)" % (entry.name, judge(khover, known, writer, entry, folder)), flush=True)
            except (Failure, subprocess.TimeoutExpired) as failure:
                failures += 1
                print("FAILED %s: %s" % (entry.name, failure), flush=True)
    if not chosen:
        for rule in sorted(known - {entry.rule for entry in breaks}):
            failures += 1
            print("FAILED %s: no break" % rule)
    print("%d failures" % failures)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
