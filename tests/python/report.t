#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# tools/report: one page that loads nothing from elsewhere; the same run gives the same
# bytes; the page's figures show the recorded values. With SOAK=1 Chromium shows the
# page, light and dark.
import glob
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

sys.path.insert(0, "tests/lib")
import tap
from laboratory import page, pictures, svg, written

FOUR = ["Free memory", "Faults and scan rate", "What memory holds",
        "Page states", "Where memory changes hands"]
TABLE = """
Thrashing

  what           | Denning (1968)   | measured        |
                 | and others       |                 |
  ---------------+------------------+-----------------+--------
  N*, processes  | floor(M / W) = 4 | 4               | holds
  that fit       |                  |                 |
  only seen      |                  | 5; a long line  | -
                 |                  | of it           |
  the rest       | 1 | 2            | 7               | differs
  wrong          | 8                | 9               | does NOT hold

4 claims: 1 hold
"""


class Folder(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="report.")
        self.addCleanup(shutil.rmtree, self.dir)

    def report(self, *words, status=0):
        out = self.dir + "/page.html"
        done = subprocess.run(["tools/report", *words, "-o", out],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, status, done.stderr)
        return open(out).read() if status == 0 else done.stderr

    def run_one(self, *options):
        files = [f"{self.dir}/{n}" for n in ("events", "counters", "stats")]
        words = [w for n, f in zip(("events", "counters", "stats"), files)
                 for w in (f"--{n}", f)]
        subprocess.run([os.environ["CLOCKHAND"], *options, *words, "--run",
                        "hog 2x 0"], check=True, capture_output=True)
        return files


class Page(Folder):
    def whole(self, text):
        """Checks the parts that every report must have, and that it loads nothing."""
        self.assertNotRegex(text, r"https?:|src=|@import|url\(|<script|<link")
        self.assertIn("prefers-color-scheme: dark", text)
        self.assertIn("@media print", text)
        for figure in re.findall(r"<svg.*?</svg>", text, re.S):
            xml.fromstring(figure)
        self.assertNotIn(os.uname().nodename + ":", text)
        self.assertNotIn(self.dir, re.sub(r"<code>.*?</code>", "", text))

    def test_run(self):
        """a run's files: five figures with units, the same bytes again"""
        files = self.run_one("--ram", "6M", "--policy", "twohand")
        text = self.report(*files, "--command", "clockhand <it>")
        self.whole(text)
        captions = re.findall(r"<figcaption><b>(.*?)</b>(.*?)</figcaption>", text)
        self.assertEqual([c[0] for c in captions], FOUR)
        for _, about in captions:
            self.assertIn("<code>clockhand &lt;it&gt;</code>", about)
        for unit in ("simulated time (s)", "free frames (4 KiB)", "per second",
                     "physical address (MiB)"):
            self.assertIn(f">{unit}</text>", text)
        self.assertRegex(text, r"vm\.min \d+, vm\.low \d+, vm\.high \d+")
        os.environ["TZ"] = "Asia/Kolkata"
        self.run_one("--ram", "6M", "--policy", "twohand")
        self.assertEqual(self.report(*files, "--command", "clockhand <it>"), text)
        self.run_one("--ram", "6M", "--policy", "fifo")
        self.assertNotEqual(self.report(*files, "--command", "clockhand <it>"),
                            text)

    def test_comparison(self):
        """two comparisons of one configuration: byte-equal reports"""
        if not shutil.which("parallel"):
            self.skipTest("parallel is not installed")
        made = []
        for place in ("a", "elsewhere/b"):
            subprocess.run(
                ["tools/compare", "--policy", "fifo,clock", "--ram", "6M",
                 "--run", "hog 2x 0", "-o", f"{self.dir}/{place}"], check=True,
                capture_output=True)
            made.append(self.report(f"{self.dir}/{place}"))
        self.assertEqual(made[0], made[1])
        self.whole(made[0])
        for heading in ("Results", "Where runs part", "6M fifo", "6M clock"):
            self.assertIn(f"<h2>{heading}</h2>", made[0])
        for caption in FOUR:
            self.assertEqual(made[0].count(f"<b>{caption}</b>"), 2)
        self.assertIn('<td class="n">', made[0])
        self.assertNotRegex(made[0], "<th>(hash|key)</th>")
        self.assertIn("<code>build/clockhand --ram 6M --policy fifo --run "
                      "&#x27;hog 2x 0&#x27;</code>", made[0])

    def test_experiments(self):
        """experiments: each table, each verdict, the picture, the sum"""
        os.makedirs(self.dir + "/experiments")
        with open(self.dir + "/experiments/thrash.txt", "w") as f:
            f.write("noise\n" + TABLE)
        with open(self.dir + "/experiments/cachesize.txt", "w") as f:
            f.write("as it <was> printed\n")
        subprocess.run(
            [os.environ["CLOCKHAND"], "--ram", "6M", "--run", "true",
             "--counters", self.dir + "/experiments/thrash.counters"], check=True)
        text = self.report("--experiments", self.dir)
        self.whole(text)
        plain = html.unescape(re.sub(r"<[^>]+>", "|", text))
        self.assertIn("N*, processes that fit||floor(M / W) = 4||4||holds", plain)
        self.assertIn("only seen||||5; a long line of it||-", plain)
        self.assertIn("1 holds, 1 does NOT hold, 1 differs", plain)
        self.assertIn('<td class="not">does NOT hold</td>', text)
        self.assertIn("<pre>as it &lt;was&gt; printed</pre>", text)
        self.assertEqual(text.count("<figure>"), 3)

    def test_refused(self):
        """files that no report can be made of are refused"""
        other = self.dir + "/x"
        open(other, "w").write("something else\n")
        for words in ([other], [self.dir], [self.dir + "/nowhere"], []):
            self.assertRegex(self.report(*words, status=2), r"\Areport: .*\n\Z")


class Figures(unittest.TestCase):
    def test_strip(self):
        """page states: a frame's row has its state from then on"""
        head = ["cycle", "pid", "pfn", "from", "to", "reason", "actor"]
        rows = [head] + [[str(c), "1", str(p), a, b, "x", "y"]
                         for c, p, a, b in ((0, 95, "free", "kernel-data"),
                                            (500, 10, "free", "anonymous"),
                                            (750, 10, "anonymous", "swap-cache"),
                                            (1000, 0, "free", "file-clean"))]
        frames = pictures.Frames(lambda: iter(rows), 1000)
        self.assertEqual((frames.count, frames.seconds), (96, 1.0))
        drawn = []
        was, svg.Axes.cells = svg.Axes.cells, lambda _, grid: drawn.append(grid)
        try:
            pictures.strip(frames, "")
            pictures.heat(frames, "")
        finally:
            svg.Axes.cells = was
        states, changes = drawn
        self.assertEqual(len(states), pictures.COLUMNS)
        at = [column[10] for column in states]
        half, later = pictures.COLUMNS // 2, pictures.COLUMNS * 3 // 4
        self.assertEqual(set(at[:half]), {"s-free"})
        self.assertEqual(set(at[half + 1:later]), {"s-anonymous"})
        self.assertEqual(set(at[later + 1:]), {"s-swap-cache"})
        self.assertEqual(changes[half][10], "h8")
        self.assertEqual(sum(bool(c) for column in changes for c in column), 4)

    def test_series(self):
        """levels and rates: least, most, mean; per second of simulated time"""
        rows = [["cycle", "vm.free", "pgfault"]] + [
            [str(c), str(1000 - c), str(c * c)] for c in range(10, 1001, 10)]
        series = pictures.Series(lambda: iter(rows), 100)
        self.assertEqual(series.seconds, 10)
        for c, (_, rate) in enumerate(series.rate(["pgfault"]), 1):
            self.assertAlmostEqual(rate, 100 * (10 * c + 10 * (c + 1)))
        level = series.level("vm.free")
        self.assertEqual((level[0][1], level[-1][2]), (990, 0))

    def test_axes(self):
        """scales: values lie at their pixels; ticks are round"""
        axes = svg.Axes((0, 10), (0, 100), "x (s)", "y")
        self.assertEqual(axes.px(0), svg.LEFT)
        self.assertEqual(axes.px(10), svg.WIDTH - svg.RIGHT)
        self.assertEqual(axes.py(0) - axes.py(100), axes.height)
        self.assertEqual(svg.ticks(0, 37.6, 8), [0, 5, 10, 15, 20, 25, 30, 35])
        log = svg.Axes((0, 1), (0, 999), "x", "y", log=True)
        self.assertAlmostEqual(log.py(0) - log.py(9), log.height / 3)

    def test_colours(self):
        """the states' colours are the panel's"""
        self.assertEqual(len(page.palette()), 11)
        self.assertIn(("free", "F7F7F2", "101218"), page.palette())


class Browser(Folder):
    def test_chromium(self):
        """Chromium shows the page, light and dark, in the right colours"""
        if not os.environ.get("SOAK"):
            self.skipTest("a browser is for SOAK=1")
        if not shutil.which("chromium"):
            self.skipTest("chromium is not installed")
        try:
            from matplotlib.image import imread
        except ImportError:
            self.skipTest("matplotlib is not installed")
        self.report(*self.run_one("--ram", "6M"))
        kept = os.environ.get("KEEP", self.dir)
        for theme, blink, paper in (("light", 1, (255, 255, 255)),
                                    ("dark", 0, (11, 12, 16))):
            shot = f"{kept}/{theme}.png"
            subprocess.run(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
                 "--hide-scrollbars", "--window-size=1000,1900",
                 f"--user-data-dir={self.dir}/{theme}",
                 f"--blink-settings=preferredColorScheme={blink}",
                 f"--screenshot={shot}", f"file://{self.dir}/page.html"],
                check=True, capture_output=True, timeout=120)
            pixels = (imread(shot)[:, :, :3] * 255).round().astype(int)
            self.assertEqual(tuple(pixels[5, 5]), paper)
            colours, counts = [], {}
            for p in map(tuple, pixels.reshape(-1, 3)[::7]):
                counts[p] = counts.get(p, 0) + 1
            for word, *colour in page.palette():
                rgb = bytes.fromhex(colour[0 if theme == "light" else 1])
                if word in ("anonymous", "kernel-data", "swap-cache"):
                    self.assertGreater(counts.get(tuple(rgb), 0), 20, word)
            right = pixels[:, 995]
            self.assertTrue((right == pixels[5, 5]).all(), "nothing sticks out")


tap.main()
