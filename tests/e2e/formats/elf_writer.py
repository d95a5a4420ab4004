"""An ELF64 core of pieces of memory, without any note."""

import struct


def core(pieces):
    """`pieces`: (physical address, bytes)."""
    at = 64 + 56 * len(pieces)
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 4, 62, 1, 0, 64, 0, 0, 64, 56, len(pieces), 0, 0, 0)
    table, body = b"", b""
    for phys, data in pieces:
        table += struct.pack("<IIQQQQQQ", 1, 4, at + len(body), 0, phys, len(data), len(data), 0)
        body += data
    return head + table + body
