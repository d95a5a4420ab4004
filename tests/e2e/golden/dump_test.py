#!/usr/bin/env python3
"""`khover dump --json IMAGE` equals the truth beside the image."""

import argparse
import sys

import comparer
import khover_output
import truth


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("image")
    options = arguments.parse_args()
    _, phase, expected = truth.locate(options.image)
    dump = khover_output.run_json(options.khover, "dump", "--json", options.image)
    lines = comparer.compare(dump, expected, phase)
    print("\n".join(lines) or "equal to the truth")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
