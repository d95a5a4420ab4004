#!/usr/bin/env python3
"""What khover takes for the probable cause, against what the writer really broke.

diagnosis_test.py KHOVER KHOVER-WRITE-IMAGE [EVERY]

For each break the same image is written whole and broken; the bytes that differ are the truth. The
diagnosis counts as right if one of the smallest repairs that it offers touches nothing but such
bytes, or is a key of the preserved memory map. At least 90 % must be right. EVERY: only each such break.
"""
import concurrent.futures
import json
import os
import struct
import subprocess
import sys
import tempfile

LEAST = 0.90
PT_LOAD = 1


def memory(path):
    """[(physical address, bytes)] of an ELF core."""
    with open(path, "rb") as file:
        data = file.read()
    (table,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    found = []
    for i in range(count):
        kind, _, offset, _, address, length = struct.unpack_from("<IIQQQQ", data, table + i * size)
        if kind == PT_LOAD:
            found.append((address, data[offset : offset + length]))
    return found


def differing(good, broken):
    """Physical addresses of the bytes that are not the same; None when other memory is present."""
    if [(address, len(data)) for address, data in good] != [(address, len(data)) for address, data in broken]:
        return None
    return {
        address + i
        for (address, a), (_, b) in zip(good, broken)
        if a != b
        for i in range(len(a))
        if a[i] != b[i]
    }


def judge(khover, writer, name, folder):
    rule = name.split(":")[0]
    good, broken = os.path.join(folder, name + ".good"), os.path.join(folder, name + ".broken")
    subprocess.run([writer, "--scenario-of", name, "-o", good], check=True, capture_output=True)
    subprocess.run([writer, "--break", name, "-o", broken], check=True, capture_output=True)
    truth = differing(memory(good), memory(broken))
    try:
        done = subprocess.run(
            [khover, "check", "--only", rule, "--format", "json", broken],
            capture_output=True,
            text=True,
            timeout=120,
        )
    except subprocess.TimeoutExpired:
        return name, False, "no answer"
    finally:
        os.unlink(good)
        os.unlink(broken)
    if done.returncode == 2:  # the layout that fits what is left has no such rule (docs/limits.md)
        return name, None, done.stderr
    report = json.loads(done.stdout)
    finding = next((f for f in report["findings"] if f["rule"] == rule and f["verdict"] == "violated"), None)
    if finding is None or truth is None:
        return name, None, "not violated, or other memory is present"
    repairs = finding.get("repairs", [])
    for repair in repairs:
        places = [int(change["address"], 16) for change in repair if "address" in change]
        if len(places) == len(repair) and all(any(place + i in truth for i in range(64)) for place in places):
            return name, True, ""
        if all("preserved memory map" in change["what"] for change in repair):
            return name, True, "map"
    return (
        name,
        False,
        "; ".join(" and ".join("%s at %s" % (c["what"], c.get("address", "?")) for c in r) for r in repairs)
        or "no repair",
    )


def main():
    khover, writer = sys.argv[1:3]
    every = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    listed = subprocess.run(
        [writer, "--list-breaks"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    # "?": undetermined by design, so that nothing is to be diagnosed.
    names = [line.split()[0] for line in listed if line.strip() and not line.startswith("?")][::every]
    right, by_map, missed, aside = 0, 0, [], 0
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(
        os.cpu_count()
    ) as pool:
        for name, good, why in pool.map(lambda one: judge(khover, writer, one, folder), names):
            if good is None:
                aside += 1
            elif good:
                right += 1
                by_map += why == "map"
            else:
                missed.append((name, why))
    for name, why in missed:
        print("missed  %s: %s" % (name, why[:200]))
    score = right / max(1, right + len(missed))
    print(
        "%d of %d diagnoses name what was broken (%.1f %%), %d of them only that the map has a key too many or too few; "
        "%d breaks left aside" % (right, right + len(missed), 100 * score, by_map, aside)
    )
    return 0 if score >= LEAST and right > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
