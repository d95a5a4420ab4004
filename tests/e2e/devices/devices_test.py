#!/usr/bin/env python3
"""Real images with preserved devices: read as their ground truth says, judged as the next kernel did.

    devices_test.py KHOVER corpus/real/VARIANT/PHASE.elf.zst
"""

import json
import os
import subprocess
import sys

# What is wrong with a variant once its records can be reached. iommu-*: a test driver preserves
# a device that no VFIO file names.
VIOLATED = {
    "iommu-i1-basic": ["iommu-device-vfio"],
    "iommu-i2-version0": ["iommu-device-vfio", "iommu-version"],
}
CRASHES = {"iommu-i2-version0"}
# The slim cores lack the page tables of domains: what would have to be read there stays open.
ON_PAGE_TABLES = [
    "iommu-leaf-memfd",
    "iommu-leaf-mmio",
    "iommu-leaf-structure",
    "iommu-table-pointer",
    "iommu-table-preserved",
    "iommu-table-unshared",
    "kho-ownership-disjoint",
    "kho-structures-outside-scratch",
    "memfd-folio-not-structure",
]


# What a person calls a device.
NAMES = {
    "iommu-i1-basic": [
        '0000:03:00.0 → domain #0 (VT-d second stage, 4-level), did 3 → unit 0xfed90000, iommufd token 0x100 in session "vm-1"',
        '0000:04:00.0 → domain #1 (VT-d first stage, 3-level), did 4 → unit 0xfed90000, iommufd token 0x100 in session "vm-1"',
        "0000:03:00.1, deleted at",
        "domain #2 (VT-d second stage, 1-level), deleted at",
    ],
}


def run(khover, *arguments):
    result = subprocess.run([khover, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return result.returncode, result.stdout, result.stderr


def name_of(domain, bdf):
    return f"{domain:04x}:{bdf >> 8:02x}:{bdf >> 3 & 31:02x}.{bdf & 7}"


def figures_of_dump(sets):
    def rows(name):
        return [
            {
                key: int(value, 16) if isinstance(value, str) and value.startswith("0x") else value
                for key, value in row.items()
            }
            for row in sets.get(name, [])
        ]

    def devices(name):
        return [name_of(row["domain"], row["bdf"]) for row in rows(name)]

    session_of_block = {row["_addr"]: row["_parent"] for row in rows("luo.file_blocks")}
    session_names = {row["_addr"]: row["name"] for row in rows("luo.sessions")}
    files = {row["_addr"]: row for row in rows("luo.files")}

    def session(file):
        return session_names[session_of_block[files[file]["_parent"]]]

    vfio = {}
    for row in rows("vfio.files"):
        entry = [hex(files[row["_parent"]]["token"]), name_of(row["domain"], row["bdf"])]
        vfio.setdefault(session(row["_parent"]), []).append(entry)
    entries = [
        [name if row["refcount"] else None, row["refcount"]]
        for name, row in zip(devices("pci.devices"), rows("pci.devices"))
    ]
    figures = {
        "pci": {
            "entries": entries,
            "sessions": vfio,
            "vfio_files": len(rows("vfio.files")),
            "nr_devices": sum(row["nr_devices"] for row in rows("pci.root")),
        },
        "flbs": [[row["name"], hex(row["data"]), row["count"]] for row in rows("luo.flbs")],
    }
    if not rows("iommu.root"):
        return figures
    domains = [row["_addr"] for row in rows("iommu.domains")]
    units = [row["_addr"] for row in rows("iommu.units")]
    iommufd = {}
    for row in rows("iommufd.files"):
        entry = {"token": hex(files[row["_parent"]]["token"]), "nr_hwpts": row["nr_hwpts"]}
        iommufd.setdefault(session(row["_parent"]), []).append(entry)
        assert row["nr_hwpts"] == sum(hwpt["_parent"] == row["_addr"] for hwpt in rows("iommufd.hwpts"))
    figures["iommu"] = {
        "version": rows("iommu.root")[0]["version"],
        "domain": [
            {
                "deleted": row["hdr.flags"] == 1,
                "top_level": row["top_level"],
                "vasz": row["vasz"],
                "sign_extend": row["sign_extend"],
                "ref_count": row["hdr.ref_count"],
            }
            for row in rows("iommu.domains")
        ],
        "device": [
            {
                "pci_domain_nr": row["pci_domain_nr"],
                "devid": row["devid"],
                "dom_idx": domains.index(row["domain_iommu_ser.domain_phys"]),
                "hw_idx": units.index(row["domain_iommu_ser.iommu_phys"]),
                "attachment_id": row["domain_iommu_ser.attachment_id"],
                "ref_count": row["hdr.ref_count"],
                "deleted": row["hdr.flags"] == 1,
            }
            for row in rows("iommu.devices")
        ],
        "hw": [
            {"token": row["token"], "ref_count": row["hdr.ref_count"], "deleted": row["hdr.flags"] == 1}
            for row in rows("iommu.units")
        ],
        "iommufd_files": len(rows("iommufd.files")),
        "iommufd": iommufd,
    }
    return figures


def figures_of_truth(truth, phase):
    figures = {"pci": truth["pci_expected"], "flbs": truth["points"][phase]["flbs"]}
    iommu = truth["iommu_expected"]
    if iommu:  # the driver's own numbers of its objects are not in the image
        inner = {"domain": ("dom",), "device": ("dom", "hwno"), "hw": ("hwno",)}
        figures["iommu"] = {
            key: [{k: v for k, v in one.items() if k not in inner[key]} for one in value]
            if key in inner
            else value
            for key, value in iommu.items()
        }
    return figures


def compare(expected, found, path, errors):
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(set(expected) | set(found)):
            compare(expected.get(key), found.get(key), f"{path}/{key}", errors)
    elif expected != found:
        errors.append(f"{path}: expected {expected!r}, found {found!r}")


def main():
    khover, image = sys.argv[1:]
    folder, file = os.path.split(os.path.abspath(image))
    variant, phase = os.path.basename(folder), file.split(".")[0]
    with open(os.path.join(folder, "truth.json"), encoding="utf-8") as stream:
        truth = json.load(stream)
    errors = []

    status, out, error = run(khover, "dump", "--json", image)
    assert status == 0, error
    sets = json.loads(out)["sets"]
    if phase != "outgoing":  # before serialization nothing of a device can be reached
        compare(figures_of_truth(truth, phase), figures_of_dump(sets), "", errors)

    names = run(khover, "dump", image)[1]
    if phase != "outgoing":
        errors += [f"no '{name}' in the dump" for name in NAMES.get(variant, []) if name not in names]

    status, out, error = run(khover, "check", "--format", "json", image)
    report = json.loads(out)
    violated = sorted(rule["rule"] for rule in report["rules"] if rule["verdict"] == "violated")
    undetermined = [rule["rule"] for rule in report["rules"] if rule["verdict"] == "undetermined"]
    reachable = phase != "outgoing"
    if violated != (VIOLATED.get(variant, []) if reachable else []):
        errors.append(f"violated: {violated}")
    tables = (
        sorted({row["top_table_phys"] for row in sets.get("iommu.domains", []) if row["hdr.flags"] == "0x0"})
        if reachable
        else []
    )
    if sorted(undetermined) != (ON_PAGE_TABLES if tables else []):
        errors.append(f"undetermined: {undetermined}")
    for rule in report["rules"]:
        if rule["verdict"] == "undetermined" and not any(table in rule["why"] for table in tables):
            errors.append(f"{rule['rule']}: '{rule['why']}' names none of the absent pages {tables}")
    if status != (1 if reachable and variant in CRASHES else 3 if tables else 0):
        errors.append(f"exit status {status}: {error}")
    if report["summary"]["proved"] == 0:
        errors.append("nothing was proved")
    print("\n".join(errors) or "as expected")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
