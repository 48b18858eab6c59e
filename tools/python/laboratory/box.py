# SPDX-License-Identifier: MIT
"""A box for strangers' programs. Bubblewrap gives them no network and, of this host's files,
only its programs, its libraries and the folders given to Box. Their processes, memory, time and
output are bounded. The box needs no root rights; if root starts it, they run as user nobody."""
from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from typing import IO, Callable, List, Optional, Tuple

CPU = 5  # seconds of CPU time, for each process
PROCESSES = 32
MEMORY = 512 << 20  # bytes of each process's address space, and resident bytes of all together
OUTPUT = 16 << 20  # bytes in each file, and in all files of /tmp
PLACE = "/tmp" if os.geteuid() == 0 else None  # where the user nobody can read

# A conversation with a program: it gets the program's input to write to, and its output to read.
Talk = Callable[[IO[bytes], IO[bytes]], None]

# For bash. At the soft limit of CPU time SIGXCPU ends a process, which tells the cause.
LIMITS = f"ulimit -St {CPU}; ulimit -Ht {CPU + 1}; ulimit -f {OUTPUT >> 10} -n 32"
INSIDE = f"{LIMITS} -v {MEMORY >> 10} -u {PROCESSES}"


class Ended(Exception):
    """The program took too much memory, or time. said: its output and errors."""
    said = ["", ""]


class Late(Ended):
    """The program's time was up; more than a quarter of it was spent waiting for a core or disk."""


def _used(process: int) -> List[int]:
    """Returns the bytes in memory and the ticks of CPU time of a process and of all
    that it started, and how many of these processes run, are ready to run or wait for a disk."""
    try:
        with open(f"/proc/{process}/stat") as f:
            state, *fields = f.read().rpartition(")")[2].split()
        all_of = [[int(fields[20]) * os.sysconf("SC_PAGESIZE"),
                   sum(map(int, fields[10:14])), int(state in "RD")]]
        for task in os.listdir(f"/proc/{process}/task"):
            with open(f"/proc/{process}/task/{task}/children") as f:
                all_of += map(_used, map(int, f.read().split()))
        return [sum(column) for column in zip(*all_of)]
    except OSError:  # it has ended
        return [0, 0, 0]


def _walls(*seen: str) -> List[str]:
    """Returns bubblewrap's command line. `seen`: folders that can be read inside."""
    as_nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"] \
        if os.geteuid() == 0 else []
    return as_nobody + [
        "bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv",
        "--setenv", "PATH", "/usr/bin:/bin", "--ro-bind", "/usr", "/usr",
        *(w for d in ("bin", "lib", "lib64") if os.path.exists("/" + d)
          for w in (["--symlink", "usr/" + d, "/" + d] if os.path.islink("/" + d)
                    else ["--ro-bind", "/" + d, "/" + d])),
        "--dev", "/dev", "--size", str(OUTPUT), "--tmpfs", "/tmp",
        *(w for d in seen for w in ("--ro-bind", d, d)),
        "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"]


def _talk(talk: Talk, child: "subprocess.Popen[bytes]") -> None:
    """Talks with the child, then closes its input and output, which ends the script."""
    assert child.stdin and child.stdout
    with contextlib.suppress(OSError):  # it has ended
        talk(child.stdin, child.stdout)
    child.stdout.close()
    with contextlib.suppress(OSError):
        child.stdin.close()


class Box:
    """walls: False if bubblewrap is missing, or not permitted here; then programs have the caller's
    rights. seconds: the wall time that a program may take, with all processes that it starts."""

    def __init__(self, seen: str, seconds: float) -> None:
        self.seen = seen
        self.seconds = seconds
        self.walls = bool(shutil.which("bwrap")) and not subprocess.run(
            [*_walls(seen), "true"], capture_output=True).returncode

    def run(self, script: str, *words: str, beside: str, since: Optional[float] = None,
            talk: Optional[Talk] = None) -> Tuple[int, str, str]:
        """Runs a script of bash; returns its status, output and errors. The script's
        $1 is a folder to write into; it sees the folder `beside`, too. since: when
        its time began (time.monotonic()), if not now. talk: runs beside it, gets
        its input and output, and ends when the output does. Raises Ended."""
        with tempfile.TemporaryDirectory() as own, \
                tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            inside = [*_walls(self.seen, beside), "bash", "-c", f"{INSIDE}; {script}",
                      "bash", "/tmp"]
            child = subprocess.Popen(
                [*(inside if self.walls else
                   ["bash", "-c", f"{LIMITS}; {script}", "bash", own]), *words],
                stdin=subprocess.PIPE if talk else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talk else out, stderr=err)
            talks = threading.Thread(target=_talk, args=(talk, child), daemon=True)
            if talk:
                talks.start()
            last, ready = time.monotonic(), 0.0
            end = (last if since is None else since) + self.seconds
            said: List[str] = []
            try:
                while child.poll() is None:
                    resident, ticks, active = _used(child.pid)
                    now = time.monotonic()
                    ready, last = ready + (now - last) * bool(active), now
                    if now > end:
                        ready -= ticks / os.sysconf("SC_CLK_TCK")
                        raise (Late if ready > self.seconds / 4 else Ended)(
                            f"no end within {self.seconds:g} s")
                    if resident > MEMORY:
                        raise Ended(f"it takes more memory than {MEMORY >> 20} MiB")
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        child.wait(.05)
            except Ended as e:
                e.said = said
                raise
            finally:
                child.kill()
                child.wait()
                if talk:  # without walls a process may outlive the script, with the output open
                    talks.join(1)
                for file in out, err:
                    file.seek(0)
                    said.append(file.read().decode(errors="replace"))
        return child.returncode, said[0], said[1]
