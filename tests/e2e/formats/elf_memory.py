"""Memory, facts and page size of an ELF64 core, by struct and nothing of khover."""

import json
import struct
import subprocess

PT_LOAD, PT_NOTE = 1, 4


def read_file(path):
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"\x28\xb5\x2f\xfd"):
        data = subprocess.run(["zstd", "-dc", path], check=True, stdout=subprocess.PIPE).stdout
    return data


def segments(core):
    offset, count = struct.unpack_from("<Q", core, 32)[0], struct.unpack_from("<H", core, 56)[0]
    for i in range(count):
        kind, _, at, _, phys, size, _, _ = struct.unpack_from("<IIQQQQQQ", core, offset + 56 * i)
        yield kind, phys, core[at : at + size]


def ranges(core):
    """(physical address, bytes) of each PT_LOAD."""
    return [(phys, data) for kind, phys, data in segments(core) if kind == PT_LOAD]


def note(core):
    """The JSON of khover's note; empty without one."""
    for kind, _, data in segments(core):
        if kind != PT_NOTE:
            continue
        name, size, _ = struct.unpack_from("<III", data)
        if data[12 : 12 + name] == b"KHOVER\0":
            return json.loads(data[12 + (name + 3) // 4 * 4 :][:size])
    return {}


def pages(core, block):
    """Frame number → bytes. None when a frame is present in part: kdump knows whole pages only."""
    found = {}
    for phys, data in ranges(core):
        if phys % block or len(data) % block:
            return None
        for at in range(0, len(data), block):
            found[(phys + at) // block] = data[at : at + block]
    return found


def options(facts):
    """The command line that gives khover the facts of a note."""
    words = []

    def text(pairs):
        return "+".join(f"{start},{length}" for start, length in pairs)

    if "ram" in facts:
        words += ["--ram", text(facts["ram"])]
    if "scratch" in facts:
        words += ["--scratch", text([facts["scratch"]])]
    if "root" in facts:
        words += ["--fdt", facts["root"]]
    if "phase" in facts:
        words += ["--phase", facts["phase"]]
    for start, length, node in facts.get("numa", []):
        words += ["--numa", f"{start},{length}@{node}"]
    return words
