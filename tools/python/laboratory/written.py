# SPDX-License-Identifier: MIT
"""Figures and tables from numbers in files: a comparison's results as bars; the
claims of `make experiments`, with the documents' numbers beside the measured
ones."""
from __future__ import annotations

import html
import os
import re
import sys
from functools import partial
from typing import Dict, Iterator, List, Sequence, Tuple

from . import page, pictures
from .svg import LEFT, RIGHT, WIDTH, coordinate

HERE = "tools/experiments"
BAR = 16


def bars(head: Sequence[str], rows: Sequence[Sequence[str]], axes: int,
         means: Sequence[Sequence[str]], command: str) -> str:
    """Returns figures of seconds and major faults: a bar for each run; or, given the lines of the
    table of means (of repeated runs), a bar with a whisker for each mean and its interval.
    axes: how many columns name a bar."""
    out, left, room = "", 220, 140 if means else LEFT + RIGHT
    for name, about in (("seconds", "simulated time until the end (s)"),
                        ("pgmajfault", "faults that waited for the disk")):
        at = head.index(name)
        drawn = [(m[:axes], m[axes + 1:axes + 3]) for m in means if m[axes] == name] \
            or [(row[:axes], row[at:at + 1]) for row in rows]
        sizes = [([float(s) for s in said if s != "-"] + [0, 0])[:2] for _, said in drawn]
        scale = (WIDTH - left - room) / (max(value + half for value, half in sizes) or 1)
        colours = pictures.COLOURS if len(drawn) <= len(pictures.COLOURS) else ["a"]
        svg = [f'<svg viewBox="0 0 {WIDTH} {len(drawn) * BAR + 4}" role="img">'
               f"<title>{about}</title>"]
        for i, ((run, said), (value, half)) in enumerate(zip(drawn, sizes)):
            least, end, most = (coordinate(left + max(x, 0) * scale)
                                for x in (value - half, value, value + half))
            y, colour = i * BAR, colours[i % len(colours)][0]
            whisker = f'<path class="line {colour}" d="M{least} {y + 8}H{most}M{least} ' \
                f'{y + 4}v8M{most} {y + 4}v8"/>'
            svg.append(
                f'<text class="end" x="{left - 6}" y="{y + 12}">{html.escape(" ".join(run))}'
                f'</text><path class="area{" full" * (not means)} {colour}" d="M{left} {y + 2}'
                f'H{end}v{BAR - 4}H{left}Z"/>{whisker * bool(half)}<text x="{most}" dx="4" '
                f'y="{y + 12}">{html.escape(" +- ".join(said))}</text>')
        out += page.figure("".join(svg) + "</svg>", about.capitalize() + ".",
                           "means, with their intervals; " * bool(means)
                           + "linear scale from 0.", "", command)
    return out


# ---- experiments ------------------------------------------------------------

def _lines(path: str) -> List[str]:
    with open(path, encoding="utf-8", errors="replace") as f:
        return [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", line).rstrip("\n") for line in f]


def tables(lines: List[str]) -> Iterator[Tuple[str, List[List[str]]]]:
    """Yields the tables that the monitor's report draws: for each its title (the line above
    it), and rows of four cells, the head first. The rule below the head has a +
    at each byte at which a cell ends. A line whose last cell is empty continues the row above."""
    above = ""
    for block in re.split(r"\n\s*\n", "\n".join(lines)):
        if found := re.search(r"(?ms)^  what +\|.*?^(  -+\+-.*?)$", block):
            cuts = [-1, *(m.start() for m in re.finditer(r"\+", found[1])), sys.maxsize]
            rows, begun = [[""] * 4], False
            for line in block[found.start():].splitlines():
                cells = [line.encode()[a + 1:b].decode(errors="replace").strip()
                         for a, b in zip(cuts, cuts[1:])]
                if line == found[1]:
                    begun = True
                elif begun and cells[-1]:
                    rows.append(cells)
                else:
                    rows[-1] = [f"{a} {b}".strip() for a, b in zip(rows[-1], cells)]
            yield (above + block[:found.start()]).strip().rpartition("\n")[2].strip(), rows
        above = block + "\n"


def experiments(build: str) -> List[str]:
    """Returns the parts about each BUILD/experiments/NAME.txt, with NAME.counters' pictures."""
    folder = os.path.join(build, "experiments")
    names = sorted(f[:-4] for f in os.listdir(folder) if f.endswith(".txt"))
    count: Dict[str, int] = {"holds": 0, "does NOT hold": 0, "differs": 0}
    parts: List[str] = []
    for name in names:
        lines = _lines(os.path.join(folder, name + ".txt"))
        command = f"build/clockhand -x {HERE}/{name}.ch"
        program = os.path.join(page.HERE, "../../experiments", name)
        head = _lines(program + ".ch")[0] if os.path.exists(program + ".ch") else ""
        clock = re.search(r"--clock (\d+)", head)
        if os.access(program, os.X_OK):
            command = f"{HERE}/{name} build"
        found = list(tables(lines))
        parts.append(f'<h2 id="{name}">{name}</h2>\n<p><code>'
                     f"{html.escape(command)}</code></p>\n")
        for title, rows in found:
            parts.append(f"<p>{html.escape(title)}</p>\n"
                         + page.table(rows[0], rows[1:], verdicts=True))
            for row in rows[1:]:
                for word in count:
                    count[word] += row[3].startswith(word)
        if not found:
            parts.append("<pre>" + html.escape("\n".join(lines)) + "</pre>\n")
        counters = os.path.join(folder, name + ".counters")
        if os.path.exists(counters):
            parts += pictures.of_run(partial(pictures.lines_of, counters), None,
                                     int(clock[1]) if clock else 10**9, command)
    total = ", ".join(f"{n} {word}" for word, n in count.items())
    head = (f"<p>{len(names)} experiments; of their claims: {total}. A table says "
            "what a document says, what was measured, and whether that holds; "
            "\u201cdiffers\u201d is a figure that need not hold on our machine. Made by "
            "<code>make experiments</code>.</p>\n<p>"
            + " ".join(f'<a href="#{n}">{n}</a>' for n in names) + "</p>\n")
    return [head] + parts
