# SPDX-License-Identifier: MIT
"""Runs unittest's tests and prints their results as TAP, a line for each test."""
import os
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
PYTHON = os.path.join(ROOT, "tools/python")
os.environ["CLOCKHAND"] = os.path.join(BUILD, "clockhand")
sys.path.insert(0, PYTHON)
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


class _Tap(unittest.TestResult):
    def _line(self, word, test, note="", text=""):
        about = test.shortDescription() or str(test)
        print(f"{word} {self.testsRun} - {about}{note}", flush=True)
        for line in text.splitlines():
            print(f"# {line}", flush=True)

    def addSuccess(self, test):
        self._line("ok", test)

    def addSkip(self, test, reason):
        self._line("ok", test, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line("not ok", test, text=self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        if not hasattr(test, "_testMethodName"):  # a class's error has no number
            self.testsRun += 1
        self._line("not ok", test, text=self.errors[-1][1])


def main():
    """Runs every test of the calling file."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules["__main__"])
    result = _Tap()
    suite.run(result)
    print(f"1..{result.testsRun}")
    sys.exit(bool(result.failures or result.errors))
