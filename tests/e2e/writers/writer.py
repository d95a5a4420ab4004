"""Runs khover-write-image and knows its list of breaks."""
import subprocess
from typing import NamedTuple


class Break(NamedTuple):
    name: str  # RULE or RULE:N
    rule: str
    also: frozenset  # rules that may be violated with it
    undetermined: bool  # by design not violated but undetermined
    what: str


class Writer:
    def __init__(self, program):
        self.program = program

    def run(self, *arguments):
        return subprocess.run(
            [self.program, *arguments], check=True, text=True, stdout=subprocess.PIPE
        ).stdout

    def breaks(self):
        for line in self.run("--list-breaks").splitlines():
            name, also, what = line.split("\t")
            bare = name.lstrip("?")
            yield Break(
                bare, bare.split(":")[0], frozenset(filter(None, also.split(","))), name != bare, what
            )

    def bad_kinds(self):
        return [line.split("\t")[0] for line in self.run("--list-bad").splitlines()]

    def scenarios(self):
        """(name, variant of the PCI records)"""
        for line in self.run("--list-scenarios").splitlines():
            name, variants, _ = line.split("\t")
            yield name, variants.split(",")[0].split()[1]
