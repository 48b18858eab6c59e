# SPDX-License-Identifier: MIT
"""--open-loop: what the first run referenced, through every policy."""
from __future__ import annotations

import os
from typing import List

from clockhand.machine import program

from .runs import Failed
from .tables import Row


def check() -> None:
    """Failed: the simulator is not there."""
    vmsim = os.path.join(os.path.dirname(program()), "vmsim")
    if not os.path.exists(vmsim):
        raise Failed(f"--open-loop: {vmsim}: not built")


def table(folder: str, rows: List[Row], axes: List[str]) -> List[str]:
    """Later."""
    raise Failed("--open-loop: not built yet")
