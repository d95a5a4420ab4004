#!/usr/bin/env python3
"""khover review of the real 7.3.4 sources finds what docs/review/findings-7.3.4.md justifies, line by line.

    review_sources_test.py KHOVER_ABI FINDINGS_PAGE CACHE_DIR

Exit status 77 where packages cannot be had: the test skips itself and says why.
"""
import json
import pathlib
import re
import subprocess
import sys

khover_abi, page, cache_dir = sys.argv[1:]
fetch_script = pathlib.Path(__file__).with_name("fetch-headers.sh")
FILES = [
    "kernel/liveupdate/kexec_handover.c",
    "kernel/liveupdate/kexec_handover_debugfs.c",
    "kernel/liveupdate/kho_block.c",
    "kernel/liveupdate/luo_core.c",
    "kernel/liveupdate/luo_file.c",
    "kernel/liveupdate/luo_flb.c",
    "kernel/liveupdate/luo_session.c",
    "lib/test_kho.c",
    "mm/memblock.c",
    "mm/memfd_luo.c",
]
NEEDED = ["arch/x86/include", "include", "kernel", "lib", "mm", "scripts/dtc", "drivers/base"]

packages = ["linux-headers-7.3.4+deb13-common", "linux-headers-7.3.4+deb13-amd64", "linux-source-7.3"]
result = subprocess.run(
    [fetch_script, cache_dir, "trixie-backports", "amd64", *packages], stdout=subprocess.PIPE, text=True
)
if result.returncode != 0:
    sys.exit(result.returncode)
lines = [line.split("\t") for line in result.stdout.splitlines()]
if not lines[-1][1].startswith("7.3.4-"):
    print(f"the archive has sources of {lines[-1][1]}, the page speaks of 7.3.4", file=sys.stderr)
    sys.exit(77)
src = pathlib.Path(cache_dir, "root/usr/src")
tree = src / "linux-source-7.3"
done = tree / ".unpacked"
if not done.exists():
    subprocess.run(
        ["tar", "-C", src, "-xf", f"{tree}.tar.xz", *(f"linux-source-7.3/{one}" for one in NEEDED)],
        check=True,
    )
    done.touch()
result = subprocess.run(
    [
        khover_abi,
        "review",
        "--tree",
        tree,
        "--generated",
        src / lines[1][0],
        "--format",
        "json",
        "--fail-on",
        "none",
        "--all",
        *FILES,
    ],
    capture_output=True,
    text=True,
)
failures = []
if result.returncode != 0 or result.stderr:
    failures.append(f"exit status {result.returncode}: {result.stderr}")
text = pathlib.Path(page).read_text()
rows = re.findall(r"^\| ([\w/.]+):(\d+) \| ([a-z-]+) \| (true|false) \|", text, re.M)
justified = sorted(row[:3] for row in rows)
found = sorted((one["file"], str(one["line"]), one["check"]) for one in json.loads(result.stdout)["findings"])
if found != justified:
    failures.append(
        f"found {sorted(set(found) - set(justified))} that the page does not judge, and no longer "
        f"{sorted(set(justified) - set(found))}"
    )
wrong = sum(row[3] == "false" for row in rows)
figure = f"{len(rows)} findings, {len(rows) - wrong} true, {wrong} false"
print(figure)
if figure not in text:
    failures.append(f"the page does not say '{figure}'")
if failures:
    sys.exit("\n".join(failures))
