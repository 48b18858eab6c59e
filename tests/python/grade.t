#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# tools/grade compares a student's own policy with the textbook's, victim by victim, and
# names the first mistake in one line. vmsim --policy-file simulates such a policy.
import contextlib
import csv
import io
import json
import os
import pty
import re
import runpy
import shutil
import socket
import subprocess
import sys
from unittest import mock

sys.path.insert(0, "tests/lib")
import tap
from laboratory.box import PLACE, Box, Late

TEMPLATE = open("tools/policy-template.c").read()
LEAVES = "frame == POLICY_NONE || policy_may_take(frame)"
CLOCK = ("frame == POLICY_NONE || (!policy_clear_used(frame) && policy_may_take(frame))")


class Grade(tap.Folder):
    def setUp(self):
        super().setUp()
        os.environ["TMPDIR"] = self.dir

    def policy(self, old="", new=""):
        """Writes the template with one change; returns the file's path."""
        self.assertIn(old, TEMPLATE)
        return self.write("mine.c", TEMPLATE.replace(old, new))

    def grade(self, status, *words, timeout=None):
        done = tap.run("tools/grade", *words, timeout=timeout)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout, re.sub("(?m)^grade: no sandbox, .*\n", "", done.stderr)

    def vmsim(self, *words):
        return tap.run(tap.BUILD + "/vmsim", *words, input="1 w\n2\n3\n4\n1\n2\n5\n1\n2\n3\n4\n5\n")

    def test_right(self):
        """the template is FIFO, with a use bit it is CLOCK: a line for each string"""
        out, err = self.grade(0, "--as", "fifo", self.policy())
        self.assertEqual(err, "")
        lines = out.splitlines()
        self.assertEqual(lines[0], "Belady's, 3 frames: 9 faults, as fifo")
        self.assertEqual(lines[1], "Belady's, 4 frames: 10 faults, as fifo")
        self.assertRegex(lines[-1], r"mine\.c: 12 of 12 strings as fifo$")
        self.assertEqual(len(lines), 13)
        out, _ = self.grade(0, "--as", "clock", self.policy(LEAVES, CLOCK))
        self.assertIn("Silberschatz's, 3 frames: 14 faults, as clock\n", out)

    def test_wrong(self):
        """the first wrong victim is named, with the right one and the reason for it; guest:clock finds the same"""
        out, _ = self.grade(1, "--as", "clock", self.policy())
        self.assertIn("Silberschatz's, 3 frames: WRONG at reference 6, page 3: "
                      "takes page 0; clock takes page 1 (the hand found its bit clear)\n", out)
        self.assertRegex(out, r"mine\.c: 6 of 12 strings as clock\n\Z")
        kernel, _ = self.grade(1, "--as", "guest:clock", self.policy())
        self.assertEqual(re.sub(r" \(.*\)", "", out), kernel.replace("guest:", ""))

    def test_which(self):
        """without --as: the five policies that decide most like the file's, and on how many strings each does"""
        out, _ = self.grade(0, self.policy(LEAVES, CLOCK))
        self.assertRegex(out, r"\Aclock: 12 of 12 strings alike\n")
        self.assertEqual(len(out.splitlines()), 5)
        out, _ = self.grade(1, self.policy("policy_first", "policy_last"))
        self.assertNotIn("12 of 12", out)

    def test_names(self):
        """a policy and vmsim may define functions of the same name: each of the two calls its own"""
        plain = TEMPLATE.replace("static uint32_t victim", "uint32_t find") \
            .replace(".victim = victim", ".victim = find")
        self.grade(0, "--as", "fifo", self.write("mine.c", plain.replace(
            "static void page_in", "void sim_access").replace(
                ".page_in = page_in", ".page_in = (void *)sim_access")))

    def test_state(self):
        """a policy's variables start anew in every simulation

        This policy queues nine pages: if n kept its value, the next simulation would queue none."""
        path = self.policy("/* A page has come", "static unsigned n;\n/* A")
        text = open(path).read().replace("policy_add_tail(QUEUE, frame);\n}",
                                         "if (n++ < 9) policy_add_tail(QUEUE, frame);\n}", 1)
        open(path, "w").write(text)
        said = self.vmsim("--policy-file", path, "--policy",
                          "guest:mine,guest:mine,fifo", "--frames", "3")
        faults = [line.split()[4] for line in said.stdout.splitlines()[1:]]
        self.assertEqual(faults, ["9", "9", "9"], said.stderr)

    def test_listed(self):
        """--policy list has the student's policy, too"""
        path = self.policy()
        said = self.vmsim("--policy-file", path, "--policy", "list").stdout
        self.assertIn(f"guest:mine       the policy in {path}\n", said)
        self.assertIn("guest:fifo ", said)

    def test_turkish(self):
        """in a Turkish locale, where [a-z] has no i, the build still finds declarations that begin with int"""
        if "tr_TR.utf8" not in tap.run("locale", "-a").stdout:
            self.skipTest("no Turkish locale")
        path = self.policy("return frame;", "return policy_take(frame) ? 0 : frame;")
        self.assertEqual(tap.run(tap.BUILD + "/vmsim", "--policy-file", path, "--frames", "3",
                                 env={**os.environ, "LC_ALL": "tr_TR.UTF-8"}, input="1\n").stderr, "")

    def test_compiler(self):
        """the compiler's messages are shown unchanged: an error (status 2), a warning (status 0)"""
        path = self.policy("return frame;", "return fram;")
        out, err = self.grade(2, "--as", "fifo", path)
        self.assertEqual(out, "")
        self.assertRegex(err, r"mine\.c:\d+:\d+: error: .*fram\b")
        self.assertRegex(err, r"\ngrade: \S*mine\.c: could not be built\n\Z")
        _, err = self.grade(0, "--as", "fifo", self.policy("for (;", "int unused; for (;"))
        self.assertEqual(len(re.findall("warning: unused", err)), 1)

    def test_linker_is_silent(self):
        """a misspelt call, an undefined function: the message has its name and line, no hint at OWN_POLICY"""
        for new, why in (("policy_may_takee(frame)", r"28:\d+: error: .*\bpolicy_may_takee\b"),
                         ("({ int absent(void); absent(); })",
                          "28: undefined reference to .absent'")):
            _, err = self.grade(2, "--as", "fifo", self.policy("policy_may_take(frame)", new))
            self.assertRegex(err, rf"mine\.c:{why}")
            self.assertNotIn("OWN_POLICY", err)

    def test_refused(self):
        """one line for each: no OWN_POLICY, a name of the kernel's, a missing part, no time, no such policy or file"""
        for old, new, name, why in (
                ("OWN_POLICY(mine, \"first in, first out\");", "", "fifo", "no OWN_POLICY"),
                ("    .victim = victim,\n", "", "fifo", r"mine\.c: it has neither victim\(\), reclaim\(\) nor threads"),
                ("mine", "clock", "fifo", "the kernel has a policy of that name"),
                (".set_marks = linux_marks,", "", "fifo", r"mine\.c: it has no set_marks\(\)"),
                (".victim", ".threads = (const struct policy_thread[]){{0}}, .victim", "fifo",
                 r"mine\.c: its table of threads is empty"),
                (".victim = victim", ".threads = (const struct policy_thread[]){{\"t\"}, {0}}",
                 "fifo", r"mine\.c: one of its threads has no run\(\)"),
                ("{\"queue\", LIST_PLAIN}, ", "{\"queue\", LIST_PLAIN}, " * 9, "fifo",
                 r"mine\.c: more lists than POLICY_LISTS"),
                ("OWN_POLICY(mine", "OWN_POLICY(ada", "fifo", r"policy_ada \(OWN_POLICY"),
                ("", "", "nosuch", "no such policy; try --policy list"),
                ("", "", "linux612", "no such policy; try guest:linux612")):
            _, err = self.grade(2, "--as", name, self.policy(old, new))
            self.assertRegex(err, rf"\A(grade|vmsim): [^\n]*{why}[^\n]*\n\Z")
        _, err = self.grade(2, "--as", "fifo", "--seconds", "0", self.policy())
        self.assertRegex(err, r"\Agrade: \S+mine\.c: could not be built: no end within 0 s\n\Z")
        _, err = self.grade(2, "--as", "fifo", self.dir + "/absent.c")
        self.assertRegex(err, r"\Agrade: .*No such file.*\n\Z")
        self.assertEqual(os.listdir(self.dir), ["mine.c"], "no library stays")

    def test_stuck(self):
        """victim() returns a frame that does not exist, crashes, or never returns: the first string's line says so"""
        for new, why in (("return 99999;", "mine: victim: there is no frame 99999"),
                         ("__builtin_trap();", "ended by SIG"),
                         ("for (;;) ;", "mine.c:29: the policy does not return: endless loop in victim()")):
            out, _ = self.grade(1, "--as", "fifo", "--seconds", "100",
                                self.policy("return frame;", new))
            self.assertIn("Belady's, 3 frames: WRONG: ", out.splitlines()[0])
            self.assertIn(why, out.splitlines()[0])

    def test_panics_in_the_kernel(self):
        """at a call at which the kernel would panic vmsim prints one sentence and no result; no assertion fails"""
        for old, new, why in (
                ("QUEUE = 1", "QUEUE = 2",
                 "policy_add_tail: there is no list 2; the policy declares 1"),
                ("QUEUE = 1", "QUEUE = 0",
                 "policy_add_tail: there is no list 0; the policy declares 1"),
                ("LIST_PLAIN", "LIST_CACHED", "policy_add_tail: list 1 is LIST_CACHED"),
                (LEAVES, "policy_cache(QUEUE, frame, true)",
                 "policy_cache: list 1 is not LIST_CACHED"),
                (".lists", ".list_zone = (const enum policy_zone[]){ZONE_DMA}, .lists",
                 "policy_add_tail: list 1 is for frames of another zone"),
                (LEAVES, "policy_take(frame) < 0",
                 "policy_add_tail: frame 0 has no page"),
                (LEAVES, "policy_used(policy_prev(frame))",
                 "policy_used: its frame is POLICY_NONE"),
                (LEAVES, "policy_may_take(3)", "policy_may_take: there is no frame 3"),
                ("frame);\n}\n\n", "frame);\n    policy_take(frame);\n}\n\n",
                 "policy_take within page_in"),
                ("frame);\n}\n\n", "frame);\n    policy_free_behind(2, frame);\n}\n\n",
                 "policy_free_behind within page_in"),
                (".lists", ".evicted = (void *)policy_now, .ghosts = (const char *[]){0}, .lists",
                 "evicted: there is no ghost list 4000; a policy has at most 8"),
                # calls that once did not check the frame's or list's number, or whose message named another call
                *((LEAVES, f"policy_{call}(99{more}", f"policy_{call}: there is no frame 99")
                  for call, more in [("event", ", 0), 1"), *((c, ")") for c in (
                      "busy", "locked", "exec", "being_written", "sent", "zone_of", "clear_used",
                      "page_message", "data", "list_of", "next", "prev"))]),
                *((LEAVES, f"policy_{call}(9)", f"policy_{call}: there is no list 9; a policy has at most 8")
                  for call in ("first", "last", "count", "ghosts", "forget"))):
            said = self.vmsim("--policy-file", self.policy(old, new), "--frames", "3")
            self.assertEqual((said.returncode, said.stdout), (1, ""), said.stderr)
            self.assertRegex(said.stderr, rf"(?m)^vmsim: mine: {why}\n\Z")

    def test_refused_although_the_kernel_takes_it(self):
        """vmsim simulates every policy the kernel accepts: it once refused these, or crashed"""
        came = "frame);\n}\n\n"
        for old, new, faults in (
                (".set_marks = linux_marks", ".zone_marks = linux_zone_marks", 9),
                (".lists", ".evicted = policy_zone_of, .ghosts = (const char *[]){\"a\", 0}, .lists", 9),
                ("{0}};", "{\"away\", 0}, {0}};\n#define name list_zone = (const enum policy_zone[]){ZONE_ANY, "
                 "ZONE_HIGHMEM}, .marks = (struct policy_mark[LENS_GAUGES]){[0 ... LENS_GAUGES - 5] = "
                 "{\"mark\", 0}}, .name", 9),
                (came, "frame);\n    while (!policy_page_default(policy_first(QUEUE)));\n}\n\n", 12),
                (came, "frame);\n    policy_free_behind(QUEUE, frame);\n}\n\n", 8),
                (came, "frame);\n    uint64_t va = 0;\n    if (policy_space_frame(1, &va) != POLICY_NONE)\n"
                 "        policy_space_unmap(1, va);\n}\n\n", 9),
                (".lists", ".written = (void *)policy_take, .lists", 9)):
            said = self.vmsim("--policy-file", self.policy(old, new), "--frames", "3")
            self.assertEqual((said.returncode, said.stderr), (0, ""), new)
            self.assertRegex(said.stdout, rf"\nguest:mine +3 +12 +\d+ +{faults} ", new)

    def box(self):
        if not Box(self.dir if PLACE is None else "/tmp", 20).walls:
            self.skipTest("bubblewrap is not installed, or not permitted here")

    def hand_in(self, name, old="", new="", head=""):
        self.policy(old, new)
        self.write(f"in/{name}.c", head + TEMPLATE.replace(old, new))

    def test_course(self):
        """hand-ins, 27 of them hostile or wrong: a table, a sentence each, no harm"""
        self.box()
        for i in range(40 if os.environ.get("SOAK") else 3):
            self.hand_in(f"fifo{i:02}")
            self.hand_in(f"clock{i}", LEAVES, CLOCK)
        crowd = ("for (int i = 0; i < 9; i++) if (!fork()) { memset(malloc(1 << 27)"
                 ", 1, 1 << 27); sleep(9); } sleep(9); return frame;")
        hungry = "^Belady's, 3 frames: WRONG: it takes more memory than 512 MiB; 0 right$"
        leaves, evil = "return frame;", {
            # one byte of each block is written, since a loaded host needs seconds to clear 512 MiB
            "hungry": ("for (volatile char *p; (p = malloc(1 << 26));) *p = 1; abort();", hungry),
            "hungry-told-as-endless": ("for (char *volatile p;;) p = malloc(1 << 20);", hungry),
            "hungry-told-otherwise": ("for (;;) memset(malloc(1 << 20), 1, 1 << 20);", hungry),
            "crowd": (crowd, hungry),
            "sleeper-blamed-for-the-first-string": (
                "static int n; if (n++ < 8) return frame; " + crowd,
                "^Silberschatz's, 3 frames: WRONG: it takes more memory than 512 MiB; 2 right"),
            "collect2-blamed": (
                "static volatile char a[1ull << 36], b[1ull << 36]; int error; "
                "a[*budget] = a[1]; b[*budget] = b[1]; return frame;",
                r"^collect2-blamed\.c:\d+:.*: relocation truncated to fit: "),
            "assembler-unheard": ('int error; asm("nosuch"); return frame;',
                                  r"^assembler-unheard\.c:\d+: Error: no such instr"),
            "fills": ("FILE *f = fopen(\"/x\", \"w\"), *g = fopen(\"/dev/shm/x\", \"w\"); "
                      "if (f || g) abort(); return frame;", "decides as fifo"),
            "loops": ("for (;;) policy_used(frame);", "does not return: endless loop in victim"),
            "prints": ("for (;;) puts(\"{}\");", "it prints among"),
            "reads": ("static int n; if (!n++ && system(\"test $(find / -path /usr -prune -o -path "
                      "'*/grade.*/[0-9]*/*' -printf %f,) = policy.so,\")) abort(); return frame;",
                      "decides as fifo"),
            "exit-told-as-printing": ("static int n; if (n++ > 1) _exit(0); return frame;",
                                      "^Belady's, 3 frames: WRONG: it ends the simulator in"),
            "writes": ("FILE *f = fopen(\"/tmp/x\", \"w\"); for (;;) fputs(\"x\", f);",
                       "more than 16 MiB|does not return"),
            "erases": ("static int n; if (!n++) system(\"rm -rf / ~ " + self.dir
                       + " 2>/dev/null\"); return frame;", "decides as fifo"),
            "calls": ("int s = socket(AF_INET, SOCK_STREAM, 0); struct sockaddr_in "
                      "a = {.sin_family = AF_INET, .sin_port = htons(PORT), "
                      ".sin_addr = {htonl(0x7f000001)}}; if (!connect(s, (void *)&a, "
                      "sizeof a)) abort(); return frame;", "decides as fifo")}
        caller = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(caller.close)
        heads = "".join(f"#include <{h}.h>\n" for h in (
            "unistd", "stdlib", "string", "stdio", "netinet/in", "sys/socket"))
        for name, (code, _) in evil.items():
            self.hand_in(name, leaves, "{ %s }" % code.replace(
                "PORT", str(caller.getsockname()[1])), heads)
        for name, head, why in (
                ("shadow", '#include "/etc/shadow"\n', "/etc/shadow: No such file"),
                ("reference", '#include "policy/textbook/fifo.c"\n', "No such file"),
                ("large", "char large[64ull << 30] = {1};\n", "^large.c: too large: it makes the compiler "
                 "write more than 16 MiB; 0 right$"),
                ("full-disk-untold", "char large[14 << 20] = {1};\n", "^full-disk-untold.c: too large: it "
                 "makes the compiler write more than 16 MiB; 0 right$"),
                ("error-told-as-too-large", '#error "File too large"\n',
                 r'^\S+\.c:1:2: error: #error "File too large"; 0 right$'),
                ("vast-array-told-of-names", "char vast[1ull << 46];\n", r"^vast\S+c: \S+ [\w -]+ "
                 r"\(its variables need more memory than a process may have\); 0 right"),
                ("quits", "int kill(), getppid();\n__attribute__((constructor)) static void "
                 "quit() { kill(getppid(), 9); }\n", "its last line: killed by signal 9"),
                ("ends", "int puts();\n__attribute__((constructor)) static void ends() "
                 "{ for (int i = 0; i < 13; i++) puts(\"\\nend 0 \"); }\n", "it prints among"),
                ("nests", "int puts();\n__attribute__((constructor)) static void nests() { for "
                 "(int i = 0; i < 10; i++) puts(\"1\\n[]\\n[{\"); }\n", "it prints among"),
                ("exits", "void exit();\n__attribute__((constructor)) static void exits() "
                 "{ exit(250); }\n", "ends the simulator with status 250"),
                ("asks-by-name", "#pragma weak textbook_find\nint textbook_find(), (*all)() = textbook_find;\n",
                 "uses the kernel's textbook_find"), ("borrows", "", "uses the kernel's policy_fifo")):
            self.hand_in(name, "    .victim = victim,\n" if name == "borrows" else "",
                         "    .victim = (void *)&policy_fifo,\n"
                         if name == "borrows" else "", head)
            evil[name] = "", why
        written = os.listdir(self.dir + "/in")
        out, err = self.grade(1, "--as", "fifo", "--seconds", "100", "--csv", self.dir + "/in")
        rows = {os.path.basename(r["file"])[:-2]: r for r in csv.DictReader(io.StringIO(out))}
        self.assertEqual(sorted(f"{name}.c" for name in rows), sorted(written))
        self.assertEqual(err, "")
        for name, r in rows.items():
            if name in evil:
                self.assertRegex("{sentence}; {right} right".format(**r), evil[name][1], name)
                self.assertNotIn("root:", r["sentence"])
            else:
                self.assertEqual((r["right"], r["of"]),
                                 ("6" if "clock" in name else "12", "12"), name)
        self.assertEqual(os.listdir(self.dir + "/in"), written, "nothing is erased")
        caller.setblocking(False)
        self.assertRaises(BlockingIOError, caller.accept)

    def test_future(self):
        """no hand-in can know a string's future: it sees no simulator, no string, no reference before its turn"""
        self.box()
        ops = "    .victim = victim,\n"
        heads = "#include <stdio.h>\n#include <stdlib.h>\n#include <sys/ioctl.h>\n#include <unistd.h>\n"
        # Has the simulator, found in the sandbox, say which page OPT evicts next.
        asks = r"""static FILE *opt;
static void begin(uint64_t frames)
{
    opt = popen("n=$(cat /tmp/n || echo 0); echo $((n + 1)) >/tmp/n; set -- $(find / -path /usr -prune -o "
        "-path '*/strings/*' -print | sort); shift $n; $(find / -path /usr -prune -o -path '*/desk/*' -name vmsim "
        "-print) --policy opt --frames ${1##*.} --trace --json --refs $1 | "
        "sed -n 's/.*victims[^0-9]*page[^0-9]*\\([0-9]*\\).*/\\1/p'", "r");
}
static uint32_t victim(uint64_t *budget)
{
    unsigned long page;
    uint32_t frame = policy_first(QUEUE);
    if (fscanf(opt, "%lu", &page) == 1)
        while (frame != POLICY_NONE && policy_index(frame) != page)
            frame = policy_next(frame);
    return frame;
}
static uint32_t unused"""
        self.write("in/asks.c", heads + TEMPLATE.replace("static uint32_t victim", asks).replace(
            ops, ops + "    .init = begin, .written = (void *)unused,\n"))
        self.hand_in("fifo")
        self.hand_in("peeks", "return frame;", "{ int n; ioctl(0, FIONREAD, &n); if (n) abort(); return frame; }", heads)
        # Belady's string comes with 3 frames, then with 4.
        self.write("in/remembers.c", heads + TEMPLATE.replace("static uint32_t victim", """
static void begin(uint64_t frames)
{
    if (frames == 4 && !access("/tmp/3", F_OK))
        abort();
    if (frames == 3)
        fclose(fopen("/tmp/3", "w"));
}
static uint32_t victim""").replace(ops, ops + "    .init = begin,\n"))
        got = self.rows("--as", "opt")
        self.assertEqual({r[1:] for r in got.values()}, {got["fifo.c"][1:]}, got)
        self.assertLess(int(got["fifo.c"][1]), 12)

    def test_forks(self):
        """fork bombs end when the time that --seconds gives is over"""
        self.box()
        head = "#include <unistd.h>\n#include <stdlib.h>\n"
        self.hand_in("forks", "return frame;", "for (;;) fork();", head)
        self.hand_in("pages", "return frame;",
                     "for (;;) if (!fork()) for (;;) malloc(1 << 20);", head)
        out, _ = self.grade(1, "--seconds", "3", "--csv", self.dir + "/in", timeout=60)
        self.assertEqual(out.count("no end within 3 s"), 2, out)

    def test_tables(self):
        """a folder's rows as a table and as JSON; without --as a row names the policy that its file is most like"""
        self.box()
        self.hand_in("a")
        self.hand_in("b", LEAVES, CLOCK)
        out, _ = self.grade(0, self.dir + "/in")
        self.assertRegex(out, r"(?m)^file +as +right +of +sentence\n\S+a\.c +fifo +12 "
                         r"+12 +decides as fifo\n\S+b\.c +clock +12 +12 +decides")
        out, _ = self.grade(1, "--json", "--as", "clock", self.dir + "/in")
        a, b = json.loads(out)
        self.assertEqual((a["right"], b["right"]), (6, 12))
        self.assertRegex(a["sentence"], "^Silberschatz's, 3 frames: WRONG at reference 6")

    def solved(self, *seed, lesson="5"):
        """Returns the answers of a lesson."""
        said = tap.run(tap.BUILD + "/clockhand", "--lesson", lesson, *seed, "--solve").stdout
        return re.findall(r"(?m)^answer: (\S+)", said)

    def test_answers(self):
        """a row for each file of answers to a lesson: how many are right, and for each wrong one the right one"""
        right = self.solved()
        for name, answers in ("all", right), ("none", ["1e9"] * len(right)), ("one", ["x"]):
            self.write(f"in/{name}", "\n".join(answers) + "\n")
        self.write("in/numbered", "\ufeff" + "".join(
            f"{i + 1}. {a}\n" for i, a in enumerate(right)) + "9\n")
        got = self.rows("--lesson", "5")
        n = str(len(right))
        self.assertEqual(got["all"], ("all are right", n, n))
        self.assertTrue(got["one"][0].startswith(f"1 answer, {n} wanted"), got["one"])
        self.assertEqual(got["numbered"], (f"{len(right) + 1} answers, {n} wanted", n, n))
        sentence, *points = got["none"]
        self.assertEqual(points, ["0", n])
        self.assertIn(f"question 2: 1e9; right is {right[1]}. ", sentence)
        self.assertTrue(sentence.endswith(f"the exercise: 1e9; right is {right[-1]}"))

    def test_silent_for_an_hour(self):
        """a terminal shows how many files are graded, and at the end clears the line"""
        for name in "abc":
            self.write("in/" + name, "")
        terminal, end = pty.openpty()
        subprocess.run(["tools/grade", "--lesson", "5", self.dir + "/in"],
                       stdout=subprocess.DEVNULL, stderr=end)
        os.close(end)  # if nothing came, reading fails
        with open(terminal, "rb", 0) as screen:
            self.assertEqual(screen.read(999), b"\r1 of 3\r2 of 3\r\x1b[K")

    def test_numbers_are_copied(self):
        """--seed name: each student's exercise has numbers of her own"""
        for name in "bob-04", "eve-2", "ned":
            self.write(f"in/{name}", "\n".join(self.solved("--seed", "4")) + "\n")
        got = self.rows("--lesson", "5", "--seed", "name")
        self.assertEqual(got["bob-04"][0], "all are right")
        self.assertRegex(got["eve-2"][0], r"\Athe exercise: \d+; right is \d+\Z")
        self.assertEqual(got["ned"][0], "its name has no number, the exercise's seed")

    def rows(self, *words):
        """Returns (sentence, right, of) for each file of the folder in/."""
        out, self.err = self.grade(1, *words, "--csv", self.dir + "/in")
        return {os.path.basename(r["file"]): (r["sentence"], r["right"], r["of"])
                for r in csv.DictReader(io.StringIO(out))}

    def test_one_bad_file_ends_all(self):
        """sixty odd files, of answers or of policies: sixty rows; a folder: a line on standard error"""
        os.makedirs(self.dir + "/in/sub")
        right = "\n".join(self.solved(lesson="2"))
        text = {"elf": b"\x7fELF\0\xff\n", "latin1": b"fl\xe4che\n", "empty": b"", "large": b" " * 2**21,
                "line": b"7" * (2**20 - 1), "nul": bytes(999), "newlines": b"\n" * 9999, "cr": b"1\r2\r3\r",
                "utf16": right.encode("utf-16"), "utf32": right.encode("utf-32"), "unended": right.encode(),
                "crlf": right.replace("\n", "\r\n").encode(), "bytes": bytes(range(256)) * 9, "zip": b"PK\3\4",
                "wide": "\uff11\n\u0661\n\u2167\n".encode(), "surrogate": b"\xed\xa0\x80\n", "nan": b"nan\ninf\n1e999\n",
                "escape": b"\x1b[2J\x1b]0;x\7\n", "json": b'"}]\n', "format": b"%s%n%999999999d\n", "half": b"\xc3"}
        for i in range(6):  # the message's cut is in any byte of a character
            text[f"accent{i}"] = b"a" * (i % 4) + ("\u00e9", "\u20ac", "\U0001f600")[i % 3].encode() * 40 + b"\n"
        for name, content in text.items():
            self.write(f"in/{name}.c", content)
        for name in (b"l\xe4tin.c", b"new\nline.c", b'quo"te,.c', "\u20ac.c".encode(), b"-x.c"):
            shutil.copy(self.dir + "/in/crlf.c", os.fsencode(self.dir) + b"/in/" + name)
        for name, target in (("loop", "pool.c"), ("pool", "loop.c"), ("self", "self.c"), ("dangling", "nowhere"),
                             ("folder", "sub"), ("root", "/"), *((f"link{i}", to) for i, to in enumerate((
                                 "crlf.c", "./crlf.c", "/dev/zero", "/dev/null", "/dev/tty", "/proc/self/mem",
                                 "/proc/self/fd", "/etc/shadow", "..", ".", "sub/", "loop.c", "pipe.c", "socket.c", "line.c", "/usr", "//", "a/b", "pool.c", "self.c/x")))):
            os.symlink(target, f"{self.dir}/in/{name}.c")
        os.mkfifo(self.dir + "/in/pipe.c")
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(self.dir + "/in/socket.c")
        self.assertEqual(len(os.listdir(self.dir + "/in")), 61)
        with mock.patch.dict(os.environ, LC_ALL="C.UTF-8"):
            got = self.rows("--lesson", "2")
            self.assertRegex(self.err, r"\Agrade: \S+/in/sub: passed over: a folder\n\Z")
            self.assertEqual(len(got), 60)
            self.assertEqual({n for n, r in got.items() if r[0] == "all are right"},
                             {"crlf.c", "unended.c", "l\\udce4tin.c", "new\nline.c", 'quo"te,.c', "\u20ac.c", "-x.c"})
            self.assertIn("too large (2097152 bytes)", got["large.c"][0])
            self.assertIn(": a symbolic link", got["loop.c"][0])
            self.assertFalse([r for r in got.values() if "cannot be graded" in r[0]])
            for i in range(1, 6):
                os.unlink(f"{self.dir}/in/accent{i}.c")  # each takes a compiler's time
            self.box()
            policies = self.rows("--as", "fifo")
        self.assertEqual(len(policies), 55)
        self.assertEqual({r[1] for r in policies.values()}, {"0"})
        self.assertFalse([r for r in policies.values() if "cannot be graded" in r[0]])

    def test_links_are_followed(self):
        """a link to a teacher's file, and a pipe, are refused; nothing of the teacher's file is printed"""
        self.box()
        self.hand_in("good")
        os.symlink(self.write("secret", "root:xyzzy\n"), self.dir + "/in/link.c")
        os.mkfifo(self.dir + "/in/pipe.c")
        for words in ("--as", "fifo"), ("--lesson", "5"):
            got = self.rows(*words)
            self.assertRegex(got["link.c"][0], "link.c: a symbolic link$")
            self.assertRegex(got["pipe.c"][0], "pipe.c: not a regular file$")
            self.assertNotIn("xyzzy", str(got) + self.err)
        out, err = self.grade(2, "--as", "fifo", self.dir + "/in/link.c")
        self.assertEqual((out, err), ("", f"grade: {self.dir}/in/link.c: a symbolic link\n"))

    def test_hand_ins_vanish(self):
        """each file not named *.c, and each folder, is passed over with a line"""
        self.box()
        self.hand_in("good")
        for name in "f.txt", "b.C", "d.cpp":
            shutil.copy(self.dir + "/mine.c", f"{self.dir}/in/{name}")
        os.mkdir(self.dir + "/in/sub")
        _, err = self.grade(0, "--as", "fifo", self.dir + "/in")
        self.assertEqual(re.findall(r"(?m)^grade: \S+/in/(\S+): passed over: ", err),
                         ["b.C", "d.cpp", "f.txt", "sub"])

    def test_late_under_load(self):
        """a file that others delayed is graded once more, alone; one that sleeps is not"""
        self.box()
        self.hand_in("a")
        self.hand_in("b")
        self.hand_in("sleeps", "return frame;", "{ sleep(99); }", "#include <unistd.h>\n")
        tried = []

        def run(box, *words, **more):
            tried.append(os.path.basename(words[2])[:-2])
            if more.get("talk"):
                tried.pop()  # the library, not the file
            elif tried[-1] != "sleeps" and tried.count(tried[-1]) < 2:
                raise Late("no end within 8 s")
            return whole(box, *words, **more)
        out, whole = io.StringIO(), Box.run
        words = ["grade", "--as", "fifo", "--seconds", "8", "--csv", self.dir + "/in"]
        with mock.patch.object(Box, "run", run), mock.patch("sys.argv", words), \
                contextlib.redirect_stdout(out), self.assertRaises(SystemExit) as end:
            runpy.run_path("tools/grade")
        self.assertEqual(end.exception.code, 1, out.getvalue())
        self.assertEqual(sorted(tried), ["a", "a", "b", "b", "sleeps"], out.getvalue())
        self.assertEqual(out.getvalue().count("decides as fifo"), 2)


tap.main()
