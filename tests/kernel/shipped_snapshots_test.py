#!/usr/bin/env python3
"""Are the shipped snapshots still what real kernel headers say?

    shipped_snapshots_test.py KHOVER_ABI SNAPSHOT_DIR CACHE_DIR

Fetches the header packages that each shipped snapshot names as its release, extracts again and demands the same
text. Exit status 77 where packages cannot be had: the test skips itself and says why.
"""
import difflib
import pathlib
import re
import subprocess
import sys

SUITE = "trixie-backports"
# A flavour with 16 KiB pages as Debian builds it: changing the page size by overrides must give the same layouts.
REAL_16K = "16k"

khover_abi, snapshot_dir, cache_dir = sys.argv[1:]
fetch_script = pathlib.Path(__file__).with_name("fetch-headers.sh")


def fetch(architecture, packages):
    """Folders of the packages, in order."""
    result = subprocess.run(
        [fetch_script, cache_dir, SUITE, architecture, *packages], stdout=subprocess.PIPE, text=True
    )
    if result.returncode != 0:
        sys.exit(result.returncode)
    names = [line.split("\t")[0] for line in result.stdout.splitlines()]
    return [pathlib.Path(cache_dir, "root/usr/src", name) for name in names]


def extract(common, flavour, page_size):
    command = [
        khover_abi,
        "extract",
        "--kernel",
        common,
        "--generated",
        flavour,
        "--page-size",
        page_size,
        "-o",
        "-",
    ]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def value(snapshot, key):
    return re.search(rf'^  {key}: "?([^"\n]*)"?$', snapshot, re.M)[1]


def without(snapshot, *patterns):
    for pattern in patterns:
        snapshot = re.sub(pattern, "", snapshot, flags=re.M)
    return snapshot


def compare(name, shipped, extracted):
    if shipped == extracted:
        return True
    sys.stdout.writelines(
        difflib.unified_diff(
            shipped.splitlines(True), extracted.splitlines(True), f"shipped {name}", "extracted"
        )
    )
    return False


release_line = r"^  release: .*$"
configuration_lines = r"^  configuration:.*\n(    - .*\n)*"
equal = True
for path in sorted(pathlib.Path(snapshot_dir).glob("linux-*.yaml")):
    shipped = path.read_text()
    release = value(shipped, "release")
    architecture = {"x86_64": "amd64", "arm64": "arm64"}[value(shipped, "arch")]
    version = release.removesuffix("-" + architecture)
    # The common package is the same for every architecture: one copy is enough.
    common = fetch("amd64", [f"linux-headers-{version}-common"])[0]
    flavour = fetch(architecture, [f"linux-headers-{release}"])[0]
    page_size = value(shipped, "page_size")
    extracted = extract(common, flavour, page_size)
    found = value(extracted, "release")
    if found != release:
        print(f"{path.name}: {release} is gone, compared with {found}")
        shipped, extracted = without(shipped, release_line), without(extracted, release_line)
    same = compare(path.name, shipped, extracted)
    if page_size == "16384" and version.startswith("7.3."):
        real = extract(common, fetch(architecture, [f"linux-headers-{release}-{REAL_16K}"])[0], page_size)
        same &= compare(
            path.name, *(without(text, release_line, configuration_lines) for text in (shipped, real))
        )
    print(f"{path.name}: {'same as' if same else 'differs from'} the headers of {found}")
    equal &= same
sys.exit(0 if equal else 1)
