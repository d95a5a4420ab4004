#!/usr/bin/env python3
"""Layouts out of BTF are those that clang reads from the headers, but for what BTF cannot know.

    btf_test.py KHOVER_ABI CORPUS_HEADERS LAYOUTS WORK_DIR

Declarations are compiled to BTF by clang (for the target bpf, whose records lie as on x86_64) and, where
pahole is installed, by gcc and pahole, as a kernel's build does. Then damage: any answer but a crash, a hang
or a snapshot that khover's own reader refuses.
"""
import glob
import math
import os
import random
import re
import shutil
import struct
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "formats"))
import btf_writer

khover_abi, corpus, layouts, work = sys.argv[1:]
os.makedirs(work, exist_ok=True)
failures = []
CLANG = next((name for name in ("clang-19", "clang") if shutil.which(name)), None)


def run(*words, **how):
    return subprocess.run(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, text=True, **how
    )


def need(result, what):
    if result.returncode != 0:
        sys.exit(f"{what}: exit status {result.returncode}\n{result.stdout}{result.stderr}")
    return result


def records_of(path):
    """{section: {name: lines}} of a snapshot file, without what BTF cannot know."""
    found, section, name = {"records": {}, "enumerations": {}}, None, None
    with open(path, encoding="utf-8") as file:
        for line in file:
            if re.match(r"\w", line):
                section, name = line.split(":")[0], None
            elif section in found:
                if head := re.match(r"  (\S.*):$", line):
                    name = head.group(1).strip('"')
                    found[section][name] = []
                elif not re.match(r"    (alignment|packed|at|doc|doc_versions):", line):
                    found[section][name].append(line)
    return found


def enumeration_key(name, lines):
    first = re.search(r"- \{name: (\w+)", "".join(lines))
    return f"enum@{first.group(1)}" if name.startswith("enum@") and first else name


def spelled(lines, flat):
    """Pointers and types without a name are spelled differently; BTF writes [0] as []. `flat`: pahole 1.24 makes
    one dimension of several, and integers of floats unless it is told otherwise."""
    text = re.sub(r', type: ("[^"]*(\(|function|unnamed|\*)[^"]*"|[\w ]+ \*)', ", type: …", "".join(lines))
    text = text.replace('[0]"', '[]"')
    if flat:
        text = re.sub(
            r"dimensions: \[([^\]]*)\]",
            lambda bounds: f"dimensions: {math.prod(map(int, bounds.group(1).split(',')))}",
            text,
        )
        text = re.sub(r", type: .*\[.*", ", type: …", text.replace("kind: floating", "kind: integer"))
        text = re.sub(r"dimensions: \d+, flexible", "flexible", text).replace(
            "dimensions: 0,", "flexible: true,"
        )
    return text


def compare(what, headers, btf, flat=False):
    """Every record and enumeration of the headers is in the BTF, and the same."""
    ours, theirs = records_of(headers), records_of(btf)
    if not ours["records"]:
        failures.append(f"{what}: the header has no records")
    for name, lines in ours["records"].items():
        if spelled(theirs["records"].get(name, []), flat) != spelled(lines, flat):
            failures.append(
                f"{what}: {name} in the headers\n{''.join(lines)}in BTF\n{''.join(theirs['records'].get(name, ['nothing']))}"
            )
    for name, lines in ours["enumerations"].items():
        if theirs["enumerations"].get(enumeration_key(name, lines)) != lines:
            failures.append(f"{what}: enumeration {name}")


def unit(header, names):
    """A C file that uses each type: what nothing uses, no compiler writes into its debug information."""
    text = f'#include "{os.path.abspath(header)}"\n'
    for number, name in enumerate(names):
        text += f"{name} use_{number};\n"
    path = os.path.join(work, "unit.c")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def c_names(snapshot):
    """C's names of the types in a snapshot that have one."""
    section, name = None, None
    for line in open(snapshot, encoding="utf-8"):
        if re.match(r"\w", line):
            section = line.split(":")[0]
        elif section in ("records", "enumerations") and (head := re.match(r"  (\w+):$", line)):
            name = ("enum " if section == "enumerations" else "struct ") + head.group(1)
            yield name
    return


def named_types(snapshot):
    with open(snapshot, encoding="utf-8") as file:
        text = file.read()
    for name in c_names(snapshot):
        body = re.search(rf"^  {name.split()[1]}:\n((    .*\n)*)", text, re.MULTILINE).group(1)
        if "typedef: true" in body:
            yield name.split()[1]
        else:
            yield name.replace("struct", "union") if "union: true" in body else name


def enumerations(header):
    """Unnamed enumerations are used through an enumerator."""
    with open(header, encoding="utf-8") as file:
        return re.findall(r"^enum \{\s*(\w+)", file.read(), re.MULTILINE)


def compile_to_btf(header, snapshot):
    """Object files with a .BTF section, by each tool chain at hand."""
    source = unit(header, named_types(snapshot))
    with open(source, "a", encoding="utf-8") as file:
        for number, name in enumerate(enumerations(header)):
            file.write(
                f"__typeof__({name}) value_{number} = {name}; int f_{number}(void) {{ return {name}; }}\n"
            )
    options = ["-g", "-c", "-w", "-fms-extensions", "-x", "c", source]
    if CLANG:
        target = os.path.join(work, "clang.o")
        need(run(CLANG, "-target", "bpf", "-D__x86_64__", *options, "-o", target), header)
        yield "clang", target
    if shutil.which("pahole") and shutil.which("gcc"):
        target = os.path.join(work, "gcc.o")
        need(run("gcc", *options, "-o", target), header)
        need(run("pahole", "-J", target), header)
        yield "gcc and pahole", target


def section_of(path):
    """The bytes of .BTF, by struct and nothing of khover."""
    with open(path, "rb") as file:
        data = file.read()
    at, size, count, names = struct.unpack_from("<Q", data, 40)[0], *struct.unpack_from("<HHH", data, 58)
    headers = [struct.unpack_from("<IIQQQQ", data, at + size * i) for i in range(count)]
    for name, _, _, _, offset, length in headers:
        place = headers[names][4] + name
        if data[place : place + 5] == b".BTF\0":
            return data[offset : offset + length]
    return sys.exit(f"{path}: no .BTF")


def extract_btf(path, output, *more):
    return run(khover_abi, "extract", "--btf", path, "--arch", "x86_64", "-o", output, *more)


def same_layouts():
    tested = 0
    from_headers, from_btf = os.path.join(work, "headers.yaml"), os.path.join(work, "btf.yaml")
    for header in sorted(glob.glob(os.path.join(corpus, "layouts", "*.h"))) + [
        os.path.join(layouts, name) for name in ("packed.h", "nested.h")
    ]:
        need(run(khover_abi, "extract", header, "-o", from_headers), header)
        if not list(c_names(from_headers)):
            continue  # macros only
        for chain, path in compile_to_btf(header, from_headers):
            need(extract_btf(path, from_btf), f"{header} by {chain}")
            compare(f"{os.path.basename(header)} by {chain}", from_headers, from_btf, chain != "clang")
            bare = os.path.join(work, "bare.btf")
            with open(bare, "wb") as file:
                file.write(section_of(path))
            again = os.path.join(work, "bare.yaml")
            need(extract_btf(bare, again, "--release", os.path.basename(path)), f"{header}: the bare section")
            if open(again, encoding="utf-8").read() != open(from_btf, encoding="utf-8").read():
                failures.append(f"{header}: the bare section gives another snapshot")
            tested += 1
    return tested


def constants():
    """A snapshot whose layouts are BTF's and whose macros are those of a shipped one."""
    header = os.path.join(corpus, "layouts", "pci-2026-03-v3.h")
    snapshot, merged = os.path.join(work, "pci.yaml"), os.path.join(work, "merged.yaml")
    need(run(khover_abi, "extract", header, "-D", "PAGE_SIZE=4096", "-o", snapshot), header)
    path = next(path for _, path in compile_to_btf(header, snapshot))
    other = run(khover_abi, "extract", "--btf", path, "--constants-from", "linux-7.3-x86_64-4k", "-o", merged)
    if other.returncode != 2 or "none of the requested records" not in other.stderr:
        failures.append(f"a BTF without KHO: {other.returncode} {other.stderr}")
    result = need(
        run(
            khover_abi,
            "extract",
            "--btf",
            path,
            "--arch",
            "x86_64",
            "--constants-from",
            snapshot,
            "-o",
            merged,
        ),
        "merge",
    )
    text = open(merged, encoding="utf-8").read()
    if 'PCI_LUO_FLB_COMPATIBLE: {text: "pci-v2"' not in text or f"constants: {snapshot}" not in text.replace(
        '"', ""
    ):
        failures.append(f"constants were not taken over:\n{text}")
    if "nothing shows that this kernel has the same" not in result.stderr:
        failures.append(f"nothing is said about constants: {result.stderr}")
    compare("merged", snapshot, merged)
    difference = run(khover_abi, "diff", snapshot, merged)
    if difference.returncode != 0 or "alignment" in difference.stdout:
        failures.append(
            f"diff of a snapshot with its own layouts out of BTF:\n{difference.stdout}{difference.stderr}"
        )
    for words, reason in (
        (["--btf", path, "--kernel", corpus], "takes no kernel tree"),
        (["--constants-from", snapshot, header], "are for BTF"),
        (["--btf", path], "--arch"),
        (["--btf", header, "--arch", "x86_64"], "cannot be read as BTF"),
        (["--btf", work], "cannot be"),
        (["--btf", "/dev/zero", "--arch", "x86_64"], "larger than any BTF"),
        (["--btf", khover_abi], "has no .BTF section"),
        (["--btf", path, "--arch", "arm64", "--constants-from", snapshot], "for x86_64"),
    ):
        result = run(khover_abi, "extract", *words, "-o", os.path.join(work, "none.yaml"))
        if result.returncode != 2 or reason not in result.stderr:
            failures.append(f"{words}: {result.returncode} {result.stderr}")
    return path


def damage(path):
    """Bytes changed and files cut: refused, or a snapshot that can be read again."""
    good, bad, output = section_of(path), os.path.join(work, "bad.btf"), os.path.join(work, "bad.yaml")
    randomness = random.Random(20261121)
    cases = [good[:cut] for cut in range(0, len(good), max(1, len(good) // 20))]
    for _ in range(100):
        data = bytearray(good)
        for _ in range(randomness.choice((1, 1, 2, 8))):
            data[randomness.randrange(len(data))] = randomness.choice(
                (0, 1, 4, 0x7F, 0x80, 0xFF, randomness.randrange(256))
            )
        cases.append(bytes(data))
    kinds = {0: 0, 2: 0}
    for data in cases:
        with open(bad, "wb") as file:
            file.write(data)
        result = extract_btf(bad, output)
        if result.returncode not in kinds:
            failures.append(f"damaged BTF: exit status {result.returncode} {result.stderr[:300]}")
            continue
        kinds[result.returncode] += 1
        if result.returncode == 0 and run(khover_abi, "diff", output, output).returncode != 0:
            failures.append("damaged BTF: a snapshot that cannot be read")
    if min(kinds.values()) == 0:
        failures.append(f"damage is always or never refused: {kinds}")


def crafted():
    """Sections that no compiler writes."""

    def expect(name, types, reason, *names):
        path, output = os.path.join(work, "crafted.btf"), os.path.join(work, "crafted.yaml")
        with open(path, "wb") as file:
            file.write(types.section())
        result = extract_btf(path, output, *names)
        if (result.returncode, reason in result.stderr) != (2 if reason else 0, True):
            failures.append(f"{name}: exit status {result.returncode} {result.stderr[:300]}")
        return output

    nested = btf_writer.Btf()
    for i in range(100000):
        nested.struct(f"s{i}", 8, [("inner", nested.count + 2, 0)])
    expect("100 000 records in each other", nested, "infinitely nested")
    itself = btf_writer.Btf()
    itself.struct("a", 8, [("a", 1, 0)])
    expect("a record in itself", itself, "impossible records")
    circle = btf_writer.Btf()
    circle.struct("a", 8, [("a", 2, 0)])
    circle.add("t", btf_writer.TYPEDEF, 2)
    expect("a typedef of itself", circle, "without a size")
    behind = btf_writer.Btf()
    behind.struct("a", 8, [("a", 1000, 0)])
    expect("a type past the last one", behind, "without a size")
    large = btf_writer.Btf()
    integer = large.integer("int", 4)
    large.struct("a", 4, [("x", integer, 0), ("y", integer, 4)])
    expect("a field outside its record", large, "impossible records")

    twice = btf_writer.Btf()
    integer = twice.integer("int", 4)
    twice.struct("a", 4, [("x", integer, 0)])
    twice.struct("a", 8, [("x", integer, 4)])
    twice.struct("b", 4, [("x", integer, 0)])
    for _ in range(2):
        inner = twice.struct("", 4, [("x", integer, 0)])
        twice.struct("c", 4, [("", inner, 0)])
    expect("two records of one name, asked for", twice, "two different records", "a")
    both = set(records_of(expect("two records of one name", twice, ""))["records"])
    if both != {"a", "a@2", "b", "c", "c.@0"}:
        failures.append(f"two records of one name: {both}")
    records = set(records_of(expect("one of them", twice, "", "b"))["records"])
    if records != {"b"}:
        failures.append(f"more than was asked for: {records}")
    many = btf_writer.Btf()
    for size in range(100):
        many.struct("a", size, [("x", 0, 0)][:0])
    expect("a hundred records of one name", many, "more records than any kernel has")


if not CLANG and not shutil.which("pahole"):
    print("neither clang nor pahole is here to make BTF")
    sys.exit(77)
print(same_layouts(), "files compared")
damage(constants())
crafted()
print("\n".join(failures) or "as expected")
sys.exit(1 if failures else 0)
