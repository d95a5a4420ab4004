"""A BTF section with the few kinds of types that a test needs (include/uapi/linux/btf.h)."""

import struct

INT, PTR, STRUCT, TYPEDEF = 1, 2, 4, 8


class Btf:
    def __init__(self):
        self.types, self.strings, self.count = bytearray(), bytearray(b"\0"), 0

    def name(self, text):
        at = len(self.strings)
        self.strings += text.encode() + b"\0"
        return at if text else 0

    def add(self, name, kind, last, trailing=b"", members=0):
        self.types += struct.pack("<III", self.name(name), kind << 24 | members, last) + trailing
        self.count += 1
        return self.count

    def integer(self, name, size):
        return self.add(name, INT, size, struct.pack("<I", size * 8))

    def pointer(self, to):
        return self.add("", PTR, to)

    def struct(self, name, size, members):
        """`members`: (name, type, byte offset)."""
        body = b"".join(struct.pack("<III", self.name(member), kind, 8 * at) for member, kind, at in members)
        return self.add(name, STRUCT, size, body, len(members))

    def section(self):
        return (
            struct.pack("<HBBIIIII", 0xEB9F, 1, 0, 24, 0, len(self.types), len(self.types), len(self.strings))
            + self.types
            + self.strings
        )
