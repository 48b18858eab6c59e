# SPDX-License-Identifier: MIT
"""A machine: `clockhand` as a child process, which reads the monitor's verbs
from a pipe and answers each in one line of JSON."""
from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, fields
from types import TracebackType
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, Mapping
from typing import Optional, Sequence, Type, Union

from .errors import CommandError, EndedError, StoppedError

if TYPE_CHECKING:
    import numpy

Option = Union[None, bool, int, str, Sequence[str], Mapping[str, object]]
Time = Union[int, str]

BATCH = 256  # the most events that the monitor gives in one answer
KEPT = 131072  # events that the machine keeps


def program() -> str:
    """Returns the path of the emulator: $CLOCKHAND, else this tree's build, else PATH's."""
    tree = os.path.join(os.path.dirname(__file__), "../../../build/clockhand")
    found = os.environ.get("CLOCKHAND")
    return found or (os.path.abspath(tree) if os.path.exists(tree)
                     else shutil.which("clockhand") or "clockhand")


def data(name: str, emulator: Optional[str] = None) -> str:
    """Returns a file or folder that comes with the emulator: beside it in the
    tree that built it (guest/NAME), else where `make install` puts it."""
    here = os.path.dirname(emulator or os.path.realpath(program()))
    beside = os.path.join(here, "guest", name)
    return beside if os.path.exists(beside) else os.path.join(here, "../share/clockhand", name)


def words_of(options: Mapping[str, Option]) -> List[str]:
    """Returns the command line for options given by their long names, with _
    for -. The value True: the option without a value; False or None: the option
    is not given; a list: the option once for each element; a mapping: once for
    each element, as NAME=VALUE."""
    words: List[str] = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            words.append(option)
        elif isinstance(value, Mapping):
            words += [f"{option}={k}={v}" for k, v in value.items()]
        elif isinstance(value, (list, tuple)):
            words += [f"{option}={v}" for v in value]
        elif value is not None and value is not False:
            words.append(f"{option}={value}")
    return words


@dataclass(frozen=True)
class Stop:
    """The place at which the machine stopped. stop: the reason, such as done, off,
    breakpoint, watchpoint, catch, walk, limit, hung (the guest waits, and nothing
    can wake it)."""
    stop: str
    cycle: int
    pc: int
    instret: int
    text: str = ""
    number: Optional[int] = None
    exit_status: Optional[int] = None


@dataclass(frozen=True)
class Event:
    """One event of the kernel, as `info events` prints it. pfn, from_state,
    to_state: None if the event is not about a frame. Other fields: 0 if unknown."""
    number: int
    cycle: int
    pid: int
    tid: int
    reason: str
    actor: str
    pfn: Optional[int] = None
    from_state: Optional[str] = None
    to_state: Optional[str] = None
    va: int = 0
    fault_va: int = 0
    owner: int = 0
    source: int = 0
    pc: int = 0


@dataclass(frozen=True)
class Frame:
    """A frame, as `info frames` prints it. pid, va: its first mapping; 0 if no
    page table maps it. marks: words of `explain frame`, joined by blanks."""
    pfn: int
    state: str
    marks: str
    owner: int
    refs: int
    pins: int
    object: int
    index: int
    pid: int
    va: int


FRAME_TYPE = [("pfn", "u4"), ("state", "U14"), ("marks", "U72"),
              ("owner", "u4"), ("refs", "i4"), ("pins", "u4"),
              ("object", "u8"), ("index", "u8"), ("pid", "u4"), ("va", "u8")]


def _number(value: Any) -> int:
    return int(value, 0) if isinstance(value, str) else int(value)


def _stop(a: Mapping[str, Any]) -> Stop:
    return Stop(a["stop"], a["cycle"], _number(a["pc"]), a["instret"],
                a.get("text", ""), a.get("number"), a.get("exit_status"))


def _event(a: Dict[str, Any]) -> Event:
    for key in ("va", "fault_va", "pc"):
        a[key] = _number(a.get(key, 0))
    for key in ("from", "to"):
        a[key + "_state"] = a.pop(key, None)
    return Event(**a)


def _frame(a: Dict[str, Any]) -> Frame:
    a["marks"] = " ".join(a["marks"])
    a["va"] = _number(a.get("va", 0))
    a.setdefault("pid", 0)
    return Frame(**{f.name: a[f.name] for f in fields(Frame)})


class Machine:
    """A machine. It stands still until one of the run functions is called.
    Options are those of the command line, by their long names; `set` takes a
    mapping, `run` a command for the guest. Use `with Machine(...) as m:`, which
    ends the machine. One thread only.

    console: the output of the guest (or, with `run`, of its program) so far. A
    line that was not complete when the machine stopped is ended there."""

    def __init__(self, elf: Optional[str] = None, **options: Option) -> None:
        self.console = ""
        self._cycle = self._pc = self._asked = self._told = 0
        commands, self._commands = os.pipe()
        self._stderr = tempfile.TemporaryFile()
        words = [program(), "-x", f"/dev/fd/{commands}", *words_of(options)]
        try:
            self._child: subprocess.Popen[bytes] = subprocess.Popen(
                words + ([elf] if elf else []), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=self._stderr,
                pass_fds=[commands])
        except OSError as e:
            os.close(self._commands)
            self._stderr.close()
            raise EndedError(f"{words[0]}: {e.strerror}", 0, 0, "", 127, "") from e
        finally:
            os.close(commands)
        try:
            self._note(self.command("info status"))
        except BaseException:
            self.close()
            raise

    # ---- asking ---------------------------------------------------------------

    def command(self, text: str) -> Any:
        """Runs a verb of the monitor and returns its JSON (`help json`). If the
        verb fails it raises CommandError; if the program ends, EndedError; if
        text is no one line, ValueError."""
        if "\n" in text or "\0" in text or text.endswith("\\"):
            raise ValueError("one command, in one line, without NUL")
        answer = self._ask(text)
        if isinstance(answer, dict) and answer.get("ok") is False:
            self._note(answer)
            self._told = self._stderr.seek(0, os.SEEK_END)
            raise CommandError(answer["error"], self._cycle, self._pc, text)
        if isinstance(answer, dict) and "stop" in answer:
            self._note(answer)
        return answer

    def _note(self, answer: Mapping[str, Any]) -> None:
        self._cycle, self._pc = answer["cycle"], _number(answer["pc"])

    def _ask(self, text: str) -> Any:
        """Sends the verb, and an `echo` of a mark that the guest cannot know.
        The line before the mark is the answer; earlier lines are the guest's
        output."""
        if self._commands < 0:
            raise EndedError("the machine is closed", self._cycle, self._pc, text,
                             self._child.wait(), "")
        self._asked += 1
        mark = f"~{os.getpid()}.{id(self)}.{self._asked}~"
        sent = f"json {text}\necho {mark}\n".encode()  # a lone surrogate raises
        try:
            os.write(self._commands, sent)
            lines = self._until(mark)
        except BrokenPipeError:
            lines = None
        except BaseException:  # interrupted: the next command would read this answer
            self.close()
            raise
        if lines is None:
            raise self._ended(text)
        self.console += "".join(lines[:-1])
        return json.loads(lines[-1]) if lines else None

    def _until(self, mark: str) -> Optional[List[str]]:
        lines: List[str] = []
        assert self._child.stdout
        for raw in self._child.stdout:
            line = raw.decode(errors="replace").replace("\r", "")
            if line.rstrip("\n") == mark:
                return lines
            lines.append(line)
        self.console += "".join(lines)
        return None

    def _ended(self, command: str) -> EndedError:
        status = self._child.wait()
        self._stderr.seek(self._told)
        said = self._stderr.read().decode(errors="replace")
        last = said.strip().rpartition("\n")[2]
        return EndedError(last or f"the program has ended, status {status}",
                          self._cycle, self._pc, command, status, said)

    # ---- running --------------------------------------------------------------

    @property
    def cycle(self) -> int:
        """Simulated time so far, in cycles of the core."""
        return self.value("cycle")

    def _go(self, verb: str) -> Stop:
        """Runs the machine. If it is off, nothing runs: the stop is "off"."""
        try:
            return _stop(self.command(verb))
        except CommandError as e:
            if not self.off:
                raise
            return Stop("off", self._cycle, self._pc, self.value("instret"), e.message)

    @property
    def off(self) -> bool:
        """True once the guest has powered the machine off."""
        return bool(self.value("off"))

    def run_for(self, time: Time) -> Stop:
        """Runs for a number of cycles, or for a time with its unit ("10ms").
        Stop.stop is "off" if the guest powered the machine off."""
        return self._go(f"run-for {time}")

    def run_until(self, condition: str, within: Optional[Time] = None,
                  every: Optional[Time] = "10us") -> Stop:
        """Runs until condition, an expression of the monitor's, is not 0; a
        breakpoint or catch stops the machine as well. The condition is
        evaluated at multiples of `every` (None: before each instruction, a
        hundred times as slow). Raises StoppedError if the machine stopped for good,
        or if the time `within` is over and the condition does not hold."""
        whole = f"({condition})"
        if within is not None:
            self.command(f"let within cycle + {within}")
            whole += " || cycle >= let.within"
        how = "" if every is None else f"every {every} "
        stop = _stop(self.command(f"run-until {how}{whole}"))
        over = stop.stop in ("off", "hung", "limit", "halted", "ended")
        late = stop.stop == "done" and within is not None
        if over or (late and not self.value(condition)):
            why = stop.stop if over else "time is up"
            raise StoppedError(f"{condition}: did not come true: {stop.text or why}",
                               stop.cycle, stop.pc, "run-until", why)
        return stop

    def start(self) -> Stop:
        """Runs until the guest's kernel has reported its first event: from then
        on its counters have names."""
        return self.run_until("events > 0")

    def proceed(self) -> Stop:
        """Runs until the machine stops (verb continue): at a breakpoint, a catch,
        a limit, the guest's end ..."""
        return self._go("continue")

    def goto(self, where: Union[int, str]) -> Stop:
        """Travels in time: to a cycle, "-N" cycles back, a mark, "now"."""
        return _stop(self.command(f"goto {where}"))

    def send(self, text: str) -> None:
        """Types into the guest's console."""
        self.command(f"send {json.dumps(text, ensure_ascii=False)}")

    def expect(self, text: str, within: Time = "10s") -> None:
        """Runs until the guest prints text; CommandError if it does not `within` the time."""
        quoted = json.dumps(text, ensure_ascii=False)
        self.command(f"expect {quoted} {within}")

    # ---- looking --------------------------------------------------------------

    def value(self, expression: str) -> int:
        """Returns the value of a monitor's expression: "vm.free", "$pc", "cycle"."""
        return int(self.command(f"print {expression}")["value"])

    @property
    def counters(self) -> Dict[str, int]:
        """The present values of the kernel's levels and counters, by name."""
        return {name: n for name, n in self.command("info vm all").items() if isinstance(n, int)}

    def frames(self, words: str = "all",
               ) -> "Union[numpy.ndarray[Any, Any], List[Frame]]":
        """Returns the frames that `info frames WORDS` lists ("dirty", "anon pid
        5"): a structured array with Frame's fields where NumPy is installed,
        else a list."""
        rows = [_frame(a) for a in self.command(f"info frames {words}")["list"]]
        try:
            import numpy as np
        except ImportError:
            return rows
        names = [name for name, _ in FRAME_TYPE]
        return np.array([tuple(getattr(r, n) for n in names) for r in rows], dtype=FRAME_TYPE)

    def _passes(self, every: Time) -> None:
        """Raises ValueError for a time of 0: a loop that runs for it never ends."""
        if self.value(str(every)) <= 0:
            raise ValueError(f"every {every}: no time passes")

    def sample(self, every: Time, names: Sequence[str], within: Time = "1000s",
               ) -> "Dict[str, Union[numpy.ndarray[Any, Any], List[int]]]":
        """Runs, and reads the named values (expressions of the monitor's) each
        `every` of simulated time, until the machine stops or `within` is over:
        an array (without NumPy a list) for each name, and for "cycle". ValueError
        if `every` is 0."""
        rows: Dict[str, List[int]] = {name: [] for name in ["cycle", *names]}
        end = self.value(f"cycle + {within}")
        self._passes(every)
        while self._cycle < end and self.run_for(every).stop == "done":
            for name, values in rows.items():
                values.append(self.value(name))
        try:
            import numpy as np
        except ImportError:
            return {**rows}
        return {name: np.array(v, dtype="u8" if max(v, default=0) >> 63 else "i8")
                for name, v in rows.items()}

    def follow(self, kind: str = "", pid: Optional[int] = None,
               every: Time = "10ms") -> Iterator[List[Event]]:
        """Runs until the machine is off or a breakpoint or catch stops it, and
        yields the events from now on in batches, each once. No event is lost:
        CommandError if more come within `every` than the machine keeps;
        ValueError if `every` is 0."""
        start, done = self.value("events"), False
        self._passes(every)
        while not done:
            done = self.run_for(every).stop != "done"
            end = self.value("events")
            yield from self.events(kind, pid, start)
            start = end

    def events(self, kind: str = "", pid: Optional[int] = None,
               start: Optional[int] = None) -> Iterator[List[Event]]:
        """Yields the events so far, from number `start` on (None: the oldest
        that is kept), oldest first, in batches. kind (a reason, or a word of
        `catch`) and pid select events. The machine keeps the latest 131072:
        CommandError if `start` is older."""
        of = f"{kind} pid {pid}" if pid is not None else kind
        if start is None:
            start = max(0, self.value("events") - KEPT)
        while True:
            batch = [_event(a) for a in self.command(f"info events {BATCH} {of} from {start}")]
            if batch:
                yield batch
            if len(batch) < BATCH:
                return
            start = batch[-1].number + 1

    def hash(self) -> str:
        """Returns a digest of the machine's whole state."""
        return str(self.command("hash")["hash"])

    # ---- the end --------------------------------------------------------------

    def close(self) -> int:
        """Ends the program; returns its exit status."""
        if self._commands >= 0:
            os.close(self._commands)
            self._commands = -1
            self._child.terminate()
        status = self._child.wait()
        assert self._child.stdout
        self._child.stdout.close()
        self._stderr.close()
        return status

    def __enter__(self) -> "Machine":
        return self

    def __exit__(self, kind: Optional[Type[BaseException]],
                 error: Optional[BaseException],
                 trace: Optional[TracebackType]) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_commands", -1) >= 0 and hasattr(self, "_child"):
            self.close()
