# SPDX-License-Identifier: MIT
"""Tells an effect from luck, by confidence intervals of a few repetitions."""
from __future__ import annotations

import math
from typing import List, Sequence, Tuple

DECIMALS = dict.fromkeys(["seconds", "disk_busy", "seeks", "rotation"], 3)  # other numbers: 0
# Student's t, two-sided 95 %, for 1 to 30 degrees of freedom; for more, the last is used.
T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
       2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
       2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042]
# A comparison that repeats until it can tell looks after so many repetitions. Each look's interval is
# at 1 - .05 / 3 (two-sided), so by Bonferroni all three hold at once in at least 95 % of all
# comparisons, whatever made one stop: if the differences of repetitions are normal and independent.
LOOKS = [5, 10, 20]
T983 = [38.188, 7.649, 4.857, 3.961, 3.534, 3.287, 3.128, 3.016, 2.933, 2.870,
        2.820, 2.779, 2.746, 2.718, 2.694, 2.673, 2.655, 2.639, 2.625]  # 1 to 19 degrees of freedom


def interval(x: List[float], t: Sequence[float] = T95) -> Tuple[float, float]:
    """Returns the mean, and half the confidence interval around it; t: Student's, T95 or T983."""
    n = len(x)
    mean = sum(x) / n
    if n < 2:
        return mean, math.inf
    spread = math.sqrt(sum((v - mean) ** 2 for v in x) / (n - 1))
    return mean, t[min(n - 1, len(t)) - 1] * spread / math.sqrt(n)


def verdict(base: List[float], other: List[float], least: float,
            shown: int = 3, t: Sequence[float] = T95) -> Tuple[float, float, str]:
    """Returns the mean of the differences (each between two runs of one repetition), half its confidence
    interval, and the verdict: "equal" if both numbers round to 0 with `shown` decimals, "open" if the
    interval includes 0, "small" below `least` percent of base's mean, else "effect"; "-" for nan."""
    mean, half = interval([b - a for a, b in zip(base, other)], t)
    if math.isnan(mean):  # another kernel: nothing was counted
        return mean, half, "-"
    if round(mean, shown) == round(half, shown) == 0:
        return mean, half, "equal"
    if abs(mean) <= half:
        return mean, half, "open"
    size = 100 * abs(mean)
    return mean, half, ("effect" if size >= least * abs(interval(base)[0]) else "small")
