#!/usr/bin/env python3
"""Every `$ khover …` of README.md prints what is below it. transcripts_test.py KHOVER [--write]"""

import os
import re
import shlex
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
README = os.path.join(SOURCE, "README.md")
BLOCK = re.compile(r"(?m)^```console\n(.*?)^```$", re.DOTALL)


def run(line, khover):
    words = shlex.split(line)
    done = subprocess.run(
        [khover, *words[1:]], cwd=SOURCE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    return done.stdout, done.returncode


def rerun(block, khover):
    """The block with what its commands print today. `$ echo $?` shows the exit status of the command before."""
    out, status = [], 0
    for line in block.splitlines():
        if line == "$ echo $?":
            out += [line, str(status)]
        elif line.startswith("$ khover "):
            text, status = run(line[2:], khover)
            out += [line, *text.splitlines()]
    return "\n".join(out) + "\n"


def main():
    khover = os.path.abspath(sys.argv[1])
    with open(README, encoding="utf-8") as file:
        written = file.read()
    blocks = BLOCK.findall(written)
    if not blocks:
        print("README.md has no transcript")
        return 1
    current = BLOCK.sub(lambda match: "```console\n" + rerun(match.group(1), khover) + "```", written)
    if "--write" in sys.argv:
        with open(README, "w", encoding="utf-8") as file:
            file.write(current)
        return 0
    for old, new in zip(written.splitlines(), current.splitlines()):
        if old != new:
            print(f"written: {old}\nprinted: {new}")
    print(f"{len(blocks)} transcripts")
    return written != current


if __name__ == "__main__":
    sys.exit(main())
