#!/usr/bin/env python3
"""How the program is built: at no fixed address, its tables read-only once it is linked, no executable stack.

hardening_test.py KHOVER KHOVER-WRITE-IMAGE
"""

import shutil
import subprocess
import unittest

import khover


@unittest.skipIf(shutil.which("readelf") is None, "needs readelf")
class Hardening(khover.TestCase):
    def readelf(self, option):
        return subprocess.run(
            ["readelf", "-W", option, khover.KHOVER], check=True, capture_output=True, text=True
        ).stdout

    def test_position_independent(self):
        self.assertRegex(self.readelf("-h"), r"Type:\s+DYN ")
        self.assertRegex(self.readelf("-d"), r"Flags:.*\bPIE\b")

    def test_relro_and_immediate_binding(self):
        self.assertIn("GNU_RELRO", self.readelf("-l"))
        self.assertRegex(self.readelf("-d"), r"Flags:.*\bNOW\b")

    def test_the_stack_is_not_executable(self):
        self.assertRegex(self.readelf("-l"), r"GNU_STACK\s+(0x\w+\s+){5}RW ")

    def test_no_search_path_for_libraries(self):
        self.assertNotRegex(self.readelf("-d"), r"\((RPATH|RUNPATH)\)")


if __name__ == "__main__":
    khover.main()
