#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# FIFO, LRU, CLOCK and OPT written in Python count the same faults as build/vmsim,
# also for the strings of Belady and of the textbooks (cli/vmsim.t has the published faults).
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, "tests/lib")
import tap
from clockhand import (CLOCK, FIFO, LRU, OPT, miss_ratio_curve, read_string, simulate)

POLICIES = {"fifo": FIFO, "lru": LRU, "clock": CLOCK, "opt": OPT}
BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
SILBERSCHATZ = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1]
OSTEP = [0, 1, 2, 0, 1, 3, 0, 3, 1, 2, 1]
CYCLE = [i % 50 for i in range(10000)]


def draws(x):
    """Yields the upper 31 bits of each value of a 64-bit linear congruential generator (Knuth's multiplier)."""
    while True:
        x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
        yield x >> 33


def scan(k):
    """Returns uses of 64 hot pages, a scan with one such use after every k-th page, then such uses again."""
    draw = draws(42)
    string = [next(draw) % 64 for _ in range(20000)]
    for i in range(4096):
        string.append(100000 + i)
        if i % k == 0:
            string.append(next(draw) % 64)
    return string + [next(draw) % 64 for _ in range(640)]


class Alone(unittest.TestCase):
    def test_own(self):
        """a policy of one's own is told of each hit and each miss"""
        told, missed = [], []

        class Told(FIFO):
            def hit(self, page):
                told.append(page)

            def miss(self, page):
                missed.append(page)
                super().miss(page)
        string = BELADY
        self.assertEqual(simulate(Told, string, 3).miss_ratio, 9 / 12)
        self.assertEqual(told, [1, 2, 5])
        self.assertEqual(missed, [1, 2, 3, 4, 1, 2, 5, 3, 4])

    def test_stack(self):
        """LRU and OPT have the stack property: no more faults with more frames"""
        string = scan(8)[19000:21000]
        for policy in (LRU, OPT):
            curve = miss_ratio_curve(policy, string, range(1, 100, 7))
            self.assertEqual(curve, sorted(curve, reverse=True))

    def test_wrong(self):
        """a policy that evicts a page that is not resident is reported"""
        class Wrong(FIFO):
            def evict(self):
                return -1
        with self.assertRaisesRegex(ValueError, "reference 2: Wrong evicts -1"):
            simulate(Wrong, [1, 2, 3], 2)

    def test_file(self):
        """read_string skips comments, the w of writes and lines that begin with !, and refuses wrong page numbers"""
        with tempfile.NamedTemporaryFile("w", suffix=".refs") as f:
            f.write("# a string\n7\n0x10 w\n!fault 3\n\n010 # \u00e9\n")
            f.flush()
            self.assertEqual(read_string(f.name), [7, 16, 10])
            for wrong in "1_0", "-1", "0b11", "1w", "12ab", "0x10000000000000000":
                open(f.name, "w").write(wrong)
                self.assertRaisesRegex(ValueError, f.name, read_string, f.name)


class Beside(unittest.TestCase):
    def test_vmsim(self):
        """the same hits and faults as build/vmsim"""
        vmsim = os.path.join(tap.BUILD, "vmsim")
        if not os.path.exists(vmsim):
            self.skipTest("build/vmsim is not built")
        for string in (BELADY, SILBERSCHATZ, OSTEP, CYCLE[:500], scan(8)):
            frames = [1, 2, 3, 4, 5, 6, 7, 49, 50, 128]
            said = subprocess.run(
                [vmsim, "--policy", ",".join(POLICIES), "--json", "--frames",
                 ",".join(map(str, frames)), "--refs", "-"], check=True,
                input="".join(f"{p}\n" for p in string), text=True,
                capture_output=True).stdout
            rows = [json.loads(line) for line in said.splitlines()]
            self.assertEqual(len(rows), len(POLICIES) * len(frames))
            for row in rows:
                ours = simulate(POLICIES[row["policy"]], string, row["frames"])
                self.assertEqual((ours.references, ours.hits, ours.faults),
                                 (row["references"], row["hits"],
                                  row["faults"]), row)


tap.main()
