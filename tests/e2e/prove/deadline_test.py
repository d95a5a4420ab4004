#!/usr/bin/env python3
"""What a deadline leaves unproved holds as evaluated; the evaluated answer is there before the proof.

deadline_test.py KHOVER CORPUS
"""
import json
import os
import pty
import subprocess
import sys
import unittest

KHOVER, CORPUS = sys.argv[1:3]
IMAGE = CORPUS + "/v3-many/finalized.elf.zst"


def check(*arguments):
    done = subprocess.run([KHOVER, "check", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout


class Deadline(unittest.TestCase):
    def test_what_is_late_holds_and_is_not_proved(self):
        status, text = check("--format", "json", "--deadline", "0", IMAGE)
        report = json.loads(text)
        self.assertEqual((status, report["verdict"]["status"]), (0, 0))
        self.assertEqual(report["summary"]["proved"], 0)
        self.assertEqual(report["summary"]["undetermined"], 0)
        count = report["summary"]["holds"]
        self.assertGreater(count, 100)
        self.assertTrue(
            report["verdict"]["sentence"].startswith("well-formed (evaluated; 0 of %d proved)" % count),
            report["verdict"]["sentence"],
        )
        backed = {rule["backed_by"] for rule in report["rules"] if rule["verdict"] == "holds"}
        self.assertEqual(backed, {"evaluation"})

    def test_text_says_how_many_are_proved(self):
        self.assertRegex(
            check("--deadline", "0", IMAGE)[1], r"\d+ rules: \d+ hold, 0 of them proved, 0 violated"
        )

    def test_a_deadline_that_is_kept_changes_nothing(self):
        status, text = check("--format", "json", "--deadline", "1000", IMAGE)
        report = json.loads(text)
        self.assertEqual((status, report["summary"]["holds"]), (0, 0))
        self.assertIn("(proved)", report["verdict"]["sentence"])


class Stages(unittest.TestCase):
    def test_lines_begin_with_the_evaluated_report(self):
        status, text = check("--format", "jsonl", IMAGE)
        lines = [json.loads(line) for line in text.splitlines()]
        first, *between, last = lines
        self.assertEqual((first["stage"], last["stage"], status), ("evaluated", "final", 0))
        self.assertEqual({line["stage"] for line in between}, {"proving"})
        done = [line["done"] for line in between]
        self.assertEqual(done, sorted(done))
        self.assertEqual(between[-1]["done"], between[-1]["rules"])
        self.assertEqual(first["summary"]["proved"], 0)
        self.assertIn("evaluated; no proof was made", first["verdict"]["sentence"])
        one = json.loads(check("--format", "json", IMAGE)[1])
        for member in ("summary", "verdict", "findings", "contents"):
            self.assertEqual(last[member], one[member])

    def test_without_a_proof_there_is_one_line(self):
        lines = check("--format", "jsonl", "--no-prove", IMAGE)[1].splitlines()
        self.assertEqual([json.loads(line)["stage"] for line in lines], ["final"])

    def test_a_terminal_sees_the_evaluated_verdict_first(self):
        master, slave = pty.openpty()
        with subprocess.Popen([KHOVER, "check", IMAGE], stdout=slave, stderr=slave):
            os.close(slave)
            seen = b""
            while True:
                try:
                    block = os.read(master, 65536)
                except OSError:  # the other end is closed
                    break
                if not block:
                    break
                seen += block
        os.close(master)
        text = seen.decode()
        self.assertLess(text.index("evaluated: well-formed"), text.index("well-formed (proved)"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
