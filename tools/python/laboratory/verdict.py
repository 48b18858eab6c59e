# SPDX-License-Identifier: MIT
"""A comparison's verdict in sentences: which run took longer, and the counted
differences that go with it."""
from __future__ import annotations

from typing import Dict, List, Tuple

from . import luck
from .runs import Done, Run

FILES = "workingset_refault_file"
LEAST = .01  # a smaller part is no difference
LUCK = "Single runs: `--jitter 5` says whether a difference is luck."
# (number's name, the clause that says how many more)
CAUSES = [("again", "it read {} more pages again"),
          ("pswpout", "it wrote {} more pages to swap"),
          ("pgmajfault", "{} more of its faults waited for the disk")]


def _mean(runs: List[Done], name: str) -> float:
    return sum(d.number(name) for d in runs) / len(runs)


def _text(seconds: float, form: str = "") -> str:
    """Returns a time as text: two decimals, below a second three digits."""
    return format(seconds, form + (".2f" if abs(seconds) >= 1 else ".3g")) + " s"


def _as_long(one: List[Done], two: List[Done], least: float) -> str:
    """"" if the runs' times differ, else the bound within which they are the same.
    Repeated runs differ if the difference is an effect (luck.py)."""
    if len(one) == 1:
        before, longer = one[0].number("seconds"), _mean(two, "seconds") - _mean(one, "seconds")
        return f"within {100 * LEAST:g} %" if longer <= LEAST * before else ""
    _, half, word = luck.verdict([d.number("seconds") for d in one],
                                 [d.number("seconds") for d in two], least)
    return {"luck": f"within +- {_text(half)}, which is luck",
            "small": f"within {least:g} %"}.get(word, "")


def pair(one: Tuple[str, List[Done]], two: Tuple[str, List[Done]],
         least: float) -> str:
    """Returns the sentences about two runs of the same work, or about the means
    of the same number of repetitions of each."""
    idle = "" if any(d.number("reclaimed") for d in one[1] + two[1]) else \
        " Neither evicted a page: more work, or less RAM, would make them."
    (quick, a), (slow, b) = sorted((one, two), key=lambda x: _mean(x[1], "seconds"))
    if [d.result["outcome"] for d in a] == [d.result["outcome"] for d in b]:
        return f"{two[0]} did exactly what {one[0]} did.{idle}"
    before, after = _mean(a, "seconds"), _mean(b, "seconds")
    longer = after - before
    of = f", means of {len(a)} runs each" if len(a) > 1 else ""
    share = f", {100 * longer / before:.0f} %" if before else ""
    if alike := _as_long(a, b, least):
        return (f"{one[0]} and {two[0]} took the same time, {alike}: "
                f"{_text(before)} and {_text(after)}{of}.{idle}")
    why = []
    for name, text in CAUSES:
        more = _mean(b, name) - _mean(a, name)
        if more > LEAST * _mean(a, name):
            files = _mean(b, FILES) - _mean(a, FILES) if name == "again" else 0
            why.append(text.format(f"{more:,.0f}") + (
                f", {files:,.0f} of them of files" if 0 < files < more else ""))
    busy, seeks, requests = (_mean(b, n) - _mean(a, n)
                             for n in ("disk_busy", "seeks", "requests"))
    if busy > longer / 2:
        parts = [f"{requests:+,.0f} requests"] * (abs(requests) > LEAST * _mean(a, "requests"))
        parts += [f"{_text(seeks, '+')} of seeks"] * (abs(seeks) > LEAST * busy)
        if _mean(b, "seeks") and busy - seeks > busy / 4:
            parts.append(f"{_text(busy - seeks, '+')} of rotation and transfer")
        why.append(f"its disk was busy for {_text(busy)} more: {', '.join(parts)}".strip(": "))
    best = b[0].judged("opt")
    return (f"{slow} took {_text(longer)} longer than {quick} ({_text(after)} against "
            f"{_text(before)}{of}{share}): "
            + ("; ".join(why) or "not for the disk: no counter of reading or "
               "writing is higher") + "."
            + idle + (f" OPT, were each page at one address only, would read {best:,.0f} again "
               f"in as much memory; {slow} read {_mean(b, 'again'):,.0f}." if best else ""))


def sentences(groups: List[List[Tuple[Run, Done]]], axes: List[str],
              least: float) -> List[str]:
    """Returns a verdict on each run beside the first of its group that ended well, and
    a sentence on each that did not. Runs that differ by `jitter` alone count as one.
    Last, if single runs took different times: that it may be luck."""
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
        said += [pair(ended[0], other, least) for other in ended[1:]]
        turns |= group[0][1].number("seeks") > 0  # --jitter needs such a disk
    took = any(" longer than " in s or " took the same time" in s for s in said)
    return said + [LUCK] * (took and turns and plain == axes)
