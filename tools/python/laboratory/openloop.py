# SPDX-License-Identifier: MIT
"""--open-loop: runs the references of the first run through every policy. In
the runs themselves, a policy's delays change what programs reference, and when;
here all policies get the same string, and as many frames as the first run had."""
from __future__ import annotations

from pathlib import Path
from typing import List

from . import optimum
from .runs import Failed
from .tables import Row, aligned, groups

FILE = "openloop.txt"
NUMBERS = ("guest:NAME takes an address for the same page throughout; the other policies count a "
           "new page each time the address gets a page of zeros, so guest:NAME may have fewer faults than opt.")
BESIDE = ["lru", "opt"]  # textbook policies, for comparison


def check(tunables: List[str]) -> None:
    """Raises Failed if --open-loop is not possible."""
    if tunables:
        raise Failed("--open-loop: not with --set: vmsim has no tunables")
    if not optimum.simulator():
        raise Failed("--open-loop: vmsim is not beside clockhand (make)")


def forget(folder: str) -> None:
    """Removes the table that an earlier comparison wrote into the folder."""
    Path(folder, FILE).unlink(missing_ok=True)


def table(folder: str, rows: List[Row], axes: List[str]) -> List[str]:
    """Returns, for each group of runs, a line for each policy; also writes them to
    DIR/openloop.txt."""
    lines = [["string of", "policy", "frames", "references", "faults", "returns", "dirty"]]
    for group in groups(rows, axes):
        run, done = group[0]
        frames = done.result["frames"]
        if not frames:
            raise Failed("--open-loop: the counters do not tell how many frames held pages")
        names = [*dict.fromkeys(f"guest:{r.option('policy')}" for r, _ in group
                                if r.option("policy")), *BESIDE]
        of = done.path + "/refs", [frames, optimum.ALL]
        counts = optimum.simulate(*of, "--policy", ",".join(names))
        for file in dict.fromkeys(r.option("policy-file") for r, _ in group):
            counts += optimum.simulate(*of, "--policy-file", file) if file else []
        for few, enough in zip(counts[::2], counts[1::2]):
            lines.append([run.label(axes) or "the run", str(few["policy"]),
                          str(frames), str(few["references"]), str(few["faults"]),
                          str(few["faults"] - enough["faults"]),
                          str(few["dirty_evictions"])])
    said = aligned(lines) + [NUMBERS]
    Path(folder, FILE).write_text("".join(line + "\n" for line in said))
    return said
