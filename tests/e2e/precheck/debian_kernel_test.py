#!/usr/bin/env python3
"""--target on a kernel that Debian ships: a bzImage of 7.3 with its configuration beside it. It is built without
KEXEC_HANDOVER, so every image is NO-GO for it. debian_kernel_test.py KHOVER CACHE"""

import glob
import json
import os
import subprocess
import sys
import tempfile

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
FETCH = os.path.join(SOURCE, "tests", "kernel", "fetch-headers.sh")
PACKAGES = ["linux-binary-7.3.4+deb13-cloud-amd64", "linux-base-7.3.4+deb13-cloud-amd64"]


def precheck(khover, kernel):
    image = os.path.join(SOURCE, "corpus", "real", "v2-three", "finalized.elf.zst")
    done = subprocess.run(
        [
            khover,
            "precheck",
            image,
            "--target",
            kernel,
            "--cmdline",
            "kho=on liveupdate=on",
            "--format",
            "json",
        ],
        stdout=subprocess.PIPE,
        timeout=300,
    )
    return done.returncode, json.loads(done.stdout)


def main():
    khover, cache = sys.argv[1:3]
    done = subprocess.run(
        ["sh", FETCH, cache, "trixie-backports", "amd64", *PACKAGES], stdout=subprocess.PIPE
    )
    if done.returncode == 77:
        return 77
    found = sorted(glob.glob(os.path.join(cache, "root", "usr", "lib", "modules", "7.3*cloud*", "vmlinuz")))
    if done.returncode != 0 or not found:
        print("the packages have no kernel")
        return 1
    failures = []

    def expect(what, is_so):
        if not is_so:
            failures.append(what)

    status, answer = precheck(khover, found[-1])
    ids = [one["id"] for one in answer["objections"]]
    expect(
        f"its form and release: {answer['target']}",
        "(bzImage, " in answer["target"] and "Linux 7.3" in answer["target"],
    )
    expect(f"its configuration decides: {ids}", "target-kho-config" in ids and "target-luo-config" in ids)
    expect(f"NO-GO: {status}", status == 1)
    # Without the configuration its strings decide: no part of KHO is in it.
    with tempfile.TemporaryDirectory() as folder:
        alone = os.path.join(folder, "vmlinuz")
        with open(found[-1], "rb") as source, open(alone, "wb") as file:
            file.write(source.read())
        status, answer = precheck(khover, alone)
        violated = [one["rule"] for one in answer["check"]["findings"] if one["verdict"] == "violated"]
        expect(f"kho-v4 is not among its strings: {violated}", "kho-root-compatible" in violated)
        expect(f"NO-GO by strings: {status}", status == 1)
    print("\n".join(failures) or "as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
