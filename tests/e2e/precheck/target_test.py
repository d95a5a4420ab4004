#!/usr/bin/env python3
"""--target: what the next kernel knows is read from its file, in every form and compression that kernels are
built with, and decides rules that are undetermined without it. target_test.py KHOVER WRITER"""

import os
import random
import shutil
import struct
import sys
import tempfile

import kernel_writer
from kernel_writer import PACKERS, PROGRAMS

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
import khover  # noqa: E402

# What a 7.3 kernel with KHO, LUO and memfd has in its strings (include/linux/kho/abi/ of 7.3).
NAMES = [
    "kho-v4",
    "luo-v5",
    "LUO",
    "memfd-v2",
    "memblock",
    "memblock-v1",
    "reserve-mem-v1",
    "kexec-metadata",
    "pci",
]
CONFIG = """CONFIG_64BIT=y
CONFIG_KEXEC_HANDOVER=y
CONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT=y
CONFIG_LIVEUPDATE=y
CONFIG_LIVEUPDATE_MEMFD=y
# CONFIG_MODULES is not set
"""
ON = ["--cmdline", "console=ttyS0 kho=on liveupdate=on"]


class Target(khover.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def kernel(self, without=(), config=CONFIG, **how):
        body = kernel_writer.content([name for name in NAMES if name not in without], config, **how)
        return self.file("vmlinux", kernel_writer.vmlinux(body))

    def precheck(self, image, *arguments, status):
        found = self.json("precheck", image, "--format", "json", *arguments, status=status)
        self.assertEqual(found["status"], status)
        return found

    def ids(self, found, decided=True):
        return [one["id"] for one in found["objections"] if one["decided"] == decided]

    def test_every_compression(self):
        body = kernel_writer.vmlinux(kernel_writer.content(NAMES, CONFIG))
        image = khover.real("v2-three")
        tried = 0
        for how, pack in PACKERS.items():
            if how in PROGRAMS and not shutil.which(PROGRAMS[how]):
                continue
            with self.subTest(how):
                packed = pack(body)
                size = struct.pack("<I", len(body)) if how != "gzip" else b""
                path = self.file("vmlinuz-" + how, kernel_writer.bzimage(packed + size))
                done = khover.run("precheck", image, "--target", path, *ON)
                if how == "lz4" and "built without lz4" in done.stdout:
                    continue
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertIn(f"(bzImage, {how}), Linux 7.3.4-test", done.stdout)
                tried += 1
                # A payload that is cut, or damaged at any place, is a sentence.
                for at in (1, len(packed) // 2):
                    for broken in (
                        packed[:at],
                        packed[:at] + bytes([packed[at] ^ 0xFF]) * 4 + packed[at + 4 :],
                    ):
                        path = self.file("broken", kernel_writer.bzimage(broken))
                        done = khover.run("precheck", image, "--target", path, *ON)
                        self.assertIn(done.returncode, (0, 1, 2, 3), done.stderr)
                        self.assertRegex(done.stdout, r"\A(GO|NO-GO|CANNOT SAY): ")
        self.assertGreaterEqual(tried, 4)

    def test_other_forms_of_a_kernel(self):
        body = kernel_writer.content(NAMES, CONFIG)
        image = khover.real("v2-three")
        for name, data, word in (
            ("vmlinux", kernel_writer.vmlinux(body), "(vmlinux)"),
            ("vmlinux.gz", PACKERS["gzip"](kernel_writer.vmlinux(body)), "(gzip)"),
        ):
            text = self.answer("precheck", image, "--target", self.file(name, data), *ON, status=0)
            self.assertIn(word, text)
        # A kernel for another machine is no target of this image.
        for name, data in (
            ("Image", kernel_writer.arm64_image(body)),
            ("vmlinuz.efi", kernel_writer.zboot(PACKERS["gzip"](kernel_writer.arm64_image(body)), "gzip")),
            ("vmlinux-arm", kernel_writer.vmlinux(body, kernel_writer.AARCH64)),
        ):
            done = khover.run("precheck", image, "--target", self.file(name, data), *ON)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("is for arm64, and the image is of x86_64", done.stdout)

    def test_unknown_versions_are_decided(self):
        image = khover.real("v2-three")
        for name, rule in (
            ("kho-v4", "kho-root-compatible"),
            ("luo-v5", "luo-compatible"),
            ("memfd-v2", "luo-file-handler-known"),
        ):
            with self.subTest(name):
                path = self.kernel(without=[name])
                found = self.precheck(image, "--target", path, *ON, status=1)
                violated = [one["rule"] for one in found["check"]["findings"]]
                self.assertIn(rule, violated)
                # check decides the same, and proves it.
                report = self.json("check", image, "--target", path, "--format", "json", status=1)
                self.assertIn(
                    rule, [one["rule"] for one in report["findings"] if one["verdict"] == "violated"]
                )
                self.assertEqual(report["inputs"]["target"], "given")
        self.precheck(image, "--target", self.kernel(), *ON, status=0)

    def test_target_of_a_newer_version(self):
        # luo-v9 is undetermined to khover alone, and violated for a kernel that knows luo-v5.
        image = os.path.join(self.folder, "newer.elf")
        with open(khover.real("v2-three"), "rb") as file:
            data = file.read()
        done = shutil.which("zstd")
        if not done:
            self.skipTest("zstd is not installed")
        packed = self.file("image.zst", data)
        import subprocess

        subprocess.run(["zstd", "-q", "-d", "-f", packed, "-o", image], check=True)
        with open(image, "rb") as file:
            data = file.read()
        self.assertEqual(data.count(b"luo-v5\0"), 1)
        with open(image, "wb") as file:
            file.write(data.replace(b"luo-v5\0", b"luo-v9\0"))
        self.answer("check", "--no-prove", image, status=3)
        report = self.json("check", "--no-prove", image, "--target", "7.3", "--format", "json", status=1)
        self.assertIn("luo-compatible", [one["rule"] for one in report["findings"]])
        # A kernel that has that string takes it; what lies below it no pack of khover can read.
        body = kernel_writer.content([*NAMES, "luo-v9"], CONFIG)
        path = self.file("vmlinux-9", kernel_writer.vmlinux(body))
        report = self.json("check", "--no-prove", image, "--target", path, "--format", "json", status=3)
        self.assertNotIn("luo-compatible", [one["rule"] for one in report["findings"]])

    def test_device_unknown_to_the_target_is_named(self):
        image = khover.real("p2-bridges")
        for target in ("7.3", "linux-7.3-x86_64-4k", self.kernel(records={})):
            with self.subTest(target):
                found = self.precheck(image, "--target", target, *ON, status=1)
                unknown = [one["what"] for one in found["objections"] if one["id"] == "target-unknown-name"]
                self.assertTrue(any("FLB 'pci'" in one for one in unknown), unknown)
                self.assertTrue(any("file 'vfio-pci-v1'" in one for one in unknown), unknown)
        found = self.precheck(image, "--target", "linux-7.3-x86_64-4k+devices/2026-10", *ON, status=0)
        self.assertEqual(found["answer"], "go")

    def test_a_module_may_have_it(self):
        image = khover.real("p2-bridges")
        path = self.kernel(
            config=CONFIG.replace("# CONFIG_MODULES is not set", "CONFIG_MODULES=y"), records={}
        )
        found = self.precheck(image, "--target", path, *ON, status=3)
        self.assertIn("target-unknown-name", self.ids(found, decided=False))
        self.assertIn("--known", found["reason"])
        known = ["--known", "file:vfio-pci-v1", "--known", "flb:pci"]
        self.precheck(image, "--target", path, *known, *ON, status=0)

    def test_known_names_a_handler_without_a_pack(self):
        image = khover.real("v2-three")
        error = self.answer("check", image, "--known", "handler:x", status=2)
        self.assertIn("file:NAME", error)
        self.answer("check", "--no-prove", image, "--known", "file:mine-v1", status=0)

    def test_configuration_and_command_line(self):
        image = khover.real("v2-three")
        for config, line, wanted in (
            (CONFIG, "console=ttyS0", ["target-luo-parameter"]),
            (CONFIG, "liveupdate=on liveupdate=0", ["target-luo-parameter"]),
            (CONFIG, "liveupdate=0 liveupdate=1", []),
            (CONFIG, "liveupdate=on liveupdate=maybe", []),
            (CONFIG, "liveupdate=1 kho=off", ["target-kho-parameter"]),
            (CONFIG, "liveupdate=1 -- kho=off", []),
            (
                CONFIG.replace("CONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT=y\n", ""),
                "liveupdate=1",
                ["target-kho-parameter"],
            ),
            (CONFIG.replace("CONFIG_KEXEC_HANDOVER_ENABLE_DEFAULT=y\n", ""), "liveupdate=1 kho=on", []),
            (CONFIG.replace("CONFIG_LIVEUPDATE_MEMFD=y\n", ""), "liveupdate=1", ["target-memfd-config"]),
            (CONFIG.replace("CONFIG_LIVEUPDATE=y\n", ""), "liveupdate=1", ["target-luo-config"]),
        ):
            with self.subTest(line=line, config=len(config)):
                found = self.precheck(
                    image,
                    "--target",
                    self.kernel(config=config),
                    "--cmdline",
                    line,
                    status=1 if wanted else 0,
                )
                self.assertEqual(self.ids(found), wanted)

    def test_without_a_command_line_it_cannot_say(self):
        found = self.precheck(khover.real("v2-three"), "--target", self.kernel(), status=3)
        self.assertIn("--cmdline", found["reason"])

    def test_a_configuration_beside_the_kernel(self):
        path = self.file(
            "vmlinuz-7.3.4-test", PACKERS["gzip"](kernel_writer.vmlinux(kernel_writer.content(NAMES)))
        )
        self.file("config-7.3.4-test", CONFIG.replace("CONFIG_LIVEUPDATE=y\n", "").encode())
        found = self.precheck(khover.real("v2-three"), "--target", path, *ON, status=1)
        self.assertEqual(self.ids(found), ["target-luo-config"])

    def test_layouts_by_btf(self):
        image = khover.real("v2-three")
        right = {"luo_session_ser": (0, [])}
        # The snapshot says where the fields are; the kernel here has one of them elsewhere.
        wrong = {"kho_block_header_ser": (16, [("count", 0), ("next", 8)])}
        self.assertIn(
            "target-layout",
            self.ids(self.precheck(image, "--target", self.kernel(records=wrong), *ON, status=1)),
        )
        good = {"kho_block_header_ser": (16, [("next", 0), ("count", 8)])}
        self.precheck(image, "--target", self.kernel(records=good), *ON, status=0)
        btf = self.file("types", kernel_writer.types(right))
        found = self.precheck(image, "--target", btf, *ON, status=1)  # its size is another
        self.assertEqual(self.ids(found), ["target-layout"])

    def test_what_is_no_kernel(self):
        image = khover.real("v2-three")
        for name, data, word in (
            ("empty", b"", "empty"),
            ("text", b"hello\n", "text"),
            ("noise", random.Random(1).randbytes(5000), "is no kernel"),
            ("elf", b"\x7fELF\x02\x01\x01" + bytes(60), "neither the code"),
            ("cut", b"\x7fELF", "not in the file"),
            ("bz", b"\0" * 0x202 + b"HdrS" + b"\xff" * 100, "not in the file"),
        ):
            with self.subTest(name):
                done = khover.run("precheck", image, "--target", self.file(name, data), *ON)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertRegex(done.stdout, r"\ACANNOT SAY: ")
                self.assertEqual(done.stderr, "")
                if word != "text" and word != "empty":
                    self.assertIn(word, done.stdout)
        done = khover.run("precheck", image, "--target", "no-such-release", *ON)
        self.assertEqual(done.returncode, 2)
        self.assertIn("neither a file nor a release", done.stdout)

    def test_hostile_headers(self):
        image = khover.real("v0-empty")
        rng = random.Random(7)
        body = kernel_writer.vmlinux(
            kernel_writer.content(NAMES, CONFIG, records={"luo_ser": (8, [("a", 0)])})
        )
        whole = kernel_writer.bzimage(PACKERS["gzip"](body))
        for source in (body, whole):
            for _ in range(12):
                data = bytearray(source)
                for _ in range(rng.randrange(1, 12)):
                    data[rng.randrange(min(len(data), 2048))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF])
                done = khover.run("precheck", image, "--target", self.file("hostile", bytes(data)), *ON)
                self.assertIn(done.returncode, (0, 1, 2, 3), done.stderr)
                self.assertEqual(done.stderr, "")


if __name__ == "__main__":
    khover.main()
