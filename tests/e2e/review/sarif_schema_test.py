#!/usr/bin/env python3
"""What lint and review write as SARIF is valid by the schema that OASIS published.

    sarif_schema_test.py KHOVER_ABI TREE WORK_FOLDER CACHE

The schema is not part of khover: it is taken from the npm package that Microsoft's SARIF tests use, once, and known by its
checksum. Exit status 77, with the reason, where that or python3-jsonschema cannot be had.
"""
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile

khover_abi, tree, work, cache = sys.argv[1], *map(pathlib.Path, sys.argv[2:])
PACKAGE, MEMBER = "@microsoft/jest-sarif@1.0.0-beta.0", "package/lib/schemas/sarif-2.1.0-rtm.5.json"
SHA256 = "2d99159ae54a3eea97f81781cff48780548657c35949f4b7f25e99a2ba4de4f8"


def skip(why):
    print(f"the schema of SARIF cannot be used: {why}", file=sys.stderr)
    sys.exit(77)


def schema():
    kept = cache / "sarif-2.1.0-rtm.5.json"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        if not shutil.which("npm"):
            skip("npm is not installed")
        done = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=cache, capture_output=True, text=True, timeout=120
        )
        if done.returncode != 0:
            skip(done.stderr.strip().splitlines()[0] if done.stderr.strip() else "npm cannot fetch it")
        with tarfile.open(cache / done.stdout.split()[-1]) as archive:
            data = archive.extractfile(MEMBER).read()
        kept.write_bytes(data)
    data = kept.read_bytes()
    if hashlib.sha256(data).hexdigest() != SHA256:
        sys.exit(f"{kept} is not the schema that this test was written for")
    return json.loads(data)


try:
    import jsonschema
except ImportError:
    skip("python3-jsonschema is not installed")
validator = jsonschema.Draft4Validator(schema())
failures = []

shutil.rmtree(work, ignore_errors=True)
shutil.copytree(tree, work)
(work / "drivers/parcel").mkdir(parents=True)
FILE = "drivers/parcel/core.c"
CODE = """#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>
void parcel_one(struct folio *folio)
{
	kho_preserve_folio(folio); // khover: allow(result-ignored): somebody said so
	kho_preserve_folio(folio);
}
int parcel_retrieve(const struct parcel_ser *ser, const char *name)
{
	/* \u00fc */ return strcmp(ser->compatible, name);
}
int parcel_preserve(void *domain, void *table)
{
	int err = iommu_domain_preserve(domain);
	if (err)
		return err;
	err = kho_add_subtree("parcel", table, 8);
	if (err)
		return err;
	return 0;
}
"""
(work / FILE).write_text(CODE)
(work / "allow.yml").write_text(
    "- {check: error-path-leak, file: drivers/*, reason: another file undoes it}\n"
)
review = [khover_abi, "review", "--tree", work, "--all", FILE]
subprocess.run(
    [*review, "--checks", "string-*", "--baseline", work / "known", "--update-baseline"],
    check=True,
    capture_output=True,
)
RUNS = [
    (review, 3),
    ([*review, "--suppressions", work / "allow.yml", "--baseline", work / "known"], 3),
    ([*review, "--checks", "double-free"], 0),
    ([khover_abi, "lint", work, "--page-size", "4096"], 1),
    (
        [
            khover_abi,
            "lint",
            work / "include/linux/kho/abi/parcel.h",
            "-I",
            work / "include",
            "--page-size",
            "4096",
        ],
        1,
    ),
]
for words, least in RUNS:
    done = subprocess.run([*words, "--format", "sarif"], capture_output=True, text=True)
    name = " ".join(map(str, words[1:]))
    if done.returncode not in (0, 1):
        failures.append(f"{name}: exit status {done.returncode}: {done.stderr}")
        continue
    report = json.loads(done.stdout)
    if len(report["runs"][0]["results"]) < least:
        failures.append(f"{name}: {len(report['runs'][0]['results'])} results, expected {least}")
    failures += [
        f"{name}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in validator.iter_errors(report)
    ]
    # The validator objects to what is wrong.
    report["runs"][0]["results"].append(
        {"message": {"text": "no rule"}, "level": "fatal", "locations": [{"line": 1}]}
    )
    if len(list(validator.iter_errors(report))) < 2:
        failures.append(f"{name}: a broken report is called valid")
if failures:
    sys.exit("\n".join(failures))
