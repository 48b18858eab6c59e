#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Each notebook of tools/python/examples has no outputs, and its cells run one after
# the other, as Jupyter would run them. (The test runs them by itself: nbconvert
# and ipykernel would need fifty more packages.)
import glob
import importlib.util
import json
import os
import sys
import unittest

sys.path.insert(0, "tests/lib")
import tap

FOLDER = os.path.join(tap.PYTHON, "examples")


class Notebooks(unittest.TestCase):
    def test_run(self):
        """the cells run, and draw two figures with the right curves"""
        for needed in ("matplotlib", "numpy"):
            if not importlib.util.find_spec(needed):
                self.skipTest(f"{needed} is not installed")
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        os.chdir(FOLDER)
        names = {"__name__": "__main__"}
        for i, cell in enumerate(json.load(open("paging.ipynb"))["cells"]):
            if cell["cell_type"] == "code":
                source = "".join(cell["source"])
                exec(compile(source, f"paging.ipynb cell {i}", "exec"), names)
        figures = [plt.figure(n) for n in plt.get_fignums()]
        self.assertEqual(len(figures), 2)
        curve = figures[0].axes[0]
        self.assertEqual([t.get_text() for t in curve.get_legend().get_texts()],
                         ["FIFO", "CLOCK", "LRU", "OPT"])
        opt, lru = (names["curves"][n] for n in ("OPT", "LRU"))
        self.assertTrue(all(o <= l for o, l in zip(opt, lru)))
        self.assertLess(names["mru"], names["lru"])
        self.assertEqual(names["picture"].shape, (2048, 30))
        self.assertLess(min(names["free"]), max(names["free"]) / 4)
        for figure in figures:
            figure.canvas.draw()
            pixels = figure.canvas.buffer_rgba()
            self.assertGreater(len(set(bytes(pixels)[::4])), 5, "a picture")
            if os.environ.get("KEEP"):
                figure.savefig(f"{os.environ['KEEP']}/{figure.number}.png")

    def test_clean(self):
        """no outputs, no execution counts: a diff shows real changes only"""
        files = glob.glob(FOLDER + "/*.ipynb")
        self.assertTrue(files)
        for file in files:
            for cell in json.load(open(file))["cells"]:
                if cell["cell_type"] == "code":
                    self.assertEqual(cell["outputs"], [], file)
                    self.assertIsNone(cell["execution_count"], file)


tap.main()
