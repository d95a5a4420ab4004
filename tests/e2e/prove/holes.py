#!/usr/bin/env python3
"""Single pages taken out of well-formed and broken images: verdicts are monotone in the bytes.

holes.py KHOVER CORPUS [PAGES]

The image that lacks a page is never `violated` where the whole one is not, nothing is `proved`
that the whole image violates, and what either decides the other does not contradict. The root
FDT's page is left in place: without it there is nothing to judge. PAGES: at most so many pages
of each image (all of the small ones by default, an even sample of the large).
"""
import concurrent.futures
import json
import os
import struct
import subprocess
import sys
import tempfile

PAGE = 4096
PT_LOAD = 1
IMAGES = ("v0-empty/finalized", "v1-one/finalized", "bug-dup51/finalized", "bug-resmem/finalized", "v2-three/finalized")


def without(data, hole):
    """The ELF core without one page of physical memory: its segment is cut in two."""
    table, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    segments = []
    for i in range(count):
        kind, flags, offset, virtual, address, length, memory, align = struct.unpack_from("<IIQQQQQQ", data, table + i * size)
        if kind != PT_LOAD or not address <= hole < address + length:
            segments.append((kind, flags, offset, virtual, address, length, memory, align))
            continue
        for start, end in ((address, hole), (hole + PAGE, address + length)):
            if start < end:
                segments.append((kind, flags, offset + start - address, virtual, start, end - start, end - start, align))
    out = bytearray(data)
    struct.pack_into("<Q", out, 32, len(data))  # the new table stands at the end
    struct.pack_into("<H", out, 56, len(segments))
    return bytes(out) + b"".join(struct.pack("<IIQQQQQQ", *segment) for segment in segments)


def pages(data):
    table, = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    for i in range(count):
        kind, _, _, _, address, length = struct.unpack_from("<IIQQQQ", data, table + i * size)
        if kind == PT_LOAD:
            yield from range(address & -PAGE, address + length, PAGE)


def check(khover, path, *options):
    done = subprocess.run([khover, "check", "--format", "json", *options, path], capture_output=True, text=True)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return None, done.stderr.strip()
    return {rule["rule"]: (rule["verdict"], rule.get("why", "")) for rule in report["rules"]}, report["root"]


def main():
    khover, corpus = sys.argv[1:3]
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    failures = runs = undetermined = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in IMAGES:
            image = "%s/%s.elf.zst" % (corpus, name)
            data = subprocess.run(["zstd", "-dcq", image], check=True, capture_output=True).stdout
            whole, root = check(khover, image, "--no-prove")
            taken = [page for page in pages(data) if page != int(root, 16)]
            taken = taken[::max(1, len(taken) // most)]

            def one(page):
                path = os.path.join(folder, "%x" % page)
                with open(path, "wb") as file:
                    file.write(without(data, page))
                found = check(khover, path, "--fdt", root)[0]
                os.unlink(path)
                return page, found

            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                for page, found in pool.map(one, taken):
                    runs += 1
                    if found is None:
                        print("%s without %#x: no verdict" % (name, page))
                        failures += 1
                        continue
                    undetermined += any(verdict == "undetermined" for verdict, _ in found.values())
                    for rule, (verdict, why) in found.items():
                        before = whole[rule][0]
                        bad = (verdict == "violated" and before != "violated") or (verdict == "proved" and before in ("violated", "undetermined"))
                        if bad or why.startswith("internal error"):
                            print("%s without %#x: %s: %s, whole: %s %s" % (name, page, rule, verdict, before, why))
                            failures += 1
    print("%d images with a page less, %d of them with a rule undetermined: %d contradictions" % (runs, undetermined, failures))
    return 1 if failures or runs == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
