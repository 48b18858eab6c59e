# SPDX-License-Identifier: MIT
"""Figures and tables from numbers in files: a comparison's results as bars; the
claims of `make experiments`, with the documents' numbers beside the measured
ones."""
from __future__ import annotations

import html
import os
import re
from typing import Dict, Iterator, List, Sequence, Tuple

from . import page, pictures
from .svg import LEFT, RIGHT, WIDTH, coordinate

HERE = "tools/experiments"
BAR = 16


def bars(head: Sequence[str], rows: Sequence[Sequence[str]],
         axes: Sequence[str], command: str) -> str:
    """Figures of each run's seconds and major faults, as bars."""
    out = ""
    colours = pictures.COLOURS if len(rows) <= len(pictures.COLOURS) else ["a"]
    for name, about in (("seconds", "simulated time until the end (s)"),
                        ("pgmajfault", "faults that waited for the disk")):
        at = head.index(name)
        values = [0 if row[at] == "-" else float(row[at]) for row in rows]
        most = max(values) or 1
        left = 220
        svg = [f'<svg viewBox="0 0 {WIDTH} {len(rows) * BAR + 4}" role="img">'
               f"<title>{about}</title>"]
        for i, (row, value) in enumerate(zip(rows, values)):
            wide = value / most * (WIDTH - left - LEFT - RIGHT)
            y = i * BAR
            svg.append(
                f'<text class="end" x="{left - 6}" y="{y + 12}">'
                f'{html.escape(" ".join(row[:len(axes)]))}</text>'
                f'<path class="area full {colours[i % len(colours)][0]}" d="M{left} {y + 2}h'
                f'{coordinate(wide)}v{BAR - 4}H{left}Z"/>'
                f'<text x="{coordinate(left + wide + 4)}" y="{y + 12}">'
                f"{html.escape(row[at])}</text>")
        out += page.figure("".join(svg) + "</svg>", about.capitalize() + ".",
                           "linear scale from 0.", "", command)
    return out


# ---- experiments ------------------------------------------------------------

def _lines(path: str) -> List[str]:
    with open(path, encoding="utf-8", errors="replace") as f:
        return [re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", line).rstrip("\n")
                for line in f]


def _join(rows: List[List[str]], fields: List[str]) -> None:
    """Joins cells that continue in another line."""
    for i, text in enumerate(fields):
        rows[-1][i] = f"{rows[-1][i]} {text}".strip()


def _cells(line: str, edges: List[int]) -> List[str]:
    """Returns the cells of a line, which is cut where the rule below the head
    has its crossings. Positions are in bytes, as the monitor counts."""
    data = line.encode()
    cuts = [-1, *edges, len(data)]
    return [data[a + 1:b].decode(errors="replace").strip()
            for a, b in zip(cuts, cuts[1:])]


def tables(lines: List[str]) -> Iterator[Tuple[str, List[List[str]]]]:
    """Yields the tables that the monitor's report draws: for each a title, and
    rows of four cells, the head first. A line whose last cell is empty
    continues the row above it."""
    for at, line in enumerate(lines):
        if not re.match(r"^  what +\|", line):
            continue
        rule = next((i for i in range(at, min(at + 9, len(lines)))
                     if re.match(r"^  -+\+-", lines[i])), None)
        if rule is None:
            continue
        edges = [m.start() for m in re.finditer(r"\+", lines[rule])]
        rows = [["", "", "", ""]]
        for i in range(at, len(lines)):
            if not lines[i].strip():
                break
            fields = _cells(lines[i], edges)
            if i < rule or (i > rule and not fields[-1]):
                _join(rows, fields)
            elif i > rule:
                rows.append(fields)
        title = next((t for t in reversed(lines[max(at - 3, 0):at]) if t.strip()),
                     "")
        yield title.strip(), rows


def _kind(cell: str) -> str:
    word = "not" if cell.startswith("does NOT") else "holds" if cell.startswith("holds") else ""
    return f' class="{word}"' if word else ""


def _picture(counters: str, command: str, hz: int) -> List[str]:
    if not os.path.exists(counters):
        return []
    series = pictures.Series(pictures.lines_of(counters), hz)
    if series.seconds <= 0:
        return []
    return [pictures.free_memory(series, command), pictures.rates(series, command),
            pictures.kinds(series, command)]


def experiments(build: str) -> List[str]:
    """The parts about each BUILD/experiments/NAME.txt, with NAME.counters' pictures."""
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
            parts.append(f"<p>{html.escape(title)}</p>\n" + page.table(rows[0], rows[1:], _kind))
            for row in rows[1:]:
                for word in count:
                    count[word] += row[3].startswith(word)
        if not found:
            parts.append("<pre>" + html.escape("\n".join(lines)) + "</pre>\n")
        parts += _picture(os.path.join(folder, name + ".counters"), command,
                          int(clock[1]) if clock else 10**9)
    total = ", ".join(f"{n} {word}" for word, n in count.items())
    head = (f"<p>{len(names)} experiments; of their claims: {total}. A table says "
            "what a document says, what was measured, and whether that holds; "
            "\u201cdiffers\u201d is a figure of the document's own machine. Made by "
            "<code>make experiments</code>.</p>\n<p>"
            + " ".join(f'<a href="#{n}">{n}</a>' for n in names) + "</p>\n")
    return [head] + parts
