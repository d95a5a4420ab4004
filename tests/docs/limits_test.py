#!/usr/bin/env python3
"""Functions of analyzer/ have at most 60 lines and 5 parameters, but for those in limits.txt: a list that only shrinks.

limits_test.py [--write]
"""

import json
import os
import re
import shutil
import subprocess
import sys

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIST = os.path.join(SOURCE, "tests", "docs", "limits.txt")
LINES, PARAMETERS = 60, 5
SKIPPED = 77
HEAD = f"""# Functions of more than {LINES} lines, or {PARAMETERS} parameters: what they have now, and why that is better than a split.
# FOLDER FUNCTION lines|parameters NUMBER REASON. A number may go down (limits_test.py --write), and a line may go.
"""


def parameters(signature):
    """How many: "(a, const std::map<b, c>& d)" has two."""
    depth, count, inside = 0, 0, signature.strip()[1:]
    inside = inside[: inside.rfind(")")]
    if not inside.strip() or inside.strip() == "void":
        return 0
    for letter in re.sub(r"->|<<|>>=|>=|<=", "", inside):
        depth += (letter in "(<[{") - (letter in ")>]}")
        count += letter == "," and depth == 0
    return count + 1


def functions():
    """(folder, name, lines, parameters): a function may move within its folder."""
    command = [
        "ctags",
        "--languages=C++",
        "--kinds-C++=f",
        "--fields=+neS",
        "--output-format=json",
        "-R",
        "analyzer",
    ]
    printed = subprocess.run(command, cwd=SOURCE, check=True, capture_output=True, text=True).stdout
    for line in printed.splitlines():
        tag = json.loads(line)
        if "end" in tag and not tag["name"].startswith("__anon"):  # a lambda belongs to its function
            yield "/".join(tag["path"].split("/")[:2]), tag["name"], tag["end"] - tag["line"] + 1, parameters(
                tag.get("signature", "()")
            )


def over():
    """{(folder, function, what): the greatest number}"""
    found = {}
    for path, name, lines, arguments in functions():
        for what, number, limit in (("lines", lines, LINES), ("parameters", arguments, PARAMETERS)):
            if number > limit:
                key = (path, name, what)
                found[key] = max(number, found.get(key, 0))
    return found


def listed():
    """{(folder, function, what): (number, reason)}"""
    with open(LIST, encoding="utf-8") as file:
        rows = [line.split(None, 4) for line in file if line.strip() and not line.startswith("#")]
    return {tuple(row[:3]): (int(row[3]), row[4].strip() if len(row) > 4 else "") for row in rows}


def problems(found, known):
    for key, number in sorted(found.items()):
        if key not in known:
            yield "%s: %s has %d %s: split it" % (key[0], key[1], number, key[2])
        elif number > known[key][0]:
            yield "%s: %s has %d %s, and had %d: split it" % (key[0], key[1], number, key[2], known[key][0])
    for key, (number, reason) in sorted(known.items()):
        if found.get(key, 0) < number:
            yield "%s: %s %s shrank: limits_test.py --write" % key
        if not reason:
            yield "%s: %s %s has no reason" % key


def write(found, known):
    """Takes out and lowers; what is new has to be added by hand, with its reason."""
    with open(LIST, "w", encoding="utf-8") as file:
        file.write(HEAD)
        for key, (number, reason) in sorted(known.items()):
            if key in found:
                file.write(" ".join([*key, str(min(number, found[key])), reason]) + "\n")


def main():
    if not shutil.which("ctags"):
        print("ctags is not installed: universal-ctags")
        return SKIPPED
    assert parameters("(int a, std::map<int, int> b) const") == 2 and parameters("()") == 0
    found, known = over(), listed()
    if len(list(functions())) < 500:
        print("ctags finds next to no functions")
        return 1
    if "--write" in sys.argv:
        write(found, known)
        return 0
    failures = list(problems(found, known))
    print("\n".join(failures))
    print("%d functions over a limit, %d problems" % (len(found), len(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
