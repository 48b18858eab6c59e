#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# The package clockhand drives a machine: verbs, stops, frames, events, the past.
# Every error has the cycle and the pc of the stopped machine. With SOAK=1 pip installs the package.
import os
import shutil
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, "tests/lib")
import tap
import clockhand
from clockhand import CommandError, EndedError, Machine, StoppedError
from clockhand.machine import data, words_of

HOG = {"policy": "twohand", "ram": "8M", "run": "hog 1.2x 0; echo hi"}


class Driven(unittest.TestCase):
    def setUp(self):
        self.m = Machine(**HOG)
        self.addCleanup(self.m.close)

    def test_data_lies_beside_the_program(self) -> None:
        """data() finds a file of the emulator's build, else returns a path in the share folder"""
        self.assertTrue(os.path.isfile(data("kernel.elf")))
        self.assertTrue(data("none").endswith("../share/clockhand/none"))

    def test_paging(self):
        """run_until, counters, frames and events agree"""
        m = self.m
        self.assertEqual(m.cycle, 0)
        m.start()
        stop = m.run_until("pswpout > 100 && !lens.busy")
        self.assertEqual(stop.stop, "done")
        self.assertEqual(stop.cycle % 10000 < 100, True, "every 10us")
        self.assertEqual(m.cycle, stop.cycle)
        counters = m.counters
        self.assertGreater(counters["pswpout"], 100)
        frames = m.frames()
        self.assertEqual(len(frames), 2048)
        of = (lambda f, n: f[n]) if not hasattr(frames[0], "state") else getattr
        self.assertEqual([of(f, "pfn") for f in frames], list(range(2048)))
        self.assertEqual(sum(of(f, "state") == "free" for f in frames), counters["vm.free"])
        batches = list(m.events("swap-out"))
        events = [e for batch in batches for e in batch]
        self.assertEqual({e.reason for e in events}, {"swap-out"})
        self.assertEqual(len(events), counters["pswpout"])
        self.assertEqual(events, sorted(events, key=lambda e: e.number))

    def test_batches(self):
        """events() yields every event once, in order, in batches of 256; the machine selects by pid and start"""
        m = self.m
        m.start()
        m.run_until("pgfault > 300")
        batches = list(m.events())
        numbers = [e.number for batch in batches for e in batch]
        self.assertEqual(numbers, list(range(m.value("events"))))
        self.assertEqual({len(b) for b in batches[:-1]}, {256})
        whose = {e.pid for b in batches for e in b}
        for pid in whose:
            mine = [e.number for b in m.events(pid=pid) for e in b]
            self.assertEqual(mine, [e.number for b in batches for e in b if e.pid == pid])
        late = [e.number for b in m.events(start=numbers[-3]) for e in b]
        self.assertEqual(late, numbers[-3:])

    def test_exact(self):
        """run_until stops before the first instruction at which the condition holds; `every`: at the next multiple"""
        m = self.m
        m.start()
        at = m.run_until("pgfault >= 3", every=None)
        m.command("reverse-stepi")
        self.assertEqual(m.value("pgfault"), 2)
        m.goto("-100000")
        late = m.run_until("pgfault >= 3", every="1ms")
        self.assertGreater(late.cycle, at.cycle)
        self.assertLess(late.cycle - at.cycle, 1_000_100)
        self.assertLess(late.cycle % 1_000_000, 100)

    def test_past(self):
        """goto: the same state as the first time; then the same future"""
        m = self.m
        m.run_for("30ms")
        then, hashed = m.cycle, m.hash()
        m.run_for("5ms")
        later = m.hash()
        self.assertEqual(m.goto(then).cycle, then)
        self.assertEqual(m.hash(), hashed)
        m.run_for("5ms")
        self.assertEqual(m.hash(), later)

    def test_errors(self):
        """a refused command or an early stop raises an error with cycle and pc, and the machine goes on"""
        m = self.m
        m.run_for("30ms")
        for wrong in ("print nosuch", "info nosuch", "page", "if 1",
                      "assert nosuch", "goto nowhere", "nosuch"):
            with self.assertRaises(CommandError) as caught:
                m.command(wrong)
            self.assertEqual(caught.exception.cycle, m.cycle, wrong)
            self.assertEqual(caught.exception.pc, m.value("$pc"))
            self.assertIn(f"({wrong}) [cycle {m.cycle}", str(caught.exception))
        with self.assertRaises(StoppedError) as caught:
            m.run_until("pgfault > 1000000", within="1ms")
        self.assertEqual(caught.exception.why, "time is up")
        self.assertEqual(caught.exception.cycle, m.cycle)
        with self.assertRaises(StoppedError) as caught:
            m.run_until("pgfault > 1000000", every="1ms")
        self.assertEqual(caught.exception.why, "off")
        self.assertEqual(m.console.splitlines()[-1], "hi")
        for verb, wrong in ((m.command, "print 1\nprint 2"), (m.command, "print 1\0"),
                            (m.send, "\ud800")):
            self.assertRaises(ValueError, verb, wrong)
        self.assertEqual(m.value("off"), 1)

    def test_proceed(self):
        """proceed: to a catch, then to the end"""
        m = self.m
        m.start()
        m.command("tcatch exec")
        self.assertEqual(m.proceed().stop, "catch")
        self.assertEqual(m.proceed().stop, "off")

    def test_killed(self):
        """clockhand is killed: the error has its exit status, and the last cycle and pc"""
        m = self.m
        at = m.run_for("1ms")
        m._child.kill()
        with self.assertRaises(EndedError) as caught:
            m.run_for("1ms")
        self.assertEqual(caught.exception.status, -9)
        self.assertEqual(caught.exception.cycle, at.cycle)
        self.assertEqual(caught.exception.pc, at.pc)


class Told(unittest.TestCase):
    def test_old_events(self):
        """events() from a forgotten event on is an error, never a gap; without `start` the oldest kept is first"""
        with Machine(policy="fifo", ram="6M", run="while :; do hog 1M 0; done") as m:
            m.start()
            m.run_until("events > 131072 + 300", every="1ms")
            with self.assertRaises(CommandError) as caught:
                list(m.events(start=0))
            self.assertIn("forgotten", caught.exception.message)
            first = m.value("events") - 131072
            self.assertEqual(next(m.events())[0].number, first, "the oldest kept")
            self.assertEqual(next(m.events(start=first))[0].number, first)

    def test_follow(self):
        """follow() gives each event once, to the end; sample() arrays; a machine that is off gives the stop `off`"""
        with Machine(policy="fifo", ram="6M", run="hog 1.5x 0") as m:
            m.start()
            first = m.value("events")
            numbers = [e.number for batch in m.follow() for e in batch]
            self.assertEqual(numbers, list(range(first, m.value("events"))))
            self.assertGreater(len(numbers), 10000)
            self.assertTrue(m.off)
            self.assertEqual((m.run_for("1ms").stop, m.proceed().stop), ("off",) * 2)
            self.assertEqual(len(m.sample("1ms", [])["cycle"]), 0)
        with Machine(ram="8M", run="hog 1.5x 0") as m:
            m.start()
            self.assertGreater(m.sample("1ms", ["$pc"], "3ms")["$pc"][0], 1 << 63)
            got = m.sample("2ms", ["vm.free", "pgfault"], within="100ms")
            for steps in (lambda: m.sample("0ms", []), lambda: next(m.follow(every=0))):
                self.assertRaisesRegex(ValueError, "no time passes", steps)
            self.assertEqual({name: len(v) for name, v in got.items()},
                             {"cycle": 50, "vm.free": 50, "pgfault": 50})
            self.assertEqual({int(b - a) // 1000 for a, b in
                              zip(got["cycle"], got["cycle"][1:])}, {2000})
            self.assertEqual(int(got["pgfault"][-1]), m.value("pgfault"))
            self.assertGreater(got["vm.free"][0], got["vm.free"][-1])
        self.assertRaises(EndedError, m.command, "info status")

    def test_installed(self):
        """pip installs the package without a network, by Debian's setuptools; its version is clockhand's"""
        said = tap.run(clockhand.machine.program(), "--version").stdout
        self.assertEqual(said, f"clockhand {clockhand.__version__}\n")
        if not os.environ.get("SOAK"):
            self.skipTest("an installation by pip is for SOAK=1")
        place = tempfile.mkdtemp(prefix="pip.")
        self.addCleanup(shutil.rmtree, place)
        shutil.copytree(tap.PYTHON, place + "/src")  # pip builds in it
        done = tap.run("/usr/bin/python3", "-m", "venv", place + "/venv", "--system-site-packages")
        if done.returncode or tap.run(
                "/usr/bin/python3", "-c", "import setuptools, wheel").returncode:
            self.skipTest("python3-venv, -setuptools or -wheel is not installed")
        done = tap.run(place + "/venv/bin/pip", "install", "--no-index",
                       "--no-build-isolation", place + "/src")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = tap.run(
            place + "/venv/bin/python", "-c", "import clockhand as c, os; "
            "print(c.__file__, os.path.exists(os.path.dirname(c.__file__) + "
            "'/py.typed')); c.Machine(run='true').close()", cwd=place,
            env={**os.environ, "PYTHONPATH": ""})
        self.assertRegex(done.stdout, rf"^{place}/venv/\S+ True$", done.stderr)

    def test_console(self):
        """typing at the guest's prompt; its output is not taken for the monitor's"""
        with Machine() as m:
            m.expect("# ", within="60s")
            m.send('echo \'{"ok":false}\'\n')
            m.expect("# ")
            self.assertIn('{"ok":false}\n', m.console)
            m.send("sleep 1000\n")
            m.run_for("100ms")
            m.send("\x03echo e''nded\n")
            m.expect("ended")
            with self.assertRaises(CommandError) as caught:
                m.expect("never", within="1ms")
            self.assertGreater(caught.exception.cycle, 1000)

    def test_options(self):
        """options: values, flags, lists, mappings; a wrong one says why"""
        self.assertEqual(
            words_of({"disk_model": "ssd", "hash": True, "letters": False,
                      "swap": None, "set": {"a": 1}, "drive": ["x", "y"]}),
            ["--disk-model=ssd", "--hash", "--set=a=1", "--drive=x", "--drive=y"])
        with Machine(ram="8M", set={"clock.handspread": 100}, seed=2,
                     engine="interp", epoch=5, letters=False) as m:
            m.start()
            m.run_for("30ms")
            self.assertEqual(m.value("clock.handspread"), 100)
            self.assertEqual(len(m.frames()), 2048)
        with self.assertRaises(EndedError) as caught:
            Machine(ram="1")
        self.assertEqual(caught.exception.status, 2)
        self.assertIn("--ram", str(caught.exception))
        with mock.patch.dict(os.environ, CLOCKHAND="/nowhere"), self.assertRaises(EndedError):
            Machine()

    def test_without_numpy(self):
        """without NumPy frames() is a list of the same rows"""
        script = ("import sys; sys.modules['numpy'] = None\n"
                  "from clockhand import *\n"
                  "with Machine(ram='8M') as m:\n"
                  "    m.start(); m.run_for('30ms'); f = m.frames('kernel')\n"
                  "    assert isinstance(f, list) and f[0].pfn == 0, f\n"
                  "    assert f[0].state == 'kernel-code', f[0]\n")
        tap.python(script)

    def test_import(self):
        """importing the package takes less than .2 s of CPU time, and does not load NumPy"""
        script = ("import sys, time; t = time.process_time(); import clockhand;"
                  "print(time.process_time() - t, 'numpy' in sys.modules)")
        took, numpy = min(tap.python(script).split() for _ in range(3))
        self.assertLess(float(took), .2)
        self.assertEqual(numpy, "False")


tap.main()
