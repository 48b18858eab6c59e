# SPDX-License-Identifier: MIT
"""Figures as inline SVG: axes with ticks and units, lines, stacked areas, grids
of cells. Colours are classes of the page's style sheet, which has a light and a
dark variant."""
from __future__ import annotations

import html
import itertools
import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Dict, List, Sequence, Tuple

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 760, 76, 14, 10, 44
Points = Sequence[Tuple[float, float]]


def ticks(low: float, high: float, most: int = 6) -> List[float]:
    """Returns round numbers from low to high: steps of 1, 2 or 5 times a power of ten."""
    if high <= low:
        return [low]
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * .999)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, int(high / step + 1e-9) + 1)]


def number(x: float, digits: int = 10) -> str:
    """Returns x as text: at most `digits` significant digits, no exponent, thousands spaced."""
    return f"{Decimal(f'{x:.{digits}g}'):,f}".replace(",", "\u202f")


def coordinate(x: float) -> str:
    """Returns a coordinate as text, to a tenth of a pixel."""
    return f"{x:.1f}".rstrip("0").rstrip(".")


@dataclass
class Axes:
    """A rectangle with two scales. x, y: their lowest and highest values;
    xlabel, ylabel: their quantity and unit. log: y is the logarithm of
    1 + value, so that it may begin at 0. cursor: the page's cursor moves in it, and the
    legend shows the curves' values."""
    x: Tuple[float, float]
    y: Tuple[float, float]
    xlabel: str
    ylabel: str
    height: int = 190
    log: bool = False
    cursor: bool = False
    body: List[str] = field(default_factory=list)
    legend: List[Tuple[str, str]] = field(default_factory=list)

    def px(self, x: float) -> float:
        """Returns the pixel of a value on the x axis."""
        low, high = self.x
        return LEFT + (x - low) / ((high - low) or 1) * (WIDTH - LEFT - RIGHT)

    def py(self, y: float) -> float:
        """Returns the pixel of a value on the y axis."""
        low, high = self.y
        if self.log:
            low, high, y = (math.log10(1 + v) for v in (low, high, y))
        return TOP + self.height - (y - low) / ((high - low) or 1) * self.height

    def path(self, points: Points) -> str:
        """Returns the values as a path's commands."""
        return "M" + "L".join(f"{coordinate(self.px(x))} {coordinate(self.py(y))}"
                              for x, y in points)

    def line(self, points: Points, colour: str, name: str = "") -> None:
        """Draws a curve; colour: a class."""
        if points:
            data = " ".join(f"{x:.9g},{y:.9g}" for x, y in points) if self.cursor else ""
            self.body.append(f'<path class="line {colour}"' + f' data-p="{data}"' * self.cursor
                             + f' d="{self.path(points)}"/>')
        if name:
            self.legend.append((f"line {colour}", name))

    def band(self, lower: Points, upper: Points, colour: str, name: str = "") -> None:
        """Draws the area between two curves."""
        if lower:
            both = list(lower) + list(reversed(list(upper)))
            self.body.append(f'<path class="area {colour}" ' f'd="{self.path(both)}Z"/>')
        if name:
            self.legend.append((f"area {colour}", name))

    def level(self, y: float) -> None:
        """Draws a threshold: a dashed line across."""
        self.body.append(f'<path class="level" d="M{LEFT} '
                         f'{coordinate(self.py(y))}H{WIDTH - RIGHT}"/>')

    def cells(self, grid: List[List[str]]) -> None:
        """Draws a grid over the whole rectangle. grid: for each column its classes
        from the bottom up; "" is an empty cell. Equal neighbours in a row
        become one rectangle, and all rectangles of a class one path."""
        if not grid:
            return
        wide = (WIDTH - LEFT - RIGHT) / len(grid)
        high = self.height / len(grid[0])
        paths: Dict[str, List[str]] = {}
        for row in range(len(grid[0])):
            y = coordinate(TOP + self.height - (row + 1) * high)
            begin = 0
            for kind, alike in itertools.groupby(column[row] for column in grid):
                n = len(list(alike))
                if kind:
                    paths.setdefault(kind, []).append(
                        f"M{coordinate(LEFT + begin * wide)} {y}h{coordinate(n * wide)}"
                        f"v{coordinate(high)}h{coordinate(-n * wide)}Z")
                begin += n
        for kind in sorted(paths):
            self.body.append(f'<path class="cell {html.escape(kind)}" '
                             f'd="{"".join(paths[kind])}"/>')

    def _frame(self) -> List[str]:
        bottom = TOP + self.height
        out = [f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{WIDTH - RIGHT}"/>']
        for x in ticks(*self.x, most=8):
            at = coordinate(self.px(x))
            out.append(f'<path class="axis" d="M{at} {bottom}v4"/><text '
                       f'class="mid" x="{at}" y="{bottom + 16}">{number(x)}'
                       "</text>")
        high = self.y[1]
        powers = [10.0 ** i for i in range(12) if 10 ** i <= high]
        for y in [0.0] + powers if self.log else ticks(*self.y, most=5):
            at = coordinate(self.py(y))
            out.append(f'<path class="axis" d="M{LEFT} {at}h-4"/><text '
                       f'class="end" x="{LEFT - 7}" '
                       f'y="{coordinate(self.py(y) + 4)}">{number(y)}</text>')
        middle = coordinate((LEFT + WIDTH - RIGHT) / 2)
        side = coordinate(TOP + self.height / 2)
        out.append(f'<text class="mid" x="{middle}" y="{bottom + 36}">'
                   f"{html.escape(self.xlabel)}</text>")
        out.append(f'<text class="mid" transform="translate(12 {side}) '
                   f'rotate(-90)">{html.escape(self.ylabel)}</text>')
        return out

    def svg(self, title: str) -> str:
        """Returns the figure; title: its text for screen readers."""
        high = TOP + self.height + BOTTOM
        time = f' class="time" data-x="{self.x[1]:.9g}" data-tall="{self.height}"' * self.cursor
        return (f'<svg{time} viewBox="0 0 {WIDTH} {high}" role="img">'
                f"<title>{html.escape(title)}</title>"
                + "".join(self.body + self._frame() + ['<path class="cursor"/>'] * self.cursor)
                + "</svg>")

    def key(self) -> str:
        """Returns the legend, as HTML."""
        return "".join(
            f'<span class="key"><svg viewBox="0 0 18 10" class="swatch">'
            f'<path class="{c}" d="{"M0 5H18" if c.startswith("line") else "M0 0H18V10H0Z"}"/>'
            f"</svg>{html.escape(name)} <i></i></span>" for c, name in self.legend)
