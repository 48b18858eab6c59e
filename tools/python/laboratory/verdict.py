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
# (number's name, the clause that says how many more or fewer)
CAUSES = [("again", "it read {} {} pages again"),
          ("pswpout", "it wrote {} {} pages to swap"),
          ("pgmajfault", "{} {} of its faults waited for the disk")]


def _mean(runs: List[Done], name: str) -> float:
    return sum(d.number(name) for d in runs) / len(runs)


def _judge(one: List[Done], two: List[Done], name: str,
           least: float) -> Tuple[float, float, str]:
    """Returns the difference of the means, half its confidence interval, and whether it
    is an effect, as luck.py judges repeated runs. In single runs, what exceeds LEAST is."""
    if len(one) == 1:
        few, many = sorted((_mean(one, name), _mean(two, name)))
        return _mean(two, name) - _mean(one, name), 0, (
            "effect" if many - few > LEAST * few else "small")
    return luck.verdict([d.number(name) for d in one],
                        [d.number(name) for d in two], least)


def _text(seconds: float, form: str = "") -> str:
    """Returns a time as text: two decimals, below a second three digits."""
    return format(seconds, form + (".2f" if abs(seconds) >= 1 else ".3g")) + " s"


def pair(one: Tuple[str, List[Done]], two: Tuple[str, List[Done]],
         least: float) -> str:
    """Returns the sentences about two runs of the same work, or about the means
    of the same number of repetitions of each."""
    idle = "" if any(d.number("reclaimed") for d in one[1] + two[1]) else \
        " Neither evicted a page: more work, or less RAM, would make them."
    (quick, a), (slow, b) = sorted((one, two), key=lambda x: _mean(x[1], "seconds"))
    if [d.result["outcome"] for d in a] == [d.result["outcome"] for d in b]:
        return f"{two[0]} did exactly what {one[0]} did.{idle}"

    def more(name: str) -> float:
        "Returns how many more b counted in the mean; 0 if that may be luck, or is small."
        # judged as in the table: the first run is the base of percentages
        n, _, word = _judge(one[1], two[1], name, least)
        return 0 if word != "effect" else n if b is two[1] else -n

    before, after = _mean(a, "seconds"), _mean(b, "seconds")
    longer = after - before
    of = f", means of {len(a)} runs each" if len(a) > 1 else ""
    share = f", {100 * longer / before:.0f} %" if before else ""
    why: List[str] = []
    but: List[str] = []
    for name, text in CAUSES:
        n = more(name)
        files = more(FILES) if name == "again" else 0
        (why if n > 0 else but).extend([text.format(
            f"{abs(n):,.0f}", "more" if n > 0 else "fewer") + (
                f", {files:,.0f} of them of files" if 0 < files < n else "")] * bool(n))
    _, half, word = _judge(one[1], two[1], "seconds", least)
    if word != "effect":
        alike = f"+- {_text(half)}, which is luck" if word == "luck" else \
            f"{least if len(a) > 1 else 100 * LEAST:g} %"
        differs = f" What differs in {slow}: {'; '.join(why + but)}." \
            if len(a) > 1 and why + but else ""
        return (f"{one[0]} and {two[0]} took the same time, within {alike}: "
                f"{_text(before)} and {_text(after)}{of}.{idle}{differs}")
    busy, seeks, turns, requests = map(more, ("disk_busy", "seeks", "rotation", "requests"))
    if busy > longer / 2:
        parts = [f"{requests:+,.0f} requests"] * bool(requests)
        parts += [f"{_text(seeks, '+')} of seeks"] * (abs(seeks) > LEAST * busy)
        if _mean(b, "seeks") and turns > busy / 4:
            parts.append(f"{_text(turns, '+')} of rotation and transfer")
        why.append(f"its disk was busy for {_text(busy)} more: {', '.join(parts)}".strip(": "))
    best = _mean(b, "opt")
    none = "no counter of reading or writing is higher by more than luck" if len(a) > 1 \
        else "not for the disk: no counter of reading or writing is higher"
    return (f"{slow} took {_text(longer)} longer than {quick} ({_text(after)} against "
            f"{_text(before)}{of}{share}): " + ("; ".join(why) or none)
            + (f", although {' and '.join(but)}" if but else "") + "."
            + idle + (f" OPT, were each page at one address only, would read {best:,.0f} again "
               f"in as much memory; {slow} read {_mean(b, 'again'):,.0f}." if best > 0 else ""))


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
