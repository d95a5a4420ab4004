#!/usr/bin/env python3
"""The shipped layouts of devices and of earlier kernels are those of corpus/headers, and have the sizes and
offsets that kernels were seen to use; every pack links with every bundle.

    layouts_test.py KHOVER_ABI KHOVER SOURCE
"""

import os
import re
import subprocess
import sys
import tempfile

# Bundle, record, size, {field: offset}. Found by compiling each variant of the series.
EXPECTED = [
    ("2025-12", "iommu_obj_ser", 9, {"idx": 0, "ref_count": 4, "deleted": 8, "incoming": 8}),
    (
        "2025-12",
        "iommu_domain_ser",
        41,
        {"top_table": 9, "top_level": 17, "attach_count": 25, "restored_domain": 33},
    ),
    (
        "2025-12",
        "device_ser",
        53,
        {"token": 9, "devid": 17, "pci_domain": 21, "domain_iommu_ser": 25, "type": 49},
    ),
    ("2025-12", "device_domain_iommu_ser", 24, {"did": 0, "domain_phys": 8, "iommu_phys": 16}),
    ("2025-12", "iommu_ser", 48, {"token": 16, "type": 24, "": 28}),
    ("2026-02", "iommu_domain_ser", 33, {"top_table": 9, "top_level": 17, "restored_domain": 25}),
    (
        "2026-02",
        "device_ser",
        49,
        {"token": 9, "devid": 17, "pci_domain": 21, "domain_iommu_ser": 25, "type": 45},
    ),
    ("2026-02", "iommu_ser", 37, {"token": 9, "type": 17, "": 21}),
    ("2026-02", "iommu_lu_flb_ser", 48, {"nr_iommus": 8, "devices_phys": 32}),
    ("2026-02", "iommufd_lu", 4, {"hwpts": 4}),
    ("2026-02", "iommufd_hwpt_lu", 13, {"token": 0, "domain_data": 4, "reclaimed": 12}),
    ("2026-04", "iommu_hdr_ser", 5, {"deleted": 4, "incoming": 4}),
    (
        "2026-04",
        "iommu_domain_ser",
        34,
        {"top_table_phys": 5, "top_level": 13, "vasz": 21, "sign_extend": 25, "restored_domain": 26},
    ),
    ("2026-04", "iommu_device_ser", 37, {"devid": 5, "pci_domain_nr": 9, "domain_iommu_ser": 13}),
    ("2026-04", "iommu_hw_ser", 21, {"token": 5, "type": 13}),
    ("2026-04", "iommu_flb_ser", 24, {"iommu_array_phys": 0, "device_array_phys": 16}),
    (
        "2026-06",
        "iommu_domain_ser",
        37,
        {"top_table_phys": 8, "vasz": 24, "sign_extend": 28, "restored_domain": 29},
    ),
    ("2026-06", "iommu_device_ser", 40, {"devid": 8, "pci_domain_nr": 12, "domain_iommu_ser": 16}),
    ("2026-06", "iommu_hw_ser", 24, {"token": 8, "type": 16}),
    ("2026-06-intel", "iommu_device_ser", 56, {"": 40}),
    ("2026-06-intel", "iommu_hw_ser", 112, {"": 24}),
    (
        "2026-06-intel",
        "iommu_intel_ser",
        88,
        {"restored": 0, "phys_addr": 8, "root_table": 16, "context_tables_bitmap": 24},
    ),
    ("2026-06-smmuv3", "iommu_device_ser", 64, {}),
    ("2026-06-smmuv3", "iommu_hw_ser", 112, {}),
    (
        "2026-06-smmuv3",
        "iommu_smmuv3_hw_ser",
        48,
        {"strtab_base": 8, "l1_strtab_lu_state": 24, "num_l2_tables": 32, "l2_strtab_lu_states_phys": 40},
    ),
    ("2026-09", "iommu_flb_ser", 32, {"version": 0, "iommu_array_phys": 8, "device_array_phys": 24}),
    ("2026-09", "iommufd_hwpt_ser", 24, {"domain_data": 0, "token": 8, "reclaimed": 16, "padding": 17}),
    ("2026-09", "iommufd_ser", 8, {"hwpt_array": 8}),
    (
        "2026-10",
        "iommu_domain_ser",
        40,
        {"top_table_phys": 8, "vasz": 24, "sign_extend": 28, "padding": 29, "restored_domain": 32},
    ),
    (
        "2026-10",
        "iommu_device_ser",
        72,
        {"pci_domain_nr": 12, "dma_owner_token": 16, "domain_iommu_ser": 24, "": 48},
    ),
    ("2026-10", "iommu_device_intel_ser", 24, {"restored": 0, "pasid_table": 8, "max_pasid": 16}),
    ("2026-10", "iommu_hw_ser", 112, {"token": 8, "type": 16, "": 24}),
    (
        "2026-10",
        "iommu_smmuv3_hw_ser",
        32,
        {"phys_addr": 0, "strtab_base_cfg": 8, "l1_strtab_lu_state": 16, "l2_strtab_lu_states_phys": 24},
    ),
    ("2026-01", "pci_ser", 16, {"max_nr_devices": 0, "nr_devices": 8, "devices": 16}),
    ("2026-03", "pci_ser", 16, {"max_nr_devices": 0, "nr_devices": 8, "devices": 16}),
    ("2026-05", "pci_ser", 8, {"nr_devices": 4, "devices": 8}),
    ("2026-06", "pci_ser", 8, {"nr_devices": 4, "devices": 8}),
    ("2026-07", "pci_ser", 12, {"nr_devices": 0, "devices": 4}),
    ("2026-09", "pci_ser", 16, {"version": 0, "nr_devices": 4, "devices": 8}),
    ("2026-09", "pci_dev_ser", 8, {"domain": 0, "bdf": 4, "refcount": 6}),
    ("2025-10", "vfio_pci_core_device_ser", 2, {"bdf": 0}),
    (
        "2025-10-full",
        "vfio_pci_core_device_ser",
        8235,
        {"cfg_size": 2, "vconfig": 4102, "rbar": 8198, "reset_works": 8226, "pci_saved_state_phys": 8227},
    ),
    ("2025-12", "vfio_pci_core_device_ser", 4, {"bdf": 0, "domain": 2}),
    ("2026-01", "vfio_pci_core_device_ser", 5, {"reset_works": 4}),
    ("2026-02", "vfio_pci_core_device_ser", 9, {"reset_works": 4, "iommufd_ser": 5}),
    ("2026-09", "vfio_pci_core_device_ser", 6, {"domain": 0, "bdf": 4}),
    # Of earlier kernels: from their patches and headers.
    (
        "earlier/kho-v3-luo-v2-x86_64-4k",
        "luo_ser",
        24,
        {"liveupdate_num": 0, "sessions_pa": 8, "flbs_pa": 16},
    ),
    ("earlier/kho-v3-luo-v2-arm64-64k", "luo_session_header_ser", 8, {"count": 0}),
    (
        "earlier/kho-v3-luo-v3-arm64-16k",
        "luo_ser",
        32,
        {"compatible": 0, "liveupdate_num": 8, "sessions_pa": 16, "flbs_pa": 24},
    ),
    ("earlier/kho-v3-luo-v3-arm64-16k", "luo_session_ser", 80, {"name": 0, "file_set_ser": 64}),
    ("earlier/kho-v4-luo-v4-arm64-4k", "luo_file_ser", 64, {"compatible": 0, "data": 48, "token": 56}),
    ("earlier/kho-v4-luo-v4-arm64-4k", "luo_flb_ser", 64, {"name": 0, "data": 48, "count": 56}),
    (
        "earlier/kho-v4-luo-v4-x86_64-4k",
        "memfd_luo_ser",
        48,
        {"seals": 16, "flags": 20, "nr_folios": 24, "folios": 32},
    ),
    ("earlier/kho-v4-luo-v4-x86_64-4k", "kho_kexec_metadata", 73, {"previous_release": 4, "kexec_count": 69}),
    ("earlier/kho-v4-luo-v4-arm64-64k", "kho_vmalloc_chunk", 65536, {"phys": 8}),
    (
        "earlier/kho-v2-luo-v1-memfd-v1-x86_64-4k",
        "memfd_luo_ser",
        40,
        {"pos": 0, "size": 8, "nr_folios": 16, "folios": 24},
    ),
    (
        "earlier/kho-v1-luo-v1-memfd-v1-x86_64-4k",
        "khoser_mem_chunk_hdr",
        16,
        {"next": 0, "order": 8, "num_elms": 12},
    ),
    ("earlier/kho-v1-luo-v1-memfd-v1-arm64-16k", "khoser_mem_bitmap_ptr", 16, {"phys_start": 0, "bitmap": 8}),
    ("earlier/kho-v1-luo-v1-session-v1-x86_64-4k", "luo_session_ser", 64, {"name": 0}),
    ("earlier/kho-v1-bitmaps-of-512-arm64-64k", "khoser_mem_chunk", 65536, {"hdr": 0, "bitmaps": 16}),
]

# Snapshot, {constant: value}.
CONSTANTS = {
    "earlier/kho-v3-luo-v2-x86_64-4k": {"KHO_TREE_MAX_DEPTH": 6, "KHO_VMALLOC_SIZE": 511},
    "earlier/kho-v3-luo-v2-arm64-16k": {"KHO_TREE_MAX_DEPTH": 5, "KHO_VMALLOC_SIZE": 2047},
    "earlier/kho-v2-luo-v1-memfd-v1-arm64-16k": {"KHO_TREE_MAX_DEPTH": 5},
    "earlier/kho-v2-luo-v1-low-tree-arm64-16k": {"KHO_TREE_MAX_DEPTH": 4},
    "earlier/kho-v1-luo-v1-memfd-v1-x86_64-4k": {"KHOSER_BITMAP_SIZE": 255, "PRESERVE_BITS": 32768},
    "earlier/kho-v1-luo-v1-memfd-v1-arm64-64k": {"KHOSER_BITMAP_SIZE": 4095, "PRESERVE_BITS": 524288},
    "earlier/kho-v1-bitmaps-of-512-arm64-16k": {"KHOSER_BITMAP_SIZE": 1023, "PRESERVE_BITS": 4096},
    "earlier/kho-v3-luo-v2-arm64-64k": {"KHO_TREE_MAX_DEPTH": 4, "KHO_VMALLOC_SIZE": 8191},
}


def record(snapshot, name):
    """(size, {field: offset}) of a record in the text of a snapshot."""
    found = re.search(rf"^  {re.escape(name)}:\n((?:    .*\n)+)", snapshot, re.MULTILINE)
    assert found, f"there is no {name}"
    size = int(re.search(r"^    size: (\d+)", found[1], re.MULTILINE)[1])
    return size, {
        field.strip('"'): int(offset)
        for field, offset in re.findall(r"\{name: ([^,]*), offset: (\d+)", found[1])
    }


def main():
    khover_abi, khover, source = sys.argv[1:]
    errors, texts, earlier = [], {}, []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-B", os.path.join(source, "corpus/headers/extract.py"), khover_abi, folder],
            check=True,
        )
        for part in ("devices", "earlier"):
            shipped = os.path.join(source, "rules/abi", part)
            if sorted(os.listdir(os.path.join(folder, part))) != sorted(os.listdir(shipped)):
                errors.append(f"rules/abi/{part} has other files than corpus/headers lists")
            for name in sorted(os.listdir(os.path.join(folder, part))):
                bundle = name[:-5] if part == "devices" else f"{part}/{name[:-5]}"
                with open(os.path.join(folder, part, name), encoding="utf-8") as fresh:
                    texts[bundle] = fresh.read()
                with open(os.path.join(shipped, name), encoding="utf-8") as old:
                    if old.read() != texts[bundle]:
                        errors.append(f"{part}/{name} is not what corpus/headers gives; run extract.py")
                if part == "earlier":
                    earlier.append(bundle)
    for bundle, name, size, offsets in EXPECTED:
        found_size, found = record(texts[bundle], name)
        if found_size != size:
            errors.append(f"{bundle}: {name} has {found_size} bytes, expected {size}")
        for field, offset in offsets.items():
            if found.get(field) != offset:
                errors.append(f"{bundle}: {name}.{field} is at {found.get(field)}, expected {offset}")
    for bundle, constants in CONSTANTS.items():
        for name, value in constants.items():
            found = re.search(
                rf"name: {name}, value: (\d+)|^  {name}: \{{integer: (\w+)", texts[bundle], re.MULTILINE
            )
            if not found or int(found[1] or found[2], 0) != value:
                errors.append(f"{bundle}: {name} is not {value}")
    for bundle in earlier:
        result = subprocess.run(
            [khover, "rules", "test", os.path.join(source, "rules"), "--abi", bundle],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if result.returncode != 0:
            errors.append(result.stderr.strip())
    for bundle in sorted(set(texts) - set(earlier)):
        for base in ("linux-7.3-x86_64-4k", "linux-7.3-arm64-64k"):
            result = subprocess.run(
                [khover, "rules", "test", os.path.join(source, "rules"), "--abi", f"{base}+devices/{bundle}"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            if result.returncode != 0:
                errors.append(result.stderr.strip())
    print("\n".join(errors) or f"{len(EXPECTED)} records of {len(texts)} bundles as expected")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
