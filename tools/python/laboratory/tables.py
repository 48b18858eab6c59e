# SPDX-License-Identifier: MIT
"""A comparison's results as text: CSV, a table, the verdict, the partings."""
from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

from . import luck, machines, partings, verdict
from .runs import JUDGED, Done, Run

Row = Tuple[Run, Done]
NUMBERS = ["seconds", "instructions", "pgfault", "pgmajfault", "pswpin",
           "pswpout", "scanned", "reclaimed", "workingset_refault", "again",
           "disk_busy", "requests", "seeks", "rotation", "frames", "opt", *JUDGED]
JITTERED = ["seconds", "pgmajfault", "pswpout", "again", "disk_busy", "requests",
            "seeks", "rotation"]  # means are shown of these; the verdict compares these and verdict.FILES
HEADS = {"seconds": "seconds", "workingset_refault": "refaults",
         "again": "read again", "disk_busy": "disk s", "seeks": "seek s",
         "rotation": "turn s", "opt": "OPT", "cold_used": "cold used %",
         "hot_idle": "hot idle %", "regret": "regret %",
         "regret2": "in 2 turns %", "regret4": "in 4 %"}

ABOUT = ("pgfault, pgmajfault: faults, and those that waited for the disk. pswpin, pswpout: "
         "pages from and to swap. refaults: pages that came back while the kernel "
         "remembered their eviction. read again: pswpin, and those refaults that are a file's. "
         "disk s: the seconds in which disks were busy, each disk's added up, so that two disks may have more than the run "
         "took; seek s: those with seeks; turn s: those with rotation and transfer. frames: the most that held pages of programs and files. OPT: the pages that a policy which knows the future "
         "would have read again, were no page reached by read() or at two addresses. cold used: of the pages that the kernel takes "
         "for unused, those used within 100 ms; hot idle: of those that it takes for used, those not used within 100 ms. regret: "
         "victims wanted again before memory had turned over once; in 2 turns, in 4: twice, four times. ")
COPIED = ("With --policy-file, each policy of --policy is a copy, linked as that file is. Its time "
          "may differ from that of the built-in policy, whose kernel may be a frame smaller.")


def text(name: str, value: float) -> str:
    """Returns a value as text: seconds with three decimals, a share with two, a count with none;
    "-" for nan (there is nothing to judge, or it was not counted)."""
    digits = 2 if name in JUDGED else luck.DECIMALS.get(name, 0)
    return "-" if math.isnan(value) else f"{round(value, digits) + 0.:.{digits}f}"  # no -0


def cells(run: Run, done: Done, axes: List[str]) -> List[str]:
    """Returns a run's line: its values on the axes, NUMBERS, status, outcome."""
    return [run.value(a) for a in axes] + [text(n, done.number(n)) for n in NUMBERS] \
        + [str(done.result[n]) for n in ("status", "outcome")]


def write_csv(path: str, rows: List[Row], axes: List[str]) -> None:
    """Writes a line a run: its values on the axes, NUMBERS, status, outcome, hash, key."""
    with open(path, "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(axes + NUMBERS + ["status", "outcome", "hash", "key"])
        for run, done in rows:
            out.writerow([*cells(run, done, axes), done.result["hash"], run.key])


def aligned(lines: List[List[str]]) -> List[str]:
    """Aligns the columns: words to the left, numbers to the right."""
    width = [max(map(len, column)) for column in zip(*lines)]

    def cell(s: str, i: int) -> str:
        number = s[:1].isdigit() or (s[:1] in "+-" and s[1:2].isdigit())
        return s.rjust(width[i]) if number else s.ljust(width[i])
    return ["  ".join(cell(s, i) for i, s in enumerate(line)).rstrip() for line in lines]


def group_of(run: Run, axes: List[str]) -> str:
    """Returns the name of the run's group (groups)."""
    return run.label([a for a in axes if a not in ("policy", *machines.KINDS) and "." not in a])


def groups(rows: List[Row], axes: List[str]) -> List[List[Row]]:
    """Returns groups of runs that may be compared frame by frame: the runs of a group
    differ in policy, tunables, guest and revision only."""
    found: Dict[str, List[Row]] = {}
    for run, done in rows:
        found.setdefault(group_of(run, axes), []).append((run, done))
    return list(found.values())


def table(rows: List[Row], axes: List[str]) -> List[str]:
    """Returns a line for each run. If an earlier run of its group had the same
    outcome, the line says so."""
    lines = [axes + [HEADS.get(n, n) for n in NUMBERS] + ["status", "outcome"]]
    for group in groups(rows, axes):
        seen: Dict[str, str] = {}
        for run, done in group:
            outcome = done.result["outcome"]
            as_was = seen.setdefault(outcome, run.label(axes))
            note = "" if as_was == run.label(axes) else f"  as {as_was}"
            lines.append(cells(run, done, axes))
            lines[-1][-1] += note
    return aligned(lines)


def jittered(rows: List[Row], axes: List[str], least: float, t: Sequence[float] = luck.T95,
             ) -> Tuple[List[List[str]], List[str]]:
    """Returns the table of means over the repetitions with confidence intervals:
    a line for each number of each run, with its difference from the first run, and
    whether that is an effect or may be luck; and the lines below the table. A run of which a
    repetition failed has no figures."""
    plain = [a for a in axes if a != "jitter"]
    lines = [plain + ["number", "mean", "+-", "difference", "+-", "is"]]
    had: Dict[str, List[str]] = {}
    for group in groups(rows, plain):
        runs: Dict[str, List[Row]] = {}
        for run, done in group:
            runs.setdefault(run.label(plain), []).append((run, done))
        first: List[Row] = []
        for name, same in runs.items():
            line = [same[0][0].value(a) for a in plain]
            if failed := sum(bool(d.failure) for _, d in same):
                lines.append(line + [f"{failed} of {len(same)} failed"] + [""] * 5)
                continue
            first = first or same
            frames = ", ".join(text("frames", d.number("frames")) for _, d in same)
            had.setdefault(frames, []).append(name or "the run")
            for n in JITTERED:
                base = [d.number(n) for _, d in first]
                mine = [d.number(n) for _, d in same]
                lines.append(line + [HEADS.get(n, n), *(text(n, x) for x in luck.interval(mine, t))])
                mean, half, word = luck.verdict(base, mine, least, luck.DECIMALS.get(n, 0), t)
                more = text(n, mean)
                lines[-1] += ["", "", ""] if same is first else [
                    "+" * (more[0] != "-") + more, text(n, half), word]
    run, steps = rows[0][0], {int(r.value("jitter").partition("/")[0]) for r, _ in rows}
    times, most = len(steps), max(steps)
    varied = ["the disk's phase"] * bool(run.platters) \
        + [f"RAM (0 to {most} frames fewer, not below 6 MiB)"] * bool(run.kib) \
        + [f"start (0 to {most} ms later)"] * (run.command is not None)
    return lines, [
        f"+-: {95 if t is luck.T95 else 98.3} % confidence interval of {times} runs that differ in {', '.join(varied)}.",
        f"effect: above its +- and {least:g} %; small: above its +- only; open: "
        "within its +-, so it may be luck."] + [
        f"frames: {' and '.join(names)} used at most {frames}." for frames, names in had.items()]


def parted(rows: List[Row], axes: List[str]) -> List[str]:
    """Returns lines about the decision at which each run parts from the first run
    of its group."""
    lines: List[str] = []
    for group in groups(rows, axes):
        for run, done in group:
            if done.failure:
                lines += [f"{run.label(axes) or 'the run'}: ended with {done.failure.rstrip('.')}; "
                          "its decisions are not compared", ""]
        whole = [(run, done) for run, done in group if not done.failure]
        for (base, first), (run, done) in ((whole[0], other) for other in whole[1:]):
            one, two = base.label(axes), run.label(axes)
            found = partings.parting(first, done)
            if not found:
                lines += [f"{one} | {two}: every decision alike", ""]
                continue
            same, a, b = found
            lines += [f"{one} | {two}: the first {same} decisions are alike"]
            lines += partings.words(one, a) + partings.words(two, b)
            lines += partings.one_victim(same, (one, a), (two, b)) + [""]
    return lines


def write_all(folder: str, rows: List[Row], axes: List[str],
              repetitions: int, least: float, t: Sequence[float] = luck.T95) -> Tuple[List[str], List[List[str]], List[str]]:
    """Writes results.csv, table.txt, verdict.txt, partings.txt. Returns the table's and
    the verdict's lines; for repeated runs also the table of means, and the lines below it."""
    write_csv(folder + "/results.csv", rows, axes)
    means, below = jittered(rows, axes, least, t) if repetitions > 1 else ([], [])
    lines = aligned(means) + below if means else table(rows, axes)
    lines += [COPIED] * any(r.option("original") for r, _ in rows)
    at_first = [r for r in rows if r[0].value("jitter")[:2] in ("", "0/")]
    plain = [a for a in axes if a != "jitter"]
    said_of = verdict.sentences(groups(rows, plain), axes, least, t)
    for name, said in (("table.txt", lines), ("verdict.txt", said_of),
                       ("partings.txt", parted(at_first, axes))):
        Path(folder, name).write_text("".join(line + "\n" for line in said))
    return lines + [""] * bool(said_of) + said_of, means, below
