# SPDX-License-Identifier: MIT
"""The report's page: one file of HTML that contains its style sheet, loads
nothing, and names neither the host nor the date."""
from __future__ import annotations

import html
import os
import re
from pathlib import Path
from typing import Dict, List, Sequence, Tuple

from clockhand import __version__

from . import svg

HERE = os.path.dirname(__file__)

STYLE = """
:root { color-scheme: light dark; --page: #fff; --ink: #14161a; --dim: #4e5663;
  --rule: #b4bac4; --pane: #f1f2f0; --a: #0b5cad; --b: #8a4b00; --c: #0b6b36;
  --d: #a3195b; --good: #0b6b36; --bad: #b3160b; --heat: 11,92,173; %(light)s }
@media screen and (prefers-color-scheme: dark) { :root { --page: #0b0c10; --ink: #e6e8ec;
  --dim: #9aa3b2; --rule: #3a4150; --pane: #14161c; --a: #6fb4ff; --b: #ffc36b;
  --c: #7bdfa4; --d: #f08bb4; --good: #57d08a; --bad: #ff7a6b;
  --heat: 255,210,74; %(dark)s } }
body { background: var(--page); color: var(--ink); margin: 2em auto;
  max-width: min(110em, 94vw); padding: 0 1em; font: 15px/1.45 system-ui, sans-serif }
h1 { font-size: 1.5em } h2 { font-size: 1.2em; margin-top: 2.2em;
  border-bottom: 1px solid var(--rule) }
p { max-width: 60em } figure > svg, figcaption { max-width: 60em }
.two { display: grid; gap: 0 2em; grid-template-columns: 1fr 1fr }
.two svg { max-width: none } .two text { font-size: 14px }
@media (max-width: 75em) { .two { display: block } .two text { font-size: 12px } }
.verdict { font-size: 1.15em } details { margin: 1em 0 }
summary { cursor: pointer; font-weight: 600 }
.cursor { stroke: var(--ink); stroke-dasharray: 2 2 } .key i { color: var(--dim) }
.dash { stroke-dasharray: 6 3 } .box { stroke: var(--rule) }
.box.first { stroke: var(--ink); stroke-width: 3 }
figure { margin: 1.2em 0 } figcaption { color: var(--dim) }
figcaption b { color: var(--ink); font-weight: 600 }
svg { width: 100%%; height: auto; display: block } svg.swatch { width: 18px;
  height: 10px; display: inline-block; margin-right: .4em }
svg.swatch [class*="s-"] { stroke: var(--rule) }
.key { margin-right: 1.2em; white-space: nowrap; display: inline-block }
text { font: 12px system-ui, sans-serif; fill: var(--ink) }
.mid { text-anchor: middle }
.end { text-anchor: end }
.axis { stroke: var(--dim); fill: none } .line { fill: none; stroke-width: 1.5 }
.level { stroke: var(--dim); stroke-dasharray: 4 3; fill: none }
.area { opacity: .35 } .area.full { opacity: 1 }
.cell { shape-rendering: crispEdges }
code, pre { font: 13px/1.4 ui-monospace, monospace }
footer { color: var(--dim); margin-top: 3em }
pre { background: var(--pane); padding: .6em .8em; overflow-x: auto;
  white-space: pre-wrap }
.wide { margin: 1em 0; overflow-x: auto } table { border-collapse: collapse;
  font-variant-numeric: tabular-nums; font-size: 13px }
td, th { padding: .15em .5em; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule) }
td.n { text-align: right } .holds { color: var(--good) }
.not { color: var(--bad); font-weight: 600 }
@media print { :root { --ink: #000; --dim: #333; --rule: #999; --pane: #fff }
  figure, table, tr { break-inside: avoid } table { font-size: 7.5pt }
  td, th { padding: .1em .35em } h2, h3, summary { break-after: avoid }
  body { -webkit-print-color-adjust: exact; print-color-adjust: exact } }
"""


def _tables(path: str) -> str:
    """Returns the text of a file: beside this module if installed, else in the tree."""
    there = os.path.join(HERE, os.path.basename(path))
    if not os.path.exists(there):
        there = os.path.join(HERE, "../../..", path)
    return Path(there).read_text()


def palette() -> List[Tuple[str, str, str]]:
    """Returns the panel's colours of a frame's states: word, light, dark."""
    states = re.findall(r'^STATE\((\w+), "([\w-]+)", \S+ 0x(\w{6})',
                        _tables("guest/abi/frame_states.def"), re.M)
    light: Dict[str, str] = dict(re.findall(
        r"^PAINT\((\w+), 0x\w+, 0x(\w{6})", _tables("emu/panel/palette.def"),
        re.M))
    return [(word, light[name], dark) for name, word, dark in states]


# Draws a cursor, a vertical line at the same time in all figures of class `time`. Each legend shows its
# curves' values at the points nearest to the cursor, none after a curve's last. Printing opens details.
SCRIPT = """<script>
const LEFT = %d, WIDTH = %d, FULL = %d, TOP = %d;
onbeforeprint = () => document.querySelectorAll("body > details").forEach(d => d.open = true);
const all = [...document.querySelectorAll("svg.time")];
for (const s of all) s.onmousemove = e => {
  const b = s.getBoundingClientRect();
  const x = Math.min(WIDTH, Math.max(LEFT, (e.clientX - b.left) / b.width * FULL));
  for (const t of all) {
    t.querySelector(".cursor").setAttribute("d", `M${x} ${TOP}v${t.dataset.tall}`);
    const when = (x - LEFT) / (WIDTH - LEFT) * t.dataset.x;
    const out = t.nextElementSibling.querySelectorAll("i");
    t.querySelectorAll(".line").forEach((p, i) => {
      const points = p.dataset.p.split(" ").map(q => q.split(",").map(Number));
      const [at, v] = points.reduce((a, q) =>
        Math.abs(q[0] - when) < Math.abs(a[0] - when) ? q : a);
      out[i].textContent = when > points[points.length - 1][0] ? ""
        : `${Math.round(v)} at ${at.toFixed(3)} s`;
    });
  }
};
</script>
""" % (svg.LEFT, svg.WIDTH - svg.RIGHT, svg.WIDTH, svg.TOP)
HEATS = 8


def style() -> str:
    """Returns the style sheet. Its classes of colours: a, b, c, d for curves; s-STATE for
    each state of a frame; h1 (few) to h8 (most) for numbers of changes."""
    states = palette()
    text = STYLE % {
        "light": " ".join(f"--{w}: #{l};" for w, l, _ in states),
        "dark": " ".join(f"--{w}: #{d};" for w, _, d in states)}
    for colour in "abcd":
        text += (f".line.{colour} {{ stroke: var(--{colour}) }} "
                 f".area.{colour} {{ fill: var(--{colour}) }}\n")
    for word, _, _ in states:
        text += f".s-{word} {{ fill: var(--{word}) }}\n"
    for i in range(1, HEATS + 1):
        text += f".h{i} {{ fill: rgba(var(--heat), {i / HEATS:.3g}) }}\n"
    return text


def figure(drawn: str, title: str, about: str, key: str, command: str) -> str:
    """Returns a figure with its caption, its legend and the command that makes it."""
    how = f"<br><code>{html.escape(command)}</code>" if command else ""
    return (f"<figure>{drawn}<div>{key}</div><figcaption><b>{html.escape(title)}"
            f"</b>: {html.escape(about)}{how}</figcaption></figure>\n")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], verdicts: bool = False) -> str:
    """Returns a table; numbers are aligned to the right. verdicts: no cell is aligned, since some
    have words, and the last column is coloured by whether its claim holds."""
    def cell(s: str, column: int) -> str:
        kind = "n" if re.fullmatch(r"[-+]?\d[\d.,]*", s) else ""
        if verdicts:
            kind = "" if column < len(head) - 1 else "not" if "NOT" in s else \
                "holds" if s.startswith("holds") else ""
        return f'<td class="{kind}">{html.escape(s)}</td>' if kind else f"<td>{html.escape(s)}</td>"
    lines = ["<tr>" + "".join(f"<th>{html.escape(h)}</th>" for h in head) + "</tr>"]
    lines += ["<tr>" + "".join(map(cell, row, range(len(row)))) + "</tr>" for row in rows]
    return '<div class="wide"><table>' + "\n".join(lines) + "</table></div>\n"


def folded(title: str, parts: Sequence[str]) -> str:
    """Returns parts that a click opens."""
    return (f"<details><summary>{html.escape(title)}</summary>\n" + "".join(parts) + "</details>\n")


def page(title: str, parts: Sequence[str]) -> str:
    """Returns the whole file."""
    return ("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
            "<meta name=\"viewport\" content=\"width=device-width\">"
            f"<title>{html.escape(title)}</title><style>{style()}</style></head>"
            f"<body>\n<h1>{html.escape(title)}</h1>\n" + "".join(parts)
            + (SCRIPT if any('class="time"' in p for p in parts) else "")
            + f"<footer>Clockhand {__version__}</footer></body></html>\n")
