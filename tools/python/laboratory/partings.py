# SPDX-License-Identifier: MIT
"""The parting of two runs: the first decision that differs.

A decision is an event by which the policy treats a frame: it clears the frame's
mark of use and spares it, moves it between lists, queues its page to be written, gives the
page a slot in swap, or takes the frame. Two runs are compared decision by decision: what was
decided and on which frame, but not when, since the policies' own work takes time. At the
parting each run's next victim is named, with the information that led the policy to it:
the marks that it read since its last victim, the victim's own past, the free list."""
from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import Dict, Iterator, List, Optional, Tuple

from .runs import Done

VICTIM = {"swap-add", "reclaim", "drop-cache", "cached", "cache-idle",
          "free-behind", "inode-reuse", "double-paged"}
READ = {"ref-cleared": "used, mark cleared",
        "scan-spared": "used since the front hand, spared",
        "activate": "moved to the active list",
        "deactivate": "moved to the inactive list",
        "push-queued": "unused but modified, queued to be written",
        "swap-keep": "kept after its write"}
SHOWN = 6  # at most this many frames are listed for each reason


@dataclass
class Event:
    """A line of --events about a frame."""
    at: int  # the line's number
    cycle: int
    pfn: int
    from_state: str
    to_state: str
    reason: str
    actor: str


@dataclass
class Side:
    """One run at the parting. number: the victim's place among the decisions. read:
    the frames whose marks the policy read, by reason; past: the victim's own latest
    events; free: the free frames and the thresholds min, low, high."""
    victim: Optional[Event]
    number: int
    read: Dict[str, List[int]] = field(default_factory=dict)
    past: List[Event] = field(default_factory=list)
    free: Dict[str, int] = field(default_factory=dict)


def frame_events(done: Done) -> Iterator[Event]:
    """Yields the events about frames, as they came."""
    rows = done.rows("events")
    next(rows)
    for at, (cycle, _, pfn, before, after, reason, actor) in enumerate(rows):
        if pfn:
            yield Event(at, int(cycle), int(pfn), before, after, reason, actor)


def decisions(done: Done) -> List[Event]:
    """Returns the policy's decisions, in order."""
    return [e for e in frame_events(done) if e.reason in VICTIM or e.reason in READ]


def _levels(done: Done, victim: Event) -> Dict[str, int]:
    """Returns the free frames and the thresholds when the victim was taken: the
    last sample before it, with the free frames corrected by the events since."""
    rows = done.rows("counters")
    names = next(rows)
    samples = list(rows)
    at = bisect.bisect([int(r[0]) for r in samples], victim.cycle)
    if not at:
        return {}
    row = dict(zip(names, map(int, samples[at - 1])))
    levels = {n: row["vm." + n] for n in ("free", "min", "low", "high")}
    for e in frame_events(done):
        if row["cycle"] < e.cycle and e.at < victim.at:
            levels["free"] += (e.to_state == "free") - (e.from_state == "free")
    return levels


def _side(done: Done, made: List[Event], at: int) -> Side:
    """Returns the run's first victim from decision `at` on."""
    end = next((i for i in range(at, len(made)) if made[i].reason in VICTIM), None)
    if end is None:
        return Side(None, len(made))
    begin = next((i + 1 for i in range(end - 1, -1, -1) if made[i].reason in VICTIM), 0)
    victim = made[end]
    side = Side(victim, end, free=_levels(done, victim))
    for e in made[begin:end]:
        side.read.setdefault(e.reason, []).append(e.pfn)
    side.past = [e for e in frame_events(done) if e.pfn == victim.pfn and e.at < victim.at][-4:]
    return side


def parting(a: Done, b: Done) -> Optional[Tuple[int, Side, Side]]:
    """Returns the number of common decisions, and both sides; None if the runs
    never part."""
    one, two = decisions(a), decisions(b)
    same = next((i for i, (x, y) in enumerate(zip(one, two))
                 if (x.reason, x.pfn) != (y.reason, y.pfn)), min(len(one), len(two)))
    if same == len(one) == len(two):
        return None
    return same, _side(a, one, same), _side(b, two, same)


def first(same: int, *sides: Tuple[str, List[Event], float]) -> str:
    """Returns a sentence on the first decision that differs. sides: each run's name, decisions and
    cycles a second; same: how many decisions are alike before it."""
    did = []
    for name, made, hertz in sides:
        if same >= len(made):
            did.append(f"under {name} nothing more is decided")
            continue
        e = made[same]
        what = (f"frame {e.pfn} is taken ({e.from_state} -> {e.to_state}, {e.reason}, {e.actor})" if e.reason in VICTIM
                else f"frame {e.pfn} is {READ[e.reason]} ({e.reason}, {e.actor})")
        did.append(f"under {name} at {1000 * e.cycle / hertz:.2f} ms {what}")
    return f"The first decision that differs is number {same + 1}: {'; '.join(did)}."


def _frames(pfns: List[int]) -> str:
    shown = " ".join(map(str, pfns[-SHOWN:]))
    return f"{len(pfns)} frame{'s' * (len(pfns) != 1)} ({'... ' if len(pfns) > SHOWN else ''}{shown})"


def words(name: str, side: Side) -> List[str]:
    """Returns a side in lines of text."""
    v = side.victim
    if v is None:
        return [f"  {name}: no victim any more"]
    lines = [f"  {name}: takes frame {v.pfn} at cycle {v.cycle}: {v.from_state}"
             f" -> {v.to_state}, {v.reason} ({v.actor})"]
    if side.free:
        lines.append("    free list: {free} frames, marks {min} {low} {high} "
                     "(min low high)".format(**side.free))
    for reason, pfns in side.read.items():
        lines.append(f"    read since its last victim: {READ[reason]}: " f"{_frames(pfns)}")
    if not side.read:
        lines.append("    read since its last victim: no frame was found used")
    for e in side.past:
        lines.append(f"    frame {v.pfn} before: cycle {e.cycle}, "
                     f"{e.from_state} -> {e.to_state}, {e.reason} ({e.actor})")
    return lines


def one_victim(same: int, *sides: Tuple[str, Side]) -> List[str]:
    """Returns a line on what differs if both runs take the same frame, else none."""
    (one, a), (two, b) = sides
    if not a.victim or not b.victim or a.victim.pfn != b.victim.pfn:
        return []
    first, second = a.number - same, b.number - same
    return [f"  both take frame {a.victim.pfn}: " + (
        f"{one} after {first} more decisions, {two} after {second}" if first != second
        else f"each after {first} more decisions, but not the same ones" if first
        else "what becomes of it differs")]
