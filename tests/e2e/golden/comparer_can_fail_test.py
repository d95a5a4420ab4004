#!/usr/bin/env python3
"""A comparer that cannot fail proves nothing: every change of a dump that matters must be noticed."""

import argparse
import copy
import sys

import comparer
import khover_output
import truth

# Per set, the fields whose value the truth determines.
COMPARED = {
    "kho.root": ["compatible", "memory_map"],
    "kho.keys": ["order"],
    "kho.scratch": ["addr", "size"],
    "kexec-metadata.root": ["version", "previous_release", "kexec_count"],
    "memblock.regions": ["name", "start", "size"],
    "luo.root": ["_addr", "compatible", "liveupdate_num", "sessions_pa", "flbs_pa"],
    "luo.sessions": ["name", "file_set_ser.files", "file_set_ser.count"],
    "luo.file_blocks": ["_addr", "_parent", "count"],
    "luo.files": ["_parent", "token", "data", "compatible"],
    "luo.flbs": ["name", "data", "count"],
    "memfd.files": ["_addr", "pos", "size", "seals", "flags", "nr_folios"],
    "memfd.folios": ["_parent", "pfn", "flags", "index"],
}


def changed(value):
    return hex(int(value, 16) ^ 0x10000) if value.startswith("0x") else value + "x"


def mutants(dump):
    """(what was changed, the changed dump), for the first and last record of each set."""
    for member in ("root", "phase"):
        mutant = copy.deepcopy(dump)
        mutant[member] = changed(dump[member])
        yield member, mutant
    # The truth counts keys; the address of one of them is only known for what the image itself refers to.
    mutant = copy.deepcopy(dump)
    for key in mutant["sets"]["kho.keys"]:
        key["phys"] = hex(int(key["phys"], 16) + 4096)
    yield "every key moved by a page", mutant
    for name, fields in COMPARED.items():
        rows = dump["sets"].get(name, [])
        assert rows, f"the image has no record in {name}: choose another"
        for at in sorted({0, len(rows) - 1}):
            for field in fields:
                mutant = copy.deepcopy(dump)
                mutant["sets"][name][at][field] = changed(rows[at][field])
                yield f"{name}[{at}].{field}", mutant
            mutant = copy.deepcopy(dump)
            del mutant["sets"][name][at]
            yield f"{name}[{at}] removed", mutant


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("image")
    options = arguments.parse_args()
    _, phase, expected = truth.locate(options.image)
    dump = khover_output.run_json(options.khover, "dump", "--json", options.image)
    unnoticed = [what for what, mutant in mutants(dump) if not comparer.compare(mutant, expected, phase)]
    print("\n".join(f"{what}: a change was not noticed" for what in unnoticed) or "every change was noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
