#!/usr/bin/env python3
"""Images that khover's solver made: each breaks one rule and no other. No human said how.

witnesses_test.py KHOVER FOLDER [--part K/N]
    Every image of FOLDER (corpus/witness) is read as any other: its rule is violated and no other is; of every third
    one the rest is proved, too. Every rule of manifest.tsv has its image. --part: each Nth
    image, from the Kth on (from 0).
witnesses_test.py KHOVER FOLDER KHOVER-WRITE-IMAGE IMAGE --write [BASE...]
    Adds to FOLDER what it lacks, from a real image and from what the writers write (all, or the named ones):
    minutes of work.
witnesses_test.py KHOVER FOLDER KHOVER-WRITE-IMAGE IMAGE RULE...
    Finds the witnesses of these rules again, beginning with IMAGE: the same change must come out.
"""
import json
import os
import subprocess
import sys
import tempfile

import part

# What is broken, beside the real image: each has records that those before it lack.
BASES = (
    ("2026-06-intel", "--scenario", "2026-06-intel", "--sessions", "2", "--devices", "3"),
    ("2026-06-smmuv3", "--scenario", "2026-06-smmuv3", "--devices", "3"),
    (
        "2026-06-smmuv3-stage2",
        "--scenario",
        "2026-06-smmuv3",
        "--devices",
        "4",
        "--units",
        "2",
        "--domains",
        "3",
    ),
    (
        "2026-09-bridges",
        "--scenario",
        "2026-09",
        "--topology",
        "--bridges",
        "2",
        "--devices",
        "4",
        "--domains",
        "2",
        "--deleted",
        "1",
    ),
    ("2026-10-intel", "--scenario", "2026-10-intel", "--deleted", "1"),
    ("2026-10-smmuv3", "--scenario", "2026-10-smmuv3", "--devices", "4", "--units", "2", "--domains", "3"),
    ("2026-04-deleted", "--scenario", "2026-04", "--deleted", "2"),
    ("2026-08", "--scenario", "2026-08", "--deleted", "1"),
    ("2026-02", "--scenario", "2026-02", "--deleted", "1"),
    ("2026-03", "--scenario", "2026-03"),
    ("2025-12", "--scenario", "2025-12", "--deleted", "1"),
    ("2025-10-full", "--scenario", "2025-10-full"),
    ("2025-10", "--scenario", "2025-10"),
    ("2026-05", "--scenario", "2026-05"),
    ("2026-07", "--scenario", "2026-07", "--bridges", "1"),
    ("2026-09-v1", "--scenario", "2026-09-v1"),
    ("hugetlb", "--hugetlb", "2", "--numa", "2"),
    ("kvm-a", "--kvm", "a"),
    ("kvm-b", "--kvm", "b"),
    ("kvm-c", "--kvm", "c"),
    ("full", "--flbs", "2", "--test-folios", "12", "--sessions", "3", "--numa", "2"),
    ("blocks", "--sessions", "52", "--files", "1", "--idle-sessions", "0"),
    ("files", "--sessions", "1", "--files", "64", "--idle-sessions", "0"),
    ("2026-04-spare-domain", "--scenario", "2026-04", "--devices", "1", "--domains", "2"),
    ("luo-v4", "--luo", "v4"),
    ("luo-v3", "--kho", "v3", "--luo", "v3"),
    ("luo-v2", "--kho", "v3", "--luo", "v2"),
    ("luo-v1", "--kho", "v3", "--luo", "v1", "--memfd", "v1"),
    ("kho-v2", "--kho", "v2", "--luo", "v1", "--memfd", "v1"),
    ("kho-v1", "--kho", "v1", "--luo", "v1", "--memfd", "v1"),
    ("outgoing", "--phase", "outgoing", "--flbs", "2"),
)


def run(*command, statuses=(0,)):
    done = subprocess.run(command, text=True, capture_output=True, timeout=1200)
    if done.returncode not in statuses:
        sys.exit(
            "%s: exit status %d\n%s%s"
            % (" ".join(command), done.returncode, done.stdout[-2000:], done.stderr)
        )
    return done.stdout


def manifest(folder):
    with open(os.path.join(folder, "manifest.tsv")) as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {row[0]: row[1:] for row in rows}  # rule: base, abi, queries, change


def replay(khover, folder, chosen):
    failures, wanted = 0, manifest(folder)
    present = {name[: -len(".elf.zst")] for name in os.listdir(folder) if name.endswith(".elf.zst")}
    for rule in sorted(present ^ set(wanted)):
        failures += 1
        print("FAILED %s: in the manifest or in the folder, not in both" % rule)
    for number, rule in chosen(list(enumerate(sorted(present & set(wanted))))):
        image = os.path.join(folder, rule + ".elf.zst")
        engine = "--prove" if number % 3 == 0 else "--no-prove"
        report = json.loads(
            run(khover, "check", engine, "--abi", wanted[rule][1], "--format", "json", image, statuses=(0, 1))
        )
        violated = {one["rule"] for one in report["findings"] if one["verdict"] == "violated"}
        if violated != {rule} or any("internal error" in one.get("why", "") for one in report["findings"]):
            failures += 1
            print("FAILED %s: violated: %s" % (rule, ", ".join(sorted(violated)) or "nothing"))
    print("%d witnesses, %d failures" % (len(chosen(list(wanted))), failures))
    return failures != 0


def write(khover, folder, writer, image, bases):
    rows = {rule: tuple(row) for rule, row in manifest(folder).items()}
    tried = {}
    with tempfile.TemporaryDirectory() as scratch:
        for base in ((os.path.basename(os.path.dirname(image)),),) + BASES:
            if bases and base[0] not in bases:
                continue
            path = image
            if len(base) > 1:
                path = os.path.join(scratch, "base.elf")
                run(writer, *base[1:], "-o", path)
            abi = json.loads(run(khover, "check", "--no-prove", "--format", "json", path))["abi"][0]
            skip = [argument for rule in rows for argument in ("--skip", rule)]
            found = json.loads(
                run(
                    khover,
                    "rules",
                    "witness",
                    path,
                    "-o",
                    scratch,
                    "--format",
                    "json",
                    *skip,
                    statuses=(0, 3)
                )
            )
            for one in found:
                if one["broken"] != "alone":
                    tried.setdefault(one["rule"], []).append("%s: %s" % (base[0], one["broken"]))
                    continue
                rows[one["rule"]] = (base[0], abi, str(one["queries"]), one["change"])
                run(
                    "zstd",
                    "-19",
                    "-q",
                    "-f",
                    "--rm",
                    os.path.join(scratch, one["rule"] + ".elf"),
                    "-o",
                    os.path.join(folder, one["rule"] + ".elf.zst"),
                )
            with open(os.path.join(folder, "manifest.tsv"), "w") as file:
                file.write("# rule\tbase\tABI\tqueries\tchange\n")
                for rule in sorted(rows):
                    file.write("\t".join((rule,) + rows[rule]) + "\n")
            print("%s: %d witnesses" % (base[0], len(rows)), flush=True)
    for rule in sorted(set(tried) - set(rows)):
        print("none  %s (%s)" % (rule, "; ".join(tried[rule])))


def again(khover, folder, image, rules):
    failures, wanted = 0, manifest(folder)
    with tempfile.TemporaryDirectory() as scratch:
        only = [argument for rule in rules for argument in ("--only", rule)]
        found = {
            one["rule"]: one
            for one in json.loads(
                run(
                    khover,
                    "rules",
                    "witness",
                    image,
                    "-o",
                    scratch,
                    "--format",
                    "json",
                    *only,
                    statuses=(0, 3)
                )
            )
        }
        for rule in rules:
            change = found[rule]["change"] if rule in found else "none"
            if change != wanted[rule][3]:
                failures += 1
                print("FAILED %s: %s; the manifest has %s" % (rule, change, wanted[rule][3]))
    print("%d rules broken again, %d failures" % (len(rules), failures))
    return failures != 0


def main():
    chosen = part.of(sys.argv)
    khover, folder = sys.argv[1:3]
    if len(sys.argv) == 3:
        return replay(khover, folder, chosen)
    if sys.argv[5] == "--write":
        return write(khover, folder, *sys.argv[3:5], sys.argv[6:])
    return again(khover, folder, sys.argv[4], sys.argv[5:])


if __name__ == "__main__":
    sys.exit(main())
