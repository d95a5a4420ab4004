#!/usr/bin/env python3
"""Re-writes an ELF64 core: the same PT_LOADs, plus one PT_NOTE with khover's note (docs/image-note.md).

    add-note.py CORE OUT.elf.zst --phase PHASE [--truth truth.json]

CORE may be compressed with zstd. With --truth, RAM, the scratch table and the root come from the
point of that phase; without it, or when it has no such point, the note holds phase and page size
only. The memory of OUT is read back and compared with CORE before the script succeeds.
"""

import argparse
import json
import struct
import subprocess
import sys

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
PHDR = struct.Struct("<IIQQQQQQ")
NHDR = struct.Struct("<III")
PT_LOAD, PT_NOTE, PN_XNUM = 1, 4, 0xFFFF
ALIGN = 4096
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
MEGABYTE = 1 << 20
SCRATCH_ENTRY_BYTES = 16  # {u64 addr, u64 size}


def read_file(path):
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(ZSTD_MAGIC):
        data = subprocess.run(["zstd", "-dc", path], check=True, stdout=subprocess.PIPE).stdout
    return data


def parse(core):
    """The ELF header's fields and, of each program header, (fields, bytes in the file)."""
    header = EHDR.unpack_from(core)
    if header[0][:6] != b"\x7fELF\x02\x01" or header[1] != 4:
        raise SystemExit("not a little-endian ELF64 core")
    offset, count = header[5], header[10]
    if count == PN_XNUM:
        raise SystemExit("has more than 65534 segments")
    segments = []
    for i in range(count):
        fields = PHDR.unpack_from(core, offset + i * PHDR.size)
        data = core[fields[2] : fields[2] + fields[5]]
        if len(data) != fields[5]:
            raise SystemExit("is truncated")
        segments.append((fields, data))
    return header, segments


def facts(phase, point, memory_size):
    def number(value):
        return value if isinstance(value, int) else int(value, 16)

    note = {}
    if point and "scr" in point:  # device variants: the machine is stated once, the point has the addresses
        note["ram"] = [["0x0", hex(MEGABYTE * int(memory_size.removesuffix("M")))]]
        note["scratch"] = [hex(point["scr"][0]), point["scr"][1]]
        note["root"] = hex(point["fdt"])
    elif point:
        scratch = point["scratch"]
        note["ram"] = [[hex(number(start)), hex(number(length))] for start, length in point["ram"]]
        note["scratch"] = [hex(number(scratch["phys"])), SCRATCH_ENTRY_BYTES * len(scratch["areas"])]
        note["root"] = hex(number(point["fdt_phys"]))
    note["phase"] = phase
    note["page_size"] = 4096
    return note


def encode_note(note):
    name = b"KHOVER\0"
    content = json.dumps(note, separators=(",", ":")).encode()

    def padded(data):
        return data + bytes(-len(data) % 4)

    return NHDR.pack(len(name), len(content), 1) + padded(name) + padded(content)


def write(header, loads, note):
    phoff = EHDR.size
    note_at = phoff + PHDR.size * (len(loads) + 1)
    at = (note_at + len(note) + ALIGN - 1) // ALIGN * ALIGN
    table = [PHDR.pack(PT_NOTE, 0, note_at, 0, 0, len(note), len(note), 4)]
    body = b""
    for fields, data in loads:
        table.append(PHDR.pack(*fields[:2], at + len(body), *fields[3:]))
        body += data + bytes(-len(data) % ALIGN)
    out = EHDR.pack(*header[:5], phoff, 0, *header[7:9], PHDR.size, len(table), 0, 0, 0)
    out += b"".join(table) + note
    return out + bytes(at - len(out)) + body


def memory(core):
    return [(fields[4], fields[6], data) for fields, data in parse(core)[1] if fields[0] == PT_LOAD]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("core")
    arguments.add_argument("out")
    arguments.add_argument("--phase", required=True, choices=["outgoing", "finalized", "early"])
    arguments.add_argument("--truth")
    options = arguments.parse_args()

    truth = {}
    if options.truth:
        with open(options.truth, encoding="utf-8") as file:
            truth = json.load(file)
    point = truth.get("points", {}).get(options.phase)
    core = read_file(options.core)
    header, segments = parse(core)
    loads = [segment for segment in segments if segment[0][0] == PT_LOAD]
    result = write(header, loads, encode_note(facts(options.phase, point, truth.get("mem", ""))))
    subprocess.run(["zstd", "-19", "-q", "-f", "-o", options.out], input=result, check=True)
    if memory(read_file(options.out)) != memory(core):
        raise SystemExit(f"{options.out}: its memory differs from {options.core}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
