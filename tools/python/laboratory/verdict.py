# SPDX-License-Identifier: MIT
"""A comparison's verdict in sentences: which run took longer, and the counted
differences that go with it."""
from __future__ import annotations

from typing import List, Tuple

from .runs import Done, Run

LEAST = .01  # a smaller share of the time is no difference
# (counter, part of it, the clause about so many more of it)
CAUSES = [("workingset_refault", "workingset_refault_file",
           "it read {n} more pages again, of which {part} were of files"),
          ("pswpout", "", "it wrote {n} more pages to swap"),
          ("pgmajfault", "", "{n} more of its faults waited for the disk")]


def pair(one: Tuple[str, Done], two: Tuple[str, Done]) -> str:
    """What is to be said of two runs of the same work."""
    (quick, a), (slow, b) = sorted((one, two), key=lambda x: x[1].number("seconds"))
    if a.result["outcome"] == b.result["outcome"]:
        return f"{two[0]} did exactly what {one[0]} did."
    before, after = a.number("seconds"), b.number("seconds")
    longer = after - before
    if longer < LEAST * before:
        return (f"{one[0]} and {two[0]} took the same time, within "
                f"{100 * LEAST:g} %: {before:.2f} and {after:.2f} s.")
    why = []
    for name, part, text in CAUSES:
        more = b.number(name) - a.number(name)
        if more > LEAST * a.number(name):
            of = b.number(part) - a.number(part) if part else 0
            why.append(text.format(n=f"{more:,.0f}", part=f"{max(of, 0):,.0f}"))
    busy = b.number("disk_busy") - a.number("disk_busy")
    if busy > longer / 2:
        why.append(f"its disk was busy for {busy:.2f} s more")
    best = b.judged("opt")
    return (f"{slow} took {longer:.2f} s longer than {quick} ({after:.2f} against "
            f"{before:.2f} s, {100 * longer / before:.0f} %): "
            + ("; ".join(why) or "not for the disk: no counter of reading or "
               "writing is higher") + "."
            + (f" With its future known, {best:,.0f} pages would have been enough "
               "to read again." if best else ""))


def sentences(groups: List[List[Tuple[Run, Done]]], axes: List[str]) -> List[str]:
    """One for each run beside the first of its group."""
    return [pair((base.label(axes), first), (run.label(axes), done))
            for (base, first), *others in groups for run, done in others]
