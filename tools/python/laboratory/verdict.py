# SPDX-License-Identifier: MIT
"""A comparison's verdict in sentences: which run took longer, and the counted
differences that go with it."""
from __future__ import annotations

import math
from decimal import Decimal
from typing import Dict, List, Tuple

from . import luck
from .runs import Done, Run

FILES = "workingset_refault_file"
MOST = 100  # a larger number of repetitions is not suggested
LEAST = .01  # a smaller relative difference of two single runs does not count
MANY = ("Each number was judged by itself, at 95 %: of twenty that do not differ, about one is "
        "told as an effect.")
# An effect whose interval just leaves out 0 needs this many times the repetitions to be found
# in 80 % of all tries: (1.96 + .84)^2 / 1.96^2 (normal approximation).
POWER = 2.04
FRESH = "Choose the number of runs beforehand: who adds runs until the result is clear takes luck for an effect."
LUCK = "Single runs: `--jitter 5` says whether a difference is luck."
# (number's name, the clause that says how many more or fewer)
CAUSES = [("again", "it read {} {} pages again"),
          ("pswpout", "it wrote {} {} pages to swap"),
          ("pgmajfault", "{} {} of its faults waited for the disk")]


def _mean(runs: List[Done], name: str) -> float:
    return sum(d.number(name) for d in runs) / len(runs)


def _judge(one: List[Done], two: List[Done], name: str, least: float) -> Tuple[float, float, str]:
    """Returns the difference of the means, half its confidence interval, and a word on
    it ("effect", or why it is none). LEAST judges single runs, luck.verdict repeated ones."""
    if len(one) == 1:
        few, many = sorted((_mean(one, name), _mean(two, name)))
        return _mean(two, name) - _mean(one, name), 0, (
            "effect" if many - few > LEAST * few else "small")
    return luck.verdict([d.number(name) for d in one],
                        [d.number(name) for d in two], least, luck.DECIMALS.get(name, 0))


def _text(seconds: float, form: str = "") -> str:
    """Returns a time as text: two decimals, below 1 s three significant digits, no exponent."""
    return format(seconds, form + ".2f") + " s" if abs(seconds) >= 1 else \
        format(Decimal(f"{seconds:.3g}"), form + "f") + " s"


def pair(one: Tuple[str, List[Done]], two: Tuple[str, List[Done]], least: float) -> str:
    """Returns the verdict on two runs of the same work, or on the means of equally many repetitions
    of each: which took longer, if that is decided, and the counted effects."""
    idle = "" if any(d.number("reclaimed") for d in one[1] + two[1]) else \
        " Neither evicted a page; with more work, or less RAM, they would."
    (quick, a), (slow, b) = sorted((one, two), key=lambda x: _mean(x[1], "seconds"))
    if [d.result["outcome"] for d in a] == [d.result["outcome"] for d in b]:
        return f"{two[0]} did exactly what {one[0]} did.{idle}"

    def more(name: str) -> float:
        "Returns how many more b counted in the mean; 0 if that may be luck, or is small."
        # judged as in the table: the first run is the base of percentages
        n, _, word = _judge(one[1], two[1], name, least)
        return 0 if word != "effect" else n if b is two[1] else -n

    before, after, repeated = _mean(a, "seconds"), _mean(b, "seconds"), len(a) > 1
    times = f"{_text(after)} against {_text(before)}"
    of = f", means of {len(a)} runs each" if repeated else ""
    why: List[str] = []
    but: List[str] = []
    for name, text in CAUSES:
        n, files = more(name), more(FILES) if name == "again" else 0
        if n:
            (why if n > 0 else but).append(
                text.format(f"{abs(n):,.0f}", "more" if n > 0 else "fewer")
                + f", {files:,.0f} of them of files" * (0 < files < n))
    busy, seeks, turns, requests = map(more, ("disk_busy", "seeks", "rotation", "requests"))
    parts = [f"{requests:+,.0f} requests"] * bool(requests)
    parts += [f"{_text(seeks, '+')} of seeks"] * bool(seeks)
    parts += [f"{_text(turns, '+')} of rotation and transfer"] * bool(
        turns and _mean(a + b, "seeks"))  # without seeks it is all of disk_busy, told below
    if busy or parts:
        did = f"was busy for {_text(abs(busy))} {'more' if busy > 0 else 'less'}: " \
            if busy else "had "
        (why if (busy or max(seeks, turns, requests)) > 0 else but).append(
            f"its disk {did}{', '.join(parts)}".removesuffix(": "))
    mean, half, word = _judge(one[1], two[1], "seconds", least)
    if word == "effect":
        best = _mean(b, "opt")
        none = "no counter of reading or writing is higher by more than luck" if repeated \
            else "no counter of reading or writing is higher: the disk is not the cause"
        share = f", {100 * (after / before - 1):.0f} %" if before else ""
        return (f"{slow} took {_text(after - before)} longer than {quick} ({times}{of}{share}): "
                + ("; ".join(why) or none) + f", although {' and '.join(but)}" * bool(but) + "."
                + idle + (f" In as much memory OPT would read {best:,.0f} pages again (if no page were "
                          f"reached by read() or at two addresses); {slow} read {_mean(b, 'again'):,.0f}."
                          if best > 0 else ""))
    first, second = _mean(one[1], "seconds"), _mean(two[1], "seconds")
    # "The same" must hold for the whole interval: a mean alone may be luck.
    within = not repeated or 100 * (abs(mean) + half) <= least * first
    if within or word == "equal":
        said = (f"{one[0]} and {two[0]} took the same time"
                + f", within {least if repeated else 100 * LEAST:g} %" * within
                + f": {_text(first)} and {_text(second)}{of}.")
    else:
        said = f"{slow} took a little longer than {quick}" if word == "small" else \
            f"Whether {slow} takes longer than {quick} is not decided by {len(a)} runs of each"
        shares = (f"{100 * x / (first or 1):.1f} %" for x in (abs(mean), half))
        said += f" ({' +- '.join(shares)}): {times}."
        if word == "luck":
            needed = POWER * len(a) * (half / (abs(mean) or 1e-9)) ** 2
            said += (" If the difference is real, " + (f"about {math.ceil(needed)}" if needed <= MOST
                     else f"more than {MOST}") + " runs of each show it in four tries of five. " + FRESH)
    return said + idle + (f" What differs in {slow}: {'; '.join(why + but)}."
                          if repeated and why + but else "")


def sentences(groups: List[List[Tuple[Run, Done]]], axes: List[str], least: float) -> List[str]:
    """Returns a verdict on each run compared with the first of its group that had status 0, and a
    sentence on each that failed or wrote errors. Runs that differ by `jitter` alone count as one.
    Last, what may be luck: MANY if means were compared, LUCK if single runs on a disk that seeks."""
    plain = [a for a in axes if a != "jitter"]
    said, turns = [], False
    for group in groups:
        runs: Dict[str, List[Done]] = {}
        for run, done in group:
            runs.setdefault(run.label(plain), []).append(done)
        failed = {name: f for name, same in runs.items()
                  for f in [next(filter(None, (d.failure for d in same)), "")] if f}
        said += [f"{name or 'the run'} ended with {why.rstrip('.')}." for name, why in failed.items()]
        ended = [r for r in runs.items() if r[0] not in failed]
        for name, same in ended: # a command before the last may have failed
            said += [f"{name or 'the run'} wrote to standard error: {d.errors[0].rstrip('.')}."
                     for d in same if d.errors][:1]
        said += [pair(ended[0], other, least) for other in ended[1:]]
        turns |= group[0][1].number("seeks") > 0  # --jitter needs such a disk
    took = any(" longer than " in s or " took the same time" in s for s in said)
    said += [MANY] * any(" What differs in " in s or ", means of " in s for s in said)
    return said + [LUCK] * (took and turns and plain == axes)
