#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# FIFO, LRU, CLOCK and OPT written in Python: the faults that Belady and the textbooks
# print for their strings, and those that build/vmsim counts.
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, "tests/lib")
import tap
from clockhand import (CLOCK, FIFO, LRU, OPT, miss_ratio_curve, read_string,
                       simulate)

POLICIES = {"fifo": FIFO, "lru": LRU, "clock": CLOCK, "opt": OPT}
BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
SILBERSCHATZ = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1]
OSTEP = [0, 1, 2, 0, 1, 3, 0, 3, 1, 2, 1]
CYCLE = [i % 50 for i in range(10000)]


def draws(x):
    """Numbers by Knuth's multiplier for 64 bits: the upper 31 bits of each value."""
    while True:
        x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
        yield x >> 33


def scan(k):
    """A hot set, a scan with a hot reference after each k-th page, the hot set
    again: the string, and where the scan and the last part begin."""
    draw = draws(42)
    string = [next(draw) % 64 for _ in range(20000)]
    for i in range(4096):
        string.append(100000 + i)
        if i % k == 0:
            string.append(next(draw) % 64)
    after = len(string)
    return string + [next(draw) % 64 for _ in range(640)], 20000, after


class Printed(unittest.TestCase):
    def faults(self, name, string, frames):
        return [simulate(POLICIES[name], string, n).faults for n in frames]

    def test_belady(self):
        """Belady, Nelson, Shedler 1969: FIFO and CLOCK fault more with 4 frames"""
        for name, row in {"fifo": [12, 12, 9, 10, 5, 5, 5],
                          "clock": [12, 12, 9, 10, 5, 5, 5],
                          "lru": [12, 12, 10, 8, 5, 5, 5],
                          "opt": [12, 9, 7, 6, 5, 5, 5]}.items():
            self.assertEqual(self.faults(name, BELADY, range(1, 8)), row, name)

    def test_books(self):
        """the strings of Silberschatz and OSTEP, and 50 pages in a cycle"""
        for name, row in {"fifo": [20, 15, 15, 10, 9, 6, 6],
                          "lru": [20, 17, 12, 8, 7, 6, 6],
                          "opt": [20, 13, 9, 8, 7, 6, 6],
                          "clock": [20, 15, 14, 9, 9, 6, 6]}.items():
            self.assertEqual(self.faults(name, SILBERSCHATZ, range(1, 8)), row,
                             name)
        for name, hits in {"fifo": 4, "lru": 6, "opt": 6, "clock": 4}.items():
            self.assertEqual(simulate(POLICIES[name], OSTEP, 3).hits, hits, name)
        for name in ("fifo", "lru", "clock"):
            self.assertEqual(self.faults(name, CYCLE, (40, 49, 50)),
                             [10000, 10000, 50], name)
        self.assertEqual(self.faults("opt", CYCLE, (40, 49, 50)),
                         [2080, 253, 50])

    def test_own(self):
        """a policy of one's own is told of each hit"""
        told = []

        class Told(FIFO):
            def hit(self, page):
                told.append(page)
        self.assertEqual(simulate(Told, BELADY, 3).miss_ratio, 9 / 12)
        self.assertEqual(told, [1, 2, 5])

    def test_scan(self):
        """a scan through a hot set: hot misses during it, and after"""
        for name, row in {"fifo": [(1679, 38), (413, 57), (60, 63)],
                          "clock": [(1372, 27), (404, 53), (60, 63)],
                          "lru": [(1123, 22), (396, 53), (60, 63)]}.items():
            for k, told in zip((1, 8, 64), row):
                string, begin, after = scan(k)
                missed = []

                class Counted(POLICIES[name]):
                    def miss(self, page):
                        super().miss(page)
                        if page < 64:
                            missed.append(self.now)

                simulate(Counted, string, 128)
                self.assertEqual(
                    (sum(begin <= i < after for i in missed),
                     sum(i >= after for i in missed)), told, f"{name} k={k}")

    def test_stack(self):
        """LRU and OPT have the stack property: no more faults with more frames"""
        string, _, _ = scan(8)
        string = string[19000:21000]
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
        """a string's file: comments, writes, lines of calls"""
        with tempfile.NamedTemporaryFile("w", suffix=".refs") as f:
            f.write("# a string\n7\n0x10 w\n!fault 3\n\n7 # again\n")
            f.flush()
            self.assertEqual(read_string(f.name), [7, 16, 7])


class Beside(unittest.TestCase):
    def test_vmsim(self):
        """the same hits and faults as build/vmsim"""
        vmsim = os.path.join(tap.BUILD, "vmsim")
        if not os.path.exists(vmsim):
            self.skipTest("build/vmsim is not built")
        for string in (BELADY, SILBERSCHATZ, OSTEP, CYCLE[:500], scan(8)[0]):
            frames = [1, 2, 3, 4, 7, 40, 128]
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
