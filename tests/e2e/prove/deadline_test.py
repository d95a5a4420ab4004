#!/usr/bin/env python3
"""What a deadline leaves unproved is undetermined, never proved and never violated.

deadline_test.py KHOVER CORPUS
"""
import json
import subprocess
import sys


def main():
    khover, corpus = sys.argv[1:]
    done = subprocess.run(
        [
            khover,
            "check",
            "--prove",
            "--format",
            "json",
            "--deadline",
            "0",
            corpus + "/v3-many/finalized.elf.zst",
        ],
        capture_output=True,
        text=True,
    )
    report = json.loads(done.stdout)
    print(done.returncode, report["summary"])
    late = [rule for rule in report["rules"] if "deadline" in rule.get("why", "")]
    wrong = [
        rule
        for rule in report["rules"]
        if rule["verdict"] == "violated" or (rule["verdict"] == "proved" and rule["backed_by"] != "proof")
    ]
    return 0 if done.returncode == 3 and late and not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
