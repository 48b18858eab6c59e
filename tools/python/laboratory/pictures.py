# SPDX-License-Identifier: MIT
"""Figures of a run's records: levels and rates over time from --counters,
states of frames and their changes from --events."""
from __future__ import annotations

import csv
import html
import math
from typing import Any, Callable, Dict, Iterable, Iterator, List, Optional
from typing import Sequence, Tuple

from . import page, partings
from .svg import Axes, number

Rows = Callable[[], Iterator[List[str]]]  # a CSV's lines, its head first
COLUMNS = 240  # intervals into which a figure divides the run's time
STRIP_ROWS = 96
PAGE = 4096

CYCLES = "10^9 cycles"
MARKS = ("vm.min", "vm.low", "vm.high")


def lines_of(path: str) -> Iterator[List[str]]:
    """Yields the lines of a CSV."""
    with open(path, newline="") as f:
        yield from csv.reader(f)


class Series:
    """The lines of --counters, gathered into COLUMNS intervals of equal length,
    called moments. hz: cycles a second; 0: not known, time is in 10^9 cycles."""

    def __init__(self, rows: Rows, hz: float) -> None:
        lines = rows()
        self.names = next(lines)
        data = [list(map(int, line)) for line in lines]
        self.unit = "s" if hz else CYCLES
        self.hz = hz = hz or 10**9
        self.seconds = data[-1][0] / hz if data else 0.0
        self.columns: List[List[List[int]]] = [[] for _ in range(COLUMNS)]
        for line in data:
            at = int(line[0] / hz / (self.seconds or 1) * COLUMNS)
            self.columns[min(at, COLUMNS - 1)].append(line)

    def of(self, name: str) -> int:
        """Returns the index of the column with this name; -1: it was not recorded."""
        return self.names.index(name) if name in self.names else -1

    def level(self, name: str) -> List[Tuple[float, int, int, float]]:
        """Returns for each moment its middle, the lowest and the highest value,
        and the mean."""
        n, out = self.of(name), []
        for i, lines in enumerate(self.columns):
            x = [line[n] for line in lines]
            if x and n >= 0:
                out.append(((i + .5) * self.seconds / COLUMNS, min(x), max(x), sum(x) / len(x)))
        return out

    def rate(self, names: Iterable[str]) -> List[Tuple[float, float]]:
        """Returns for each moment but the first its middle and the counters' rise per second, summed."""
        of = [self.of(n) for n in names]
        out: List[Tuple[float, float]] = []
        before: Optional[List[int]] = None
        for i, lines in enumerate(self.columns):
            if not lines or min(of) < 0:
                continue
            last = lines[-1]
            if before and last[0] > before[0]:
                rise = sum(last[n] - before[n] for n in of)
                out.append(((i + .5) * self.seconds / COLUMNS,
                            rise / ((last[0] - before[0]) / self.hz)))
            before = last
        return out


def free_memory(s: Series, command: str) -> str:
    """Returns the figure of free frames, with the kernel's thresholds."""
    level = s.level("vm.free")
    marks = {m: s.level(m)[-1][2] for m in MARKS if s.level(m)}
    top = max([most for _, _, most, _ in level] + list(marks.values()) + [1])
    axes = Axes((0, s.seconds), (0, top * 1.05), f"simulated time ({s.unit})",
                "free frames (4 KiB)", log=True)
    axes.band([(t, a) for t, a, _, _ in level], [(t, b) for t, _, b, _ in level],
              "a", "least to most in a moment")
    axes.line([(t, m) for t, _, _, m in level], "a", "mean")
    for at in marks.values():
        axes.level(at)
    named = ", ".join(f"{name} {at}" for name, at in marks.items())
    return page.figure(
        axes.svg("free memory over time"), "Free memory", "frames on the free "
        f"list; logarithmic scale; a moment is {number(s.seconds / COLUMNS, 3)} {s.unit}; dashed: "
        f"the thresholds at the end, {named}.", axes.key(), command)


def rates(s: Series, command: str) -> str:
    """Returns the figure of faults and of the scan rate."""
    curves = [("faults", "a", s.rate(["pgfault"])),
              ("major faults", "d", s.rate(["pgmajfault"])),
              ("frames scanned", "b",
               s.rate(["pgscan_kswapd", "pgscan_direct"])),
              ("pages written to swap", "c", s.rate(["pswpout"]))]
    top = max([y for _, _, points in curves for _, y in points] + [1])
    per = "per second" if s.unit == "s" else "per " + CYCLES
    axes = Axes((0, s.seconds), (0, top), f"simulated time ({s.unit})", per, log=True)
    for name, colour, points in curves:
        axes.line(points, colour, name)
    return page.figure(
        axes.svg("faults and scan rate over time"), "Faults and scan rate",
        f"events {per} of simulated time; logarithmic scale.", axes.key(), command)


def kinds(s: Series, command: str) -> str:
    """Returns the figure of the numbers of frames in each state; "": none was recorded."""
    levels = ((w, s.level("vm." + w.replace("-", "_"))) for w, _, _ in page.palette())
    there = [(w, level) for w, level in levels if any(p[2] for p in level)]
    if not there:
        return ""
    total = max(sum(level[i][3] for _, level in there) for i in range(len(there[0][1])))
    axes = Axes((0, s.seconds), (0, total), f"simulated time ({s.unit})", "frames (4 KiB)")
    under = [(p[0], 0.0) for p in there[0][1]]
    for word, level in there:
        over = [(t, y + p[3]) for (t, y), p in zip(under, level)]
        axes.band(under, over, f"full s-{word}", word)
        under = over
    return page.figure(
        axes.svg("frames by state over time"), "What memory holds", "frames by "
        "state, stacked; linear scales.", axes.key(), command)


# ---- frame by frame ---------------------------------------------------------

class Frames:
    """The events about frames: (cycle, pfn, from, to). table: the states of
    frames at the run's end, as --stats has them (frame_states)."""

    def __init__(self, rows: Rows, hz: float, table: Sequence[Any] = ()) -> None:
        lines = rows()
        next(lines)
        self.changes = [(int(l[0]), int(l[2]), l[3], l[4]) for l in lines if l[2]]
        self.unit = "s" if hz else CYCLES
        self.hz = hz = hz or 10**9
        last = self.changes[-1][0] if self.changes else 0
        self.seconds = last / hz
        self.count: int = max([1 + pfn for _, pfn, _, _ in self.changes] + [sum(table[1::2]), 1])
        if self.count > 1 << 24 or min((c[1] for c in self.changes), default=0) < 0:
            raise ValueError("a frame's number is out of range")
        # A frame's state at the beginning: that before its first event, or, if it
        # has no event, that at the end.
        self.first = [w for word, n in zip(table[::2], table[1::2]) for w in [word] * n]
        self.first += ["unknown"] * (self.count - len(self.first))
        for _, pfn, before, _ in reversed(self.changes):
            self.first[pfn] = before

    def column(self, cycle: int) -> int:
        """Returns the moment of a cycle."""
        at = int(cycle / self.hz / (self.seconds or 1) * COLUMNS)
        return min(at, COLUMNS - 1)

    def row(self, pfn: int) -> int:
        """Returns the row of a frame."""
        return pfn * STRIP_ROWS // self.count

    def axes(self) -> Axes:
        """Returns the axes: place in RAM against time."""
        return Axes((0, self.seconds), (0, self.count * PAGE / 2**20),
                    f"simulated time ({self.unit})", "offset in RAM (MiB)", 260)


def strip(f: Frames, command: str) -> str:
    """Returns the figure of the state that most frames of a row had at each moment's end."""
    state = list(f.first)
    counts: List[Dict[str, int]] = [{} for _ in range(STRIP_ROWS)]
    for pfn in range(f.count):
        row = counts[f.row(pfn)]
        row[state[pfn]] = row.get(state[pfn], 0) + 1
    grid: List[List[str]] = []

    def fill(until: int) -> None:
        if len(grid) < until:
            column = ["s-" + max(sorted(c), key=c.__getitem__) for c in counts]
            grid.extend([column] * (until - len(grid)))
    for cycle, pfn, _, after in f.changes:
        fill(f.column(cycle))
        row = counts[f.row(pfn)]
        row[state[pfn]] -= 1
        row[after] = row.get(after, 0) + 1
        state[pfn] = after
    fill(COLUMNS)
    axes = f.axes()
    axes.cells(grid)
    there = {c for column in grid for c in column}
    there.discard("s-unknown")
    axes.legend = [(f"s-{w}", w) for w, _, _ in page.palette() if f"s-{w}" in there]
    return page.figure(
        axes.svg("states of frames over time"), "Page states", "physical memory "
        f"from bottom to top, {number(f.count / STRIP_ROWS, 3)} frames a row: the state "
        "that most of them have.", axes.key(), command)


def heat(f: Frames, command: str) -> str:
    """Returns the figure of how many changes of state frames had, by address and time."""
    counts = [[0] * STRIP_ROWS for _ in range(COLUMNS)]
    for cycle, pfn, before, after in f.changes:
        if before != after:
            counts[f.column(cycle)][f.row(pfn)] += 1
    most = max(max(column) for column in counts)

    def shade(n: int) -> str:
        return f"h{1 + int((page.HEATS - 1) * math.log(n) / math.log(most))}" \
            if n and most > 1 else f"h{page.HEATS}" if n else ""
    axes = f.axes()
    axes.cells([[shade(n) for n in column] for column in counts])
    steps = [max(1, round(most ** (i / (page.HEATS - 1)))) for i in range(page.HEATS)]
    axes.legend = [(f"h{i + 1}", str(n)) for i, n in enumerate(steps)
                   if i == 0 or n != steps[i - 1]]
    return page.figure(
        axes.svg("changes of state by address and time"), "Where memory changes "
        "hands", f"changes of a frame's state in a cell of {number(f.seconds / COLUMNS, 3)} "
        f"{f.unit} by {number(f.count * PAGE / 1024 / STRIP_ROWS, 3)} KiB; logarithmic shades.",
        axes.key(), command)


def of_run(counters: Optional[Rows], events: Optional[Rows], hz: float,
           command: str, table: Sequence[Any] = ()) -> List[str]:
    """Returns all figures that can be made of the run's records."""
    out: List[str] = []
    if counters:
        series = Series(counters, hz)
        if series.seconds > 0:
            out += [free_memory(series, command), rates(series, command), kinds(series, command)]
    if events:
        frames = Frames(events, hz, table)
        if frames.changes:
            out += [strip(frames, command), heat(frames, command)]
    return out


# ---- runs beside one another ------------------------------------------------

OVERLAID = [("Free memory", "free frames (4 KiB)", True, ["vm.free"]),
            ("Faults that waited for the disk", "per second", False, ["pgmajfault"]),
            ("Pages read again", "per second", False,
             ["pswpin", "workingset_refault_file"]),
            ("Frames scanned", "per second", False,
             ["pgscan_kswapd", "pgscan_direct"])]
COLOURS = ["a", "b", "c", "d", "a dash", "b dash", "c dash", "d dash"]


def overlay(runs: Sequence[Tuple[str, Series]], command: str) -> str:
    """Returns the figures of the curves of several runs over one another."""
    seconds, out = max(s.seconds for _, s in runs), ""
    for title, unit, level, names in OVERLAID:
        curves = [[(t, y) for t, _, _, y in s.level(names[0])] if level
                  else s.rate(names) for _, s in runs]
        top = max([y for c in curves for _, y in c] + [1])
        axes = Axes((0, seconds), (0, top), "simulated time (s)", unit, log=True, cursor=True)
        for i, ((name, _), curve) in enumerate(zip(runs, curves)):
            axes.line(curve, COLOURS[i % len(COLOURS)], name)
        out += page.figure(axes.svg(title + " over time"), title,
                           "logarithmic scale.", axes.key(), command)
    return f'<div class="two">{out}</div>'


BEFORE, AFTER, STEP, LANE, GAP = 4, 8, 54, 92, 24


def parting(names: Sequence[str], same: int, sides: Sequence[Sequence[partings.Event]]) -> str:
    """Returns the figure of two runs' decisions around the first that differs.
    sides: all decisions of each run; same: how many are alike before it."""
    first, body = max(same - BEFORE, 0), []
    for lane, (name, made) in enumerate(zip(names, sides)):
        y = lane * LANE
        body.append(f'<text class="end" x="140" y="{y + 42}">{html.escape(name)}' "</text>")
        victim = next((i for i in range(same, len(made)) if made[i].reason in partings.VICTIM), -1)
        shown = list(range(first, min(same + AFTER, len(made))))
        if victim >= same + AFTER:  # the last place is the victim's
            left = victim - shown[-2]
            shown[-2:] = [victim]
            body.append(f'<text class="mid" y="{y + 42}" x="'
                        f'{172 + GAP + (len(shown) - 1) * STEP}">{left} more</text>')
        for place, i in enumerate(shown):
            e = made[i]
            x = 150 + (place + (i >= same + AFTER)) * STEP + GAP * (i >= same)
            kind = "box first" if i == victim else "box"
            pale = "" if i >= same else ' opacity=".4"'
            body.append(
                f'<text class="mid" x="{x + 22}" y="{y + 20}">{e.pfn}</text>'
                f'<rect class="{kind} s-{html.escape(e.from_state)}" x="{x}" y="{y + 26}" '
                f'width="44" height="24"{pale}/>'
                f'<text class="mid" x="{x + 22}" y="{y + 64 + place % 2 * 14}">'
                f'{html.escape(e.reason)}</text>')  # a reason is wider than a place: every other one is lower
    line = 150 + (same - first) * STEP + GAP // 3
    axes = Axes((0, 1), (0, 1), "", "")  # its key alone is shown
    axes.legend = [(f"s-{w}", w) for w, _, _ in page.palette()
                   if any(f" s-{w}\"" in part for part in body)]
    return page.figure(
        f'<svg viewBox="0 0 {160 + (BEFORE + AFTER) * STEP + GAP} {2 * LANE}" role="img">'
        f"<title>the decisions where two runs part</title>{''.join(body)}"
        f'<path class="level" d="M{line} 4V{2 * LANE - 4}"/></svg>',
        f"Decision {same + 1}", "frames, by number, in the order in which the policy treated "
        "them, in the colour of their state before, with what it did; " + (
            "left of the line both did the same. " if same else "the runs differ from the beginning. ")
        + "Framed: each run's first victim after the line.", axes.key(), "")
