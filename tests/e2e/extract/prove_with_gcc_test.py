#!/usr/bin/env python3
"""Extract headers, then let gcc prove every statement of the snapshot, and let it refute a wrong one.

    prove_with_gcc_test.py KHOVER_ABI GCC WORK_DIR [extract's arguments...]

Every assertion is made wrong in turn (all in one copy), so an assertion that cannot fail is found, too.
"""
import os
import pathlib
import re
import subprocess
import sys

khover_abi, gcc, work_dir, *arguments = sys.argv[1:]
work = pathlib.Path(work_dir)
work.mkdir(parents=True, exist_ok=True)


def compile_asserts(source):
    return subprocess.run(
        [gcc, f"@{work}/arguments", "-fmax-errors=0", "-S", str(source), "-o", "/dev/null"],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
    )


subprocess.run(
    [khover_abi, "extract", "--asserts", str(work), "-o", str(work / "snapshot.yaml"), *arguments], check=True
)
right = work / "asserts.c"
result = compile_asserts(right)
if result.returncode != 0:
    sys.exit(f"gcc does not accept the snapshot:\n{result.stderr}")

text = right.read_text()
# The last number that an assertion compares with; its message tells it apart from the others.
assertion = re.compile(r'^AT\((.*)(==|&&) (.*), "(\w+ of .*)"\);$', re.M)
byte = re.compile(r"(all\.bytes\[\d+\]) != (0x[0-9a-f]{2})")
assertions = []


def shift(match):
    before, operator, value, what = match.groups()
    assertions.append(what)
    value = str(int(value) + 1) if value.isdigit() else f"!({value})"
    return f'AT({before}{operator} {value}, "{what}");'


def refuse(name, wrong_text, whats):
    """gcc must object to each of `whats`."""
    wrong = work / name
    wrong.write_text(wrong_text)
    result = compile_asserts(wrong)
    accepted = [what for what in whats if what not in result.stderr]
    if result.returncode == 0 or accepted:
        sys.exit(f"gcc accepts a wrong snapshot, {name}: {accepted}\n{result.stderr}")
    return result.stderr


wrong_text = assertion.sub(shift, text)
if len(assertions) != text.count("\nAT("):
    sys.exit(f"{text.count(chr(10) + 'AT(')} assertions, {len(assertions)} of them understood")
objections = refuse("wrong_assertions.c", wrong_text, assertions).count("error: static assertion failed:")
if objections != len(assertions):
    sys.exit(f"{objections} of {len(assertions)} wrong assertions refuted")
# In a file of its own: gcc folds these only where nothing else is wrong.
bit_fields = re.findall(r'error\("(bits of .*)"\)', text)
if bit_fields:
    refuse("wrong_bits.c", byte.sub(lambda m: f"{m[1]} != {int(m[2], 16) ^ 1:#04x}", text), bit_fields)
print(
    f"gcc proves {len(assertions)} assertions and {len(bit_fields)} bit-fields, and refutes each made wrong"
)
