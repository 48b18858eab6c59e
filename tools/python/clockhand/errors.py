# SPDX-License-Identifier: MIT
"""The package's errors. Each has the machine's cycle and pc."""
from __future__ import annotations


class Error(Exception):
    """cycle, pc: where the machine stood, as far as it is known (a program that
    has ended stood where its last answer said). command: what was asked."""

    def __init__(self, message: str, cycle: int, pc: int,
                 command: str = "") -> None:
        super().__init__(message, cycle, pc, command)
        self.message = message
        self.cycle = cycle
        self.pc = pc
        self.command = command

    def __str__(self) -> str:
        asked = f" ({self.command})" if self.command else ""
        return f"{self.message}{asked} [cycle {self.cycle}, pc {self.pc:#x}]"


class CommandError(Error):
    """The monitor refused a command, or it failed; the machine goes on."""


class StoppedError(Error):
    """The machine stopped before what was waited for: it is off, waits for
    ever, reached a limit. why: the monitor's word for it."""

    def __init__(self, message: str, cycle: int, pc: int, command: str,
                 why: str) -> None:
        super().__init__(message, cycle, pc, command)
        self.why = why


class EndedError(Error):
    """The program has ended. status: its exit status; stderr: what it said."""

    def __init__(self, message: str, cycle: int, pc: int, command: str,
                 status: int, stderr: str) -> None:
        super().__init__(message, cycle, pc, command)
        self.status = status
        self.stderr = stderr
