#!/usr/bin/env python3
"""What khover-abi lint prints: text, SARIF, exit status.

    outputs_test.py KHOVER_ABI CHECKS_FOLDER
"""
import json
import pathlib
import subprocess
import sys

khover_abi, checks_folder = sys.argv[1:]
checks_folder = pathlib.Path(checks_folder)
failures = []


def run(*arguments):
    return subprocess.run([khover_abi, "lint", *arguments], cwd=checks_folder, capture_output=True, text=True)


def check(condition, what, result=None):
    if not condition:
        failures.append(
            what + (f": exit status {result.returncode}\n{result.stdout}{result.stderr}" if result else "")
        )


listed = {line.split()[0] for line in run("--list-checks").stdout.splitlines()} | {"suppression"}

bits = "bit-field/triggers.h"
result = run(bits, "--checks", "bit-*")
check(
    result.returncode == 1
    and "u64 pfn : 40;" in result.stdout
    and "^~~" in result.stdout
    and "[bit-field]" in result.stdout,
    "text",
    result,
)
# The place is the member's name, as compilers count: from one.
line, column = next(
    (number, text.index("pfn") + 1)
    for number, text in enumerate((checks_folder / bits).read_text().splitlines(), 1)
    if "u64 pfn" in text
)
check(f"{bits}:{line}:{column}: warning: " in result.stdout, "place", result)
check("\033" not in result.stdout, "no colour in a pipe", result)
check(run(bits, "--checks", "bit-*", "--fail-on", "error").returncode == 0, "--fail-on error")
check(run(bits, "--checks", "bit-*", "--fail-on", "none").returncode == 0, "--fail-on none")
check(
    run("layout-not-pinned/triggers.h", "--checks", "layout-not-pinned").returncode == 0,
    "a note is no warning",
)
check(
    run("layout-not-pinned/triggers.h", "--checks", "layout-not-pinned", "--fail-on", "note").returncode == 1,
    "--fail-on note",
)
result = run(bits, "--checks", "-*,long-member")
check(result.returncode == 0 and "bit-field" not in result.stdout, "a glob that takes away", result)
result = run(bits, "--checks", "no-such-check")
check(result.returncode == 2 and "unknown check 'no-such-check'" in result.stderr, "unknown check", result)
result = run("nowhere.h")
check(result.returncode == 2, "missing header", result)
result = run()
check(result.returncode == 2, "no input", result)

result = run("suppression/triggers.h", "--format", "sarif")
sarif = json.loads(result.stdout)
check(sarif["version"] == "2.1.0" and len(sarif["runs"]) == 1, "one run of SARIF 2.1.0")
run_ = sarif["runs"][0]
rules = [rule["id"] for rule in run_["tool"]["driver"]["rules"]]
check(set(rules) == listed, "rules of SARIF")
prints = set()
for one in run_["results"]:
    location = one["locations"][0]["physicalLocation"]
    check(rules[one["ruleIndex"]] == one["ruleId"], "ruleIndex")
    check(one["level"] in ("error", "warning", "note"), "level")
    check(not location["artifactLocation"]["uri"].startswith("/"), "relative path")
    check(location["region"]["startLine"] >= 1, "line")
    prints.add(one["partialFingerprints"]["khoverFinding/v1"])
check(len(prints) == len(run_["results"]) > 0, "every finding has a fingerprint of its own")
check(any("suppressions" in one for one in run_["results"]), "a suppressed finding is marked, not dropped")

if failures:
    sys.exit("\n".join(failures))
