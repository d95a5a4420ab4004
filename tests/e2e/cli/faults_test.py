#!/usr/bin/env python3
"""What fails around khover: memory, descriptors, the file under its feet. Never an abort, never another verdict.

faults_test.py KHOVER KHOVER-WRITE-IMAGE
"""

import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import tempfile

import khover
from khover import CANNOT_ANSWER, real

MIB = 1 << 20
LOADER_FAILED = 127  # the dynamic linker had no memory or descriptors: khover did not run yet


def limited(which, value, *arguments):
    def limit():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(which, (value, value))

    return subprocess.run(
        [khover.KHOVER, *arguments], capture_output=True, text=True, timeout=khover.TIMEOUT, preexec_fn=limit
    )


def decompressed(path, folder):
    out = os.path.join(folder, "image.elf")
    subprocess.run(["zstd", "-q", "-d", "-f", path, "-o", out], check=True)
    return out


class Faults(khover.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def verdict(self, text):
        return re.findall(r"^(?:verdict: .*|\d+ rules: .*)$", text, re.MULTILINE)

    def same_verdict_or_a_sentence(self, done, expected, what):
        if done.returncode == LOADER_FAILED:
            self.assertIn("error while loading shared libraries", done.stderr, what)
            return "loader"
        if done.returncode == CANNOT_ANSWER:
            self.assertRegex(done.stderr, r"\Akhover: [^\n]+\n\Z", what)
            self.assertNotIn("verdict: ", done.stdout, what)
            return "sentence"
        self.assertEqual((done.returncode, self.verdict(done.stdout)), expected, (what, done.stderr))
        return "verdict"

    def test_address_space_from_one_gib_down(self):
        if khover.sanitized():
            self.skipTest("AddressSanitizer needs terabytes of it")
        for image in (real("v2-three"), real("bug-dup51"), decompressed(real("v3-many"), self.folder)):
            for arguments in (("check", image), ("check", "--no-prove", image)):
                whole = subprocess.run(
                    [khover.KHOVER, *arguments], capture_output=True, text=True, timeout=khover.TIMEOUT
                )
                expected = (whole.returncode, self.verdict(whole.stdout))
                seen = set()
                for size in (*range(1024, 128, -128), *range(128, 8, -4)):
                    done = limited(resource.RLIMIT_AS, size * MIB, *arguments)
                    seen.add(self.same_verdict_or_a_sentence(done, expected, (arguments, f"{size} MiB")))
                self.assertEqual(seen, {"verdict", "sentence", "loader"}, arguments)

    def test_the_solver_without_memory(self):
        """Alone in rules prove: no image takes part."""
        if khover.sanitized():
            self.skipTest("AddressSanitizer needs terabytes of it")
        for size in range(256, 16, -16):
            done = limited(resource.RLIMIT_AS, size * MIB, "rules", "prove", "--lemmas")
            self.assertIn(done.returncode, (0, CANNOT_ANSWER, LOADER_FAILED), (size, done.stderr))

    def test_few_descriptors(self):
        whole = self.answer("check", real("v2-three"), status=0)
        for count in range(12, 2, -1):
            done = limited(resource.RLIMIT_NOFILE, count, "check", real("v2-three"))
            self.same_verdict_or_a_sentence(done, (0, self.verdict(whole)), f"{count} descriptors")

    def test_data_limit(self):
        if khover.sanitized():
            self.skipTest("AddressSanitizer needs terabytes of it")
        whole = self.answer("check", real("v2-three"), status=0)
        for size in (64, 32, 16, 8, 4, 2, 1):
            done = limited(resource.RLIMIT_DATA, size * MIB, "check", real("v2-three"))
            self.same_verdict_or_a_sentence(done, (0, self.verdict(whole)), f"{size} MiB of data")

    def large_image(self):
        """256 MiB that a search for the root looks at page by page."""
        path = os.path.join(self.folder, "large.elf")
        size = 256 * MIB
        with open(path, "wb") as file:
            file.write(
                struct.pack(
                    "<16sHHIQQQIHHHHHH",
                    b"\x7fELF\2\1\1" + bytes(9),
                    4,
                    62,
                    1,
                    0,
                    64,
                    0,
                    0,
                    64,
                    56,
                    1,
                    0,
                    0,
                    0,
                )
            )
            file.write(struct.pack("<IIQQQQQQ", 1, 4, 4096, 0, 0, size, size, 4096))
            file.seek(4096)
            for _ in range(size // MIB):
                file.write(b"\x5a" * MIB)
        return path

    def stopped_while_it_reads(self, path):
        """khover check, stopped when it has mapped the file; None: it was too quick."""
        check = subprocess.Popen(
            [khover.KHOVER, "check", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while check.poll() is None:
            try:
                with open(f"/proc/{check.pid}/maps", encoding="utf-8") as maps:
                    if path in maps.read():
                        check.send_signal(signal.SIGSTOP)
                        return check
            except OSError:
                break
        check.communicate()
        return None

    def test_an_image_that_is_shortened_while_it_is_read(self):
        for _ in range(5):
            path = self.large_image()
            check = self.stopped_while_it_reads(path)
            if check is None:
                continue
            with check:
                os.truncate(path, 8192)
                check.send_signal(signal.SIGCONT)
                out, err = check.communicate(timeout=khover.TIMEOUT)
            if "no page" in err:
                continue  # it was too quick
            self.assertEqual((check.returncode, out), (CANNOT_ANSWER, ""), err)
            self.assertRegex(
                err,
                r"\Akhover: [^\n]*large\.elf: cannot be read to its end: it was shortened meanwhile[^\n]*\n\Z",
            )
            return
        self.fail("never shortened in time")

    def test_privileges_are_given_up_before_the_image_is_read(self):
        if khover.sanitized():
            self.skipTest("LeakSanitizer needs ptrace")
        for _ in range(5):
            check = self.stopped_while_it_reads(self.large_image())
            if check is None:
                continue
            with check:
                with open(f"/proc/{check.pid}/status", encoding="utf-8") as status:
                    text = status.read()
                check.kill()
            if "Seccomp:" not in text:
                self.skipTest("this kernel has no seccomp")
            self.assertRegex(text, r"NoNewPrivs:\t1\n")
            self.assertRegex(text, r"Seccomp:\t2\n")
            return
        self.fail("never stopped in time")

    def test_reads_that_fail(self):
        """Each pread() and read() of a dump that is read in place fails, or gives one byte."""
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None or khover.sanitized():
            self.skipTest("needs a C compiler and no sanitizer")
        source, shim = os.path.join(self.folder, "shim.c"), os.path.join(self.folder, "shim.so")
        with open(source, "w", encoding="utf-8") as file:
            file.write(
                r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
static int count;
static int regular(int fd) { struct stat st; return fstat(fd, &st) == 0 && S_ISREG(st.st_mode); }
ssize_t read(int fd, void *to, size_t size) {
  ssize_t (*real)(int, void *, size_t) = dlsym(RTLD_NEXT, "read");
  const char *mode = getenv("SHIM");
  if (size == 0 || !regular(fd) || !mode) return real(fd, to, size);
  if (*mode == 's') return real(fd, to, 1 + size / 7);
  if (++count >= atoi(mode)) { errno = EIO; return -1; }
  return real(fd, to, size);
}
ssize_t pwrite(int fd, const void *from, size_t size, off_t at) {
  ssize_t (*real)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
  const char *mode = getenv("SHIM");
  if (!mode) return real(fd, from, size, at);
  if (*mode == 's') return real(fd, from, 1 + size / 7, at);
  if (++count >= atoi(mode)) { errno = EIO; return -1; }
  return real(fd, from, size, at);
}
ssize_t write(int fd, const void *from, size_t size) {
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  const char *mode = getenv("SHIM");
  return mode && *mode == 's' && size > 7 ? real(fd, from, 1 + size / 7) : real(fd, from, size);
}
"""
            )
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", source, "-o", shim, "-ldl"], check=True)
        image = real("v2-three")  # compressed: it is unpacked into a file
        rules = os.path.join(khover.SOURCE, "rules")
        for arguments in (("check", "--no-prove", image), ("check", "--no-prove", "--rules", rules, image)):

            def run(mode):
                environment = {**os.environ, "LD_PRELOAD": shim, "SHIM": mode}
                return subprocess.run(
                    [khover.KHOVER, *arguments],
                    capture_output=True,
                    text=True,
                    timeout=khover.TIMEOUT,
                    env=environment,
                )

            whole = self.answer(*arguments, status=0)
            self.assertEqual(run("short").stdout, whole, "short reads and writes change nothing")
            for first in (1, 2, 3, 5, 8, 20):
                done = run(str(first))
                self.same_verdict_or_a_sentence(
                    done, (0, self.verdict(whole)), (arguments, f"EIO from operation {first} on")
                )
            self.assertEqual(run("1").returncode, CANNOT_ANSWER)


class Declared(khover.TestCase):
    """What a file declares and does not have costs nothing: counted by memory that was touched, not by a clock."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def pages_touched(self, path):
        """Of one run: page faults, which every page that is read or written costs."""
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.dup2(writer, 1)
            os.dup2(writer, 2)
            os.execv(khover.KHOVER, [khover.KHOVER, "check", path])
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as said:
            text = said.read()
        _, status, usage = os.wait4(pid, 0)
        self.assertEqual(os.waitstatus_to_exitcode(status), CANNOT_ANSWER, text)
        self.assertRegex(text, r"\Akhover: [^\n]+\n\Z")
        return usage.ru_minflt + usage.ru_majflt

    def elf(self, loads, end=None):
        header = struct.pack(
            "<16sHHIQQQIHHHHHH",
            b"\x7fELF\2\1\1" + bytes(9),
            4,
            62,
            1,
            0,
            64,
            0,
            0,
            64,
            56,
            len(loads),
            0,
            0,
            0,
        )
        for offset, phys, length in loads:
            header += struct.pack("<IIQQQQQQ", 1, 4, offset, 0, phys, length, length, 4096)
        return header

    def sparse(self, size):
        path = os.path.join(self.folder, f"sparse-{size}")
        with open(path, "wb") as file:
            file.write(self.elf([(4096, 0, size)]))
            file.truncate(4096 + size)
        return path

    def flattened(self, size):
        path = os.path.join(self.folder, f"flattened-{size}")
        with open(path, "wb") as file:
            file.write(b"makedumpfile".ljust(16, b"\0") + struct.pack(">qq", 1, 1))
            file.seek(4096)
            for offset, content in ((0, self.elf([(4096, 0, size)])), (4095 + size, b"\0")):
                file.write(struct.pack(">qq", offset, len(content)) + content)
            file.write(struct.pack(">qq", -1, -1))
        return path

    def kdump(self, frames):
        """Bitmaps that were never written, in a flattened stream."""
        path = os.path.join(self.folder, f"kdump-{frames}")
        blocks = frames // 8 // 4096
        header = bytearray(4096)
        header[0:12] = b"KDUMP   " + struct.pack("<I", 6)
        header[270:276] = b"x86_64"
        struct.pack_into("<IIII", header, 428, 4096, 1, 2 * blocks, 0)
        sub = bytearray(4096)
        struct.pack_into("<Q", sub, 96, frames)
        with open(path, "wb") as file:
            file.write(b"makedumpfile".ljust(16, b"\0") + struct.pack(">qq", 1, 1))
            file.seek(4096)
            for offset, content in (
                (0, bytes(header)),
                (4096, bytes(sub)),
                (8192 + 2 * blocks * 4096, b"\0" * 4096),
            ):
                file.write(struct.pack(">qq", offset, len(content)) + content)
            file.write(struct.pack(">qq", -1, -1))
        return path

    def costs_nothing(self, make, sizes):
        touched = [self.pages_touched(make(size)) for size in sizes]
        self.assertLess(max(touched), 1.1 * min(touched) + 1000, list(zip(sizes, touched)))

    def test_a_sparse_elf(self):
        self.costs_nothing(self.sparse, (64 * MIB, 2048 * MIB, 8192 * MIB))

    def test_a_flattened_stream(self):
        self.costs_nothing(self.flattened, (64 * MIB, 2048 * MIB, 8192 * MIB))

    def test_bitmaps_of_a_flattened_kdump(self):
        self.costs_nothing(self.kdump, (1 << 24, 1 << 31, 1 << 34))

    def test_segments_that_share_the_bytes_of_the_file(self):
        """The more segments, the more memory is declared for the same MiB of file."""

        def shared(count):
            path = os.path.join(self.folder, f"shared-{count}")
            with open(path, "wb") as file:
                start = (64 + 56 * count + 4095) // 4096 * 4096
                file.write(self.elf([(start, number << 20, MIB) for number in range(count)]))
                file.seek(start)
                file.write(b"\x5a" * MIB)
            return path

        self.costs_nothing(shared, (1000, 4000, 16000))
        refused = self.answer("check", shared(16000), status=CANNOT_ANSWER)
        self.assertIn("declares many times the memory that it has bytes for", refused)


if __name__ == "__main__":
    khover.main()
