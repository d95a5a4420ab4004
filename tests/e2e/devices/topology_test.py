#!/usr/bin/env python3
"""The host's PCI topology beside real images with bridges: read from a folder laid out as /sys.

    topology_test.py KHOVER corpus/real/p2-bridges/finalized.elf.zst

The guest that wrote the image had the functions below (its truth.json has QEMU's command line). With them every
rule that needs the topology is proved; with a topology that differs in one thing, one of them is violated.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

# Address: (class, the bridges above it from the root down, IOMMU group).
BRIDGE, SD, OTHER = "0x060400", "0x080501", "0x00ff00"
RP1, UP1, RP2, PB1, RP3 = "0000:00:05.0", "0000:01:00.0", "0000:00:06.0", "0000:06:00.0", "0000:80:00.0"
GUEST = {
    "0000:00:04.0": (SD, ()),
    RP1: (BRIDGE, ()),
    UP1: (BRIDGE, (RP1,)),
    "0000:02:00.0": (BRIDGE, (RP1, UP1)),
    "0000:02:01.0": (BRIDGE, (RP1, UP1)),
    "0000:02:02.0": (BRIDGE, (RP1, UP1)),
    "0000:03:00.0": (SD, (RP1, UP1, "0000:02:00.0")),
    "0000:03:00.2": (SD, (RP1, UP1, "0000:02:00.0")),
    "0000:04:00.0": (OTHER, (RP1, UP1, "0000:02:01.0")),
    "0000:05:00.0": (OTHER, (RP1, UP1, "0000:02:02.0")),
    RP2: (BRIDGE, ()),
    PB1: (BRIDGE, (RP2,)),
    "0000:07:01.0": (OTHER, (RP2, PB1)),
    "0000:07:03.0": (BRIDGE, (RP2, PB1)),
    "0000:08:01.0": (SD, (RP2, PB1, "0000:07:03.0")),
    "0000:08:02.0": (SD, (RP2, PB1, "0000:07:03.0")),
    RP3: (BRIDGE, ()),
    "0000:81:00.0": (OTHER, (RP3,)),
}
RULES = (
    "pci-function-exists",
    "pci-endpoint-named",
    "pci-group-singleton",
    "pci-bridge-refcount",
    "pci-bridge-preserved",
)


def sysfs(folder, functions, groups):
    links = os.path.join(folder, "bus/pci/devices")
    os.makedirs(links)
    os.makedirs(os.path.join(folder, "kernel/iommu_groups"))
    for address, (kind, above) in functions.items():
        path = os.path.join(
            "devices", "pci" + address[:7] if not above else "pci" + above[0][:7], *above, address
        )
        os.makedirs(os.path.join(folder, path), exist_ok=True)
        os.symlink(os.path.join("../../..", path), os.path.join(links, address))
        with open(os.path.join(folder, path, "class"), "w") as file:
            file.write(kind + "\n")
        group = os.path.join(folder, "kernel/iommu_groups", str(groups[address]))
        os.makedirs(group, exist_ok=True)
        os.symlink(
            os.path.relpath(group, os.path.join(folder, path)), os.path.join(folder, path, "iommu_group")
        )
    return folder


def check(khover, image, *arguments):
    done = subprocess.run(
        [khover, "check", "--format", "json", *arguments, image], text=True, capture_output=True
    )
    report = json.loads(done.stdout)
    return report, {rule["rule"]: rule["verdict"] for rule in report["rules"]}


def expect(condition, what):
    if not condition:
        sys.exit("FAILED " + what)


def main():
    khover, image = sys.argv[1:3]
    report, verdicts = check(khover, image)
    expect(
        report["inputs"]["topology"] is None and {verdicts[rule] for rule in RULES} == {"not judged"},
        "without a topology the rules that need one are not judged",
    )
    groups = {address: number for number, address in enumerate(GUEST)}
    with tempfile.TemporaryDirectory() as folder:
        number = 0

        def judged(functions, groups):
            nonlocal number
            number += 1
            return check(
                khover, image, "--host", sysfs(os.path.join(folder, str(number)), functions, groups)
            )[1]

        whole = judged(GUEST, groups)
        expect({whole[rule] for rule in RULES} == {"proved"}, "the guest's own topology: %s" % whole)
        lacking = {address: of for address, of in GUEST.items() if address != "0000:04:00.0"}
        expect(judged(lacking, groups)["pci-function-exists"] == "violated", "a function that the host lacks")
        expect(
            judged(GUEST, {**groups, "0000:81:00.0": 0})["pci-group-singleton"] == "violated",
            "a shared group",
        )
        moved = copy.deepcopy(GUEST)
        moved["0000:81:00.0"] = (OTHER, (RP2, PB1))
        expect(judged(moved, groups)["pci-bridge-refcount"] == "violated", "an endpoint below other bridges")
        added = copy.deepcopy(GUEST)
        added["0000:00:07.0"] = (BRIDGE, ())
        added["0000:00:04.0"] = (SD, ("0000:00:07.0",))
        expect(
            judged(added, {**groups, "0000:00:07.0": 99})["pci-bridge-preserved"] == "violated",
            "a bridge that is not preserved",
        )

        # A slim core carries it.
        slim = os.path.join(folder, "slim.elf")
        host = sysfs(os.path.join(folder, "host"), GUEST, groups)
        subprocess.run([khover, "carve", "--host", host, image, "-o", slim], check=True, capture_output=True)
        report, verdicts = check(khover, slim)
        expect(
            report["inputs"]["topology"] == "note" and {verdicts[rule] for rule in RULES} == {"proved"},
            "carved",
        )

        for path, says in ((os.path.join(folder, "nothing"), "--host"), (folder, "--host")):
            done = subprocess.run([khover, "check", "--host", path, image], text=True, capture_output=True)
            expect(done.returncode == 2 and says in done.stderr, "refused: %s" % done.stderr)
    print("topology: ok")


if __name__ == "__main__":
    main()
