#!/usr/bin/env python3
"""Lint findings of the real 7.3.4 headers are those of docs/lint/findings-7.3.4.md, and 7.2 to 7.3 is no break.

    lint_and_diff_test.py KHOVER_ABI FINDINGS_PAGE CACHE_DIR

Exit status 77 where packages cannot be had: the test skips itself and says why.
"""
import json
import pathlib
import re
import subprocess
import sys

khover_abi, page, cache_dir = sys.argv[1:]
fetch_script = pathlib.Path(__file__).with_name("fetch-headers.sh")


def fetch(release):
    packages = [f"linux-headers-{release}-common", f"linux-headers-{release}-amd64"]
    result = subprocess.run(
        [fetch_script, cache_dir, "trixie-backports", "amd64", *packages], stdout=subprocess.PIPE, text=True
    )
    if result.returncode != 0:
        sys.exit(result.returncode)
    return pathlib.Path(cache_dir, "root/usr/src", result.stdout.splitlines()[0].split("\t")[0])


new = fetch("7.3.4+deb13")
old = fetch("7.2.12+deb13")
failures = []
justified = sorted(re.findall(r"^\| (\w+\.h):(\d+) \| ([a-z-]+) \|", pathlib.Path(page).read_text(), re.M))
result = subprocess.run([khover_abi, "lint", new, "--format", "json"], capture_output=True, text=True)
found = sorted(
    (pathlib.Path(one["file"]).name, str(one["line"]), one["check"])
    for one in json.loads(result.stdout)["findings"]
)
if found != justified:
    failures.append(
        f"lint finds {sorted(set(found) - set(justified))} that the page does not justify, and no longer "
        f"{sorted(set(justified) - set(found))}"
    )
result = subprocess.run([khover_abi, "diff", old, new], capture_output=True, text=True)
for text in (
    "enumerator exchanged KHO_ORDER_0_LOG2 = 52 → KHO_RADIX_KEY_WIDTH = 53",
    "KHO_TREE_MAX_DEPTH stays 6",
    "17 of 17 records on both sides have equal layouts",
    "proved: all 51 fields of these records read alike",
    "result: no break",
):
    if text not in result.stdout:
        failures.append(f"diff does not say '{text}':\n{result.stdout}{result.stderr}")
if result.returncode != 0:
    failures.append(f"diff: exit status {result.returncode}")
result = subprocess.run([khover_abi, "diff", new, new], capture_output=True, text=True)
if result.returncode != 0 or "result: the same ABI" not in result.stdout:
    failures.append(f"a tree differs from itself:\n{result.stdout}{result.stderr}")
if failures:
    sys.exit("\n".join(failures))
