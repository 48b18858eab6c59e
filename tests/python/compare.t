#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# tools/compare runs each combination of the listed values once; it can be stopped at
# any time and resumed. It tells which settings a run never reads, finds the first
# decision in which two runs differ, and tells effects from luck. It puts OPT and belief
# beside the measured figures, and gives one reference string to all policies. SOAK=1
# also tests guests, several files of policies, a TERM, and more changes of files.
import contextlib
import csv
import glob
import gzip
import io
import itertools
import math
import os
import random
import re
import runpy
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

sys.path.insert(0, "tests/lib")
import tap
from clockhand import FIFO, LRU, OPT, Machine, simulate
from laboratory import luck, partings, tables, verdict
from laboratory.runs import Done, Run, prepare

WORK = ["--ram", "6M", "--timing", "fast", "--run", "hog 0.85x 0"]
soak = unittest.skipUnless(os.environ.get("SOAK"), "only with SOAK=1")


def rows(folder):
    return list(csv.DictReader(open(folder + "/results.csv")))


class Compare(tap.Folder):
    kept = tempfile.mkdtemp(prefix="compare-kept.")

    def setUp(self):
        if not shutil.which("parallel"):
            self.skipTest("parallel is not installed")
        super().setUp()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.kept)

    def among_kept(self):
        """Uses a folder that several tests share: a run of one serves the others."""
        self.dir = self.kept

    def compare(self, *words, status=0, once=True):
        """Compares; without --jitter or once=False each run is done once."""
        once = ["--once"] if once and "--jitter" not in words else []
        done = tap.run("tools/compare", *words, *once, "-o", self.dir)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, done.stderr

    def test_product(self):
        """each combination runs once; the same command again computes nothing twice; a broken result is refused"""
        axes = ["--policy", "fifo,twohand,fifo", "--set", "vm.page-cluster=0,3,0"]
        out, err = self.compare(*axes, *WORK)
        self.assertRegex(err, r"(?m)^4 of 4 runs, \d+ s; 0 s left$")
        table = rows(self.dir)
        self.assertEqual([(r["ram"], r["policy"], r["vm.page-cluster"])
                          for r in table],
                         [("6M", "fifo", "0"), ("6M", "fifo", "3"),
                          ("6M", "twohand", "0"), ("6M", "twohand", "3")])
        self.assertEqual(len({r["outcome"] for r in table}), 4)
        for r in table:
            self.assertGreater(int(r["pswpout"]), 0)
            self.assertIn(r["outcome"], out)
            busy, *parts = (float(r[n]) for n in ("disk_busy", "seeks", "rotation"))
            self.assertAlmostEqual(sum(parts), busy, delta=.002)
        said = [open(f"{self.dir}/{n}.txt").read() for n in ("table", "verdict")]
        self.assertEqual("\n".join(said), out.rpartition("\n\n")[0] + "\n")
        self.assertEqual(said[1].count("\n"), 4, "a line for each run but the first; one on --once")
        whole = open(self.dir + "/results.csv").read()
        shutil.rmtree(f"{self.dir}/runs/{table[2]['key']}")
        times = {f: os.stat(f).st_mtime_ns for f in glob.glob(self.dir + "/runs/*")}
        _, err = self.compare(*axes, *WORK)
        self.assertRegex(err, r"^1 of 1 runs \(3 kept\), ")
        self.assertEqual(open(self.dir + "/results.csv").read(), whole, "the same result again")
        for f, t in times.items():
            self.assertEqual(os.stat(f).st_mtime_ns, t)
        for more in "true", "true --epoch 1 --epoch 2", "true --epoch 2 --epoch 1":
            more = ["--policy", "fifo", "--set", "vm.page-cluster=0", *WORK[:5], *more.split()]
            _, err = self.compare(*more)
            self.assertRegex(err, "^1 of 1 runs, ", "another command: another run")
        open(f"{self.dir}/runs/{rows(self.dir)[0]['key']}/result.json", "w").write("{")
        self.assertRegex(self.compare(*more, status=2)[1], r"\Acompare: .*result.json: .*\n\Z")

    def test_key(self):
        """another image of the guest is another run"""
        build = self.dir + "/build"
        os.makedirs(build + "/guest")
        for f in ("clockhand", "guest/kernel.elf", "guest/root.img"):
            shutil.copy(f"{tap.BUILD}/{f}", f"{build}/{f}")
        with mock.patch.dict(os.environ, CLOCKHAND=build + "/clockhand"):
            self.compare("--run", "true")
            open(build + "/guest/root.img", "ab").write(b"\0" * 4096)
            _, err = self.compare("--run", "true")
            self.assertRegex(err, "^1 of 1 runs, ")

    def test_changed_file(self):
        """a file with other contents makes another run, however it is named; a script that
        ends before the guest has counters still gets a table and a report"""
        disk, part = self.dir + "/disk", self.dir + "/a part.ch"
        script = self.write(
            "a.ch", f"# options: --drive 'file={disk},overlay'\nsource \"{part}\" # it\n")
        for content, said in (b"a", "1 == 2"), (b"b", "1 == 2"), (b"b", "1 == 3"):
            open(disk, "wb").write(content * 4096)
            open(part, "w").write(f"assert {said}\n")
            for of in ["-x", script], ["--drive", f"{tap.BUILD}/guest/root.img,overlay",
                                       "--drive", f"file={disk},overlay", "-x", part]:
                if said == "1 == 3" and of[0] == "--drive" and not os.environ.get("SOAK"):
                    continue
                out, err = self.compare(*of, status=1)
                self.assertRegex(err, "^1 of 1 runs, ")
                self.assertRegex(out, rf"ended with status .*assert: {said}")
        self.assertEqual(rows(self.dir)[0]["pgfault"], "-")
        subprocess.run(["tools/report", self.dir, "-o", self.dir + "/r"], check=True)

    def test_slurm(self):
        """--slurm: a failed squeue is run again; a folder may have any name"""
        folder = self.dir + "/a{}{#} b"
        for name in "sbatch", "squeue", "scancel":
            open(f"{self.dir}/{name}", "w").write(
                "#!/bin/sh\nfor last; do :; done\n[ -f \"$last\" ] || exit 1\n(sleep 1; "
                "SLURM_ARRAY_TASK_ID=0 sh \"$last\") >/dev/null 2>&1 &\necho 1\n")
            os.chmod(f"{self.dir}/{name}", 0o755)
        for policy, *how in ("fifo", "--slurm"), ("clock",):
            tap.run("tools/compare", "--policy", policy, "--run", "true", *how, "-o", folder,
                    check=True, env={**os.environ, "PATH": f"{self.dir}:{os.environ['PATH']}"})

    def test_edited(self):
        """a run whose file was edited after its digest was taken has no result"""
        save = self.write("a save", "one")
        script = self.write("s.ch", f"load '{save}'\n")
        run = Run((), None, script, tap.BUILD + "/clockhand")
        os.mkdir(self.dir + "/todo")
        prepare(self.dir, run)
        open(save, "w").write("another")
        subprocess.run(["tools/compare", "--one", f"{self.dir}/{run.key}"],
                       check=True, stdout=subprocess.DEVNULL)
        self.assertEqual(open(f"{self.dir}/todo/{run.key}.error").read(),
                         save + " changed while it ran")

    def test_never_read(self):
        """a tunable that a run never reads changes nothing: one outcome"""
        self.among_kept()
        hands = ["--set", "clock.handspread=100,200"]
        out, _ = self.compare("--policy", "fifo,twohand", *hands, *WORK)
        fifo, same, two, other = [r["outcome"] for r in rows(self.dir)]
        self.assertEqual(fifo, same)
        self.assertNotEqual(two, other)
        self.assertRegex(out, rf"(?m)^.*fifo +200 .*{fifo}  as 6M fast fifo 100$")
        told = open(self.dir + "/partings.txt").read()
        self.assertIn("6M fast fifo 100 | 6M fast fifo 200: every decision alike\n", told)

    def test_parting(self):
        """the first difference of two runs: same decisions, then two victims"""
        self.among_kept()
        self.compare("--policy", "twohand", "--set", "clock.handspread=100,200", *WORK)
        keys = [r["key"] for r in rows(self.dir)]
        kinds = partings.VICTIM | set(partings.READ)
        made = []
        for key in keys:
            with gzip.open(f"{self.dir}/runs/{key}/events.csv.gz", "rt") as f:
                made.append([(e["reason"], e["pfn"], e["cycle"])
                             for e in csv.DictReader(f) if e["reason"] in kinds])
        common = next(i for i, (a, b) in enumerate(zip(*made)) if a[:2] != b[:2])
        victims = [next(e for e in m[common:] if e[0] in partings.VICTIM) for m in made]
        self.assertNotEqual(victims[0], victims[1])
        told = open(self.dir + "/partings.txt").read()
        self.assertIn(f"the first {common} decisions are alike\n", told)
        for hand, (reason, pfn, cycle) in zip((100, 200), victims):
            self.assertRegex(told, rf"6M fast twohand {hand}: takes frame {pfn} at "
                             rf"cycle {cycle}: \S+ -> \S+, {reason} ")
        self.assertRegex(told, r"used, mark cleared: \d+ frames \(")
        free = re.findall(r"free list: (\d+) frames, marks \d+ \d+ \d+ ", told)
        self.assertEqual(len(free), 2)
        for n, hand, (_, _, cycle) in zip(free, (100, 200), victims):
            with Machine(policy="twohand", set={"clock.handspread": hand},
                         ram=WORK[1], timing=WORK[3], run=WORK[5]) as m:
                m.run_for(cycle)
                self.assertEqual(m.value("vm.free"), int(n), "as the kernel says")
        done = [Done(self.dir, key) for key in keys]
        self.assertIsNone(partings.parting(done[0], done[0]))

    def test_same_victim_twice(self):
        """two runs that part and take the same frame: what differs is said"""
        def said(first, second, reason="reclaim"):
            return partings.one_victim(7, *(
                (name, partings.Side(partings.Event(9, 10**6, 33, "file-clean", "free", why, "-"), n))
                for name, n, why in (("x", first, "reclaim"), ("y", second, reason))))
        self.assertEqual(said(9, 12), ["  both take frame 33: x after 2 more decisions, y after 5"])
        self.assertRegex(said(9, 9)[0], ": each after 2 more decisions, but not the same ones$")
        self.assertRegex(said(7, 7, "swap-add")[0], ": what becomes of it differs$")
        rest = partings.Side(None, 9)
        self.assertEqual(partings.one_victim(7, ("x", rest), ("y", rest)), [])

    def test_jitter(self):
        """--jitter varies the disk's phase, RAM and start: means, intervals, an effect"""
        work = ["--policy", "fifo,linux612", "--jitter", "3", "--ram", "7M",
                *WORK[2:-1], "hog 1.2x 0"]  # both page: so each uses all of RAM
        out, _ = self.compare(*work)
        table = rows(self.dir)
        self.assertEqual([r["jitter"] for r in table], ["0/3", "1/3", "2/3"] * 2)
        words = shlex.join(Done(self.dir, table[2]["key"]).result["run"]["words"])
        self.assertEqual(words, "--timing fast --policy fifo --disk-model cheetah9lp,phase=240 "
                         "--ram 7160K --run 'usleep 2000; hog 1.2x 0'")
        times = [float(r["seconds"]) for r in table]
        self.assertGreater(len(set(times[:3])), 1, "a phase changes something")
        self.assertRegex(out, r"(?m)^ *7M +fast +linux612 +seconds .* effect$")
        mean, _ = luck.interval(times[:3])
        self.assertIn(f"{mean:.3f}", out)
        self.assertIn("+-: 95 % confidence interval of 3 runs that differ in the disk's phase, "
                      "RAM (0 to 2 frames fewer, not below 6 MiB), start (0 to 2 ms later).\n", out)
        free = []
        for k, ram in enumerate(("8M", "8M", "8M", "6M")):
            run = Run((("ram", ram), ("jitter", f"{k}/4")), "true", None, tap.BUILD + "/clockhand")
            with Machine(ram=run.words()[3], run="true") as m:  # 6M is the guest's least
                m.run_for(30_000_000)
                free.append(m.value("vm.free"))
        self.assertEqual([free[0] - n for n in free[:3]], [0, 1, 2], "one frame less each")
        for same in table[:3], table[3:]:
            frames = [int(r["frames"]) for r in same]
            self.assertEqual(frames, sorted(frames, reverse=True), "less RAM, no more frames")
            self.assertRegex(out, rf"(?m)^frames: .*7M fast {same[0]['policy']}.* used at most "
                             + ", ".join(map(str, frames)))
        subprocess.run(["tools/report", self.dir, "-o", self.dir + "/r"], check=True)
        text = open(self.dir + "/r").read()
        self.assertIn("<title>Comparison: 7M fast fifo, 7M fast linux612, 3 runs each<", text)
        bars = re.findall("<svg[^>]*><title>(?:simulated|faults that).*?</svg>", text)
        self.assertEqual([re.findall('class="((?:area|line) .)"', b) for b in bars],
                         [["area a", "line a", "area b", "line b"]] * 2, "colours, whiskers")
        cells = [re.findall("<t[hd][^>]*>(.*?)</t[hd]>", row)
                 for row in re.findall("<tr>.*?</tr>", text)]
        told = [line.split() for line in open(self.dir + "/table.txt") if " turn s " in line]
        self.assertIn(told[1], [" ".join(c).split() for c in cells], "+-, and effect or luck")
        self.assertLessEqual(max(map(len, cells)), 12, "a wider table is cut on paper")
        self.assertRegex(out, r"(?m)^7M fast \w+ took .* s, means of 3 runs each, ")
        self.assertNotIn("Single runs", out)
        self.assertIn("small: above its +- only; open: within its +-, so it may be luck.", out)
        out, _ = self.compare(*work, "--least", "400")
        self.assertNotIn(" effect\n", out)
        out, _ = self.compare("--set", "clock.handspread=100,200", "--policy", "fifo",
                              "--jitter", "2", "-x", self.write("s.ch", "run-for 30ms\n"))
        self.assertEqual(out.count(" equal\n"), len(tables.JITTERED), out)
        self.assertIn("differ in the disk's phase.\n", out)

    def test_until_told(self):
        """without --jitter a comparison repeats: until it can tell which run takes longer"""
        self.among_kept()
        out, err = self.compare("--policy", "clock,fifo", *WORK, once=False)
        self.assertEqual([r["jitter"] for r in rows(self.dir)], [f"{k}/20" for k in (0, 7, 14, 1, 8)] * 2)
        self.assertIn("(at most 20)", err)
        self.assertRegex(out, r"(?m)^6M fast fifo took 1\.\d\d s longer than 6M fast clock, an effect and not luck \(.*, means of 5 runs each")
        self.assertIn("98.3 % confidence interval of 5 runs that", out)
        self.assertIn("The comparison looked after 5 repetitions, ", out)

    def test_ten_minutes(self):
        """a comparison that cannot tell begins no repetition after ten minutes, but has two"""
        for seconds, repetitions in ((50, 12), (250, 3), (700, 2)):
            clock, runs = [0], []

            def compute(a, wanted, what):
                clock[0] += seconds * (len(wanted) - len(runs)) // 2
                runs[:] = wanted
            said = io.StringIO()
            words = ["compare", "--policy", "clock,fifo", "--run", "true", "-j", "1"]
            with mock.patch("sys.argv", words):
                tool = runpy.run_path("tools/compare")
                a = tool["arguments"]()
            repeat = tool["repeat"]
            with mock.patch.dict(repeat.__globals__, compute=compute, Done=lambda o, key: None), \
                    mock.patch("time.monotonic", lambda: clock[0]), contextlib.redirect_stderr(said), \
                    mock.patch.object(verdict, "undecided", return_value=1):
                wanted, axes = tool["product"](a, ["0/1"])
                self.assertEqual(len(repeat(a, wanted, axes)), repetitions, seconds)
            self.assertEqual(len(runs), 2 * repetitions)

    def test_once(self):
        """--once tells counts, not which run takes longer; a disk without a phase is repeated, too"""
        self.among_kept()
        out, _ = self.compare("--policy", "fifo,twohand", *WORK)
        fifo, two = rows(self.dir)
        self.assertNotRegex(out.rpartition("\n\n6M")[2], r"longer than|same time|\d s of|\d s (more|less)|busy")
        more = int(two["pswpout"]) - int(fifo["pswpout"])
        self.assertIn(f"it wrote {abs(more):,} {'more' if more > 0 else 'fewer'} pages to swap", out)
        run = Run((("disk-model", "ssd"), ("ram", "8M"), ("jitter", "3/4")), "true", None, tap.BUILD + "/clockhand")
        self.assertEqual(run.words(), ["--disk-model", "ssd", "--ram", "8180K", "--run", "usleep 3000; true"])
        self.assertFalse(Run((("disk-model", "ssd,queue=fifo"),), None, "s.ch", "clockhand").varies)

    def test_two_options(self):
        """an option that is given twice lists the values of both"""
        words = ["compare", *"--policy-file a.c --ram 8M --policy-file b.c,c.c --rev x --rev y --run true".split()]
        with mock.patch("sys.argv", words):
            a = runpy.run_path("tools/compare")["arguments"]()
        self.assertEqual((a.policy_file, a.ram, a.rev, a.policy), ("a.c,b.c,c.c", "8M", "x,y", None))

    def string_of(self, key):
        """Returns a run's references, as vmsim reads them: (address, how many new pages it has had)."""
        string, life = [], {}
        for word, *rest in map(str.split, subprocess.check_output(
                [tap.BUILD + "/vmsim", "--dump", f"{self.dir}/runs/{key}/refs"],
                text=True).splitlines()):
            if word == "!born":
                life[rest[0]] = life.get(rest[0], 0) + 1
            elif word.isdigit():
                string.append((int(word), life.get(word, 0)))
        return string

    def test_optimum(self):
        """OPT on the run's own string, belief and regret: a column each"""
        self.among_kept()
        out, _ = self.compare("--policy", "fifo,twohand", *WORK)
        self.assertRegex(out, r"OPT +cold used % +hot idle % +regret % +in 2 turns % +in 4 %")
        table = rows(self.dir)
        for r in table:
            string, done = self.string_of(r["key"]), Done(self.dir, r["key"])
            again = simulate(OPT, string, done.result["frames"]).faults \
                - len(set(string))
            self.assertEqual(int(r["opt"]), again, "a second implementation")
            self.assertLess(again, int(r["pswpin"]), "OPT reads the fewest")
            self.assertGreater(again, 0)
            belief = done.result["stats"]["belief"]
            near = belief["horizons"][1]
            self.assertEqual(near["ms"], 100)
            for name, part, whole in (
                    ("cold_used", near["cold_used"], near["cold"]),
                    ("hot_idle", near["hot_idle"], near["hot"]),
                    ("regret", belief["turned"][0], belief["victims"]),
                    ("regret4", belief["turned"][2], belief["victims"])):
                self.assertEqual(r[name], f"{100 * part / whole:.2f}" if whole else "-")
        held = {"anonymous", "cow-shared", "file-clean", "file-dirty", "swap-cache", "shared-memory"}
        for r in table:  # no sample, 10 ms apart, may be above what the events say
            with gzip.open(f"{self.dir}/runs/{r['key']}/events.csv.gz", "rt") as f:
                now = list(itertools.accumulate((e["to"] in held) - (e["from"] in held)
                                                for e in csv.DictReader(f) if e["pfn"]))
            self.assertEqual(max(now), Done(self.dir, r["key"]).result["frames"])
            head, *samples = Done(self.dir, r["key"]).rows("counters")
            at = [head.index("vm." + n.replace("-", "_")) for n in held]
            self.assertGreaterEqual(max(now), max(sum(int(s[i]) for i in at) for s in samples))
        self.compare("--run", "true")
        self.assertEqual([(r["opt"], r["regret"]) for r in rows(self.dir)],
                         [("0", "-")], "no victim, no regret")

    def test_open_loop(self):
        """--open-loop: one string for all policies, that of the first run"""
        self.among_kept()
        out, _ = self.compare("--policy", "twohand,fifo", "--open-loop", *WORK)
        said = open(self.dir + "/openloop.txt").read()
        self.assertIn(said, out)
        string = self.string_of(rows(self.dir)[0]["key"])
        pages = [page for page, _ in string]
        frames = Done(self.dir, rows(self.dir)[0]["key"]).result["frames"]
        lines = [line.rsplit(None, 6)[1:] for line in said.splitlines()[1:-1]]
        self.assertEqual([line[0] for line in lines], ["guest:twohand", "guest:fifo", "lru", "opt"])
        faults = {line[0]: int(line[3]) for line in lines}
        for line in lines:
            self.assertEqual(list(map(int, line[1:3])), [frames, len(string)])
            known = pages if line[0].startswith("guest:") else string
            self.assertEqual(int(line[3]) - int(line[4]), len(set(known)))
        self.assertGreaterEqual(faults["lru"], faults["opt"])
        self.assertEqual(faults["guest:fifo"], simulate(FIFO, pages, frames).faults)
        self.assertEqual(faults["lru"], simulate(LRU, string, frames).faults)
        report = self.dir + "/r.html"
        subprocess.run(["tools/report", self.dir, "-o", report], check=True)
        self.assertIn(said, open(report).read())
        self.compare("--policy", "fifo", *WORK)
        self.assertFalse(os.path.exists(self.dir + "/openloop.txt"), "left from before")
        _, err = self.compare("--open-loop", "--set", "clock.handspread=1,2", *WORK, status=2)
        self.assertRegex(err, r"\Acompare: --open-loop: not with --set.*\n\Z")

    def test_script(self):
        """a script's status tells whether its claims hold; a change of a sourced file is another run"""
        part = self.write("part.inc", "run-for 30ms\n")
        script = self.write("s.ch", f"source {part}\nassert vm.free > 2000\n")
        self.compare("-x", script, "--ram", "8M,16M", status=1)
        self.assertEqual([r["status"] for r in rows(self.dir)], ["1", "0"])
        if not os.environ.get("SOAK"):  # test_changed_file has such a change, too
            return
        open(part, "w").write("run-for 31ms\n")
        _, err = self.compare("-x", script, "--ram", "8M,16M", status=1)
        self.assertRegex(err, r"^1 of 2 runs, ")

    def own(self, name, old="", new=""):
        """Writes the policy template under another name, with one change."""
        text = open("tools/policy-template.c").read().replace("mine", name)
        self.assertIn(old, text)
        return self.write(name + ".c", text.replace(old, new))

    @soak
    def test_policy_file(self):
        """policies of one's own beside a named one; a changed file is another run"""
        mine = self.own("mine")
        files = mine + "," + self.own("chance", "_NONE ||", "_NONE || !policy_clear_used(frame) &&")
        axes = ["--policy", "fifo", "--policy-file", files, "--ram", "6M", "--run", "hog 2x 0"]
        self.compare(*axes)
        fifo, own, chance = rows(self.dir)
        self.assertEqual([r["policy"] for r in (fifo, own, chance)], ["fifo", "mine.c", "chance.c"])
        self.assertEqual(fifo["pswpin"], own["pswpin"])
        self.assertNotEqual(fifo["pswpin"], chance["pswpin"])
        said = open(self.dir + "/partings.txt").read()
        self.assertRegex(said, r"6M fifo \| 6M chance.c: the first \d+ decisions are "
                         r"alike\n  6M fifo: takes frame \d+ at .*\n(?:    .*\n)+  6M "
                         r"chance.c: takes frame \d+ at ")
        out, _ = self.compare(*axes, "--open-loop")
        faults = dict(re.findall(r"guest:(\w+) +\d+ +\d+ +(\d+)", out))
        self.assertEqual(faults["mine"], faults["fifo"])
        self.assertNotEqual(faults["chance"], faults["fifo"])
        self.own("mine", "queue's end", "end of the queue")
        _, err = self.compare(*axes)
        self.assertRegex(err, r"^1 of 1 runs \(2 kept\)")

    def test_a_copy_differs(self):
        """an unchanged copy of a policy does what the original did; one with an error is refused"""
        copy = self.dir + "/same.c"
        subprocess.run(["tools/policy-from", "linux612", copy], check=True)
        out, _ = self.compare("--policy", "linux612", "--policy-file", copy, *WORK)
        self.assertIn(" built-in policy, whose kernel may be a frame smaller.\n\n6M fast same.c "
                      "did exactly what 6M fast linux612 did.\n", out)
        open(copy, "a").write("no C\n")
        _, err = self.compare("--policy", "fifo", "--policy-file", copy, *WORK, status=2)
        self.assertRegex(err, r"\Acompare: \S+same\.c: could not be built\n.*same\.c:\d+:"
                         r"\d+: error: ", "before any run")

    @soak
    def test_two_files_of_one_name(self):
        """two policy files of one name are told apart by their folders"""
        for folder in "ab":
            os.mkdir(f"{self.dir}/{folder}")
            shutil.copy("tools/policy-template.c", f"{self.dir}/{folder}/mine.c")
        out, _ = self.compare("--policy-file", f"{self.dir}/a/mine.c,{self.dir}/b/mine.c",
                              "--run", "true")
        self.assertIn("\nb/mine.c did exactly what a/mine.c did. Neither evicted", out)

    def test_a_failed_run_wins(self):
        """of a failed run (its policy never returns) the error is told, not the warning; status 1"""
        loop = self.own("loop", "return frame;", "for (int unused;;) ;")
        out, _ = self.compare("--policy", "fifo,clock", "--policy-file", loop, *WORK,
                              "--jitter", "2", status=1)
        self.assertRegex(out, r"(?m)^ *6M +fast +loop\.c +2 of 2 failed$")
        self.assertRegex(out, r"(?m)^ *6M +fast +(fifo|clock) .* (effect|small|open)$",
                         "the other is compared with the first that finished")
        failed, finished = out.split("\n\n")[1].split("\n", 1)
        self.assertEqual(failed, f"6M fast loop.c ended with status 1, clockhand: {loop}:"
                         "29: the policy does not return: endless loop in victim(); the "
                         "run ends.")
        self.assertRegex(finished, r"\A6M fast (fifo|clock) .*took .*\n?(Each number .*)?\Z")
        out, _ = self.compare("--set", "vm.page-cluster=0,3", "--ram", "6M", "--run", "hogg 2x", status=1)
        self.assertIn("\n\n6M 0 ended with status 127, sh: hogg: not found.\n", out)
        told = open(self.dir + "/partings.txt").read()
        self.assertEqual(told.count("ended with status 127, sh: hogg: not found; its decisions are not compared"), 2)
        self.assertNotIn("alike", told)
        out, _ = self.compare("--ram", "6M,7M", "--run", "hogg 2x; true")
        self.assertIn("\n6M wrote to standard error: sh: hogg: not found.\n", out)

    @soak
    def test_guests(self):
        """two kernels: each run in its own"""
        other = self.dir + "/other"
        os.mkdir(other)
        subprocess.run([tap.BUILD + "/guest/kit/build", self.own("mine"),
                        other + "/kernel.elf"], check=True)
        os.symlink(tap.BUILD + "/guest/root.img", other + "/root.img")
        names = f"{tap.BUILD}/guest,{other}"
        for policy, statuses in ("fifo", ["0", "0"]), ("mine", None):
            words = ["--guest", names, "--policy", policy, "--ram", "6M", "--run", "true"]
            _, err = self.compare(*words, status=0 if statuses else 2)
            if statuses:
                self.assertEqual([r["status"] for r in rows(self.dir)], statuses)
                self.assertEqual([r["guest"] for r in rows(self.dir)], names.split(","))
        self.assertRegex(err, ": clockhand: .*mine", "the first guest does not have that policy")
        self.compare("--guest", other, "--policy", "mine", "--run", "true")

    def test_revisions(self):
        """two revisions, each built once; an unknown name is refused before any build"""
        tree = self.dir + "/tree"
        shutil.copytree("tools/python", tree + "/tools/python")
        shutil.copy("tools/compare", tree + "/tools")
        git = ["git", "-C", tree, "-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run([*git, "init", "-q"], check=True)
        for n in 1, 2:  # each build copies our files, and logs that it ran
            self.write("tree/Makefile",
                       f"all:\n\tmkdir -p build/guest; cp {tap.BUILD}/clockhand build"
                       f"\n\tcp -r {tap.BUILD}/roms build; ln -s {tap.BUILD}/vmsim build"
                       f"\n\tcp {tap.BUILD}/guest/kernel.elf build/guest"
                       f"\n\thead -c {n} /dev/zero | cat {tap.BUILD}/guest/root.img - "
                       f">build/guest/root.img\n\techo {n} >>{self.dir}/built\n")
            subprocess.run([*git, "add", "-A"], check=True)
            subprocess.run([*git, "commit", "-qm", "a"], check=True)
        program = self.dir + "/machine/clockhand"  # the builds go beside it
        os.mkdir(self.dir + "/machine")
        shutil.copy(tap.BUILD + "/clockhand", program)
        words = [tree + "/tools/compare", "--run", "true", "--once", "-o", self.dir]
        env = {**os.environ, "CLOCKHAND": program}
        for names in "HEAD~1,nosuch", "nosuch":  # refused before one is built
            done = tap.run(*words, "--rev", names, env=env)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (
                2, "", "compare: --rev nosuch: no such revision here\n"))
        told = []
        for _ in range(2):  # the same kernel: the runs are compared, and equal
            done = tap.run(*words, "--rev", "HEAD~1,HEAD", env=env)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, r"  as HEAD~1\n\nHEAD did exactly what HEAD~1 did\.")
            told += re.findall(r"(?m)^compare: building (\S+) in /", done.stderr)
        self.assertEqual(told, ["HEAD~1", "HEAD"])
        self.assertEqual(open(self.dir + "/built").read(), "1\n2\n")
        self.assertEqual([(r["rev"], r["status"]) for r in rows(self.dir)],
                         [("HEAD~1", "0"), ("HEAD", "0")])
        self.assertEqual(len({r["key"] for r in rows(self.dir)}), 2)
        subprocess.run([*git, "commit", "-qm", "a", "--allow-empty"], check=True)
        said = tap.run("script", "-qec", shlex.join([*words, "--rev", "HEAD", "--seed", "2"]),
                       "/dev/null", env=env).stdout
        for what in "builds of HEAD", "runs":  # on a terminal, before the first is done
            self.assertRegex(said, rf"\n0 of 1 {what}, \d+ s +\n")
        self.write("tree/Makefile", "all:\n\tfalse\n")  # the build fails: not "1 of 1"
        subprocess.run([*git, "commit", "-qam", "a"], check=True)
        said = tap.run("script", "-qec", shlex.join([*words, "--rev", "HEAD"]),
                       "/dev/null", env=env).stdout
        self.assertRegex(said, r"\n0 of 1 builds of HEAD, \d+ s +\ncompare: --rev HEAD: it cannot")
        self.assertNotIn("1 of 1", said)

    def test_refused(self):
        """impossible values: status 2, and the reason"""
        for words, why in ((["--policy", "nosuch"], ": clockhand: .*nosuch"),
                           (["--set", "nosuch=1"], ": clockhand: .*nosuch"),
                           (["--set", "a=1", "--set", "a=2"], "named twice"),
                           (["--drive", "x,legacy"], "would be written to"),
                           (["--set", "vm.swappiness"], "not NAME=VALUE"),
                           (["--jitter", "0"], "at least 1"),
                           (["--guest", "tests"], "no kernel.elf in it"),
                           (["--policy-file", "nosuch.c"], "could not be built"),
                           (["--policy", "fifo", "--policy-file", "nosuch.c"], "No such"),
                           (["--jitter", "2", "--once"], "not allowed with")):
            _, err = self.compare(*words, "--run", "true", status=2)
            self.assertRegex(err, "(?m)^compare: .*" + why)

    def running(self):
        """Returns the processes whose command line names our folder."""
        found = []
        for process in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                found += [process] * (self.dir in open(process).read())
            except OSError:
                pass
        return found

    def test_killed(self):
        """a SIGKILL of the comparison ends its jobs"""
        job = subprocess.Popen(
            ["tools/compare", "--policy", "fifo,clock", "--once", "-j", "2", "--ram", "6M",
             "--run", f"while :; do :; done; echo {self.dir}", "-o", self.dir],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        for _ in range(300):
            if len(glob.glob(self.dir + "/todo/*/events")) == 2:
                break  # both emulators run
            time.sleep(.1)
        self.assertEqual(job.poll(), None)
        job.kill()
        job.wait()
        for _ in range(300):
            if not (left := self.running()):
                return
            time.sleep(.1)
        for process in left:
            os.kill(int(process.split("/")[2]), signal.SIGKILL)
        self.fail(f"runs on: {left}")

    def test_early(self):
        """Ctrl-C while modules are loaded: no traceback"""
        self.write("argparse.py", "import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
        for tool in ("compare", "grade", "report"):
            done = tap.run("tools/" + tool, "--help", env={**os.environ, "PYTHONPATH": self.dir})
            self.assertEqual((done.returncode, done.stderr), (-signal.SIGINT, ""), tool)

    def stopped(self, number):
        words = ["tools/compare", "--policy", "fifo,clock,twohand", "--once", "-j", "1",
                 *WORK[:5], f"hog 1x 0; echo {self.dir}",
                 "-o", self.dir]
        job = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL)
        job.stderr.readline()
        time.sleep(.1)  # in the midst of the second run
        job.send_signal(number)
        said = job.stderr.read()
        self.assertEqual(job.wait(), 130, said)
        self.assertRegex(said, r"stopped: [12] of 3 runs are done; the same")
        self.assertFalse(self.running(), "nothing runs on")
        done = len(glob.glob(self.dir + "/runs/*"))
        again = tap.run(*words)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn(f"{3 - done} of {3 - done} runs ({done} kept)", again.stderr)
        self.assertEqual(glob.glob(self.dir + "/todo/*.*.*"), [], "no temporary file is left")

    def test_interrupted(self):
        """Ctrl-C: finished runs are kept, no process runs on, the same command resumes"""
        self.stopped(signal.SIGINT)

    @soak
    def test_terminated(self):
        """TERM: as after Ctrl-C, the same command resumes"""
        self.stopped(signal.SIGTERM)


class Luck(unittest.TestCase):
    def test_interval(self):
        """Student's t: the textbook's numbers"""
        mean, half = luck.interval([1.0, 2.0, 3.0, 4.0, 5.0])
        self.assertAlmostEqual(mean, 3)
        self.assertAlmostEqual(half, 2.776 * math.sqrt(2.5) / math.sqrt(5))
        self.assertEqual(luck.interval([7.0])[1], math.inf)

    def test_verdict(self):
        """an effect is larger than its interval"""
        self.assertEqual(luck.verdict([1, 2, 3], [2, 3.1, 3.9], 1)[2], "effect")
        self.assertEqual(luck.verdict([1, 2, 3], [2, 3.1, 3.9], 51)[2], "small")
        self.assertEqual(luck.verdict([1, 2, 3], [2, 1, 3.5], 1)[2], "open")
        self.assertEqual(luck.verdict([1, 2, 3], [1, 2, 3], 1)[2], "equal")
        self.assertEqual(luck.verdict([5.0], [9.0], 1)[2], "open")
        self.assertEqual(luck.verdict([1, 2, 3], [1, 2, 3.0001], 0)[2], "equal", "0.000 +- 0.000")
        self.assertEqual(tables.text("seconds", -.0001), "0.000", "not -0.000")
        self.assertEqual(luck.verdict([math.nan] * 2, [1, 2], 1)[2], "-")

    def looked(self, lot, effect):
        """Repeats a synthetic comparison until a look can tell; returns the number of repetitions, and
        the verdict. The times' differences are normal, of mean `effect` and deviation 1; a run takes 1000."""
        class Side:
            failure = ""

            def __init__(self, name, seconds):
                self.label, self.number = (lambda axes: name), (lambda name: seconds)
        one, two = [], []
        for n in luck.LOOKS:
            while len(one) < n:
                one.append(1000 + lot.gauss(0, 9))  # the phase moves both runs of a repetition
                two.append(one[-1] + lot.gauss(effect, 1))
            runs = [(side, side) for name, xs in (("a", one), ("b", two)) for side in (Side(name, x) for x in xs)]
            if not verdict.undecided([runs], ["jitter"], .05):
                break
        mean, half, word = luck.verdict(one, two, .05, 3, luck.T983)
        return n, "same" if word == "open" and n < 20 else "-+"[mean > 0] if word != "open" else word

    def test_looks(self):
        """a comparison that repeats: its error is 5 % at most, an effect is found early, too small a one is left open"""
        lot = random.Random(1)
        none, small, large = ([self.looked(lot, e) for _ in range(1000)] for e in (0, .3, 2.5))
        self.assertLess(sum(word in "-+" for _, word in none), 50, "told as an effect, of 1000")
        self.assertGreater(sum(word == "open" for _, word in none), 900)
        self.assertLess(sum(word == "-" for _, word in small), 15, "the wrong one takes longer")
        self.assertGreater(sum(word == "open" for _, word in small), 700, "it says that it cannot tell")
        self.assertEqual({word for _, word in large}, {"+"})
        self.assertGreater(sum(n == 5 for n, _ in large), 600)
        base = [1000.0, 1009, 991, 1003, 998]
        side = luck.verdict(base, [x + d for x, d in zip(base, (.1, -.1, .1, -.1, 0))], 1, 3, luck.T983)
        self.assertEqual(side[2], "open")


tap.main()
