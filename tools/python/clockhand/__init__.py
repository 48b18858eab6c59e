# SPDX-License-Identifier: MIT
"""Clockhand from Python: Machine runs, stops and inspects a machine; simulate()
runs a replacement policy, a small class, on a reference string.

    from clockhand import Machine
    with Machine(policy="twohand", ram="8M", run="hog 2x") as m:
        m.start()
        m.run_until("pswpout > 100")
        print(m.counters["pgscan_kswapd"], len(m.frames("dirty")))

    from clockhand import LRU, simulate
    print(simulate(LRU, [1, 2, 3, 4, 1, 2, 5], frames=3).faults)
"""
from .errors import CommandError, EndedError, Error, StoppedError
from .machine import Event, Frame, Machine, Stop
from .policy import (CLOCK, FIFO, LRU, OPT, Policy, Result, miss_ratio_curve, read_string, simulate)

__version__ = "0.1"  # as clockhand --version prints it

__all__ = ["CLOCK", "CommandError", "EndedError", "Error", "Event", "FIFO",
           "Frame", "LRU", "Machine", "OPT", "Policy", "Result", "Stop",
           "StoppedError", "miss_ratio_curve", "read_string", "simulate"]
