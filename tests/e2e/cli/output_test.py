#!/usr/bin/env python3
"""Output is never lost, and nothing else is: full disks, closed pipes, devices, links, inputs named as outputs.

output_test.py KHOVER KHOVER-WRITE-IMAGE
"""

import os
import random
import shutil
import signal
import stat
import subprocess
import tempfile
import time

import khover
from khover import CANNOT_ANSWER, NOTHING_TO_OBJECT, real

IMAGE = real("v2-three")
# Each prints; none of them writes a file.
COMMANDS = (
    ("check", "--no-prove", IMAGE),
    ("check", "--no-prove", "--format", "json", IMAGE),
    ("check", real("bug-dup51")),
    ("dump", IMAGE),
    ("dump", "--json", "--all", IMAGE),
    ("rules", "list"),
    ("rules", "list", "--format", "json"),
    ("rules", "list", "--sets"),
    ("rules", "list", "--snapshots"),
    ("rules", "explain", "memfd-folios-tile"),
    ("rules", "test", os.path.join(khover.SOURCE, "rules")),
    ("--version",),
    ("--help",),
    ("check", "--help"),
)


def full_tmpfs(folder, size, script):
    """Runs `script` in a mount namespace of its own, where `folder` is a tmpfs of `size`; None: not possible here."""
    made = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True
    )
    if made.returncode != 0:
        return None
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size={size} none '{folder}' && {script}"],
        capture_output=True,
        text=True,
        timeout=khover.TIMEOUT,
    )


class TestCase(khover.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def copy(self, source, name):
        return shutil.copyfile(source, self.path(name))

    def run_to(self, stdout, *arguments, **options):
        return subprocess.run(
            [khover.KHOVER, *arguments],
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            timeout=khover.TIMEOUT,
            **options,
        )

    def is_refused(self, done, reason):
        self.assertEqual(done.returncode, CANNOT_ANSWER, (done.args, done.stderr))
        self.assertRegex(done.stderr, rf"\Akhover: [^\n]*{reason}[^\n]*\n\Z", done.args)


class StandardOutput(TestCase):
    def test_a_full_disk(self):
        for command in COMMANDS:
            with open("/dev/full", "wb") as full:
                self.is_refused(
                    self.run_to(full, *command), "standard output: cannot be written: No space left on device"
                )

    def test_a_closed_pipe(self):
        for command in COMMANDS:
            reader, writer = os.pipe()
            os.close(reader)
            with os.fdopen(writer, "wb") as pipe:
                self.is_refused(
                    self.run_to(pipe, *command), "standard output: cannot be written: Broken pipe"
                )

    def test_a_terminal_that_is_gone(self):
        for command in COMMANDS[:6]:
            master, slave = os.openpty()
            os.close(master)
            with os.fdopen(slave, "wb") as terminal:
                self.is_refused(
                    self.run_to(terminal, *command), "standard output: cannot be written: Input/output error"
                )

    def test_no_standard_output_at_all(self):
        for command in (*COMMANDS[:4], ("carve", IMAGE, "-o", self.path("slim.elf"))):
            self.is_refused(
                self.run_to(None, *command, preexec_fn=lambda: os.close(1)),
                "standard output: cannot be written: Bad file descriptor",
            )
        self.answer("check", "--no-prove", self.path("slim.elf"), status=NOTHING_TO_OBJECT)

    def test_a_file_system_that_fills_up(self):
        folder = self.path("small")
        os.mkdir(folder)
        done = full_tmpfs(
            folder, "16k", f"exec '{khover.KHOVER}' dump --json --all '{IMAGE}' > '{folder}/out'"
        )
        if done is None:
            self.skipTest("no mount namespaces here")
        self.is_refused(done, "standard output: cannot be written: No space left on device")


class Files(TestCase):
    def carved(self, out):
        self.answer("carve", IMAGE, "-o", out, status=NOTHING_TO_OBJECT)

    def test_a_device_stays_a_device(self):
        null, full = self.path("null"), self.path("full")
        try:
            os.mknod(null, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
            os.mknod(full, 0o600 | stat.S_IFCHR, os.makedev(1, 7))
            with open(null, "wb"):
                pass
        except OSError:
            self.skipTest("devices cannot be made here")
        self.carved(null)
        self.is_refused(
            self.run_to(subprocess.DEVNULL, "carve", IMAGE, "-o", full),
            "full: cannot be written: No space left",
        )
        self.is_refused(
            self.run_to(subprocess.DEVNULL, "check", IMAGE, "--certificate", full),
            "full: cannot be written: No space left",
        )
        for path in (null, full):
            self.assertTrue(stat.S_ISCHR(os.lstat(path).st_mode), path)
        self.assertEqual(sorted(os.listdir(self.folder)), ["full", "null"])

    def test_a_fifo_gets_all_of_it(self):
        fifo = self.path("fifo")
        os.mkfifo(fifo)
        with open(self.path("got"), "wb") as got, subprocess.Popen(["cat", fifo], stdout=got) as reader:
            self.carved(fifo)
            reader.wait(khover.TIMEOUT)
        self.assertTrue(stat.S_ISFIFO(os.lstat(fifo).st_mode))
        self.answer("check", "--no-prove", self.path("got"), status=NOTHING_TO_OBJECT)

    def test_the_standard_output_under_another_name(self):
        with open(self.path("got"), "wb") as got:
            done = self.run_to(got, "check", "--no-prove", IMAGE, "--certificate", "/dev/stdout")
        self.assertEqual((done.returncode, done.stderr), (NOTHING_TO_OBJECT, ""))
        with open(self.path("got"), encoding="utf-8") as got:
            text = got.read()
        self.assertTrue(text.startswith("{"), "the certificate")
        self.assertIn("\nverdict: ", text)

    def test_a_link_stays_a_link(self):
        os.mkdir(self.path("there"))
        with open(self.path("there", "old"), "wb"):
            pass
        os.chmod(self.path("there", "old"), 0o640)
        os.symlink("there/old", self.path("link"))
        os.symlink("there/new", self.path("dangling"))
        for name, target in (("link", "old"), ("dangling", "new")):
            self.carved(self.path(name))
            self.assertTrue(os.path.islink(self.path(name)))
            self.answer("check", "--no-prove", self.path("there", target), status=NOTHING_TO_OBJECT)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("there", "old")).st_mode), 0o640)
        self.assertEqual(stat.S_IMODE(os.stat(self.path("there", "new")).st_mode), 0o600)
        self.assertEqual(sorted(os.listdir(self.path("there"))), ["new", "old"])

    def test_a_folder_that_may_not_be_written(self):
        os.mkdir(self.path("closed"))
        with open(self.path("closed", "old"), "w", encoding="utf-8") as file:
            file.write("old")
        os.chmod(self.path("closed"), 0o555)
        user = {"user": 65534, "group": 65534} if os.geteuid() == 0 else {}
        if user:
            os.chmod(self.folder, 0o755)
            os.chown(self.path("closed", "old"), 65534, 65534)
            if subprocess.run([khover.KHOVER, "--version"], capture_output=True, **user).returncode != 0:
                self.skipTest("another user cannot run khover here")
        for name in ("old", "new"):
            self.is_refused(
                self.run_to(
                    subprocess.DEVNULL,
                    "check",
                    "--no-prove",
                    IMAGE,
                    "--certificate",
                    self.path("closed", name),
                    **user,
                ),
                f"{name}: cannot be written: Permission denied",
            )
        os.chmod(self.path("closed"), 0o755)
        with open(self.path("closed", "old"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "old")
        self.assertEqual(os.listdir(self.path("closed")), ["old"])

    def test_a_full_disk_leaves_what_was_there(self):
        folder = self.path("small")
        os.mkdir(folder)
        for arguments in (
            f"carve '{real('v3-many')}' -o '{folder}/out'",
            f"check '{IMAGE}' --certificate '{folder}/out'",
        ):
            done = full_tmpfs(
                folder,
                "16k",
                f"echo old > '{folder}/out'; '{khover.KHOVER}' {arguments} > /dev/null; "
                f"echo $? >&2; ls -A '{folder}' >&2; cat '{folder}/out' >&2",
            )
            if done is None:
                self.skipTest("no mount namespaces here")
            self.assertRegex(
                done.stderr, r"\Akhover: [^\n]*out: cannot be written: No space left[^\n]*\n2\nout\nold\n\Z"
            )
        done = full_tmpfs(
            folder,
            "64k",
            f"mkdir '{folder}/queries'; exec '{khover.KHOVER}' check '{IMAGE}' --smt2 '{folder}/queries'",
        )
        self.is_refused(done, "cannot be written: No space left")

    def test_limits_on_the_size_of_files(self):
        import resource

        with open(self.path("out"), "w", encoding="utf-8") as file:
            file.write("old")
        done = self.run_to(
            subprocess.DEVNULL,
            "carve",
            real("v3-many"),
            "-o",
            self.path("out"),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536)),
        )
        self.is_refused(done, "File too large")
        self.assertEqual(os.listdir(self.folder), ["out"])
        with open(self.path("out"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "old")

    def test_no_input_is_written_to(self):
        image = self.copy(IMAGE, "image")
        os.link(image, self.path("other-name"))
        os.symlink("other-name", self.path("link"))
        abi = (
            self.copy(os.path.join(khover.SOURCE, "rules", "abi", "linux-7.3-x86_64-4k.yaml"), "abi.yaml")
            if os.path.exists(os.path.join(khover.SOURCE, "rules", "abi", "linux-7.3-x86_64-4k.yaml"))
            else None
        )
        rules = shutil.copytree(os.path.join(khover.SOURCE, "rules"), self.path("rules"))
        pack = next(
            os.path.join(folder, file)
            for folder, _, files in os.walk(rules)
            for file in sorted(files)
            if file.endswith(".yaml")
        )
        before = {path: open(path, "rb").read() for path in (image, pack, *([abi] if abi else []))}
        for out in (image, self.path("other-name"), self.path("link"), self.path(".", "image")):
            self.is_refused(
                self.run_to(subprocess.DEVNULL, "carve", image, "-o", out),
                "which this command reads|is read by this command",
            )
            self.is_refused(
                self.run_to(subprocess.DEVNULL, "check", image, "--certificate", out), "this command"
            )
        self.is_refused(
            self.run_to(subprocess.DEVNULL, "carve", image, "--rules", rules, "-o", pack), "this command"
        )
        # The other parts of a split dump count, whether or not they can be read.
        self.is_refused(self.run_to(subprocess.DEVNULL, "carve", IMAGE, image, "-o", image), "this command")
        if abi:
            self.is_refused(
                self.run_to(subprocess.DEVNULL, "carve", image, "--abi", abi, "-o", abi), "this command"
            )
        for path, content in before.items():
            with open(path, "rb") as file:
                self.assertEqual(file.read(), content, path)

    def test_an_interrupt_leaves_the_old_file_or_the_new_one(self):
        out, source = self.path("out"), real("v3-many")
        whole = self.run_to(subprocess.DEVNULL, "carve", source, "-o", self.path("whole"))
        self.assertEqual(whole.returncode, NOTHING_TO_OBJECT)
        with open(self.path("whole"), "rb") as file:
            new = file.read()
        started = time.monotonic()
        self.run_to(subprocess.DEVNULL, "carve", source, "-o", self.path("whole"))
        duration = time.monotonic() - started
        os.remove(self.path("whole"))
        random_ = random.Random(5)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL) * 6:
            with open(out, "wb") as file:
                file.write(b"old")
            with subprocess.Popen(
                [khover.KHOVER, "carve", source, "-o", out],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            ) as carve:
                time.sleep(random_.uniform(0, duration * 1.1))
                carve.send_signal(number)
            self.assertIn(carve.returncode, (0, -number))
            with open(out, "rb") as file:
                self.assertIn(file.read(), (b"old", new))
            # SIGKILL may hit the moment between two names; nothing else may.
            names = set(os.listdir(self.folder))
            self.assertEqual(
                {name for name in names if number != signal.SIGKILL or not name.endswith(".part")}, {"out"}
            )
            for name in names - {"out"}:
                os.remove(self.path(name))


if __name__ == "__main__":
    khover.main()
