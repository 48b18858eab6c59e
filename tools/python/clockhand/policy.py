# SPDX-License-Identifier: MIT
"""Replacement policies as small classes, on reference strings.

A policy derives from Policy and says what a hit, a miss and an eviction mean;
simulate() keeps the set of resident pages and counts. FIFO, LRU, CLOCK and OPT
below are the textbook's and give the same counts as build/vmsim (Mattson, Gecsei,
Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM Systems Journal
9(2), 1970; Corbato, "A paging experiment with the Multics system", 1968)."""
from __future__ import annotations

import re
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Deque, Dict, Iterable, List, Sequence, Set, Tuple, Type


class Policy:
    """frames: the number of frames; string: all references, for a policy that
    knows the future; now: the index of the current reference."""

    def __init__(self, frames: int, string: Sequence[int]) -> None:
        self.frames = frames
        self.string = string
        self.now = 0

    def hit(self, page: int) -> None:
        """Called when a resident page was referenced."""

    def miss(self, page: int) -> None:
        """Called when the page has been loaded."""
        raise NotImplementedError

    def evict(self) -> int:
        """Called when all frames are full; returns the victim."""
        raise NotImplementedError


class FIFO(Policy):
    """First in, first out."""

    def __init__(self, frames: int, string: Sequence[int]) -> None:
        super().__init__(frames, string)
        self.queue: Deque[int] = deque()

    def miss(self, page: int) -> None:
        self.queue.append(page)

    def evict(self) -> int:
        return self.queue.popleft()


class LRU(Policy):
    """Least recently used, exactly."""

    def __init__(self, frames: int, string: Sequence[int]) -> None:
        super().__init__(frames, string)
        self.stack: "OrderedDict[int, None]" = OrderedDict()

    def hit(self, page: int) -> None:
        self.stack.move_to_end(page)

    def miss(self, page: int) -> None:
        self.stack[page] = None

    def evict(self) -> int:
        return self.stack.popitem(last=False)[0]


class CLOCK(Policy):
    """One hand. If a page's use bit is set when the hand comes to it, the page
    stays and its bit is cleared. Loading a page sets its bit; the new page
    takes its victim's place."""

    def __init__(self, frames: int, string: Sequence[int]) -> None:
        super().__init__(frames, string)
        self.ring: List[int] = []
        self.used: Dict[int, bool] = {}
        self.hand = 0

    def hit(self, page: int) -> None:
        self.used[page] = True

    def miss(self, page: int) -> None:
        if len(self.ring) < self.frames:
            self.ring.append(page)
        else:
            self.ring[self.hand] = page
            self.hand = (self.hand + 1) % self.frames
        self.used[page] = True

    def evict(self) -> int:
        while self.used[self.ring[self.hand]]:
            self.used[self.ring[self.hand]] = False
            self.hand = (self.hand + 1) % self.frames
        return self.ring[self.hand]


class OPT(Policy):
    """Evicts the page whose next use is farthest away (Belady, 1966)."""

    def __init__(self, frames: int, string: Sequence[int]) -> None:
        super().__init__(frames, string)
        never, self.after = len(string), [0] * len(string)
        seen: Dict[int, int] = {}
        for i in range(len(string) - 1, -1, -1):
            self.after[i] = seen.get(string[i], never)
            seen[string[i]] = i
        self.next_use: Dict[int, int] = {}

    def hit(self, page: int) -> None:
        self.next_use[page] = self.after[self.now]

    miss = hit

    def evict(self) -> int:
        page = max(self.next_use, key=lambda p: self.next_use[p])
        del self.next_use[page]
        return page


@dataclass(frozen=True)
class Result:
    """victims: (index of the reference, page), in order."""
    references: int
    faults: int
    victims: List[Tuple[int, int]]

    @property
    def hits(self) -> int:
        return self.references - self.faults

    @property
    def miss_ratio(self) -> float:
        return self.faults / self.references if self.references else 0.0


def simulate(policy: Type[Policy], string: Iterable[int], frames: int) -> Result:
    """Runs the string under the policy; all frames are empty at first.
    ValueError: frames < 1, or the policy evicts a page that is not resident."""
    pages = list(string)
    if frames < 1:
        raise ValueError("at least one frame")
    p = policy(frames, pages)
    resident: Set[int] = set()
    victims: List[Tuple[int, int]] = []
    faults = 0
    for p.now, page in enumerate(pages):
        if page in resident:
            p.hit(page)
            continue
        faults += 1
        if len(resident) == frames:
            victim = p.evict()
            if victim not in resident:
                raise ValueError(f"reference {p.now}: {policy.__name__} evicts "
                                 f"{victim}, which is not resident")
            resident.remove(victim)
            victims.append((p.now, victim))
        resident.add(page)
        p.miss(page)
    return Result(len(pages), faults, victims)


def miss_ratio_curve(policy: Type[Policy], string: Iterable[int],
                     frames: Iterable[int]) -> List[float]:
    """Returns, for each number of frames, the share of references that miss."""
    pages = list(string)
    return [simulate(policy, pages, n).miss_ratio for n in frames]


def read_string(path: str) -> List[int]:
    """Reads a file of references as build/vmsim does: a page number in each line, with
    `w` after it for a write; # begins a comment; lines that begin with ! are skipped."""
    pages: List[int] = []
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in filter(None, map(str.strip, f)):
            found = re.fullmatch(r"(?:0[xX]([0-9a-fA-F]+)|([0-9]+))(\s+w)?\s*(#.*)?", line)
            page = int(found[1] or found[2], 16 if found[1] else 10) if found else 1 << 64
            if page < 1 << 64:
                pages.append(page)
            elif line[0] not in "#!":
                raise ValueError(f"{path}: {line}: not a page number, alone or with `w` after it")
    return pages
