#!/usr/bin/env python3
"""The certificate of a real image passes the checker that has no solver; a changed one does not.

certificate_test.py KHOVER CHECKER CORPUS
"""
import json
import os
import subprocess
import sys
import tempfile


def valid(checker, certificate, image):
    done = subprocess.run([sys.executable, "-B", checker, certificate, image], capture_output=True, text=True)
    print(done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr)
    return done.returncode == 0


def changed(lines, number):
    """One field of one fact is one more than it was."""
    checks = {}
    for i, line in enumerate(lines):
        one = json.loads(line)
        if "says" in one:
            checks[one["rule"], one["check"]] = one
            continue
        for k, variable in enumerate(checks[one["rule"], one["check"]]["variables"]):
            if (
                "bytes" in variable
                and one["values"][k] is not None
                and one["records"]
                and one["records"][0][2]
            ):
                number -= 1
                if number == 0:
                    one["values"][k] += 1
                    return lines[:i] + [json.dumps(one)] + lines[i + 1 :]
    return None


def main():
    khover, checker, corpus = sys.argv[1:]
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "certificate")
        for name in ("v2-three/finalized", "v3-many/finalized", "v6-tests/early"):
            image = "%s/%s.elf.zst" % (corpus, name)
            subprocess.run([khover, "check", "--certificate", path, image], capture_output=True)
            failures += not valid(checker, path, image)
            with open(path, encoding="utf-8") as file:
                lines = file.read().splitlines()
            for number in (1, 20):
                other = changed(lines, number)
                with open(path, "w", encoding="utf-8") as file:
                    file.write("\n".join(other) + "\n")
                failures += valid(checker, path, image)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
