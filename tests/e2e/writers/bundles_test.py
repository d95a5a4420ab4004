#!/usr/bin/env python3
"""khover reads an image with the layouts of the tree that wrote it, though strings do not tell them apart.

bundles_test.py KHOVER KHOVER-WRITE-IMAGE

Where the bytes fit several trees, khover says so and names that tree among them; nothing is objected to either way.
"""
import json
import os
import subprocess
import sys
import tempfile

from writer import Writer

DEVICES = (("1",), ("2",), ("5", "--deleted", "2", "--units", "2"))
LARGE_PAGES = ("2026-06", "2026-06-smmuv3", "2026-08", "2026-09", "2026-10-smmuv3")  # trees that run on arm64


def reading(khover, image):
    done = subprocess.run(
        [khover, "check", "--no-prove", "--format", "json", image], text=True, capture_output=True
    )
    return json.loads(done.stdout)


def complaint(report, tree):
    layouts = {name.split("devices/")[-1] for name in report["abi"]}
    words = {word.strip(",;") for text in report["warnings"] for word in text.split()}
    ties = {word.split("devices/")[-1] for word in words if "devices/" in word}
    if report["findings"]:
        return "read as %s: %s" % (", ".join(layouts), ", ".join(one["rule"] for one in report["findings"]))
    for rule in report["rules"]:
        if rule["verdict"] == "not judged" and not rule["why"].startswith(
            ("input ", "the phase hides it", "it is about images")
        ):
            return "%s is not judged: %s" % (rule["rule"], rule["why"])
    if tree not in layouts | ties:
        return "read as %s" % ", ".join(layouts | ties)
    return None


def main():
    khover, writer = sys.argv[1], Writer(sys.argv[2])
    failures = tests = 0
    with tempfile.TemporaryDirectory() as folder:
        image = os.path.join(folder, "image.elf")
        for scenario, _ in writer.scenarios():
            tree = scenario.replace("-pci", "").replace("-v1", "")
            if tree.startswith("2026-10"):  # one layout for both drivers
                tree = "2026-10"
            more = (
                (("3", "--page-size", "16K"), ("3", "--page-size", "64K")) if scenario in LARGE_PAGES else ()
            )
            for devices in DEVICES + more:
                writer.run("--scenario", scenario, "--devices", *devices, "-o", image)
                problem = complaint(reading(khover, image), tree)
                tests += 1
                failures += problem is not None
                if problem:
                    print("FAILED %s with --devices %s: %s" % (scenario, " ".join(devices), problem))
    print("%d images, %d failures" % (tests, failures))
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
