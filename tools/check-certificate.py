#!/usr/bin/env python3
"""Re-validates a certificate of `khover check --certificate` against the image, without a solver.

check-certificate.py CERTIFICATE IMAGE

For every fact: the integers that it gives for fields are those in the image's bytes, the
addresses are those of its records, and its check is true of its values. For claims about each
record, every record from the first to the last has its fact; for orders, the facts form one
chain. Not checked: that the walk found all records, and values of functions that read memory
(zero, known, key_order), of strings and of FDT properties. Exit status 0: valid, 1: not.
"""
import json
import struct
import subprocess
import sys

PT_LOAD = 1
CHAINS = {"order.next", "runs.next", "members.next", "groups.next", "addresses.next", "right.next"}


class Image:
    """The PT_LOAD segments of an ELF64 core, zstd or not."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        if self.data[:4] == b"\x28\xb5\x2f\xfd":
            self.data = subprocess.run(["zstd", "-dcq", path], check=True, capture_output=True).stdout
        if self.data[:5] != b"\x7fELF\x02":
            sys.exit("%s: not an ELF64 file" % path)
        (table,) = struct.unpack_from("<Q", self.data, 32)
        size, count = struct.unpack_from("<HH", self.data, 54)
        self.segments = []
        for i in range(count):
            kind, _, offset, _, address, length = struct.unpack_from("<IIQQQQ", self.data, table + i * size)
            if kind == PT_LOAD:
                self.segments.append((address, address + length, offset))

    def read(self, address, size):
        out = b""
        while size:
            for start, end, offset in self.segments:
                if start <= address < end:
                    part = self.data[offset + address - start : offset + min(address + size, end) - start]
                    break
            else:
                return None
            out, address, size = out + part, address + len(part), size - len(part)
        return out


def parse(text):
    """(<= (+ v0 8) v3) as nested lists."""
    stack = [[]]
    for word in text.replace("(", " ( ").replace(")", " ) ").split():
        if word == "(":
            stack.append([])
        elif word == ")":
            done = stack.pop()
            stack[-1].append(done)
        elif word[0] == "v" and word[1:].isdigit():
            stack[-1].append(("variable", int(word[1:])))
        elif word in ("true", "false"):
            stack[-1].append(int(word == "true"))
        elif word.lstrip("-").isdigit():
            stack[-1].append(int(word))
        else:
            stack[-1].append(word)
    return stack[0][0]


def order_of(page, size):
    order = 0
    while order < 64 and page << order < size:
        order += 1
    return order


ARITHMETIC = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a // b,
    "%": lambda a, b: a % b,
    "<<": lambda a, b: a << b,
    ">>": lambda a, b: a >> b,
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    "min": min,
    "max": max,
    "pages": lambda page, size: -(-size // page),
    "order_of": order_of,
}


def compute(formula, values):
    """The value, or None where unknown values decide."""
    if isinstance(formula, int):
        return formula
    if isinstance(formula, tuple):
        return values[formula[1]]
    name, args = formula[0], [compute(arg, values) for arg in formula[1:]]
    if name == "not":
        return None if args[0] is None else not args[0]
    if name == "if":
        return None if args[0] is None else args[1] if args[0] else args[2]
    if name == "=>":
        name, args = "or", [None if args[0] is None else not args[0], args[1]]
    if name in ("and", "or"):
        deciding = name == "or"
        if any(arg is not None and bool(arg) == deciding for arg in args):
            return deciding
        return None if None in args else not deciding
    return None if None in args else ARITHMETIC[name](*args)


def field(image, address, place):
    raw = image.read(address + place["offset"], (place["shift"] + place["bits"] + 7) // 8)
    if raw is None:
        return None
    value = int.from_bytes(raw, "little") >> place["shift"] & (1 << place["bits"]) - 1
    if place["signed"] and value >> place["bits"] - 1:
        value -= 1 << place["bits"]
    return value


class Checker:
    def __init__(self, image):
        self.image, self.checks, self.rows, self.chains, self.errors = image, {}, {}, {}, []
        self.facts = self.fields = 0

    def define(self, line):
        line["formula"] = parse(line["says"])
        self.checks[line["rule"], line["check"]] = line

    def wrong(self, fact, check, what):
        self.errors.append(
            "%s, %s at %s: %s"
            % (fact["rule"], check["name"], ", ".join("%#x" % record[2] for record in fact["records"]), what)
        )

    def fact(self, fact):
        check = self.checks[fact["rule"], fact["check"]]
        self.facts += 1
        records, values = fact["records"], fact["values"]
        for variable, value in zip(check["variables"], values):
            if variable["kind"] != "column" or value is None or not records:
                continue
            # Sides without records are left out; a check with one record has it on its side 0.
            record = records[variable["side"]] if variable["side"] < len(records) else records[-1]
            addresses = record[2:]
            if variable["hops"] >= len(addresses) or addresses[0] == 0:
                continue
            address = addresses[variable["hops"]]
            if "bytes" in variable and address:
                self.fields += 1
                found = field(self.image, address, variable["bytes"])
                if found != value:
                    self.wrong(
                        fact,
                        check,
                        "%s is %s in the image, %s in the certificate" % (variable["name"], found, value),
                    )
            elif "address" in variable and address != value:
                self.wrong(fact, check, "%s is another address" % variable["name"])
        if not compute(check["formula"], values):
            self.wrong(fact, check, "not true of %s" % ", ".join(str(value) for value in values))
        key = (fact["rule"], check["name"])
        if check["name"] == "row":
            if records[0][1] != self.rows.get(key, -1) + 1:
                self.wrong(fact, check, "a record is left out")
            self.rows[key] = records[0][1]
        elif check["name"] in CHAINS:
            if check["name"] not in ("order.next", "runs.next", "right.next"):
                key += (fact["check"],)  # a rule may need several of these orders
            before, after = tuple(records[0][:2]), tuple(records[-1][:2])
            if self.chains.get(key, before) != before:
                self.wrong(fact, check, "the order is broken")
            self.chains[key] = after


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    checker = Checker(Image(sys.argv[2]))
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            checker.define(one) if "says" in one else checker.fact(one)
    for error in checker.errors[:20]:
        print(error)
    print(
        "%d facts, %d field values read again from the image: %s"
        % (
            checker.facts,
            checker.fields,
            "%d are wrong" % len(checker.errors) if checker.errors else "all valid",
        )
    )
    return 1 if checker.errors else 0


if __name__ == "__main__":
    sys.exit(main())
