# SPDX-License-Identifier: MIT
"""Runs unittest's tests and prints their results as TAP, a line for each test."""
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.path.abspath(os.environ.get("BUILD", os.path.join(ROOT, "build")))
PYTHON = os.path.join(ROOT, "tools/python")
os.environ["CLOCKHAND"] = os.path.join(BUILD, "clockhand")
sys.path.insert(0, PYTHON)
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def run(*words, **more):
    """Runs a command; its output and errors are text."""
    return subprocess.run(words, capture_output=True, text=True, **more)


def python(text):
    """Runs a Python program that may import clockhand; returns its output."""
    done = run(sys.executable, "-c", text, env={**os.environ, "PYTHONPATH": PYTHON})
    assert not done.returncode, done.stderr
    return done.stdout


def chromium(folder, *words):
    """Runs Chromium on a page; returns its output."""
    return run("chromium", "--headless", "--no-sandbox", "--disable-gpu",
               f"--user-data-dir={folder}", *words, check=True, timeout=120).stdout


class Folder(unittest.TestCase):
    """Tests that have a folder, self.dir, of their own."""

    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="test.")
        self.addCleanup(shutil.rmtree, self.dir)

    def write(self, name, text):
        """Writes a file into the folder; returns its path."""
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        return path


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
        if not hasattr(test, "_testMethodName"):  # setUpClass failed: no startTest counted it
            self.testsRun += 1
        self._line("not ok", test, text=self.errors[-1][1])


def main():
    """Runs every test of the calling file."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = _Tap()
    suite.run(result)
    print(f"1..{result.testsRun}")
    sys.exit(bool(result.failures or result.errors))
