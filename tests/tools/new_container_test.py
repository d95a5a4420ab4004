#!/usr/bin/env python3
"""docs/adding-a-container.md, followed step by step on a copy of the sources: three files make a container that walks.

new_container_test.py

Only the libraries that know containers are built, without optimisation; where ccache is installed, a second run costs little.
"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(SOURCE, "docs", "adding-a-container.md")
TARGET = """
find_package(GTest REQUIRED)
add_executable(container_test container_test.cpp)
target_include_directories(container_test PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
target_link_libraries(container_test PRIVATE khover_lib_walk GTest::gtest_main)
"""


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def block(kind):
    found = re.search(rf"^(`{{3,}})\w+ {kind}\n(.*?)^\1$", read(PAGE), re.MULTILINE | re.DOTALL)
    return found.group(2)


def files(folder):
    found = set()
    for here, _, names in os.walk(folder):
        found.update(os.path.relpath(os.path.join(here, name), folder) for name in names)
    return found


class AddingAContainer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.tree = os.path.join(cls.folder.name, "khover")
        os.mkdir(cls.tree)
        for name in ("CMakeLists.txt", "CMakePresets.json"):
            shutil.copy(os.path.join(SOURCE, name), cls.tree)
        for name in ("analyzer", "docs"):
            shutil.copytree(os.path.join(SOURCE, name), os.path.join(cls.tree, name))
        for name in ("cmake", "corpus", "packaging", "rules", "tests", "tools"):
            os.symlink(os.path.join(SOURCE, name), os.path.join(cls.tree, name))
        write(os.path.join(cls.tree, "CMakeLists.txt"), read(os.path.join(SOURCE, "CMakeLists.txt")) + TARGET)
        write(os.path.join(cls.tree, "container_test.cpp"), block("test"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def run_in_tree(self, *command, expect=0):
        environment = dict(os.environ, CCACHE_BASEDIR=self.tree, CCACHE_NOHASHDIR="1")
        done = subprocess.run(command, cwd=self.tree, env=environment, capture_output=True, text=True)
        self.assertEqual(done.returncode, expect, done.stdout[-4000:] + done.stderr[-4000:])
        return done.stdout + done.stderr

    def configure(self, expect=0):
        # A build type that no flags are known for: no optimisation, no debug information.
        return self.run_in_tree(
            "cmake",
            "-G",
            "Ninja",
            "-S",
            ".",
            "-B",
            "build",
            "-DKHOVER_CLANG=OFF",
            "-DBUILD_TESTING=OFF",
            "-DCMAKE_BUILD_TYPE=Fast",
            expect=expect,
        )

    def test_page(self):
        before = files(self.tree)
        said = self.run_in_tree(
            "python3", os.path.join(SOURCE, "tools", "new-container.py"), "--tree", self.tree, "pointers"
        )
        made = {
            "analyzer/pack/plans/pointers.h",
            "analyzer/walk/containers/pointers.cpp",
            "docs/containers/pointers.md",
        }
        self.assertEqual(files(self.tree) - before, made)
        for path in made:
            self.assertIn(path, said)
            self.assertIn(f"`{path}`:", read(PAGE))
        self.run_in_tree(
            "python3",
            os.path.join(SOURCE, "tools", "new-container.py"),
            "--tree",
            self.tree,
            "pointers",
            expect=2,
        )

        write(os.path.join(self.tree, "analyzer/pack/plans/pointers.h"), block("plan"))
        write(os.path.join(self.tree, "analyzer/walk/containers/pointers.cpp"), block("walk"))
        write(os.path.join(self.tree, "docs/containers/pointers.md"), block("page"))
        self.configure()
        self.run_in_tree("cmake", "--build", "build", "--target", "container_test", "-j", "2")
        ran = self.run_in_tree("build/bin/container_test")
        self.assertIn("[  PASSED  ] 3 tests.", ran)

        os.remove(os.path.join(self.tree, "analyzer/walk/containers/pointers.cpp"))
        self.assertIn(
            "analyzer/pack/plans/pointers.h has no analyzer/walk/containers/pointers.cpp",
            re.sub(r"\s+", " ", self.configure(expect=1)),
        )

    def test_skeleton_is_a_container(self):
        """What the tool writes is complete: it differs from `record` in its name and its shape only."""
        plan = read(os.path.join(SOURCE, "tools", "new-container.py"))
        record = read(os.path.join(SOURCE, "analyzer/walk/containers/record.cpp"))
        skeleton = re.search(r'WALK = """(.*?)"""', plan, re.DOTALL).group(1)
        self.assertEqual(skeleton.replace("{{", "{").replace("}}", "}").replace("{type}", "Record"), record)

    def test_refuses(self):
        for name in ("Ring", "ring_list", "", "-ring", "record"):
            self.run_in_tree(
                "python3",
                os.path.join(SOURCE, "tools", "new-container.py"),
                "--tree",
                self.tree,
                "--",
                name,
                expect=2,
            )


if __name__ == "__main__":
    unittest.main()
