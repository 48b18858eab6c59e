#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# tools/python/README.md is true: its programs run as they stand and print the
# results that it shows, and it names everything that the package offers.
import re
import sys
import unittest

sys.path.insert(0, "tests/lib")
import tap
import clockhand

TEXT = open(tap.PYTHON + "/README.md").read()
FENCES = re.findall(r"^```\n(.*?)^```", TEXT, re.M | re.S)


class Readme(unittest.TestCase):
    def test_machine(self):
        """the program that drives a machine runs"""
        said = tap.python(FENCES[1])
        self.assertRegex(said, r"^\d+ \d+\n\d+ \d+ \w+\n")

    def test_policy(self):
        """the program with a policy prints the result that is shown"""
        self.assertIn(f"prints `{tap.python(FENCES[2]).strip()}`", TEXT)

    def test_names(self):
        """everything that the package offers is named"""
        for name in clockhand.__all__:
            self.assertRegex(TEXT, rf"\b{name}\b")
        cells = "".join(re.findall(r"(?m)^\|(.*?) \|", TEXT))
        for name in vars(clockhand.Machine):
            if not name.startswith("_") and name != "close":
                self.assertRegex(cells, rf"`{name}\b")


tap.main()
