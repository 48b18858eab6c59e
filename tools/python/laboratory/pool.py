# SPDX-License-Identifier: MIT
"""Does many runs: on this machine's cores by GNU parallel, or as a job array of
a Slurm cluster. Both call `compare --one DIR/KEY` for each run."""
from __future__ import annotations

import os
import select
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable, List

from .runs import Done, Failed, killed_with_parent

Tell = Callable[[int], None]


class Progress:
    """The progress: the number of runs that are done, and the time left,
    estimated from the pace so far. On a terminal each call overwrites one line;
    elsewhere a call prints a line if more runs are done than at the last call."""

    def __init__(self, of: int, already: int, what: str = "runs") -> None:
        self.of, self.done, self.already, self.what = of, 0, already, what
        self.began, self.whole = time.monotonic(), 0.0
        self.tty = sys.stderr.isatty()

    def tell(self, done: int) -> None:
        """Shows that `done` runs are done. To be called about once a second."""
        took = time.monotonic() - self.began
        if done > self.done:
            self.done, self.whole = done, took / done * self.of
        elif done == self.of or not self.tty:
            return
        kept = f" ({self.already} kept)" if self.already else ""
        line = f"{done} of {self.of} {self.what}{kept}, {took:.0f} s" \
            + f"; {max(self.whole - took, 0):.0f} s left" * bool(done)
        print(f"\r{line:<60}" if self.tty else line, file=sys.stderr,
              end="\n" if done == self.of or not self.tty else "", flush=True)


def missing(folder: str, keys: List[str]) -> List[str]:
    """Returns the keys whose run has no result yet."""
    return [k for k in keys if not Done.there(folder, k)]


def by_parallel(compare: str, folder: str, keys: List[str], jobs: int, tell: Tell) -> None:
    """Does the runs by GNU parallel. Raises Failed if it is not installed.
    Neither KeyboardInterrupt nor a SIGKILL leaves a process running: the kernel
    kills parallel when this process ends, and sends a job TERM when parallel
    ends. (By `exec`, parallel, not a shell, is the job's parent.)"""
    if not shutil.which("parallel"):
        raise Failed("GNU parallel is not installed (tools/deps test)")
    command = [*killed_with_parent("KILL"), "parallel", "--will-cite", "--jobs", str(jobs), "--line-buffer",
               "--termseq", "TERM,2000,KILL,100", "--quote", "exec",
               *killed_with_parent("TERM"), sys.executable, compare, "--one", "{}"]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             start_new_session=True)
    assert child.stdin and child.stdout
    done, said = 0, b"\n"
    try:
        child.stdin.write("".join(f"{folder}/{k}\n" for k in keys).encode())
        child.stdin.close()
        while said:
            tell(done)
            if select.select([child.stdout], [], [], 1)[0]:
                said = os.read(child.stdout.fileno(), 1 << 16)
                done += said.count(b"\n")
        child.wait()
    except BaseException:
        for _ in range(2):  # at the second TERM parallel ends its jobs
            child.send_signal(signal.SIGTERM)
            time.sleep(.2)
        child.wait()
        raise


def by_slurm(compare: str, folder: str, keys: List[str], tell: Tell) -> None:
    """Submits an array and waits for it. KeyboardInterrupt cancels it."""
    for needed in ("sbatch", "squeue", "scancel"):
        if not shutil.which(needed):
            raise Failed(f"--slurm: {needed} is not installed")
    script = os.path.join(folder, "slurm.sh")
    call = " ".join(map(shlex.quote, [sys.executable, compare, "--one", folder + "/"]))
    Path(script).write_text("#!/bin/sh\nset -- " + " ".join(keys) + "\n"
                            f'shift "$SLURM_ARRAY_TASK_ID"\nexec {call}"$1"\n')
    said = subprocess.run(
        ["sbatch", "--parsable", f"--array=0-{len(keys) - 1}",
         "--job-name=compare", "--export=ALL",
         f"--output={folder}/slurm-%a.out", script],
        capture_output=True, text=True)
    if said.returncode:
        raise Failed("sbatch: " + said.stderr.strip())
    job = said.stdout.strip().split(";")[0]
    try:
        failed, waiting = 0, True
        while waiting:
            time.sleep(.5)
            queue = subprocess.run(["squeue", "--noheader", "--jobs", job],
                                   capture_output=True, text=True)
            failed = failed + 1 if queue.returncode else 0
            left = len(missing(folder, keys))
            waiting = bool(queue.stdout.strip()) or bool(left and 0 < failed < 120)
            tell(len(keys) - left)
    except BaseException:
        subprocess.run(["scancel", job])
        raise
