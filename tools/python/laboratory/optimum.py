# SPDX-License-Identifier: MIT
"""Runs the references of a run through vmsim, in as many frames as held pages in
that run."""
from __future__ import annotations

import json
import os
import subprocess
from typing import Dict, Iterator, List, Optional

from clockhand.machine import program

# The columns of --counters that count the frames with a program's page or a file's.
HELD = ["vm.anonymous", "vm.cow_shared", "vm.file_clean", "vm.file_dirty",
        "vm.swap_cache", "vm.shared_memory"]
ALL = 1 << 20  # enough frames for every page: only first references fault


def simulator() -> Optional[str]:
    """Returns the path of build/vmsim; None if it was not built."""
    path = os.path.join(os.path.dirname(program()), "vmsim")
    return path if os.path.exists(path) else None


def peak(counters: Iterator[List[str]]) -> Optional[int]:
    """Returns the largest number of frames that held pages at any sample of
    --counters; None if the kernel does not report it (another kernel)."""
    names: List[str] = next(counters, [])
    if not set(HELD) <= set(names):
        return None
    at = [names.index(n) for n in HELD]
    return max((sum(int(row[i]) for i in at) for row in counters), default=None)


def peak_of_events(events: Iterator[List[str]]) -> int:
    """Returns the most frames that held pages at any time, by the events: no sample can be higher,
    unless the machine was loaded, so that frames had pages before the first event."""
    held = {name[3:].replace("_", "-") for name in HELD}
    head: List[str] = next(events, [])
    if not {"pfn", "from", "to"} <= set(head):
        return 0
    pfn, old, new = map(head.index, ("pfn", "from", "to"))
    most = now = 0
    for row in events:
        if row[pfn]:
            now += (row[new] in held) - (row[old] in held)
            most = now if now > most else most
    return most


def simulate(refs: str, frames: List[int], *policies: str,
             ) -> List[Dict[str, int]]:
    """Returns vmsim's counts: for each policy, those for each number of frames."""
    done = subprocess.run(
        [simulator() or "vmsim", *policies, "--frames", ",".join(map(str, frames)), "--refs", refs, "--json"],
        capture_output=True, text=True)
    if done.returncode:
        raise OSError(done.stderr.strip())
    return [json.loads(line) for line in done.stdout.splitlines()]


def returns(refs: str, frames: Optional[int]) -> Optional[int]:
    """Returns the pages that OPT, which knows the future, would read again: its faults
    beyond each page's first; None without frames or vmsim. If each page has one address, no policy
    with as many frames reads fewer, by read-ahead or on demand (Belady, 1966; tools/README)."""
    if not frames or not simulator():
        return None
    few, enough = simulate(refs, [frames, ALL], "--policy", "opt")
    return few["faults"] - enough["faults"]
