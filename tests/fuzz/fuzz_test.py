#!/usr/bin/env python3
"""Damages real images and runs khover on them: an exit status it knows, no signal, bounded memory and time.

fuzz_test.py KHOVER IMAGE…

Seeds are fixed: the same mutations each time. KHOVER_FUZZ=N asks for N of them (300), KHOVER_FUZZ_SEED=S for others;
KHOVER_FUZZ_KEEP=FOLDER keeps the images that failed.
"""

import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile

TIMEOUT = 150  # seconds for one image; they have a few MB
MEMORY = 1 << 30  # bytes of address space; sanitizers need more and are not limited
PAGE = 4096
ELF_HEADER, PROGRAM_HEADER = 64, 56


def decompress(path):
    return subprocess.run(["zstd", "-q", "-d", "-c", path], check=True, stdout=subprocess.PIPE).stdout


class Image:
    """The bytes of an ELF core, and the places where a u64 that is not zero lies: what has a meaning."""

    def __init__(self, name, data):
        self.name, self.data = name, data
        count = struct.unpack_from("<H", data, 56)[0]
        self.headers = ELF_HEADER + count * PROGRAM_HEADER
        self.loads = []  # file offset, physical address, length
        for i in range(count):
            kind, _, offset, _, phys, length = struct.unpack_from(
                "<IIQQQQ", data, ELF_HEADER + i * PROGRAM_HEADER
            )
            if kind == 1 and length:
                self.loads.append((offset, phys, length))
        self.words = [
            at
            for offset, _, length in self.loads
            for at in range(offset, offset + length - 7, 8)
            if data[at : at + 8] != bytes(8)
        ]
        self.bytes = [at for at in range(self.loads[0][0], len(data)) if data[at]]

    def address(self, random_):
        offset, phys, length = random_.choice(self.loads)
        return phys + random_.randrange(length) // 8 * 8

    def page(self, random_):
        return self.address(random_) // PAGE * PAGE


def values(image, data, at, random_):
    """What a u64 is replaced by: extremes, its neighbours, pointers to all kinds of places."""
    old = struct.unpack_from("<Q", data, at)[0]
    return (
        random_.choice(
            (
                lambda: 0,
                lambda: 2**64 - 1,
                lambda: 2**63,
                lambda: 2**32,
                lambda: 1,
                lambda: old + random_.choice((1, -1, 8, -8, PAGE, -PAGE)),
                lambda: old ^ 1 << random_.randrange(64),
                lambda: old << random_.randrange(1, 32),
                lambda: old >> random_.randrange(1, 32),
                lambda: image.page(random_),
                lambda: image.address(random_),
                lambda: 2**64 - PAGE,
                lambda: 0x123456789000,
                lambda: random_.getrandbits(64),
                lambda: struct.unpack_from("<Q", data, random_.choice(image.words))[0],
            )
        )()
        % 2**64
    )


def mutate(image, random_):
    data = bytearray(image.data)
    for _ in range(random_.choice((1, 1, 1, 2, 3, 10))):
        what = random_.randrange(12)
        if what == 0:  # the file's own headers
            at = random_.randrange(image.headers)
            data[at] ^= 1 << random_.randrange(8)
        elif what == 1:
            data[random_.choice(image.bytes)] = random_.getrandbits(8)
        elif what == 2:  # a page in the place of another
            source, target = (random_.choice(image.loads) for _ in range(2))
            length = min(source[2], target[2], PAGE)
            data[target[0] : target[0] + length] = data[source[0] : source[0] + length]
        elif what == 3:
            offset, _, length = random_.choice(image.loads)
            at, size = offset + random_.randrange(length), random_.choice((16, 256, PAGE))
            end = min(at + size, offset + length)
            data[at:end] = random_.choice(
                (bytes(end - at), b"\xff" * (end - at), random_.randbytes(end - at))
            )
        elif what == 4:
            data[random_.choice(image.bytes)] ^= 1 << random_.randrange(8)
        else:
            at = random_.choice(image.words)
            struct.pack_into("<Q", data, at, values(image, data, at, random_))
    if random_.randrange(40) == 0:
        del data[random_.randrange(len(data)) :]
    return bytes(data)


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def complaint(khover, path, limited):
    """(what is wrong or None, exit status)"""
    try:
        done = subprocess.run(
            [khover, "check", "--no-prove", "--format", "json", path],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT,
            preexec_fn=limit_memory if limited else None,
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {TIMEOUT} s", None
    if done.returncode not in (0, 1, 2, 3):
        return f"exit status {done.returncode}: {done.stderr[-1500:].decode(errors='replace')}", None
    if done.returncode == 2 and not done.stderr.startswith(b"khover: "):
        return f"exit status 2 without a reason: {done.stderr[-300:]!r}", None
    return None, done.returncode


def main():
    khover = sys.argv[1]
    images = [Image(os.path.basename(os.path.dirname(path)), decompress(path)) for path in sys.argv[2:]]
    count, seed = int(os.environ.get("KHOVER_FUZZ", 300)), int(os.environ.get("KHOVER_FUZZ_SEED", 1))
    keep = os.environ.get("KHOVER_FUZZ_KEEP")
    with open(khover, "rb") as file:
        limited = b"__asan_init" not in file.read()
    statuses, failures = {0: 0, 1: 0, 2: 0, 3: 0}, 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "image.elf")
        for i in range(count):
            image = images[i % len(images)]
            with open(path, "wb") as file:
                file.write(mutate(image, random.Random(seed * 1_000_003 + i)))
            wrong, status = complaint(khover, path, limited)
            if wrong:
                failures += 1
                print(f"FAILED {image.name}, mutation {i}: {wrong}", flush=True)
                if keep:
                    shutil.copy(path, os.path.join(keep, f"{image.name}-{seed}-{i}.elf"))
            else:
                statuses[status] += 1
    print(
        f"{count} mutations of {len(images)} images, seed {seed}: exit statuses {statuses}, {failures} failures"
    )
    # A mutator that breaks nothing, or only the file format, tests nothing.
    if statuses[1] == 0 and count >= 100:
        print("FAILED no mutation was found out")
        return 1
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
