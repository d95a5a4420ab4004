"""An ELF64 core of pieces of memory; a note where one is asked for."""

import struct

X86_64, AARCH64 = 62, 183


def note(name, kind, content):
    def padded(data):
        return data.ljust((len(data) + 3) // 4 * 4, b"\0")

    return struct.pack("<III", len(name) + 1, len(content), kind) + padded(name + b"\0") + padded(content)


def core(pieces, notes=b"", machine=X86_64):
    """`pieces`: (physical address, bytes)."""
    at = 64 + 56 * (len(pieces) + bool(notes))
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack(
        "<HHIQQQIHHHHHH", 4, machine, 1, 0, 64, 0, 0, 64, 56, len(pieces) + bool(notes), 0, 0, 0
    )
    table, body = b"", notes
    if notes:
        table += struct.pack("<IIQQQQQQ", 4, 0, at, 0, 0, len(notes), len(notes), 4)
    for phys, data in pieces:
        table += struct.pack("<IIQQQQQQ", 1, 4, at + len(body), 0, phys, len(data), len(data), 0)
        body += data
    return head + table + body
