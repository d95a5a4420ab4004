#!/usr/bin/env python3
"""packaging/khover-gate and khover-kexec: what blocks a kexec, and what may override it. gate_test.py KHOVER WRITER"""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "cli"))
import khover  # noqa: E402

GATE = os.path.join(khover.SOURCE, "packaging", "khover-gate")
KEXEC = os.path.join(khover.SOURCE, "packaging", "khover-kexec")


class Gate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.override = os.path.join(self.folder, "override")
        self.journal = os.path.join(self.folder, "journal")
        # logger and systemctl write down what they are told.
        self.program("logger", f'cat >> "{self.journal}"; echo "-- $*" >> "{self.journal}"')
        self.program("systemctl", f'echo "$*" > "{self.folder}/started"')

    def program(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write("#!/bin/sh\n" + text + "\n")
        os.chmod(path, 0o755)

    def run_gate(self, image, program=GATE, mode=0o644, **settings):
        conf = os.path.join(self.folder, "conf")
        with open(conf, "w") as file:
            file.write(
                f"IMAGE='{image}'\n" + "".join(f"{name}='{value}'\n" for name, value in settings.items())
            )
        os.chmod(conf, mode)
        environment = {
            **os.environ,
            "KHOVER_CONF": conf,
            "KHOVER_OVERRIDE": self.override,
            "KHOVER": khover.KHOVER,
            "KHOVER_GATE": GATE,
            "PATH": self.folder + ":" + os.environ["PATH"],
        }
        done = subprocess.run(
            [program], capture_output=True, env=environment, timeout=khover.TIMEOUT, text=True
        )
        return done.returncode, done.stdout + done.stderr

    def told(self):
        with open(self.journal) as file:
            return file.read()

    def test_answers(self):
        good, bad = khover.real("v2-three"), khover.real("bug-dup51")
        for image, settings, status, word in (
            (good, {"IMAGE_ONLY": "yes"}, 0, "GO: "),
            (good, {}, 1, "CANNOT SAY: "),
            (good, {"CANNOT_SAY": "allow"}, 0, "CANNOT SAY: "),
            (bad, {"IMAGE_ONLY": "yes"}, 1, "NO-GO: "),
            (bad, {"CANNOT_SAY": "allow"}, 1, "NO-GO: "),
            ("/missing", {}, 1, "CANNOT SAY: "),
            ("/missing", {"CANNOT_SAY": "allow"}, 0, "CANNOT SAY: "),
        ):
            with self.subTest(image=image, **settings):
                found, text = self.run_gate(image, **settings)
                self.assertEqual(found, status, text)
                self.assertTrue(text.startswith(word), text)

    def test_the_journal_has_an_entry_for_each_finding(self):
        self.run_gate(khover.real("bug-dup51"), IMAGE_ONLY="yes")
        entries = self.told().split("-- --journald\n")
        self.assertIn("KHOVER_ANSWER=no-go", entries[0])
        self.assertTrue(any("KHOVER_RULE=luo-session-block-count" in one for one in entries[1:]), entries)
        self.assertEqual([one.count("MESSAGE=") for one in entries if one.strip()], [1] * (len(entries) - 1))

    def test_an_override_counts_once_and_is_told(self):
        with open(self.override, "w") as file:
            file.write("the sessions are test data\n")
        found, text = self.run_gate(khover.real("bug-dup51"), IMAGE_ONLY="yes")
        self.assertEqual(found, 0)
        self.assertIn("overridden: the sessions are test data", text)
        self.assertIn("kexec goes on in spite of NO-GO: the sessions are test data", self.told())
        found, _ = self.run_gate(khover.real("bug-dup51"), IMAGE_ONLY="yes")
        self.assertEqual(found, 1)

    def test_a_configuration_that_others_may_write_is_refused(self):
        found, text = self.run_gate(khover.real("v2-three"), mode=0o666, IMAGE_ONLY="yes")
        self.assertEqual(found, 1)
        self.assertIn("may be written by others", text)

    def test_kexec_starts_only_after_go(self):
        started = os.path.join(self.folder, "started")
        found, _ = self.run_gate(khover.real("bug-dup51"), program=KEXEC, IMAGE_ONLY="yes")
        self.assertEqual((found, os.path.exists(started)), (1, False))
        found, _ = self.run_gate(khover.real("v2-three"), program=KEXEC, IMAGE_ONLY="yes")
        self.assertEqual((found, os.path.exists(started)), (0, True))
        with open(started) as file:
            self.assertEqual(file.read(), "kexec\n")


if __name__ == "__main__":
    khover.main()
