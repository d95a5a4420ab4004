"""Runs khover; what it prints, without what names the file it came from."""

import json
import os
import subprocess
import sys

NO_ANSWER = 2
NO_PROOF = "--no-prove"  # the formats have to give the same bytes; what is proved of them is tested elsewhere


def run(khover, *arguments, timeout=120):
    return subprocess.run(
        [khover, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=timeout,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )


def answer(khover, *arguments):
    """(exit status, JSON of `check`, JSON of `dump`) with file name and format taken out."""
    check = run(khover, "check", NO_PROOF, "--format", "json", *arguments)
    dump = run(khover, "dump", "--json", *arguments)
    if check.returncode == NO_ANSWER or dump.returncode != 0:
        sys.exit(
            f"khover {' '.join(arguments)}: {check.returncode} {dump.returncode}\n"
            f"{check.stderr.decode()}{dump.stderr.decode()}"
        )
    tree = json.loads(dump.stdout)
    tree.pop("warnings", None)
    return check.returncode, without_file(json.loads(check.stdout)), tree


def without_file(value):
    """Format, path and origins of facts differ with the file; everything else must not."""
    if isinstance(value, dict):
        return {
            key: without_file(item)
            for key, item in value.items()
            if key not in ("image", "root_from", "phase_from", "inputs", "warnings")
        }
    if isinstance(value, list):
        return [without_file(item) for item in value]
    return value


def first_difference(left, right, at=""):
    if isinstance(left, dict) and isinstance(right, dict):
        for key in sorted(set(left) | set(right)):
            if left.get(key) != right.get(key):
                return first_difference(left.get(key), right.get(key), f"{at}.{key}")
    if isinstance(left, list) and isinstance(right, list):
        for i, (one, other) in enumerate(zip(left, right)):
            if one != other:
                return first_difference(one, other, f"{at}[{i}]")
    return f"{at}: {str(left)[:300]} ≠ {str(right)[:300]}"
