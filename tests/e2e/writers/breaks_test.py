#!/usr/bin/env python3
"""Each break makes khover find the rule that it breaks, and nothing that does not follow from it.

breaks_test.py KHOVER KHOVER-WRITE-IMAGE [RULE[:N]...]
breaks_test.py KHOVER KHOVER-WRITE-IMAGE --part K/N FILE    each Nth break, from the Kth on (from 0); FILE: what was seen
breaks_test.py KHOVER KHOVER-WRITE-IMAGE --sum FILE...      is every rule there, from what the parts saw

For each line of --list-breaks: the unbroken image of its scenario has no finding;
of the broken one, `rule` is among the violated rules (or, for breaks that are
undetermined by design, among the undetermined ones), and no rule is violated but it
and those that the list names. And every rule that khover has, has a break; and each is independent:
it is violated alone by a break or by a witness (corpus/witness), or its pack says what implies it
(`khover rules prove` proves that). None is vacuous: in some unbroken image it holds for a record.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from writer import Writer

TIMEOUT = 120  # seconds for one image
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

# The first is for trees that are too low, in which no key of a single page can be. The second is about keys of a
# gigabyte and more: no unbroken image here has so much memory.
NEVER_HOLDS = {"kho-radix-order-bit", "kho-keys-disjoint"}
# An image that violates it alone holds half a million files: one of 64 does, where the kernel's limit is lower.
LOWER = {
    "luo-file-block-limit": (
        "luo/luo-session-blocks.yaml",
        "KHO_MAX_BLOCKS",
        1,
        ("--sessions", "1", "--files", "64", "--idle-sessions", "0"),
    ),
}

# Damage that stops the reading where the layout that was written is read: one that reads less fits better, and
# a user who knows the kernel says which it was.
STATED = {
    "kvm-vmalloc-chunk-pointer": "linux-7.3-x86_64-4k+devices/guests-b",
    "kvm-vmalloc-entry-preserved": "linux-7.3-x86_64-4k+devices/guests-b",
}


class Failure(Exception):
    pass


def run(khover, *arguments):
    done = subprocess.run([khover, *arguments], text=True, capture_output=True, timeout=TIMEOUT)
    try:
        return json.loads(done.stdout)
    except ValueError:
        raise Failure(
            "khover %s: exit status %d, no JSON; %s"
            % (arguments[0], done.returncode, done.stderr.strip() or "no message")
        )


def check(khover, image, abi=None):
    return run(khover, "check", "--no-prove", "--format", "json", *(("--abi", abi) if abi else ()), image)


def by_verdict(report):
    """{verdict: {rule}}"""
    rules = {"violated": set(), "undetermined": set()}
    for finding in report["findings"]:
        rules.setdefault(finding["verdict"], set()).add(finding["rule"])
    return rules


def verdicts(khover, image, abi=None):
    return by_verdict(check(khover, image, abi))


def names(rules):
    return ", ".join(sorted(rules)) or "nothing"


def judge(khover, known, writer, entry, folder, says):
    if entry.rule not in known:
        raise Failure("khover has no such rule")
    good, broken = os.path.join(folder, "good.elf"), os.path.join(folder, "broken.elf")
    writer.run("--scenario-of", entry.name, "-o", good)
    abi = STATED.get(entry.rule)
    report = check(khover, good)
    found = by_verdict(report)
    for verdict in ("violated", "undetermined"):
        if found[verdict]:
            raise Failure("unbroken image: %s: %s" % (verdict, names(found[verdict])))
    says |= {rule["rule"] for rule in report["rules"] if rule["verdict"] == "holds" and rule["records"] > 0}
    writer.run("--break", entry.name, "-o", broken)
    found = verdicts(khover, broken, abi)
    wanted = "undetermined" if entry.undetermined else "violated"
    if entry.rule not in found[wanted]:
        raise Failure(
            "not %s; violated: %s; undetermined: %s"
            % (wanted, names(found["violated"]), names(found["undetermined"]))
        )
    allowed = entry.also if entry.undetermined else entry.also | {entry.rule}
    if found["violated"] - allowed:
        raise Failure("violated, too: %s" % names(found["violated"] - allowed))
    return found["violated"] - {entry.rule}


def rules_of(khover):
    """{rule: whether it is implied, in every layout that has it}: the shipped snapshots, and the overlays of device
    layouts on the first of them."""
    listed = subprocess.run(
        [khover, "rules", "list", "--snapshots"], text=True, check=True, capture_output=True
    )
    snapshots = listed.stdout.split()
    implied = {}
    for name in snapshots:
        abi = snapshots[0] + name if name[0] == "+" else name
        for rule in run(khover, "rules", "list", "--format", "json", "--abi", abi):
            implied[rule["id"]] = implied.get(rule["id"], True) and bool(rule["implied_by"])
    return implied


def alone_below_a_lower_limit(khover, writer, rule, folder):
    path, constant, limit, scenario = LOWER[rule]
    image, rules = os.path.join(folder, "image.elf"), os.path.join(folder, "rules")
    writer.run(*scenario, "-o", image)
    shutil.copytree(os.path.join(SOURCE, "rules"), rules)
    with open(os.path.join(rules, path)) as file:
        pack, changes = re.subn(r"(%s:\s+value: )\d+" % constant, r"\g<1>%d" % limit, file.read())
    with open(os.path.join(rules, path), "w") as file:
        file.write(pack)
    report = run(khover, "check", "--no-prove", "--format", "json", "--rules", rules, image)
    violated = {finding["rule"] for finding in report["findings"]}
    print("%s: with %s = %d: %s" % (rule, constant, limit, names(violated)))
    return changes == 1 and violated == {rule}


def witnesses():
    with open(os.path.join(SOURCE, "corpus", "witness", "manifest.tsv")) as file:
        return {line.split("\t")[0] for line in file if not line.startswith("#")}


def try_breaks(khover, writer, known, breaks, seen):
    """How many fail; adds to `seen` the rules that were violated alone, and those that held for some record."""
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for entry in breaks:
            try:
                others = judge(khover, known, writer, entry, folder, seen["says"])
                print("ok     %s (with it: %s)" % (entry.name, names(others)), flush=True)
                if not others and not entry.undetermined:
                    seen["alone"].add(entry.rule)
            except (Failure, subprocess.TimeoutExpired) as failure:
                failures += 1
                print("FAILED %s: %s" % (entry.name, failure), flush=True)
    return failures


def complete(khover, writer, known, breaks, seen):
    """How many rules have no break, are never violated alone or never hold."""
    alone = seen["alone"] | witnesses()
    with tempfile.TemporaryDirectory() as folder:
        alone |= {rule for rule in LOWER if alone_below_a_lower_limit(khover, writer, rule, folder)}
    missing = [
        ("no break", known.keys() - {entry.rule for entry in breaks}),
        (
            "never violated alone, and nothing is said to imply it",
            {r for r in known.keys() - alone if not known[r]},
        ),
        ("holds for no record of any unbroken image", known.keys() - seen["says"] - NEVER_HOLDS),
    ]
    for what, rules in missing:
        for rule in sorted(rules):
            print("FAILED %s: %s" % (rule, what))
    print(
        "%d rules: %d are violated alone by some image, %d are implied by others"
        % (len(known), len(known.keys() & alone), sum(known[rule] for rule in known.keys() - alone))
    )
    return sum(len(rules) for _, rules in missing)


def main():
    khover, writer, arguments = sys.argv[1], Writer(sys.argv[2]), sys.argv[3:]
    breaks, known = list(writer.breaks()), rules_of(khover)
    seen, failures = {"alone": set(), "says": set()}, 0
    if arguments[:1] == ["--sum"]:
        for path in arguments[1:]:
            with open(path) as file:
                for word, rules in json.load(file).items():
                    seen[word] |= set(rules)
        failures = complete(khover, writer, known, breaks, seen)
    elif arguments[:1] == ["--part"]:
        first, parts = (int(number) for number in arguments[1].split("/"))
        failures = try_breaks(khover, writer, known, breaks[first::parts], seen)
        with open(arguments[2], "w") as file:
            json.dump({word: sorted(rules) for word, rules in seen.items()}, file)
    elif arguments:
        chosen = [entry for entry in breaks if {entry.name, entry.rule} & set(arguments)]
        failures = try_breaks(khover, writer, known, chosen, seen)
    else:
        failures = try_breaks(khover, writer, known, breaks, seen)
        failures += complete(khover, writer, known, breaks, seen)
    print("%d failures" % failures)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
