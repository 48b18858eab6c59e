# SPDX-License-Identifier: MIT
"""One run of a comparison: its inputs, its key, and its results.

A run lives in DIR/runs/KEY: result.json, events.csv.gz, counters.csv.gz,
refs (the pages that its programs referenced), output, errors. KEY is a digest
of all inputs: the emulator, vmsim, the guest's images, every option, the command or
the script with the files that it sources or loads. The folder is renamed to KEY when its
result is complete."""
from __future__ import annotations

import collections
import csv
import functools
import gzip
import hashlib
import json
import math
import os
import re
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from clockhand.machine import data

from . import optimum

Options = Tuple[Tuple[str, str], ...]
RESULT = 2  # what a result holds has changed so often: one of before is not used again
PLATTERLESS = ["ssd", "emmc", "nvme", "ideal"]  # disks without a phase
JUDGED = ["cold_used", "hot_idle", "regret", "regret2", "regret4"]


class Failed(Exception):
    """A run has no result, or none can be started; the message says why."""


@functools.lru_cache(None)  # what a comparison's runs have in common is read once
def digest(path: str) -> str:
    """Returns a digest of the file's content."""
    total = hashlib.sha256()
    with open(path, "rb") as f:
        while part := f.read(1 << 18):  # the whole at once takes six times as long
            total.update(part)
    return total.hexdigest()


def images(emulator: str) -> List[str]:
    """Returns the paths of the emulator, and of the guest and the simulator beside it."""
    beside = [data("kernel.elf", emulator), data("root.img", emulator),
              os.path.join(os.path.dirname(emulator), "vmsim")]
    return [emulator] + [f for f in beside if os.path.exists(f)]


def named_files(words: Iterable[str]) -> List[str]:
    """Returns the files that are named in options' words, as in file=disk,overlay."""
    parts = (p.removeprefix("file=") for w in words for p in w.split(","))
    return [p for p in parts if os.path.isfile(p)]


def sources(script: str) -> List[str]:
    """Returns a script, the scripts that it sources, each once, the saved machines that they
    load, and the files named in their lines `# options:`."""
    found, todo, named = [], [script], []
    while todo:
        file = todo.pop()
        if file in found or not os.path.exists(file):
            continue
        found.append(file)
        text = Path(file).read_text(errors="replace")
        todo += ["".join(names) for names in re.findall(
            r"""^\s*(?:source|load)\s+(?:"(.*?)"|'(.*?)'|(.*?))\s*(?:#.*)?$""", text, re.M)]
        options = re.match("# options:(.*)", text)
        words = re.findall(r"""(?:"[^"]*"?|'[^']*'?|[^\s"'])+""", options[1] if options else "")
        named += named_files(re.sub("[\"']", "", word) for word in words)
    return found + named


@dataclass(frozen=True)
class Run:
    """One run's inputs. options: (name, value) as on the emulator's command line, in its
    order, without dashes; also `jitter`, `guest`, `rev`, `original` (a copy of the policy, to be run
    in its place), `folder` (if two files of --policy-file have the same name, the folder
    that all are in; else ""). script or command: the work. emulator: the program."""
    options: Options
    command: Optional[str]
    script: Optional[str]
    emulator: str

    @property
    def kib(self) -> int:
        """KiB of RAM by --ram or by default; 0: not known, a script may choose it."""
        ram = self.option("ram") or ("16M" if self.command is not None else "")
        size = re.fullmatch(r"(\d+)([KMG])", ram, re.I)
        return int(size[1]) << 10 * "KMG".index(size[2].upper()) if size else 0

    @property
    def platters(self) -> str:
        """The model of the disk, if it has platters; else ""."""
        model = self.option("disk-model") or "cheetah9lp"
        return "" if model.partition(",")[0] in PLATTERLESS else model

    @property
    def varies(self) -> bool:
        """True if `jitter` changes the run: its disk's phase, its RAM or its start."""
        return bool(self.platters or self.kib) or self.command is not None

    def _jittered(self) -> Tuple[Options, Optional[str]]:
        """Returns the options and the command that `jitter` K/N gives: a
        disk's platters stand K/N of a turn further, RAM has K frames fewer but not less
        than 6 MiB (the guest's least), the command begins K ms later. RAM does not grow,
        since the guest's tables for its frames are blocks of 2^n pages. One frame above
        8 MiB would double them, and leave programs 19 frames fewer."""
        given = tuple(("policy-file" if n == "original" else n, v)
                      for n, v in self.options if n not in ("guest", "rev", "folder")
                      and not (n == "policy" and self.option("original")))
        k, _, n = self.option("jitter").partition("/")
        if not n:
            return given, self.command
        ram = f"{max(self.kib - 4 * int(k), min(self.kib, 6 << 10))}K" if self.kib else self.option("ram")
        options = [(name, v) for name, v in given if name not in ("jitter", "ram")
                   and not (name == "disk-model" and self.platters)]
        options += [("disk-model", f"{self.platters},phase={360 * int(k) // int(n)}")] \
            if self.platters else []
        options += [("ram", ram)] if ram else []
        return tuple(options), self.command and f"usleep {k}000; {self.command}"

    @functools.cached_property
    def files(self) -> Dict[str, str]:
        """Returns the files that the run reads, with digests, taken when first asked for."""
        named = named_files(v for _, v in self.options)
        return {f: digest(f) for f in images(self.emulator) + named
                + (sources(self.script) if self.script else [])}

    def inputs(self) -> Dict[str, Any]:
        """Returns all inputs in one form, with files' contents instead of their names."""
        options, command = self._jittered()
        return {"options": options, "files": list(self.files.values()),
                "command": command, "script": bool(self.script), "result": RESULT}

    @functools.cached_property
    def key(self) -> str:
        """Returns the name of the run's folder."""
        text = json.dumps(self.inputs(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def words(self) -> List[str]:
        """Returns the command line, without the options that record the run."""
        options, command = self._jittered()
        words = [w for n, v in options for w in (f"--{n}", v)]
        if self.script is not None:
            words += ["-x", self.script]
        if command is not None:
            words += ["--run", command]
        return words

    def option(self, name: str) -> str:
        """Returns the option's value; of `set` the first; "" if it is not given."""
        return next((v for n, v in self.options if n == name), "")

    def label(self, axes: List[str]) -> str:
        """Returns the values of this run on the given axes, as text."""
        return " ".join(self.value(a) for a in axes)

    def value(self, axis: str) -> str:
        """Returns the value on an axis (an option, or NAME of `set NAME=VALUE`); for a policy file, its name."""
        of_set = [v.partition("=")[2] for n, v in self.options
                  if n == "set" and v.partition("=")[0] == axis]
        if axis == "policy" and not self.option("policy"):
            file, folder = self.option("policy-file"), self.option("folder")
            of_set = [os.path.relpath(file, folder) if folder else os.path.basename(file)]
        return of_set[0] if of_set else self.option(axis)


# ---- doing it ---------------------------------------------------------------

def _gz_rows(folder: str, name: str) -> Iterator[List[str]]:
    with gzip.open(os.path.join(folder, f"{name}.csv.gz"), "rt") as f:
        yield from csv.reader(f)


def killed_with_parent(number: str) -> List[str]:
    """Returns a prefix for a command: the kernel sends the command this signal
    when this process ends, even if it is killed (prctl's PR_SET_PDEATHSIG)."""
    return ["setpriv", "--pdeathsig", number] if shutil.which("setpriv") else []


def _emulate(emulator: str, words: List[str], folder: str) -> int:
    """Runs the emulator and returns its status. A signal to this process ends
    the emulator, too."""
    record = [w for name in ("stats", "events", "counters", "refs")
              for w in (f"--{name}", os.path.join(folder, name))]
    with open(os.path.join(folder, "output"), "wb") as out, \
            open(os.path.join(folder, "errors"), "wb") as err:
        return subprocess.run([*killed_with_parent("KILL"), emulator, *words, *record, "--hash"],
                              stdin=subprocess.DEVNULL, stdout=out, stderr=err).returncode


def _result(run: Mapping[str, Any], status: int, folder: str) -> Dict[str, Any]:
    """Returns the result to keep, which names neither host nor date. Compresses the records."""
    read = {n: Path(folder, n).read_bytes()
            for n in ("output", "errors", "stats", "events", "counters")}
    stats = json.loads(read["stats"])
    for name in ("host_seconds", "startup_seconds", "mips"):
        del stats[name]
    found = re.search(rb"^hash (\w+)$", read["errors"], re.M)
    outcome = hashlib.sha256()
    for name in ("output", "events", "counters"):
        outcome.update(hashlib.sha256(read[name]).digest())
    outcome.update(str((status, stats["cycles"])).encode())
    for name in ("events", "counters"):
        Path(folder, f"{name}.csv.gz").write_bytes(gzip.compress(read[name], 1, mtime=0))
        os.unlink(os.path.join(folder, name))
    os.unlink(os.path.join(folder, "stats"))
    frames = optimum.peak(_gz_rows(folder, "counters"))
    if frames is not None:  # between two samples it may be higher
        frames = max(frames, optimum.peak_of_events(_gz_rows(folder, "events")))
    return {"run": dict(run), "status": status, "frames": frames,
            "opt": optimum.returns(os.path.join(folder, "refs"), frames),
            "hash": found.group(1).decode() if found else "",
            "outcome": outcome.hexdigest()[:16], "stats": stats}


def execute(folder: str, key: str) -> None:
    """Does the run of DIR/todo/KEY.json, with results in DIR/runs/KEY."""
    run = json.loads(Path(folder, "todo", key + ".json").read_text())
    signal.signal(signal.SIGTERM, lambda *_: exit(143))
    work = tempfile.mkdtemp(prefix=key + ".", dir=os.path.join(folder, "todo"))
    try:
        status = _emulate(run.pop("emulator"), run["words"], work)
        for file, was in run.pop("files").items():  # else the key would be wrong
            if digest(file) != was:
                raise Failed(f"{file} changed while it ran")
        if status < 0 or not os.path.exists(os.path.join(work, "stats")):
            said = Path(work, "errors").read_text(errors="replace")
            raise Failed(said.strip().rpartition("\n")[2]
                         or (f"ended by signal {-status}" if status < 0
                             else f"ended with status {status}"))
        result = _result(run, status, work)
        Path(work, "result.json").write_text(json.dumps(result, indent=1, sort_keys=True))
        os.chmod(work, 0o755)
        os.rename(work, os.path.join(folder, "runs", key))
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check_policy(emulator: str, file: str) -> None:
    """Raises Failed, with the compiler's errors, if the policy cannot be built."""
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run([data("kit/build", emulator), file, place + "/kernel.elf"],
                              capture_output=True, text=True)
        if done.returncode == 2:
            raise Failed(f"{file}: could not be built\n{done.stderr.rstrip()}")


def prepare(folder: str, run: Run) -> None:
    """Writes the file from which a process on another node can do the run."""
    Path(folder, "todo", run.key + ".json").write_text(json.dumps(
        {"words": run.words(), "inputs": run.inputs(), "files": run.files,
         "emulator": run.emulator}, indent=1))


# ---- reading it -------------------------------------------------------------

class Done:
    """A run's result. rows(name): the lines of events or counters."""

    def __init__(self, folder: str, key: str) -> None:
        self.path = os.path.join(folder, "runs", key)
        file = os.path.join(self.path, "result.json")
        try:
            self.result: Dict[str, Any] = json.loads(Path(file).read_bytes())
        except ValueError as e:
            raise Failed(f"{file}: {e}") from e

    @staticmethod
    def there(folder: str, key: str) -> bool:
        """True if the run has a result."""
        return os.path.exists(os.path.join(folder, "runs", key, "result.json"))

    def rows(self, name: str) -> Iterator[List[str]]:
        """Returns the fields of each line of NAME.csv.gz, its head first."""
        return _gz_rows(self.path, name)

    @property
    def errors(self) -> List[str]:
        """The lines that the run wrote to standard error, but for its hash."""
        errors = Path(self.path, "errors").read_text(errors="replace")
        # A policy file's warnings stand first; each ends in quoted lines: "   27 | int i;".
        errors = re.sub(r"(?ms)\A.*^ +\d* *\| .*?$", "", errors)
        return [e for e in errors.splitlines() if e and not e.startswith("hash ")]

    @property
    def failure(self) -> str:
        """"" if the status is 0, else the status, with the first error or the last
        line of output."""
        if not self.result["status"]:
            return ""
        said = self.errors + Path(self.path, "output").read_text(errors="replace").splitlines()[-1:]
        return ", ".join([f"status {self.result['status']}", *said[:1]])

    def number(self, name: str) -> float:
        """Returns a number of the run; nan: it was not counted (the run ended before the
        kernel counted), or there is nothing to judge."""
        found = self._numbers.get(name)
        return math.nan if found is None else float(found)

    @functools.cached_property
    def _numbers(self) -> Dict[str, Any]:
        """The numbers of --stats, the kernel's counters, and these. `seconds`: simulated. `scanned`,
        `reclaimed`: by kswapd and by direct reclaim, added up. `again`: pages read again,
        from swap, or from files if the kernel still remembered their eviction. `frames`: the
        most that held pages of programs or files. `opt`: the pages that OPT would have read
        again (optimum.returns). `requests`: of all disks. `disk_busy`, `seeks`, `rotation`
        (with transfer): seconds of all disks. In percent, how often the kernel's belief was
        wrong: `cold_used`, inactive pages that were used within 100 ms; `hot_idle`, active
        pages that were not; `regret`, `regret2`, `regret4`, victims that were wanted again
        before memory had turned over once, twice, four times."""
        stats = self.result["stats"]
        kernel = collections.defaultdict(lambda: math.nan, stats["kernel"])
        busy, seeks = (sum(d[n] for d in stats["disks"]) / 1000 for n in ("busy_ms", "seek_ms"))
        shares: Dict[str, Tuple[int, int]] = {}
        if belief := stats.get("belief"):
            near = next(h for h in belief["horizons"] if h["ms"] == 100)
            shares = {n: (near[n], near[n.partition("_")[0]]) for n in JUDGED[:2]}
            shares.update((n, (turned, belief["victims"]))
                          for n, turned in zip(JUDGED[2:], belief["turned"]))
        return {**kernel, **stats, "seconds": stats["simulated_seconds"],
                "scanned": kernel["pgscan_kswapd"] + kernel["pgscan_direct"],
                "reclaimed": kernel["pgsteal_kswapd"] + kernel["pgsteal_direct"],
                "again": kernel["pswpin"] + kernel["workingset_refault_file"],
                "frames": self.result["frames"], "opt": self.result["opt"],
                "requests": sum(d["reads"] + d["writes"] for d in stats["disks"]),
                "disk_busy": busy, "seeks": seeks, "rotation": busy - seeks,
                **{n: 100 * part / whole for n, (part, whole) in shares.items() if whole}}
