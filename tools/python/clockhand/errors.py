# SPDX-License-Identifier: MIT
"""The package's errors. Each has the machine's cycle and pc."""
from __future__ import annotations


class Error(Exception):
    """cycle, pc: the machine's time and place; if the program has ended, those
    of its last answer. command: the monitor command that failed."""

    def __init__(self, message: str, cycle: int, pc: int, command: str = "") -> None:
        super().__init__(message, cycle, pc, command)
        self.message = message
        self.cycle = cycle
        self.pc = pc
        self.command = command

    def __str__(self) -> str:
        asked = f" ({self.command})" if self.command else ""
        return f"{self.message}{asked} [cycle {self.cycle}, pc {self.pc:#x}]"


class CommandError(Error):
    """The monitor refused a command, or the command failed; the machine can
    still be used."""


class StoppedError(Error):
    """The machine stopped before run_until's condition held: it is off, waits for ever, reached
    a limit, was halted or ended, or the time was up. why: Stop.stop, or "time is up"."""

    def __init__(self, message: str, cycle: int, pc: int, command: str, why: str) -> None:
        super().__init__(message, cycle, pc, command)
        self.why = why


class EndedError(Error):
    """The program (clockhand) has ended. status: its exit status; stderr: its
    standard error."""

    def __init__(self, message: str, cycle: int, pc: int, command: str,
                 status: int, stderr: str) -> None:
        super().__init__(message, cycle, pc, command)
        self.status = status
        self.stderr = stderr
