# SPDX-License-Identifier: MIT
"""A comparison's verdict in sentences: which run took longer, and the counted
differences that go with it."""
from __future__ import annotations

import math
from decimal import Decimal
from typing import Dict, List, Sequence, Tuple

from . import luck, partings
from .runs import Done, Run

FILES = "workingset_refault_file"
MOST = 100  # a larger number of repetitions is not suggested
MANY = ("Each number was judged by itself: of twenty that do not differ, about one, at most, is "
        "told as an effect.")
# An effect whose interval just leaves out 0 needs this many times the repetitions to be found
# in 80 % of all tries: (1.96 + .84)^2 / 1.96^2 (normal approximation).
POWER = 2.04
FRESH = "Choose N beforehand: who adds runs until the result is clear takes luck for an effect."
LUCK = "One run of each does not tell which takes longer: without `--once` a comparison repeats until it can tell."
LOOKED = ("The comparison looked after {} repetitions, and stopped {}: each look's intervals are at 98.3 %, so all "
          "looks at a number are right in at least 95 of 100 comparisons, if its differences, repetition by "
          "repetition, are about normal.")
TOLD = "when it knew of each time whether it differs"
OPEN = "at its limit, with a time undecided"
FAILED = "because a run failed"
# (number's name, the clause that says how many more or fewer)
CAUSES = [("again", "it read {} {} pages again"),
          ("pswpout", "it wrote {} {} pages to swap"),
          ("pgmajfault", "{} {} of its faults waited for the disk")]


def _mean(runs: List[Done], name: str) -> float:
    return sum(d.number(name) for d in runs) / len(runs)


def _judge(one: List[Done], two: List[Done], name: str, least: float,
           t: Sequence[float] = luck.T95) -> Tuple[float, float, str]:
    """Returns the difference of the means, half its confidence interval, and a word on
    it ("effect", or why it is none). A single run's counts are exact: each difference is an effect."""
    if len(one) == 1:
        more = _mean(two, name) - _mean(one, name)
        return more, 0, "effect" if more else "equal"
    return luck.verdict([d.number(name) for d in one],
                        [d.number(name) for d in two], least, luck.DECIMALS.get(name, 0), t)


def _within(one: List[Done], mean: float, half: float, least: float) -> bool:
    """True if the difference of times is within `least` percent. This must hold for
    the whole interval: a mean alone may be luck."""
    return 100 * (abs(mean) + half) <= least * _mean(one, "seconds")


def _text(seconds: float, form: str = "") -> str:
    """Returns a time as text: two decimals, below 1 s three significant digits, no exponent."""
    return format(seconds, form + ".2f") + " s" if abs(seconds) >= 1 else \
        format(Decimal(f"{seconds:.3g}"), form + "f") + " s"


def _evicted(done: Done) -> bool:
    """True if the run evicted a page: by the daemon, by a process that needed a frame, or by the way of
    a cache list or of an inode's end, which no counter counts."""
    return bool(done.number("reclaimed")) or any(
        e.reason in partings.VICTIM for e in partings.frame_events(done))


def pair(one: Tuple[str, List[Done]], two: Tuple[str, List[Done]], least: float,
         t: Sequence[float] = luck.T95) -> str:
    """Returns the verdict on two runs of the same work, or on the means of equally many repetitions
    of each. Of single runs it tells the counts that differ, of repetitions which took longer, if
    that is decided, and the counted effects."""
    idle = "" if any(map(_evicted, one[1] + two[1])) else \
        " Neither evicted a page; with more work, or less RAM, they would."
    repeated = len(one[1]) > 1
    (quick, a), (slow, b) = sorted((one, two), key=lambda x: repeated and _mean(x[1], "seconds"))
    if [d.result["outcome"] for d in a] == [d.result["outcome"] for d in b]:
        return f"{two[0]} did exactly what {one[0]} did.{idle}"

    def more(name: str) -> float:
        "Returns how many more b counted in the mean; 0 if that may be luck, or is small."
        # judged as in the table: the first run is the base of percentages
        n, _, word = _judge(one[1], two[1], name, least, t)
        return 0 if word != "effect" else n if b is two[1] else -n

    before, after = _mean(a, "seconds"), _mean(b, "seconds")
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
    busy, seeks, turns, requests = (more(n) if repeated or n == "requests" else 0  # one run's times are luck
                                    for n in ("disk_busy", "seeks", "rotation", "requests"))
    parts = [f"{requests:+,.0f} requests" if repeated else f"{abs(requests):,.0f} "
             f"{'more' if requests > 0 else 'fewer'} requests"] * bool(requests)
    parts += [f"{_text(seeks, '+')} of seeks"] * bool(seeks)
    parts += [f"{_text(turns, '+')} of rotation and transfer"] * bool(
        turns and _mean(a + b, "seeks"))  # without seeks it is all of disk_busy, told below
    if busy or parts:
        did = f"was busy for {_text(abs(busy))} {'more' if busy > 0 else 'less'}: " \
            if busy else "had "
        (why if (busy or max(seeks, turns, requests)) > 0 else but).append(
            f"its disk {did}{', '.join(parts)}".removesuffix(": "))
    best = _mean(b, "opt")
    optimum = (f" In as much memory OPT would read {best:,.0f} pages again (if no page were "
               f"reached by read() or at two addresses); {slow} read {_mean(b, 'again'):,.0f}, "
               f"{quick} {_mean(a, 'again'):,.0f}."
               if best > 0 else "")
    if not repeated:
        return (f"{slow} beside {quick}, one run of each: "
                + ("; ".join(why + but) or "no count of reading or writing differs") + "." + idle + optimum)
    mean, half, word = _judge(one[1], two[1], "seconds", least, t)
    if word == "effect":
        none = "no counter of reading or writing is higher by more than luck"
        share = f", {100 * (after / before - 1):.0f} +- {100 * half / before:.0f} %" if before else ""
        return (f"{slow} took {_text(after - before)} longer than {quick}, an effect and not luck ({times}{of}{share}): "
                + ("; ".join(why) or none) + f", although {' and '.join(but)}" * bool(but) + "."
                + idle + optimum)
    first, second = _mean(one[1], "seconds"), _mean(two[1], "seconds")
    within = _within(one[1], mean, half, least)
    if within or word == "equal":
        said = (f"{one[0]} and {two[0]} took the same time"
                + f", within {least:g} %" * within
                + f": {_text(first)} and {_text(second)}{of}.")
    else:
        shares = [f"{100 * x / (first or 1):.1f} %" for x in (abs(mean), half)]
        if word == "small":
            said = f"{slow} took a little longer than {quick} ({' +- '.join(shares)}): {times}."
        else:
            said = (f"Whether {one[0]} or {two[0]} takes longer is not decided by {len(a)} runs of each: {_text(first)} "
                    f"and {_text(second)}; {two[0]} took {shares[0]} {'less' if mean < 0 else 'more'}, +- {shares[1]}.")
            needed = POWER * len(a) * (_judge(one[1], two[1], "seconds", least)[1] / (abs(mean) or 1e-9)) ** 2
            said += (" If so much is real, four of five comparisons by `--jitter N` show it with N " + (
                f"about {math.ceil(needed)}" if needed <= MOST else f"above {MOST}") + "." + (" " + FRESH) * (t is luck.T95))
    return said + idle + (f" What differs in {slow}: {'; '.join(why + but)}." if why + but else "")


def _repetitions(group: List[Tuple[Run, Done]], axes: List[str]) -> Dict[str, List[Done]]:
    """Returns each run's repetitions by its name."""
    runs: Dict[str, List[Done]] = {}
    for run, done in group:
        runs.setdefault(run.label([a for a in axes if a != "jitter"]), []).append(done)
    return runs


def undecided(groups: List[List[Tuple[Run, Done]]], axes: List[str], least: float) -> int:
    """Returns of how many runs a look (luck.LOOKS) cannot tell whether they take longer than the first
    of their group, or as long; 0 if a run failed: repetitions would not help."""
    open_ = 0
    for group in groups:
        if any(d.failure for _, d in group):
            return 0
        first, *others = _repetitions(group, axes).values()
        for other in others:
            mean, half, word = _judge(first, other, "seconds", least, luck.T983)
            open_ += word == "open" and not _within(first, mean, half, least)
    return open_


def sentences(groups: List[List[Tuple[Run, Done]]], axes: List[str], least: float,
              t: Sequence[float] = luck.T95) -> List[str]:
    """Returns a verdict on each run compared with the first of its group that had status 0, and a
    sentence on each that failed or wrote errors. Runs that differ by `jitter` alone count as one.
    Last, what may be luck: MANY if means were compared, LOOKED if at several looks, LUCK if single runs."""
    said, compared = [], False
    for group in groups:
        runs = _repetitions(group, axes)
        failed = {name: f for name, same in runs.items()
                  for f in [next(filter(None, (d.failure for d in same)), "")] if f}
        said += [f"{name or 'the run'} ended with {why.rstrip('.')}." for name, why in failed.items()]
        ended = [r for r in runs.items() if r[0] not in failed]
        for name, same in ended: # a command before the last may have failed
            said += [f"{name or 'the run'} wrote to standard error: {d.errors[0].rstrip('.')}."
                     for d in same if d.errors][:1]
        said += [pair(ended[0], other, least, t) for other in ended[1:]]
        compared |= len(ended) > 1
    said += [MANY] * any(" What differs in " in s or ", means of " in s for s in said)
    if t is luck.T983 and compared:
        n = len(next(iter(_repetitions(groups[0], axes).values())))
        looks = [*map(str, (k for k in luck.LOOKS if k < n)), str(n)]
        said += [LOOKED.format(" and ".join(filter(None, [", ".join(looks[:-1]), looks[-1]])),
                               FAILED if any(d.failure for group in groups for _, d in group)
                               else OPEN if undecided(groups, axes, least) else TOLD)]
    return said + [LUCK] * any(", one run of each: " in s for s in said)
