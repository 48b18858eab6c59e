#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# The Python of tools/ has type annotations, in which mypy --strict finds no fault.
import importlib.util
import os
import sys
import unittest

sys.path.insert(0, "tests/lib")
import tap

CHECKED = ["tools/policy-from", "tools/compare", "tools/report", "tools/grade",
           tap.PYTHON + "/clockhand"]


class Types(unittest.TestCase):
    def test_strict(self):
        """mypy --strict finds no fault in four tools and the package clockhand"""
        for needed in ("mypy", "numpy"):
            if not importlib.util.find_spec(needed):
                self.skipTest(f"{needed} is not installed")
        self.assertTrue(os.path.exists(tap.PYTHON + "/clockhand/py.typed"))
        said = tap.run(sys.executable, "-m", "mypy", "--strict", "--cache-dir",
                       os.path.join(tap.BUILD, "mypy"), "--scripts-are-modules", *CHECKED,
                       env={**os.environ, "MYPYPATH": tap.PYTHON})
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_documented(self):
        """every public class, function and method has a docstring, except methods that override one of Policy's"""
        import clockhand
        for name in clockhand.__all__:
            self.assertTrue(getattr(clockhand, name).__doc__, name)
            for member, value in vars(getattr(clockhand, name)).items():
                if callable(value) and not member.startswith("_") and \
                        (name == "Policy" or getattr(clockhand.Policy, member, None) is None):
                    self.assertTrue(value.__doc__, f"{name}.{member}")


tap.main()
