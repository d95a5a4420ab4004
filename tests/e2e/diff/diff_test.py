#!/usr/bin/env python3
"""khover-abi diff on small headers: what it calls each change, whether it is a break, and its exit status.

    diff_test.py KHOVER_ABI WORK_DIR
"""
import json
import pathlib
import shutil
import subprocess
import sys

khover_abi, work_dir = sys.argv[1:]
work = pathlib.Path(work_dir)
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
failures = []

TYPES = """typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef int s32;
typedef unsigned long long u64;
#define __packed __attribute__((packed))
"""


def diff(old, new, *options):
    (work / "old").mkdir(exist_ok=True)
    (work / "new").mkdir(exist_ok=True)
    (work / "old/parcel.h").write_text(TYPES + old)
    (work / "new/parcel.h").write_text(TYPES + new)
    return subprocess.run(
        [khover_abi, "diff", "old/parcel.h", "new/parcel.h", *options],
        cwd=work,
        capture_output=True,
        text=True,
    )


def record(members, version="parcel-v1", rest="", attribute="__packed", name="parcel_ser"):
    return f'#define PARCEL_COMPATIBLE "{version}"\n{rest}\nstruct {name} {{ {members} }} {attribute};\n'


# what, old, new, exit status, verdict of the whole, kinds of change that must be listed (all of them)
CASES = [
    ("the same", record("u64 a;"), record("u64 a;"), 0, "same", set()),
    ("a comment moved", record("u64 a;"), "/* hello\n */\n" + record("u64 a;"), 0, "same", set()),
    (
        "added at the end",
        record("u64 a;"),
        record("u64 a; u32 b;"),
        1,
        "break, version not changed",
        {"size", "field added"},
    ),
    (
        "added at the end, version raised",
        record("u64 a;"),
        record("u64 a; u32 b;", "parcel-v2"),
        0,
        "break, version changed",
        {"size", "field added"},
    ),
    (
        "removed",
        record("u64 a; u64 b;"),
        record("u64 a;"),
        1,
        "break, version not changed",
        {"size", "field removed"},
    ),
    (
        "exchanged",
        record("u64 a; u64 b;"),
        record("u64 b; u64 a;"),
        1,
        "break, version not changed",
        {"field moved"},
    ),
    ("renamed", record("u64 a;"), record("u64 other;"), 0, "compatible", {"field renamed"}),
    (
        "the same width by another name",
        record("u64 a;"),
        record("unsigned long a;"),
        0,
        "compatible",
        {"field re-typed"},
    ),
    ("a sign", record("u32 a;"), record("s32 a;"), 1, "break, version not changed", {"field re-typed"}),
    ("a pointer for its address", record("u64 a;"), record("void *a;"), 0, "compatible", {"field re-typed"}),
    (
        "a bit that is true or false",
        record("u8 a:1;"),
        record("_Bool a:1;"),
        0,
        "compatible",
        {"field re-typed"},
    ),
    (
        "an array of one",
        record("struct in x[1];", rest="struct in { u32 a, b; };"),
        record("struct in x[1];", rest="struct in { u32 a; u32 b; };"),
        0,
        "same",
        set(),
    ),
    ("a bool", record("u8 a;"), record("_Bool a;"), 1, "break, version not changed", {"field re-typed"}),
    (
        "wider",
        record("u32 a; u32 b;"),
        record("u64 a; u32 b;"),
        1,
        "break, version not changed",
        {"size", "field resized", "field moved"},
    ),
    (
        "a bit less",
        record("u64 a:40; u64 b:24;"),
        record("u64 a:39; u64 b:25;"),
        1,
        "break, version not changed",
        {"field resized", "field moved"},
    ),
    (
        "packing that moves nothing",
        record("u64 a; u64 b;"),
        record("u64 a; u64 b;", attribute=""),
        0,
        "compatible",
        {"packing", "alignment"},
    ),
    (
        "packing that moves",
        record("u32 a; u64 b;"),
        record("u32 a; u64 b;", attribute=""),
        1,
        "break, version not changed",
        {"packing", "alignment", "size", "field moved"},
    ),
    (
        "padding used",
        record("u32 a; u64 b;", attribute=""),
        record("u32 a; u32 c; u64 b;", attribute=""),
        1,
        "break, version not changed",
        {"field added"},
    ),
    (
        "reserved used",
        record("u64 a; u32 reserved;"),
        record("u64 a; u32 flags;"),
        3,
        "needs a person",
        {"reserved field used"},
    ),
    (
        "reserved carved",
        record("u64 a; u8 reserved[8];"),
        record("u64 a; u32 b; u8 reserved[4];"),
        1,
        "break, version not changed",
        {"field added", "field moved", "field resized"},
    ),
    (
        "reserved used, version raised",
        record("u64 a; u32 reserved;"),
        record("u64 a; u32 flags;", "parcel-v2"),
        0,
        "break, version changed",
        {"reserved field used"},
    ),
    (
        "a record inside",
        record("struct in x;", rest="struct in { u32 a, b; };"),
        record("struct in x;", rest="struct in { u32 b, a; };"),
        1,
        "break, version not changed",
        {"field moved", "field re-shaped"},
    ),
    # One more reading of the same bytes is for a person, in the union and around it.
    (
        "a union has one more",
        record("union u x;", rest="union u { u64 a; };"),
        record("union u x;", rest="union u { u64 a; void *b; };"),
        3,
        "needs a person",
        {"field added", "field re-shaped"},
    ),
    (
        "a reserved field inside is used",
        record("struct in x;", rest="struct in { u32 a, reserved; };"),
        record("struct in x;", rest="struct in { u32 a, b; };"),
        3,
        "needs a person",
        {"reserved field used"},
    ),
    (
        "array bound",
        record("u64 a[4];"),
        record("u64 a[5];"),
        1,
        "break, version not changed",
        {"size", "field resized"},
    ),
    (
        "the other way round",
        record("u16 a[2][3];"),
        record("u16 a[3][2];"),
        1,
        "break, version not changed",
        {"field resized"},
    ),
    (
        "a flexible array",
        record("u64 a;"),
        record("u64 a; u64 b[];"),
        1,
        "break, version not changed",
        {"field added"},
    ),
    (
        "record renamed",
        record("u64 a;"),
        record("u64 a;", name="crate_ser"),
        0,
        "compatible",
        {"record renamed"},
    ),
    (
        "record replaced",
        record("u64 a;"),
        record("u64 b; u64 a;", name="parcel_state"),
        1,
        "break, version not changed",
        {"record replaced", "size", "field moved", "field added"},
    ),
    (
        "record removed",
        record("u64 a;"),
        '#define PARCEL_COMPATIBLE "parcel-v1"\n',
        3,
        "needs a person",
        {"record removed"},
    ),
    (
        "record added",
        '#define PARCEL_COMPATIBLE "parcel-v1"\n',
        record("u64 a;"),
        0,
        "compatible",
        {"record added"},
    ),
    (
        "no version at all",
        "struct s { u64 a; };",
        "struct s { u32 a; };",
        3,
        "needs a person",
        {"size", "alignment", "field resized"},
    ),
    (
        "a number as version",
        "#define PARCEL_VERSION 1\nstruct parcel_ser { u64 a; };",
        "#define PARCEL_VERSION 2\nstruct parcel_ser { u32 a; };",
        0,
        "break, version changed",
        {"size", "alignment", "field resized"},
    ),
    (
        "string and number",
        record("u64 a;", "parcel", "#define PARCEL_VERSION 1"),
        record("u32 a;", "parcel", "#define PARCEL_VERSION 2"),
        0,
        "break, version changed",
        {"size", "field resized"},
    ),
    (
        "composite, another part raised",
        record("u64 a;", "parcel-v1;lid-v1"),
        record("u32 a;", "parcel-v1;lid-v2"),
        0,
        "break, version changed",
        {"size", "field resized"},
    ),
    (
        "version macro renamed, value kept",
        '#define PARCEL_COMPAT "parcel-v1"\nstruct parcel_ser { u64 a; };',
        record("u32 a;", attribute=""),
        1,
        "break, version not changed",
        {"size", "field resized", "alignment", "macro added", "macro removed"},
    ),
    (
        "version lowered",
        record("u64 a;", "parcel-v3"),
        record("u32 a;", "parcel-v2"),
        3,
        "needs a person",
        {"size", "field resized"},
    ),
    ("version raised for nothing", record("u64 a;"), record("u64 a;", "parcel-v2"), 0, "compatible", set()),
    (
        "a constant",
        record("u64 a;", rest="#define MAX 3"),
        record("u64 a;", rest="#define MAX 4"),
        3,
        "needs a person",
        {"constant changed"},
    ),
    (
        "a name",
        record("u64 a;", rest='#define PARCEL_NODE "parcels"'),
        record("u64 a;", rest='#define PARCEL_NODE "parcel"'),
        1,
        "break, version not changed",
        {"string changed"},
    ),
    (
        "a free enumeration",
        record("u64 a;", rest="enum e { ONE = 1, TWO };"),
        record("u64 a;", rest="enum e { UNO = 7, TWO = 2 };"),
        0,
        "compatible",
        {"enumerator exchanged"},
    ),
    (
        "an enumeration in a record",
        record("enum e a;", rest="enum e { ONE, TWO };"),
        record("enum e a;", rest="enum e { TWO, ONE };"),
        1,
        "break, version not changed",
        {"enumerator changed"},
    ),
    (
        "a new value of a member",
        record("enum e a;", rest="enum e { ONE };"),
        record("enum e a;", rest="enum e { ONE, TWO };"),
        3,
        "needs a person",
        {"enumerator added"},
    ),
]

for what, old, new, status, verdict, kinds in CASES:
    result = diff(old, new, "--format", "json")
    try:
        report = json.loads(result.stdout)
    except ValueError:
        failures.append(f"{what}: {result.stderr}")
        continue
    found = {change["kind"] for item in report["items"] for change in item["changes"]}
    if (result.returncode, report["verdict"], found) != (status, verdict, kinds):
        failures.append(
            f"{what}: exit status {result.returncode}, {report['verdict']}, {found}; expected {status}, "
            f"{verdict}, {kinds}"
        )
    # What is called a break has bytes that show it, and nothing else has.
    for item in report["items"]:
        if "proof" not in item:
            continue
        layout = any(c["effect"] == "layout" for c in item["changes"])
        fields = item["proof"]["fields"]
        differs = [field for field in fields if field["answer"] == "differs"]
        both = all(field["old"] and field["new"] for field in fields if field["answer"] == "differs")
        if (
            layout == item["proof"]["all_alike"]
            and (layout or both)
            or any(field["answer"] == "unknown" for field in fields)
        ):
            failures.append(f"{what}: {item['name']}: layout differs: {layout}, proof: {item['proof']}")
        for field in differs:
            if "bytes" not in field and not field["because"]:
                failures.append(f"{what}: {field} differs, and nothing shows it")
            if "bytes" in field and field["old_value"] == field["new_value"]:
                failures.append(f"{what}: {field} is no counterexample")
    # Identity: a side is the same as itself.
    for side in (old, new):
        same = json.loads(diff(side, side, "--format", "json").stdout)
        if same["verdict"] != "same" or same["items"] or same["notes"]:
            failures.append(f"{what}: a header differs from itself")

broken = (record("u64 a;"), record("u64 a; u32 b;", "parcel-v2"))
if diff(*broken, "--fail-on", "break").returncode != 1:
    failures.append("--fail-on break")
if diff(record("u64 a;"), record("u64 b;"), "--fail-on", "any").returncode != 1:
    failures.append("--fail-on any")
# The proof, as a person reads it.
text = diff(record("u64 a; u32 b;"), record("u64 a; s32 b;")).stdout
for line in ("proved: 1 of 2 fields read alike, for all bytes", "    b  OLD 0x8c8b8a89   NEW -0x73747577"):
    if line not in text:
        failures.append(f"'{line}' is not in {text}")
text = diff(record("u64 a; u32 b;"), record("u64 x; u32 b;")).stdout
if "proved: all 2 fields of record parcel_ser read alike, for all bytes" not in text:
    failures.append(text)
# Equal where every byte has its top bit and a value of its own: the solver finds other bytes.
text = diff(record("u8 a:1; u8 b:7;"), record("u8 b:7; u8 a:1;")).stdout
if "read differently with at byte 0: " not in text:
    failures.append(text)
# A second solver answers the same questions.
queries = work / "queries"
queries.mkdir()
report = json.loads(
    diff(
        record("u64 a; u32 b[3]; u16 c:5; _Bool d;"),
        record("u64 x; u32 b[3]; u16 c:6; u8 d;"),
        "--smt2",
        str(queries),
        "--format",
        "json",
    ).stdout
)
expected = {
    f"parcel_ser.{field['new']}.smt2": "unsat" if field["answer"] == "alike" else "sat"
    for item in report["items"]
    for field in item["proof"]["fields"]
}
if sorted(expected.values()) != ["sat", "sat", "unsat", "unsat"]:
    failures.append(f"--smt2: {expected}")
for name, answer in expected.items() if shutil.which("cvc5") else []:
    said = subprocess.run(["cvc5", "--lang", "smt2", queries / name], capture_output=True, text=True)
    if said.stdout.split()[:1] != [answer]:
        failures.append(f"{name}: cvc5 says {said.stdout}{said.stderr}, Z3 {answer}")
(work / "versions.yaml").write_text("PARCEL_COMPATIBLE: ['other_*']\n")
result = diff(
    record("u64 a;", rest="struct other_ser { u64 x; };"),
    record("u64 a;", rest="struct other_ser { u32 x; };"),
    "--versions",
    "versions.yaml",
)
if result.returncode != 1 or "found by stated" not in result.stdout:
    failures.append(f"--versions: {result.stdout}")
(work / "versions.yaml").write_text("PARCEL_COMPATIBLE: 7\n")
result = diff(*broken, "--versions", "versions.yaml")
if result.returncode != 2 or "versions.yaml:1:20: not a list of names" not in result.stderr:
    failures.append(f"broken --versions: {result.stderr}")
result = subprocess.run(
    [khover_abi, "diff", "nowhere.yaml", "old/parcel.h"], cwd=work, capture_output=True, text=True
)
if result.returncode != 2 or "nowhere.yaml" not in result.stderr:
    failures.append("a missing snapshot is an error")
# Built-in snapshots by name, and a series over one of them.
for names, status, says in (
    (("linux-7.2-arm64-64k", "linux-7.3-arm64-64k"), 0, "result: no break"),
    (
        ("linux-7.3-x86_64-4k+devices/2026-04", "linux-7.3-x86_64-4k+devices/2026-06"),
        1,
        "record iommu_device_ser: break, version not changed",
    ),
):
    result = subprocess.run([khover_abi, "diff", *names], capture_output=True, text=True)
    if result.returncode != status or says not in result.stdout:
        failures.append(f"{names}: {result.stdout}{result.stderr}")

if failures:
    sys.exit("\n".join(failures))
