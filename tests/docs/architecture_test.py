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

    def test_findings_know_no_images_and_no_rules(self):
        """Of the analysis they know words only: what a verdict and a severity can be."""
        words = ("evaluate/verdict.h", "pack/severity.h")
        self.assertEqual(
            [
                f"{path} includes {header}"
                for folder, path, header in includes()
                if folder == "findings"
                and header[0] == '"'
                and header.strip('"') not in words
                and header.strip('"').split("/")[0] not in ("findings", "output", "error", "yaml", "abi")
            ],
            [],
        )

    def test_findings_series_and_session_see_no_clang(self):
        """Nor what sees it: neither by their includes nor by what they are linked with."""
        order = folders()
        for folder in ("findings", "series", "session"):
            build = read(os.path.join(ANALYZER, folder, "CMakeLists.txt"))
            self.assertNotIn("clang", build.lower(), folder)
            for below in CLANG:
                self.assertNotIn(f"khover_lib_{below}", build, folder)
                self.assertLess(order.index(folder), order.index(below) if below in order else len(order))
            self.assertEqual(
                [
                    f"{path} includes {header}"
                    for of, path, header in includes()
                    if of == folder and re.match(r"<(clang|llvm)/", header)
                ],
                [],
            )

    def test_all_output_goes_through_one_folder(self):
        """What is written elsewhere is written past its errors, past its escapes, and perhaps over an input."""
        wrong = []
        for path in sources():
            if os.path.relpath(path, ANALYZER).split(os.sep)[0] == "output" or path.endswith(
                "yaml/embed.cpp"
            ):
                continue  # embed runs while khover is built
            for number, line in enumerate(read(path).splitlines(), 1):
                code = re.sub(r'"(\\.|[^"\\])*"', '""', line).split("//")[0]
                if re.search(
                    r"\b(stdout|stderr|cout|cerr|clog|f?puts|f?printf|fwrite|fopen|ofstream)\b|fmt::print\b",
                    code,
                ):
                    wrong.append(f"{os.path.relpath(path, SOURCE)}:{number}: {line.strip()}")
        self.assertEqual(wrong, [])


if __name__ == "__main__":
    unittest.main()
