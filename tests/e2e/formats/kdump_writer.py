"""Writes memory as kdump-compressed dumps, plain, split and flattened, as makedumpfile and QEMU do.

The layouts are typed from makedumpfile's diskdump_mod.h and its IMPLEMENTATION text. The compressors
other than zlib know only one thing, that pages end in zeros.
"""

import struct
import zlib

PAGE_DESC = struct.Struct("<QIIQ")  # offset, size, flags, page_flags
UTSNAME_FIELD = 65
FLAG = {"none": 0, "zlib": 1, "lzo": 2, "snappy": 4, "zstd": 0x20}
FLAT_HEADER_BYTES = 4096
FLAT_END = struct.pack(">qq", -1, -1)


def divide(page):
    """A page's bytes without the zeros at its end, but one, and the number of those zeros."""
    content = max(len(page.rstrip(b"\0")) + 1, 32)
    return page[:content], len(page) - content


def compress_lzo(page):
    """lzo1x: one run of literals, one match at distance 1 for the zeros, then the end marker."""
    literals, tail = divide(page)
    if tail < 40:
        return page

    def count(length, base):
        zeros, rest = divmod(length - base - 1, 255)
        return b"\0" * zeros + bytes([rest + 1])

    return b"\0" + count(len(literals), 18) + literals + b"\x20" + count(tail, 33) + b"\0\0" + b"\x11\0\0"


def compress_snappy(page):
    out = bytearray()
    length = len(page)
    while length >= 0x80:
        out.append(length & 0x7F | 0x80)
        length >>= 7
    out.append(length)
    literals, tail = divide(page)
    out += bytes([61 << 2]) + struct.pack("<H", len(literals) - 1) + literals  # its length in 16 bits
    while tail:
        part = min(tail, 64)
        out += bytes([(part - 1) << 2 | 2, 1, 0])  # copy `part` bytes from distance 1
        tail -= part
    return bytes(out)


def compress_zstd(page):
    """A frame of a raw and an RLE block, its content size in four bytes."""
    literals, tail = divide(page)
    out = b"\x28\xb5\x2f\xfd" + bytes([0b10100000]) + struct.pack("<I", len(page))
    out += (len(literals) << 3 | (0 if tail else 1)).to_bytes(3, "little") + literals
    return out + ((tail << 3 | 3).to_bytes(3, "little") + b"\0" if tail else b"")


COMPRESS = {"zlib": zlib.compress, "lzo": compress_lzo, "snappy": compress_snappy, "zstd": compress_zstd}


def encode_note(name, kind, content):
    name = name.encode() + b"\0"

    def padded(data):
        return data + bytes(-len(data) % 4)

    return struct.pack("<III", len(name), len(content), kind) + padded(name) + padded(content)


def set_bits(frames, size):
    bitmap = bytearray(size)
    for frame in frames:
        bitmap[frame // 8] |= 1 << frame % 8
    return bytes(bitmap)


def write(
    pages,
    *,
    ram=None,
    block=4096,
    method="zlib",
    machine="x86_64",
    vmcoreinfo="",
    split=None,
    max_frame=None,
    version=6
):
    """The bytes of one dump. `pages`: frame number → its bytes. `ram`: frames that exist; those without a
    page are excluded. `split`: (first, end) of the frames that this file of a set holds."""
    ram = sorted(set(ram or []) | set(pages))
    frames = sorted(pages)
    max_frame = max_frame or (ram[-1] + 1 if ram else 1)
    half = (max_frame + 8 * block - 1) // (8 * block)
    notes = encode_note("VMCOREINFO", 0, vmcoreinfo.encode()) if vmcoreinfo else b""
    info_at = block + 104 + 12 + 12 if vmcoreinfo else 0  # after the note's header and name
    sub_blocks = (104 + len(notes) + block - 1) // block
    first, end = split or (0, max_frame)

    uts = [b"Linux", b"", b"7.3.4", b"", machine.encode(), b""]
    header = (
        b"KDUMP   "
        + struct.pack("<i", version)
        + b"".join(field.ljust(UTSNAME_FIELD, b"\0") for field in uts)
    )
    header = header.ljust(424, b"\0")
    header += struct.pack(
        "<IiiIIIIIIi", FLAG[method], block, sub_blocks, 2 * half, min(max_frame, 0xFFFFFFFF), 0, 0, 0, 0, 1
    )
    sub = struct.pack(
        "<QiiQQQQQQQQQQQ",
        0,
        0 if len(frames) == len(ram) else 31,
        1 if split else 0,
        first,
        end,
        info_at,
        len(vmcoreinfo),
        block + 104 if notes else 0,
        len(notes),
        0,
        0,
        first,
        end,
        max_frame,
    )
    out = header.ljust(block, b"\0") + (sub + notes).ljust(sub_blocks * block, b"\0")
    out += set_bits(ram, half * block) + set_bits(frames, half * block)

    here = [frame for frame in frames if first <= frame < end]
    at = len(out) + PAGE_DESC.size * len(here)
    table, body, zero = [], [], None
    for frame in here:
        page = pages[frame]
        assert len(page) == block
        if not any(page) and zero:  # pages of zeros share their data, as makedumpfile writes them
            table.append(zero)
            continue
        data, flags = page, 0
        if method != "none":
            packed = COMPRESS[method](page)
            if len(packed) < block:  # else it is stored as it is
                data, flags = packed, FLAG[method]
        desc = PAGE_DESC.pack(at, len(data), flags, 0)
        if not any(page):
            zero = desc
        table.append(desc)
        body.append(data)
        at += len(data)
    return out + b"".join(table) + b"".join(body)


def split_set(pages, files, **options):
    """The same memory in several files, each with all bitmaps and a part of the pages."""
    frames = sorted(pages)
    end = options.pop("max_frame", None) or max(max(options.get("ram") or [0]), frames[-1]) + 1
    cuts = [0] + [frames[len(frames) * i // files] for i in range(1, files)] + [end]
    return [write(pages, split=(cuts[i], cuts[i + 1]), max_frame=end, **options) for i in range(files)]


def flatten(dump, piece=5000):
    """makedumpfile -F: pieces with their offsets. The header is written a second time at the end, as
    makedumpfile does when it knows its final content."""
    out = [b"makedumpfile".ljust(16, b"\0") + struct.pack(">qq", 1, 1)]
    out[0] = out[0].ljust(FLAT_HEADER_BYTES, b"\0")

    def add(offset, data):
        out.append(struct.pack(">qq", offset, len(data)) + data)

    add(0, dump[:8] + bytes(len(dump[:4096]) - 8))
    starts = list(range(4096, len(dump), piece))
    for at in starts[1::2] + starts[0::2]:  # not in order
        add(at, dump[at : at + piece])
    add(0, dump[:4096])
    return b"".join(out) + FLAT_END


def read_zlib(dump):
    """The pages of one file that is not split, plain or compressed with zlib: for checks of this writer."""
    block, sub_blocks, bitmap_blocks = struct.unpack_from("<III", dump, 428)
    bitmap_at = (1 + sub_blocks) * block + bitmap_blocks // 2 * block
    at = (1 + sub_blocks + bitmap_blocks) * block
    pages = {}
    for frame in range(bitmap_blocks // 2 * block * 8):
        if not dump[bitmap_at + frame // 8] >> frame % 8 & 1:
            continue
        offset, size, flags, _ = PAGE_DESC.unpack_from(dump, at)
        at += PAGE_DESC.size
        data = dump[offset : offset + size]
        pages[frame] = zlib.decompress(data) if flags & FLAG["zlib"] else data
    return pages
