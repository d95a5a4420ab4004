#!/usr/bin/env python3
"""GO, NO-GO and CANNOT SAY: what the first line says, which exit status goes with it, and that nothing passes
that was not shown. precheck_test.py KHOVER WRITER"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(FOLDER, "cli"), os.path.join(FOLDER, "formats")]
import elf_writer  # noqa: E402
import kernel_memory  # noqa: E402

# formats/ has a module of this name, too.
sys.path.insert(0, os.path.join(FOLDER, "cli"))
import khover  # noqa: E402

GO, NO_GO, UNREADABLE, CANNOT_SAY = 0, 1, 2, 3
FIRST = {GO: "GO: ", NO_GO: "NO-GO: ", UNREADABLE: "CANNOT SAY: ", CANNOT_SAY: "CANNOT SAY: "}


class Precheck(khover.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def ask(self, *arguments, status, **options):
        done = khover.run("precheck", *arguments, **options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        self.assertEqual(done.stderr, "")
        lines = done.stdout.splitlines()
        self.assertTrue(lines[0].startswith(FIRST[status]), lines[0])
        self.assertLessEqual(len(lines), 11)
        return done.stdout

    def test_a_finalized_image(self):
        image = khover.real("v2-three")
        text = self.ask(image, status=CANNOT_SAY)
        self.assertIn("--target", text.splitlines()[0])
        text = self.ask(image, "--image-only", status=GO)
        self.assertIn("no target was asked", text.splitlines()[0])
        self.assertRegex(text, "contents .* 3 sessions, 10 files")
        self.assertIn("freezing and retrieving can still fail", text)

    def test_defects_of_the_kernel_are_no_go(self):
        for variant, rule in (
            ("bug-dup51", "luo-session-block-count"),
            ("bug-resmem", "memblock-region-preserved"),
        ):
            for arguments in ([], ["--image-only"], ["--target", "7.3"]):
                with self.subTest(variant, arguments=arguments):
                    text = self.ask(khover.real(variant), *arguments, status=NO_GO)
                    self.assertIn(f"[{rule}]", text.splitlines()[0])

    def test_nothing_preserved_is_go_and_says_so(self):
        text = self.ask(khover.real("v0-empty", "outgoing"), status=GO)
        self.assertIn("nothing is handed over", text.splitlines()[0])
        # A target that would refuse sessions does not matter then.
        self.ask(khover.real("v0-empty", "outgoing"), "--target", "7.3", "--cmdline", "kho=off", status=GO)

    def test_something_preserved_is_not_nothing(self):
        # Sessions are not reachable before serialization: it must never be called nothing, nor well-formed.
        for variant in (
            "v1-one",
            "v2-three",
            "v3-many",
            "v6-tests",
            "v11-kho-only",
            "p1-one",
            "iommu-i1-basic",
        ):
            with self.subTest(variant):
                image = khover.real(variant, "outgoing")
                text = self.ask(image, "--image-only", status=CANNOT_SAY)
                self.assertIn("what serialization writes is not visible", text.splitlines()[0])
                self.ask(image, status=CANNOT_SAY)

    def test_every_real_image_has_an_answer(self):
        for variant in sorted(os.listdir(khover.REAL)):
            for phase in ("outgoing", "finalized", "early"):
                image = khover.real(variant, phase)
                if not os.path.exists(image):
                    continue
                with self.subTest(variant, phase=phase):
                    done = khover.run("precheck", image, "--image-only", "--format", "json")
                    answer = json.loads(done.stdout)
                    check = json.loads(khover.run("check", "--no-prove", "--format", "json", image).stdout)
                    word = check["verdict"]["word"]
                    allowed = {
                        "well-formed": ["go"],
                        "nothing wrong in what is visible": [
                            "go" if answer["nothing_handed_over"] else "cannot-say"
                        ],
                        "undetermined": ["cannot-say"],
                        "violated": ["no-go"],
                    }[word]
                    self.assertIn(answer["answer"], allowed)
                    self.assertEqual(answer["check"]["verdict"], check["verdict"])

    def test_what_cannot_be_read(self):
        text = self.ask(os.path.join(self.folder, "missing"), status=UNREADABLE)
        self.assertIn("missing", text)
        if not os.path.exists("/proc/kcore"):
            self.assertIn("CONFIG_PROC_KCORE", self.ask(status=UNREADABLE))

    def core(self, **variables):
        """A dump of a kernel that never ran, with its symbols."""
        kernel = kernel_memory.Kernel()
        kernel.symbols.append(("T", "_stext", 0))
        for name, content in variables.items():
            kernel.variable(name, content)
        note = elf_writer.note(b"VMCOREINFO", 0, kernel.finish())
        path = os.path.join(self.folder, "kernel.elf")
        with open(path, "wb") as file:
            file.write(elf_writer.core(kernel.memory(), note))
        return path

    def test_a_kernel_without_kho(self):
        image = self.core(jiffies=bytes(8))
        self.assertIn("the kernel has no KHO", self.ask(image, status=GO).splitlines()[0])
        error = self.answer("check", image, status=2)
        self.assertIn("the kernel has no KHO", error)

    def test_damaged_symbols_are_no_word_on_kho(self):
        # Names that are absent from a table that is not the kernel's mean nothing.
        for damage in (bytes(64), b"\xff" * 64, b"\1" * 64):
            kernel = kernel_memory.Kernel()
            kernel.symbols.append(("T", "_stext", 0))
            kernel.variable("kho_is_enabled", bytes(8))
            info = kernel.finish()
            at = kernel.places["kallsyms_names"]
            kernel.data[at : at + len(damage)] = damage
            path = os.path.join(self.folder, "damaged.elf")
            with open(path, "wb") as file:
                file.write(elf_writer.core(kernel.memory(), elf_writer.note(b"VMCOREINFO", 0, info)))
            self.ask(path, status=UNREADABLE)

    def test_a_kernel_with_kho_off(self):
        none = {"kho_out": bytes(72), "kho_in": bytes(72), "kho_is_enabled": bytes(8)}
        image = self.core(kho_enable=b"\0", **none)
        self.assertIn("KHO is off", self.ask(image, status=GO).splitlines()[0])
        # On, and without a root: that is no word on what is handed over.
        image = self.core(kho_enable=b"\1", **none)
        self.ask(image, status=UNREADABLE)
        # Its functions without its variables: the kernel may hand over anything.
        image = self.core(kho_is_enabled=bytes(8))
        text = self.ask(image, status=UNREADABLE)
        self.assertIn("CONFIG_KALLSYMS_ALL", text)

    def test_time_is_up(self):
        # The alarm is pending before khover begins: the answer is there whatever has been read by then.
        metrics = os.path.join(self.folder, "khover.prom")

        def alarm():
            signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
            os.kill(os.getpid(), signal.SIGALRM)

        for arguments in ([], ["--format", "json"]):
            done = subprocess.run(
                [
                    khover.KHOVER,
                    "precheck",
                    khover.real("v3-many"),
                    "--image-only",
                    "--metrics",
                    metrics,
                    *arguments,
                ],
                stdout=subprocess.PIPE,
                preexec_fn=alarm,
                timeout=khover.TIMEOUT,
                text=True,
            )
            self.assertEqual(done.returncode, CANNOT_SAY)
            if arguments:
                self.assertEqual(json.loads(done.stdout)["answer"], "cannot-say")
            else:
                self.assertRegex(done.stdout, r"\ACANNOT SAY: no answer within 60 seconds")
            with open(metrics) as file:
                self.assertIn('khover_precheck_result{answer="cannot-say"} 1', file.read())
        self.answer("precheck", "--deadline", "0", khover.real("v3-many"), status=2)

    def test_metrics(self):
        metrics = os.path.join(self.folder, "khover.prom")
        for variant, answer in (("v2-three", "go"), ("bug-dup51", "no-go")):
            self.ask(
                khover.real(variant),
                "--image-only",
                "--metrics",
                metrics,
                status=GO if answer == "go" else NO_GO,
            )
            with open(metrics) as file:
                text = file.read()
            results = re.findall(r'^khover_precheck_result\{answer="([a-z-]+)"\} ([01])$', text, re.MULTILINE)
            self.assertEqual({word: int(value) for word, value in results}[answer], 1)
            self.assertEqual(sum(int(value) for _, value in results), 1)
            crashes = re.search(r'^khover_precheck_findings\{severity="crash"\} (\d+)$', text, re.MULTILINE)
            self.assertEqual(int(crashes.group(1)) > 0, answer == "no-go")
            # Every line is a comment or a sample, and every sample has its type before it.
            typed = set()
            for line in text.splitlines():
                if line.startswith("# TYPE "):
                    typed.add(line.split()[2])
                elif not line.startswith("# HELP "):
                    self.assertRegex(line, r'\A[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? [0-9.]+\Z')
                    self.assertIn(re.split(r"[{ ]", line)[0], typed)
        error = khover.run("precheck", khover.real("v2-three"), "--image-only", "--metrics", "/dev/full")
        self.assertEqual(error.returncode, 2)

    def test_journal(self):
        done = khover.run("precheck", khover.real("bug-dup51"), "--image-only", "--format", "journal")
        self.assertEqual(done.returncode, NO_GO)
        entries = [
            dict(line.split("=", 1) for line in entry.splitlines())
            for entry in done.stdout.strip().split("\n\n")
        ]
        self.assertEqual(entries[0]["KHOVER_ANSWER"], "no-go")
        self.assertEqual(entries[1]["KHOVER_RULE"], "luo-session-block-count")
        self.assertEqual(entries[1]["KHOVER_SEVERITY"], "crash")
        for entry in entries:
            self.assertRegex(entry["MESSAGE_ID"], r"\A[0-9a-f]{32}\Z")
            self.assertIn(entry["PRIORITY"], "3456")
        with open(os.path.join(khover.SOURCE, "docs", "precheck.md")) as file:
            catalogue = file.read()
        for entry in entries:
            self.assertIn(entry["MESSAGE_ID"], catalogue)
            for name in entry:
                self.assertIn(f"`{name}`", catalogue)

    def test_details(self):
        text = khover.run("precheck", khover.real("v2-three"), "--image-only", "-v").stdout
        self.assertIn(" rules: ", text)
        self.assertIn("verdict: well-formed", text)


if __name__ == "__main__":
    khover.main()
