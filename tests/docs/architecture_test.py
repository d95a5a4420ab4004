#!/usr/bin/env python3
"""A folder of analyzer/ includes only those above it; clang and Z3 are seen where docs/architecture.md says."""

import glob
import os
import re
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ANALYZER = os.path.join(SOURCE, "analyzer")
CLANG = ("extract", "c", "lint", "review")
Z3 = ("prove", "abi_diff")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def folders():
    return re.findall(r"add_subdirectory\((\w+)\)", read(os.path.join(ANALYZER, "CMakeLists.txt")))


def sources():
    return [
        path
        for ending in ("h", "cpp")
        for path in glob.glob(os.path.join(ANALYZER, "**", "*." + ending), recursive=True)
    ]


def includes():
    """(folder, file, quoted path or <system header>)"""
    for path in sources():
        folder = os.path.relpath(path, ANALYZER).split(os.sep)[0]
        for header in re.findall(r'^#include ([<"][^>"]+[>"])', read(path), re.MULTILINE):
            yield folder, os.path.relpath(path, SOURCE), header


class Architecture(unittest.TestCase):
    def test_every_folder_is_built(self):
        on_disk = {os.path.relpath(path, ANALYZER).split(os.sep)[0] for path in sources()}
        self.assertEqual(on_disk - set(folders()), set())

    def test_includes_lead_upwards(self):
        order = folders()
        self.assertIn("walk", order)
        wrong = []
        for folder, path, header in includes():
            used = header.strip('"').split("/")[0]
            if (
                header[0] == '"'
                and folder in order
                and (used not in order or order.index(used) > order.index(folder))
            ):
                wrong.append(f"{path} includes {header}")
        self.assertEqual(wrong, [])

    def test_only_the_places_named_see_clang_and_z3(self):
        wrong = [
            f"{path} includes {header}"
            for folder, path, header in includes()
            if (re.match(r"<(clang|llvm)/", header) and folder not in CLANG)
            or (re.match(r"<z3", header) and folder not in Z3)
        ]
        self.assertEqual(wrong, [])

    def test_the_test_sees_clang_where_it_is(self):
        self.assertTrue(
            any(header.startswith("<clang/") for folder, path, header in includes() if folder == "c")
        )

    def test_report_knows_no_other_folder(self):
        self.assertEqual(
            [
                path
                for folder, path, header in includes()
                if folder == "report" and header[0] == '"' and not header.startswith(('"report/', '"output/'))
            ],
            [],
        )

    def test_all_output_goes_through_one_folder(self):
        """What is written elsewhere is written past its errors, past its escapes, and perhaps over an input."""
        wrong = []
        for path in sources():
            if os.path.relpath(path, ANALYZER).split(os.sep)[0] == "output" or path.endswith("yaml/embed.cpp"):
                continue  # embed runs while khover is built
            for number, line in enumerate(read(path).splitlines(), 1):
                code = re.sub(r'"(\\.|[^"\\])*"', '""', line).split("//")[0]
                if re.search(r"\b(stdout|stderr|cout|cerr|clog|f?puts|f?printf|fwrite|fopen|ofstream)\b|fmt::print\b", code):
                    wrong.append(f"{os.path.relpath(path, SOURCE)}:{number}: {line.strip()}")
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
