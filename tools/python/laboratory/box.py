# SPDX-License-Identifier: MIT
"""A box for strangers' programs: bubblewrap gives them no network, none of this
host's files but its programs, and processes, memory, time and output in bounds.
It needs no rights; root's programs run as nobody."""
from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from typing import List, Tuple

CPU = 5  # seconds of the processor's, for each process
PROCESSES = 32
MEMORY = 512 << 20  # addresses, for each process
OUTPUT = 16 << 20  # bytes, in each file
NOBODY = "65534"
PLACE = "/tmp" if os.geteuid() == 0 else None  # what is seen: nobody can enter

LIMITS = f"ulimit -t {CPU} -f {OUTPUT >> 10}"  # bash's
INSIDE = f"{LIMITS} -v {MEMORY >> 10} -u {PROCESSES}"


class Late(Exception):
    """The program was ended after its time."""


def _walls(seen: str) -> List[str]:
    """bubblewrap's command line. `seen`: a folder that can be read inside."""
    as_nobody = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY,
                 "--clear-groups"] if os.geteuid() == 0 else []
    return as_nobody + [
        "bwrap", "--unshare-all", "--die-with-parent", "--new-session",
        "--clearenv", "--setenv", "PATH", "/usr/bin:/bin", "--ro-bind", "/usr",
        "/usr", *(w for d in ("bin", "lib", "lib64") if os.path.exists("/" + d)
                  for w in (["--symlink", "usr/" + d, "/" + d]
                            if os.path.islink("/" + d) else
                            ["--ro-bind", "/" + d, "/" + d])),
        "--dev", "/dev", "--size", str(OUTPUT), "--tmpfs", "/tmp",
        "--ro-bind", seen, seen, "--chdir", "/tmp"]


class Box:
    """walls: False if bubblewrap is not there, or may not work here.
    seconds: a program's time, with all that it starts."""

    def __init__(self, seen: str, seconds: float) -> None:
        self.seen = seen
        self.seconds = seconds
        self.walls = bool(shutil.which("bwrap")) and not subprocess.run(
            [*_walls(seen), "true"], capture_output=True).returncode

    def run(self, script: str, *words: str) -> Tuple[int, str, str]:
        """Runs bash's script: its status, output, errors. Its first argument is a
        folder to write into. Raises Late."""
        with tempfile.TemporaryDirectory() as own, \
                tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            inside = [*_walls(self.seen), "bash", "-c", f"{INSIDE}; {script}",
                      "bash", "/tmp"]
            child = subprocess.Popen(
                [*(inside if self.walls else
                   ["bash", "-c", f"{LIMITS}; {script}", "bash", own]), *words],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            try:
                status = child.wait(self.seconds)
            except subprocess.TimeoutExpired as e:
                raise Late(f"no end within {self.seconds:g} s") from e
            finally:
                child.kill()
                child.wait()
            said = []
            for file in out, err:
                file.seek(0)
                said.append(file.read().decode(errors="replace"))
        return status, said[0], said[1]
