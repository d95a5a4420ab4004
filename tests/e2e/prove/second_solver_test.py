#!/usr/bin/env python3
"""cvc5 says the same as Z3 of the lemmas, the translations, the rules and a small real image.

second_solver_test.py KHOVER CORPUS
"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

SECONDS = 20  # for one query


def expected(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("; expected: "):
                return line.split()[2]
    return None


def ask(path):
    try:
        done = subprocess.run(
            ["cvc5", "--lang", "smt2", path], capture_output=True, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return path, "gave up after %d s" % SECONDS
    words = done.stdout.split()
    return path, words[0] if words else done.stderr.strip()


def main():
    khover, corpus = sys.argv[1:]
    if not shutil.which("cvc5"):
        print("cvc5 is not installed")
        return 77
    disagree, gave_up, agree = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([khover, "rules", "prove", "--smt2", folder], capture_output=True)
        subprocess.run(
            [khover, "check", "--smt2", folder, corpus + "/v1-one/finalized.elf.zst"], capture_output=True
        )
        paths = sorted(os.path.join(folder, name) for name in os.listdir(folder))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for path, answer in pool.map(ask, paths):
                if answer == expected(path):
                    agree += 1
                elif answer in ("sat", "unsat"):
                    # A question about rules may be answered no: its file says what a good rule gives.
                    disagree.append("%s: %s, expected %s" % (os.path.basename(path), answer, expected(path)))
                else:
                    gave_up.append("%s: %s" % (os.path.basename(path), answer))
    for line in disagree:
        print("DISAGREES  " + line)
    for line in gave_up:
        print("gave up    " + line)
    print("cvc5 agrees on %d queries, disagrees on %d, gave up on %d" % (agree, len(disagree), len(gave_up)))
    return 1 if disagree or agree == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
