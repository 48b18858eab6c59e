# SPDX-License-Identifier: MIT
"""The machines of a comparison: this build; this emulator with another guest
(--guest); the builds of other revisions of this tree (--rev)."""
from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, Optional, Tuple

from clockhand.machine import program

from . import pool
from .runs import Failed, digest, killed_with_parent

KINDS = ["guest", "rev"]
TREE = os.path.dirname(os.path.realpath(__file__))


def _beside(name: str) -> str:
    return os.path.join(os.path.dirname(os.path.realpath(program())), name)


def _with_guest(folder: str, results: str) -> str:
    """Copies this emulator, with a link to that guest beside it; returns the copy's path."""
    images = [os.path.join(folder, f) for f in ("kernel.elf", "root.img")]
    for f in images:
        if not os.path.exists(f):
            raise Failed(f"--guest {folder}: no {os.path.basename(f)} in it")
    place = os.path.abspath(os.path.join(
        results, "guests", "-".join(digest(f)[:8] for f in [program(), *images])))
    if not os.path.exists(place):
        new = f"{place}.{os.getpid()}"
        os.makedirs(new)
        shutil.copy(program(), new + "/clockhand")
        for name in "roms", "vmsim":
            os.symlink(_beside(name), f"{new}/{name}")
        os.symlink(os.path.abspath(folder), new + "/guest")
        os.rename(new, place)
    return place + "/clockhand"


def _commit(name: str) -> str:
    """Returns the hash of a revision's commit."""
    said = subprocess.run(["git", "-C", TREE, "rev-parse", "--verify", "-q",
                           name + "^{commit}"], capture_output=True, text=True)
    if said.returncode:
        raise Failed(f"--rev {name}: no such revision here")
    return said.stdout.strip()


def _of_revision(name: str, commit: str) -> str:
    """Returns the path of a revision's emulator, which is built if it has not been."""
    place = _beside("revisions/" + commit)
    built = place + "/build/clockhand"
    if os.path.exists(place + "/whole"):
        return built
    os.makedirs(place + "/build", exist_ok=True)
    if not os.path.lexists(place + "/build/cache"):  # the guest's packages
        os.symlink(_beside("cache"), place + "/build/cache")
    print(f"compare: building {name} in {place}", file=sys.stderr, flush=True)
    log, progress = place + "/log", pool.Progress(1, 0, f"builds of {name}")
    with open(log, "w") as f, subprocess.Popen(
            [*killed_with_parent("TERM"), "sh", "-ec", 'cd "$(git -C "$0" rev-parse '
             '--show-toplevel)"; git archive "$1" | tar -x -C "$2"; exec make -C "$2" -j "$3"',
             TREE, commit, place, str(os.cpu_count())],
            stdout=f, stderr=f) as child:
        while child.poll() is None:
            progress.tell(0)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(1)
    if child.returncode or not os.path.exists(built):
        print(end="\n" * progress.tty, file=sys.stderr)  # ends the line of progress
        raise Failed(f"--rev {name}: it cannot be built (see {log})")
    progress.tell(1)
    open(place + "/whole", "w").close()
    return built


def original(name: str, beside: str, results: str) -> str:
    """Copies a built-in policy into a file named like the policy in the file `beside`, and
    returns the copy's path. Both files are then compiled and linked in the same way, as a
    file added to the kernel, so that neither the kernel's size nor the compiler makes a
    difference. If `beside` is an unchanged copy of the policy, both kernels are equal."""
    own = re.search(r"^OWN_POLICY\((\w+)", Path(beside).read_text("utf-8", "replace"), re.M)
    place = os.path.join(results, "originals", name, f"{own[1] if own else 'copy'}.c")
    os.makedirs(os.path.dirname(place), exist_ok=True)
    Path(place).unlink(missing_ok=True)
    tools = os.path.dirname(os.path.realpath(sys.argv[0]))
    done = subprocess.run([tools + "/policy-from", name, place], capture_output=True, text=True)
    if done.returncode:
        raise Failed(done.stderr.strip().replace("policy-from: ", ""))
    return place


def programs(guests: Optional[str], revisions: Optional[str], results: str,
             ) -> Dict[Optional[Tuple[str, str]], str]:
    """Returns the emulator for each value of --guest or --rev; key None: this
    build, if neither is given. results: the folder of -o."""
    found: Dict[Optional[Tuple[str, str]], str] = {}
    for folder in guests.split(",") if guests else []:
        found["guest", folder] = _with_guest(folder, results)
    # All names are looked up before the first build, which takes minutes.
    commits = {name: _commit(name) for name in revisions.split(",")} if revisions else {}
    for name, commit in commits.items():
        found["rev", name] = _of_revision(name, commit)
    return found or {None: program()}
