#!/usr/bin/env python3
"""Does gcc agree, on real kernel headers, with every layout and constant that clang found in them?

    gcc_proves_snapshots_test.py KHOVER_ABI GCC PROVE_WITH_GCC CACHE_DIR WORK_DIR

Needs a gcc for the architecture of the headers: for arm64, aarch64-linux-gnu-gcc, and without it that half is left
out and said so. Exit status 77 where the packages cannot be had.
"""
import pathlib
import shutil
import subprocess
import sys

khover_abi, gcc, prove, cache_dir, work_dir = sys.argv[1:]
fetch_script = pathlib.Path(__file__).with_name("fetch-headers.sh")
# Not ABI, but the largest and oddest records that the kernel has, hundreds of them. Of one kernel: it takes seconds.
LARGE_HEADERS = [f"include/linux/{name}.h" for name in ("fs", "iommu", "mm_types", "netdevice", "pci")]
native = subprocess.run([gcc, "-dumpmachine"], stdout=subprocess.PIPE, text=True, check=True).stdout


def fetch(architecture, package):
    result = subprocess.run(
        [fetch_script, cache_dir, "trixie-backports", architecture, package],
        stdout=subprocess.PIPE,
        text=True,
    )
    if result.returncode != 0:
        sys.exit(result.returncode)
    return pathlib.Path(cache_dir, "root/usr/src", result.stdout.split("\t")[0])


for version in "7.2.12+deb13", "7.3.4+deb13":
    common = fetch("amd64", f"linux-headers-{version}-common")
    for machine, architecture, page_sizes in ("x86_64", "amd64", [4096]), (
        "aarch64",
        "arm64",
        [4096, 16384, 65536],
    ):
        compiler = gcc if native.startswith(machine) else shutil.which(f"{machine}-linux-gnu-gcc")
        if compiler is None:
            print(f"{version} {architecture}: not proved, {machine}-linux-gnu-gcc is not installed")
            continue
        flavour = fetch(architecture, f"linux-headers-{version}-{architecture}")
        for page_size in page_sizes:
            large = version.startswith("7.3.") and page_size == page_sizes[0]
            for headers in [[], LARGE_HEADERS] if large else [[]]:
                print(
                    f"{flavour.name}, pages of {page_size}, {len(headers) or 'all ABI'} headers: ",
                    end="",
                    flush=True,
                )
                work = pathlib.Path(work_dir, f"{flavour.name}-{page_size}-{len(headers)}")
                subprocess.run(
                    [
                        sys.executable,
                        prove,
                        khover_abi,
                        compiler,
                        work,
                        "--kernel",
                        common,
                        "--generated",
                        flavour,
                        "--page-size",
                        str(page_size),
                        *headers,
                    ],
                    check=True,
                    stderr=subprocess.DEVNULL if headers else None,
                )
