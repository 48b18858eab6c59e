#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# tools/report writes one page that loads nothing from elsewhere; the same run gives the same bytes;
# the page's figures show the recorded values. With SOAK=1 Chromium shows the page, light and dark.
import csv
import html
import itertools
import os
import re
import runpy
import shutil
import sys
import unittest
import xml.etree.ElementTree as xml
from unittest import mock

sys.path.insert(0, "tests/lib")
import tap
from laboratory import luck, page, partings, pictures, svg, tables, verdict
from laboratory.runs import Done

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


class Folder(tap.Folder):
    def report(self, *words, status=0):
        out = self.dir + "/page.html"
        done = tap.run(os.path.abspath("tools/report"), *words, "-o", out, cwd=self.dir)
        self.assertEqual(done.returncode, status, done.stderr)
        return open(out).read() if status == 0 else done.stderr

    def run_one(self, *options):
        files = [f"{self.dir}/{n}" for n in ("events", "counters", "stats")]
        words = [w for n, f in zip(("events", "counters", "stats"), files) for w in (f"--{n}", f)]
        tap.run(os.environ["CLOCKHAND"], *options, *words, "--run", "hog 1.3x 0", check=True)
        return files


class Page(Folder):
    def whole(self, text):
        """Checks the parts that every report must have, and that it loads nothing."""
        self.assertNotRegex(text, r"https?:|src=|@import|url\(|<link|fetch|import\(")
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
                     "offset in RAM (MiB)"):
            self.assertIn(f">{unit}</text>", text)
        self.assertRegex(text, r"vm\.min \d+, vm\.low \d+, vm\.high \d+")
        os.environ["TZ"] = "Asia/Kolkata"
        self.run_one("--ram", "6M", "--policy", "twohand")
        self.assertEqual(self.report(*files, "--command", "clockhand <it>"), text)
        self.run_one("--ram", "6M", "--policy", "fifo")
        self.assertNotEqual(self.report(*files, "--command", "clockhand <it>"), text)

    def test_comparison(self):
        """two comparisons of one configuration: byte-equal reports"""
        if not shutil.which("parallel"):
            self.skipTest("parallel is not installed")
        made = []
        for place in ("a", "elsewhere/b"):
            tap.run("tools/compare", "--policy", "fifo,clock", "--once", "--ram", "6M", "--run",
                    "hog 1.3x 0", "-o", f"{self.dir}/{place}", check=True)
            made.append(self.report(f"{self.dir}/{place}"))
        self.assertEqual(made[0], made[1])
        self.whole(made[0])
        for heading in ("Results", "Where runs part"):
            self.assertIn(f"<h2>{heading}</h2>", made[0])
        self.assertEqual(re.findall("<summary>(.*?)</summary>", made[0]), [
            "what each policy had read to decide", "6M fifo", "6M clock"])
        self.assertIn("<title>Comparison: 6M fifo, 6M clock</title>", made[0])
        self.assertNotRegex(made[0], r"font-size: \dpx", "too small to read")
        self.assertRegex(made[0], r'/></svg>anonymous <i></i></span>.*<b>Decision \d')
        self.assertRegex(made[0], r'(?s)swatch \[class\*="s-".* h2, h3, summary { break-after')
        for colour in "ab":
            self.assertEqual(made[0].count(f'class="area full {colour}"'), 2,
                             "bars in the colours of the curves")
        for caption in FOUR:
            self.assertEqual(made[0].count(f"<b>{caption}</b>"),
                             3 if caption == "Free memory" else 2)
        self.verdict(made[0], self.dir + "/a")
        curves = re.findall(r'<svg class="time".*?</svg>', made[0], re.S)
        self.assertEqual([c.count('class="line ') for c in curves], [2] * 4)
        self.cursor(made[0])
        self.assertIn('<td class="n">', made[0])
        self.assertNotRegex(made[0], ">(hash|key)</t[hd]>")
        self.assertIn("<code>build/clockhand --ram 6M --policy fifo --run "
                      "&#x27;hog 1.3x 0&#x27;</code>", made[0])

    def verdict(self, text, folder):
        """Checks the verdict's paragraph: what the second run counted more or fewer of, and OPT."""
        one, two = csv.DictReader(open(folder + "/results.csv"))
        said, luck = re.findall(r'<p class="verdict">(.*?)</p>', text)
        self.assertEqual(luck, verdict.LUCK.replace("`--once`", "<code>--once</code>"),
                         "no raw backtick")
        self.assertRegex(said, r"\A6M clock beside 6M fifo, one run of each: ")
        self.assertNotRegex(said, "longer|same time|busy", "one run's times may be luck")
        for r in one, two:
            stats = Done(folder, r["key"]).result["stats"]
            self.assertEqual(int(r["again"]), int(r["pswpin"]) + stats["kernel"][verdict.FILES],
                             "pages from swap, and refaults of files")
            requests = sum(d["reads"] + d["writes"] for d in stats["disks"])
            self.assertEqual(int(r["requests"]), requests, "the reads and writes of all disks")
        for name, words in (("again", "it read {:,} {} pages again"),
                            ("pswpout", "it wrote {:,} {} pages to swap"),
                            ("pgmajfault", "{:,} {} of its faults waited")):
            if more := int(two[name]) - int(one[name]):
                self.assertIn(words.format(abs(more), "more" if more > 0 else "fewer"), said)
        self.assertRegex(said, r" In as much memory OPT would read [\d,]+ pages again \(if no page were reached by read\(\) or at two addresses\);")
        self.assertLess(text.index(said), text.index("<svg"), "it stands before the figures")
        [same] = re.findall(r"the first (\d+) decisions are alike",
                            open(folder + "/partings.txt").read())
        self.assertIn(f"<b>Decision {int(same) + 1}</b>", text)
        made = [[e for e in partings.frame_events(Done(folder, r["key"]))
                 if e.reason in partings.VICTIM | set(partings.READ)][int(same)] for r in (one, two)]
        differs = "; ".join(f"under 6M {p} at {e.cycle / 1e6:.2f} ms frame {e.pfn} is .*?{e.reason}, {e.actor}\\)"
                            for p, e in zip(("fifo", "clock"), made))
        self.assertRegex(html.unescape(text), f"The first decision that differs is number {int(same) + 1}: {differs}")
        never = runpy.run_path("tools/report")["where_parted"]("a | b: every decision alike\n", {})
        self.assertIn("b never parts from a: every decision is alike.", "".join(never))
        self.assertEqual(text.count('class="box first '), 2, "each policy's victim")

    def cursor(self, text):
        """With SOAK=1 the mouse in one figure must show each curve's value in all figures."""
        if not os.environ.get("SOAK") or not shutil.which("chromium"):
            return
        moved = self.write("moved.html", text.replace("</body>", """<script>
            const b = all[1].getBoundingClientRect();
            all[1].dispatchEvent(new MouseEvent("mousemove", {
                clientX: b.left + b.width / 2, clientY: b.top + 9}));
            onbeforeprint();
            document.title = Math.min(...[...document.querySelectorAll("text")].map(t =>
                parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getScreenCTM().a));
            </script></body>"""))
        dom = tap.chromium(self.dir + "/moved", "--window-size=1280,900", "--dump-dom",
                           "file://" + moved)
        self.assertGreaterEqual(float(re.search("<title>(.*?)</title>", dom)[1]), 9, "legible")
        self.assertEqual(dom.count('class="cursor" d="M'), 4)
        recorded = [f"{float(v) + 1e-9:.0f} at {float(t):.3f} s" for points in re.findall(
            'data-p="(.*?)"', text) for t, v in (p.split(",") for p in points.split())]
        for said in re.findall(r"<i>(\d+ at .*?)</i>", dom):
            self.assertIn(said, recorded)

    def test_verdict(self):
        """the verdict's sentences for equal runs, for the same time, for a slower run, for repeated runs"""
        class Run:
            failure = errors = ""

            def __init__(self, outcome, **numbers):
                self.result = {"outcome": outcome}
                self.numbers = {"reclaimed": 1, **numbers}
                self.reasons = []

            def rows(self, _):
                return iter([["cycle,..."], *(["1", "7", "9", "a", "b", reason, "fault"] for reason in self.reasons)])

            def number(self, name):
                if name == "rotation":
                    return self.number("disk_busy") - self.number("seeks")
                return self.numbers.get(name, 0)
        slow, quick = (Run(n, seconds=s, again=r, disk_busy=s, seeks=s / 2, requests=r,
                           workingset_refault_file=f)
                       for n, s, r, f in (("x", 31, 3300, 2900), ("y", 20, 100, 0)))
        def said(one, two, least=5):
            return verdict.pair(("clock", one), ("linux612", two), least)
        self.assertEqual(
            said([slow] * 2, [quick] * 2),
            "clock took 11.00 s longer than linux612, an effect and not luck (31.00 s against 20.00 s, means of 2 runs each, 55 +- 0 %): it "
            "read 3,200 more pages again, 2,900 of them of files; its disk was "
            "busy for 11.00 s more: +3,200 requests, +5.50 s of seeks, "
            "+5.50 s of rotation and transfer.")
        slow.numbers["seeks"], slow.numbers["requests"] = 10.01, 100.1
        self.assertRegex(said([slow] * 2, [quick] * 2), r"s more: \+10.99 s of rotation and transfer\.$")
        self.assertEqual(said([slow], [slow]), "linux612 did exactly what clock did.")
        self.assertEqual(
            said([quick] * 2, [Run("z", seconds=20.1)] * 2),
            "clock and linux612 took the same time, within 5 %: 20.00 s and 20.10 s, means of 2 runs each."
            " What differs in linux612: it read 100 fewer pages again; its disk was busy for 20.00 s less: "
            "-100 requests, -10.00 s of seeks, -10.00 s of rotation and transfer.")
        slow.numbers["requests"] = 3300
        self.assertEqual(said([slow], [quick]), "linux612 beside clock, one run of each: it read 3,200 fewer pages "
                         "again; its disk had 3,200 fewer requests.")
        self.assertRegex(said([quick], [Run("z", seconds=40, again=100, requests=100)]),
                         "each: no count of reading or writing differs")
        one = Run("x", seconds=20, reclaimed=0)
        one.reasons = ["demand-zero", "exit"]
        self.assertRegex(said([one], [one]), r" did\. Neither evicted a page; with more work, ")
        for reason in ("cached", "cache-idle", "free-behind", "inode-reuse"):  # evictions that pgsteal does not count
            other = Run("x", seconds=20, reclaimed=0)
            other.reasons = [reason]
            self.assertRegex(said([one], [other]), r" did\.$", reason)

        def runs(*seconds):
            return [Run(object(), seconds=s) for s in seconds]
        up = (1, 2, 3), (2, 3.1, 3.9)
        for one, two, least, words in (
                ((.0074,) * 2, (.01246,) * 2, 5, "linux612 took 0.00506 s longer .*0125 s .*0074 s, .*, 68 .*%"),
                ((.00001,) * 2, (.00002,) * 2, 5, r".* the same time: 0\.00001 s and 0\.00002 s"),  # no 1e-05
                ((0, 0), (0, 0), 5, ".* same time"), ((0, 0), (1, 1), 5, r".* 1.00 s longer .* 0 s, means of 2 runs each\)"),
                (*up, 5, r"linux612 took 1\.00 s longer than clock, an effect and not luck \(3\.00 s against 2\.00 s, "
                 r"means of 3 runs each, 50 \+- 12 %\)"),
                (*up, 51, r"linux612 took a little longer than clock \(50.0 % \+- 12.4 %\): 3"),
                (*up, 63, ".* same time, within 63 %"),  # the whole interval, not the mean alone
                (up[0], (2, 1, 3.5), 5, "Whether clock or linux612 takes longer is not decided by 3 runs of each: "
                 r"2\.00 s and 2\.17 s; linux612 took 8.3 % more, \+- 129.3 %\. .* with N above 100\."),
                (up[0], (2, 2, 3.6), 5, "Whether clock or linux612 .*%. If so much is real, four of five comparisons by `--jitter N` "
                 r"show it with N about 34\. Choose"),
                ((.187, .188), (.187, .187999), 5, "clock and linux612 took the same time, within "
                 r"5 %: 0\.188 s and 0\.187 s, means of 2 runs each\.$"),  # not "took 1e-06 s longer", and not luck
                # "equal", as the table says, so not "not decided"
                ((.187, .188), (.187, .187999), 0, r".* took the same time: 0\.188 s and ")):
            self.assertRegex(said(runs(*one), runs(*two), least), "^" + words)
        alike = runs(1, 2)
        self.assertEqual(said(alike, alike), "linux612 did exactly what clock did.")
        self.assertIn("although its disk was busy for 2.00 s less: +100 requests", said(
            *([Run(object(), seconds=s, disk_busy=19 - s, requests=n)] * 2
              for s, n in ((10, 100), (12, 200)))))

        # The verdict names the effects of the table, and no others.
        words = {"pgmajfault": "faults", "pswpout": "to swap", "again": "again", "requests": "requests",
                 "disk_busy": "busy", "seeks": "of seeks", "rotation": "of rotation"}
        self.assertEqual({"seconds", *words}, set(tables.JITTERED))
        for name, other in itertools.product(words, ((40, 41, 42), (40, 39, 95), (30, 30, 30))):
            sides = [[Run(object(), seconds=s, **{"seeks": 30, "disk_busy": 80, name: n})
                      for s, n in zip((9, 7, 8), of)] for of in ((35, 36, 37), other)]
            told = said(*sides)
            for n, word in words.items():
                *_, judged = luck.verdict(*([r.number(n) for r in side] for side in sides), 5)
                self.assertEqual(word in told, judged == "effect", f"{n}: {told}")

        def counted(*all_of):
            return [Run(object(), seconds=s, disk_busy=s, requests=r, pgmajfault=f, opt=o, again=90)
                    for s, r, f, o in all_of]
        base = counted((30, 900, 50, 60), (31, 100, 52, 70), (32, 500, 51, 80))
        quick = counted((20, 100, 80, 60), (21, 110, 83, 70), (22, 120, 81, 80))
        self.assertEqual(said(base, quick), "clock took 10.00 s longer than linux612, an effect and not luck (31.00 s against 21.00 s, "
            "means of 3 runs each, 48 +- 0 %): its disk was busy for 10.00 s more, although 30 fewer of its "
            "faults waited for the disk. In as much memory OPT would read 70 pages again (if no page were "
            "reached by read() or at two addresses); clock read 90, linux612 90.", "requests are luck, so not told; for OPT the mean")
        self.assertRegex(
            said(base, counted((31, 1, 20, 0), (30, 2, 22, 0), (33, 3, 21, 0))),
            "^Whether clock or linux612 takes longer .* What differs in linux612: 30 fewer of ")
        for other in quick, counted((31, 1, 20, 0), (30, 2, 22, 0), (33, 3, 21, 0)):
            runs = [(mock.Mock(label=lambda axes, n=n: n), d) for n, ds in zip("ab", (base, other)) for d in ds]
            self.assertEqual(verdict.sentences([runs], ["jitter"], 5)[1:], [verdict.MANY])
            looked = verdict.sentences([runs], ["jitter"], 5, luck.T983)
            self.assertIn("and stopped at its limit, with a time undecided: " if " is not decided " in looked[0]
                          else "and stopped when it knew of each time whether it differs: ", looked[-1])
        self.assertIn("differs in clock: 30 fewer", said(base, quick, 45),
                      "45 % of the mean of the first runs, as in the table")

    def test_experiments(self):
        """--experiments: each table, each claim's verdict, the figures of the counters, the sum of the verdicts"""
        self.write("experiments/thrash.txt", "noise\n" + TABLE)
        self.write("experiments/cachesize.txt", "as it <was> printed\n")
        tap.run(os.environ["CLOCKHAND"], "--ram", "6M", "--run", "true",
                "--counters", self.dir + "/experiments/thrash.counters", check=True)
        shutil.copy(self.dir + "/experiments/thrash.counters",
                    self.dir + "/experiments/plateau.counters")
        self.write("experiments/plateau.txt", "")
        text = self.report("--experiments", self.dir)
        slow, quick = map(float, re.findall(r"a moment is (\S+) s;", text))
        self.assertAlmostEqual(slow, 10 * quick, msg="plateau.ch: at 100 MHz")
        self.assertIn("<code>tools/experiments/cachesize build</code>", text)
        self.whole(text)
        plain = html.unescape(re.sub(r"<[^>]+>", "|", text))
        self.assertIn("N*, processes that fit||floor(M / W) = 4||4||holds", plain)
        self.assertIn("only seen||||5; a long line of it||-", plain)
        self.assertIn("1 holds, 1 does NOT hold, 1 differs", plain)
        self.assertIn('<td class="not">does NOT hold</td>', text)
        self.assertIn("<pre>as it &lt;was&gt; printed</pre>", text)
        self.assertEqual(text.count("<figure>"), 6)

    def test_refused(self):
        """files that no report can be made of are refused; a state's name is escaped; events alone: time in cycles"""
        other = self.write("x", "something else\n")
        self.assertIn("no finished comparison in", self.report(self.dir, status=2))
        self.assertIn("a page is of one folder", self.report(self.dir, self.dir, status=2))
        events, far, cut, script = (f"{self.dir}/{n}.csv" for n in range(4))
        for file, line in ((events, "0,1,95,free,anonymous,x,y"), (cut, "0,1,0"),
                           (far, "0,1,99999999999,a,b,c,d"), (script, "0,1,95,a,<b>,c,d")):
            open(file, "w").write("cycle,pid,pfn,from,to,reason,actor\n" + line)
        open(self.dir + "/comparison.json", "w").write("[]")
        for words in ([other], [self.dir], [self.dir + "/nowhere"], [], [far], [cut],
                      [events, script]):
            self.assertRegex(self.report(*words, status=2), r"\Areport: .*\n\Z")
        self.assertNotIn("<b>", self.report(script).replace("<figcaption><b>", ""))
        self.assertIn(">simulated time (10^9 cycles)<", self.report(events))


class Figures(unittest.TestCase):
    def test_strip(self):
        """page states: from an event on, its frame's row has the new state"""
        head = ["cycle", "pid", "pfn", "from", "to", "reason", "actor"]
        rows = [head] + [[str(c), "1", str(p), a, b, "x", "y"]
                         for c, p, a, b in ((0, 95, "free", "kernel-data"),
                                            (500, 10, "free", "anonymous"),
                                            (750, 10, "anonymous", "swap-cache"),
                                            (1000, 0, "free", "file-clean"))]
        frames = pictures.Frames(lambda: iter(rows), 1000, ["free", 40, "kernel-data", 10])
        self.assertEqual((frames.count, frames.seconds), (96, 1.0))
        with mock.patch.object(svg.Axes, "cells") as cells:
            pictures.strip(frames, "")
            pictures.heat(frames, "")
        states, changes = (call[0][0] for call in cells.call_args_list)
        self.assertEqual(len(states), pictures.COLUMNS)
        at = [column[10] for column in states]
        half, later = pictures.COLUMNS // 2, pictures.COLUMNS * 3 // 4
        self.assertEqual(set(at[:half]), {"s-free"})
        for row, word in (20, "free"), (45, "kernel-data"), (60, "unknown"):
            self.assertEqual({column[row] for column in states}, {"s-" + word},
                             "a frame without an event: as in frame_states, or unknown")
        self.assertEqual(set(at[half + 1:later]), {"s-anonymous"})
        self.assertEqual(set(at[later + 1:]), {"s-swap-cache"})
        self.assertEqual(changes[half][10], "h8")
        self.assertEqual(sum(bool(c) for column in changes for c in column), 4)

    def test_series(self):
        """a level has the least and the greatest value of each moment; a rate is per second of simulated time"""
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
        self.assertEqual(svg.number(2e-5) + svg.number(10922.7, 3), "0.0000210\u202f900")
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
        for theme, blink, paper in (("light", 1, (255, 255, 255)), ("dark", 0, (11, 12, 16))):
            shot = f"{kept}/{theme}.png"
            tap.chromium(f"{self.dir}/{theme}", "--hide-scrollbars", "--window-size=1000,1900",
                         f"--blink-settings=preferredColorScheme={blink}",
                         f"--screenshot={shot}", f"file://{self.dir}/page.html")
            pixels = (imread(shot)[:, :, :3] * 255).round().astype(int)
            self.assertEqual(tuple(pixels[5, 5]), paper)
            counts = {}
            for p in map(tuple, pixels.reshape(-1, 3)[::7]):
                counts[p] = counts.get(p, 0) + 1
            for word, *colour in page.palette():
                rgb = bytes.fromhex(colour[0 if theme == "light" else 1])
                if word in ("anonymous", "kernel-data", "swap-cache"):
                    self.assertGreater(counts.get(tuple(rgb), 0), 20, word)
            right = pixels[:, 995]
            self.assertTrue((right == pixels[5, 5]).all(), "nothing sticks out")


tap.main()
