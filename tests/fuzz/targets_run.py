#!/usr/bin/env python3
"""Runs the libFuzzer targets, each from its seeds, and prints a table: executions, coverage, findings.

targets_run.py FOLDER-OF-TARGETS [--target NAME] [--seconds S] [--keep FOLDER]

S is for each target. Seeds are made from the tree: images of the corpus, packs, snapshots, patches. What crashes is
kept in FOLDER (fuzz-findings), and the exit status is 1; it becomes a file in tests/fuzz/regressions/TARGET/, which
each run begins with.
"""

import argparse
import glob
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))


def read(path, most=None):
    with open(path, "rb") as file:
        return file.read(most) if most else file.read()


def tree(pattern):
    return sorted(glob.glob(os.path.join(SOURCE, pattern), recursive=True))


def core(pages):
    """An ELF core of a few pages that are physically far apart."""
    count = len(pages)
    start = 64 + 56 * count
    data = struct.pack(
        "<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1" + bytes(9), 4, 62, 1, 0, 64, 0, 0, 64, 56, count, 0, 0, 0
    )
    for number, (phys, content) in enumerate(pages):
        offset = start + sum(len(one) for _, one in pages[:number])
        data += struct.pack("<IIQQQQQQ", 1, 4, offset, 0, phys, len(content), len(content), 1)
    return data + b"".join(content for _, content in pages)


def flattened(content):
    stream = b"makedumpfile".ljust(16, b"\0") + struct.pack(">qq", 1, 1)
    stream = stream.ljust(4096, b"\0")
    return stream + struct.pack(">qq", 0, len(content)) + content + struct.pack(">qq", -1, -1)


def kdump(pages):
    sys.path.insert(0, os.path.join(SOURCE, "tests", "e2e", "formats"))
    header = bytearray(4096)
    header[0:12] = b"KDUMP   " + struct.pack("<I", 6)
    header[270:276] = b"x86_64"
    struct.pack_into("<IIII", header, 428, 4096, 1, 2, pages)
    sub = bytearray(4096)
    struct.pack_into("<Q", sub, 96, pages)
    bitmap = bytes((1 << pages) - 1 >> 8 * i & 0xFF for i in range(4096))
    table = b"".join(struct.pack("<QIIQ", 4 * 4096 + 24 * pages, 4096, 0, 0) for _ in range(pages))
    return bytes(header) + bytes(sub) + bitmap + bitmap + table + b"\x5a" * 4096


def dumps():
    small = core([(0x1000, b"\xd0\x0d\xfe\xed" + bytes(60)), (0x100000, b"x" * 300)])
    yield small
    yield flattened(small)
    yield kdump(5)
    yield flattened(kdump(3))
    yield subprocess.run(["zstd", "-q", "-c"], input=small, check=True, stdout=subprocess.PIPE).stdout


def claims():
    for path in tree("rules/*/*.yaml"):
        for claim in re.findall(rb"^\s+(?:claim|value|where|at|length): (.+)$", read(path), re.MULTILINE):
            yield claim.strip(b"\"'")


MAIL = b"From: A <a@b.c>\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nSubject: [PATCH v2 1/2] a\nMessage-ID: <1@b.c>\n\nWhy.\n---\n"
QUOTED = MAIL.replace(b"Message-ID", b"Content-Transfer-Encoding: quoted-printable\nMessage-ID")
PATCH = b"""diff --git a/kernel/a.c b/kernel/a.c
index 1111111..2222222 100644
--- a/kernel/a.c
+++ b/kernel/a.c
@@ -1,3 +1,4 @@ int f(void)
 int a = 1;
-int b;
+int b = 2;
+int c;
 int d;
diff --git a/old.h b/new.h
rename from old.h
rename to new.h
"""

SEEDS = {
    "btf": lambda: (read(path, 65536) for path in tree("tests/**/*.btf")),
    "claim": claims,
    "dump": dumps,
    "handover": lambda: (
        struct.pack("<HBBQ", which, how, 0, value)
        for which in range(0, 400, 7)
        for how, value in ((0, 0), (0, 2**64 - 1), (1, 1), (2, which + 1))
    ),
    "kallsyms": lambda: [
        b"OSRELEASE=7.3.0\nPAGESIZE=4096\nSYMBOL(init_top_pgt)=ffffffff81001000\nNUMBER(phys_base)=0\n\0"
        + bytes(8192)
    ],
    "note": lambda: [
        b'{"root":"0x8a4000","phase":"finalized","page_size":"0x1000","ram":[["0x0","0x8000000"]],'
        b'"numa":[["0x0","0x8000000",0]],"scratch":["0x1000",16],"pci":[["0000:00:01.0","endpoint",null,3]]}',
        b"0x1000,0x2000+4096-8192",
    ],
    "pack": lambda: (read(path) for path in tree("rules/*/*.yaml")),
    "patch": lambda: [
        PATCH,
        b"From 0 Mon Sep 17 00:00:00 2001\n" + MAIL + PATCH,
        QUOTED + PATCH.replace(b"=", b"=3D"),
    ],
    "snapshot": lambda: (
        read(path, 20000) for path in tree("rules/abi/*x86_64*.yaml") + tree("rules/abi/devices/*.yaml")
    ),
    "waivers": lambda: [
        b"- check: some-check\n  file: '*'\n  reason: known\n",
        b"0123456789abcdef some-check file message\n",
    ],
}


def run(target, name, seconds, keep):
    with tempfile.TemporaryDirectory() as folder:
        seeds, found = os.path.join(folder, "seeds"), os.path.join(folder, "found")
        os.mkdir(seeds)
        os.mkdir(found)
        for number, seed in enumerate(SEEDS.get(name, list)()):
            with open(os.path.join(seeds, f"{number:04}"), "wb") as file:
                file.write(seed)
        known = os.path.join(HERE, "regressions", name)
        folders = [seeds] + ([known] if os.path.isdir(known) else [])
        command = [
            target,
            f"-max_total_time={seconds}",
            "-timeout=20",
            "-rss_limit_mb=2048",
            "-max_len=65536",
        ]
        command += ["-print_final_stats=1", f"-artifact_prefix={found}/", "-seed=1", *folders]
        done = subprocess.run(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace"
        )
        executions = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
        coverage = re.findall(r"cov: (\d+)", done.stderr)
        findings = sorted(os.listdir(found))
        for one in findings:
            os.makedirs(os.path.join(keep, name), exist_ok=True)
            shutil.copy(os.path.join(found, one), os.path.join(keep, name, one))
        if done.returncode != 0:
            print(done.stderr[-4000:], file=sys.stderr)
        return (
            int(executions.group(1)) if executions else 0,
            int(coverage[-1]) if coverage else 0,
            len(findings) or int(done.returncode != 0),
        )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder")
    parser.add_argument("--target")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--keep", default="fuzz-findings")
    arguments = parser.parse_args()
    targets = sorted(glob.glob(os.path.join(arguments.folder, "fuzz-*")))
    if arguments.target:
        targets = [one for one in targets if os.path.basename(one) == f"fuzz-{arguments.target}"]
    if not targets:
        sys.exit(f"targets_run.py: no target {arguments.target or ''} in {arguments.folder}")
    print(f"{'target':<12} {'executions':>12} {'edges':>8} {'findings':>9}")
    failed = 0
    for target in targets:
        name = os.path.basename(target).removeprefix("fuzz-")
        executions, edges, findings = run(target, name, arguments.seconds, arguments.keep)
        # A target that never ran shows nothing.
        failed += findings or int(executions == 0)
        print(f"{name:<12} {executions:>12} {edges:>8} {findings:>9}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
