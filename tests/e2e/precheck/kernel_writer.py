"""A kernel as files have it: ELF with strings, types and IKCONFIG; packed as bzImage, EFI zboot or Image.
Written from the kernel's descriptions of these formats (Documentation/arch/x86/boot.rst,
drivers/firmware/efi/libstub/zboot-header.S, kernel/configs.c), with nothing of khover."""

import bz2
import gzip
import lzma
import os
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "formats"))
import btf_writer  # noqa: E402

X86_64, AARCH64 = 62, 183


def ikconfig(text):
    return b"IKCFG_ST" + gzip.compress(text.encode()) + b"IKCFG_ED"


def types(records):
    """BTF with `records`: name → (size, [(field, byte offset)]), each field a u64."""
    btf = btf_writer.Btf()
    u64 = btf.integer("unsigned long long", 8)
    for name, (size, fields) in records.items():
        btf.struct(name, size, [(field, u64, at) for field, at in fields])
    return btf.section()


def content(strings=(), config="", records=None, release="7.3.4-test"):
    body = b"\x90" * 64 + f"Linux version %s\0Linux version {release} (a@b) #1\0".encode()
    body += b"".join(text.encode() + b"\0" for text in strings)
    if config:
        body += bytes(-len(body) % 8) + ikconfig(config)
    if records is not None:
        body += bytes(-len(body) % 8) + types(records)
    return body + bytes(64)


def vmlinux(body, machine=X86_64):
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    head += struct.pack("<IIQQQQQQ", 1, 5, 120, 0xFFFFFFFF81000000, 0x1000000, len(body), len(body), 4096)
    return head + body


def by_program(*command):
    def pack(data):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "data")
            with open(path, "wb") as file:
                file.write(data)
            done = subprocess.run([*command, path], stdout=subprocess.PIPE, check=True)
            return done.stdout

    return pack


# As the kernel's build runs them (scripts/Makefile.lib). Those of programs may be absent.
PACKERS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lambda data: lzma.compress(data, check=lzma.CHECK_CRC32),
    "lzma": lambda data: lzma.compress(data, format=lzma.FORMAT_ALONE),
    "zstd": by_program("zstd", "-q", "-22", "--ultra", "-c"),
    "lz4": by_program("lz4", "-q", "-l", "-9", "-c"),
    "lzo": by_program("lzop", "-9", "-c"),
}
PROGRAMS = {"zstd": "zstd", "lz4": "lz4", "lzo": "lzop"}


def bzimage(payload, sectors=2):
    """`payload` is compressed; the kernel's build appends the unpacked size."""
    start = (sectors + 1) * 512
    head = bytearray(start)
    head[0x1F1] = sectors
    struct.pack_into("<4sH", head, 0x202, b"HdrS", 0x20F)
    struct.pack_into("<II", head, 0x248, 256, len(payload))
    return bytes(head) + b"\xcc" * 256 + payload + b"\xcc" * 512


def zboot(payload, how):
    head = bytearray(512)
    struct.pack_into("<4s4sII8x32s", head, 0, b"MZ\0\0", b"zimg", 512, len(payload), how.encode())
    return bytes(head) + payload


def arm64_image(body):
    head = bytearray(64)
    head[:2] = b"MZ"
    head[0x38:0x3C] = b"ARM\x64"
    return bytes(head) + body
