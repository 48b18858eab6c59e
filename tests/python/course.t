#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Types the commands of a lecturer and of an engineer. The term of tools/course has every lesson;
# its homeworks can be solved and are graded. tools/compare compares a policy with a copy that
# has one changed constant, on two workloads (on one unless SOAK=1), and tools/report writes a
# page with the verdict. With SOAK=1 Chromium prints that page.
import os
import re
import shutil
import sys

sys.path.insert(0, "tests/lib")
import tap

COURSE = open("tools/course/README.md").read()
TEMPLATE = open("tools/policy-template.c").read()
CLOCK = TEMPLATE.replace("frame == POLICY_NONE || policy", "frame == POLICY_NONE || "
                         "(!policy_clear_used(frame) && policy").replace(
                             "may_take(frame))", "may_take(frame)))")


class Course(tap.Folder):
    def test_homeworks(self):
        """homeworks 1 and 2: the solution is graded 12 of 12, the template is not"""
        tap.run("tools/policy-from", "twohand", self.dir + "/own.c")
        hands = open(self.dir + "/own.c").read()
        for number, text in (1, CLOCK), (2, hands):
            [name] = re.findall(rf"tools/grade --as (\S+) hand-ins/{number}", COURSE)
            for words, status in (text, 0), (TEMPLATE, 1):
                open(self.dir + "/mine.c", "w").write(words)
                done = tap.run("tools/grade", "--as", name, self.dir + "/mine.c")
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)

    def test_engineer(self):
        """linux612 with one constant changed: on each workload a verdict and a page"""
        mine = self.dir + "/mine.c"
        self.assertEqual(tap.run("tools/policy-from", "linux612", mine).returncode, 0)
        text, changed = re.subn(r"(#define CLUSTER +)32u", r"\g<1>256u", open(mine).read())
        self.assertEqual(changed, 1)
        open(mine, "w").write(text)
        works = ["seqread -c 8M /root/f 3; hog 3M 0", "hog 1.3x 0"]
        for n, work in enumerate(works if os.environ.get("SOAK") else works[:1]):
            out = f"{self.dir}/{n}"
            done = tap.run("tools/compare", "--policy", "linux612", "--policy-file", mine,
                           "--ram", "8M", "--run", work, "--once", "-o", out)
            self.assertEqual(done.returncode, 0, done.stderr)
            verdict, luck = open(out + "/verdict.txt").read().splitlines()
            self.assertIn("without `--once` a comparison repeats", luck)
            self.assertRegex(verdict, r"^8M mine\.c beside 8M linux612, one run of each: .*\d (more|fewer) ")
            self.assertIn(verdict, done.stdout)
            page = out + ".html"
            self.assertEqual(tap.run("tools/report", out, "-o", page).returncode, 0)
            self.assertIn(f'<p class="verdict">{verdict}</p>', open(page).read())
            self.assertRegex(open(page).read(), r"(?s)<summary>what was changed.*\n-#define "
                             r"CLUSTER +32u.*\n\+#define CLUSTER +256u.*The runs over")
            if os.environ.get("SOAK") and shutil.which("chromium"):
                tap.chromium(self.dir + "/c", f"--print-to-pdf={out}.pdf", "file://" + page)
                self.assertGreater(os.path.getsize(out + ".pdf"), 20000, "printed")

    def test_lessons(self):
        """the term has all lessons, in order"""
        said = tap.run(tap.BUILD + "/clockhand", "--lesson", "list").stdout
        listed = [os.path.basename(f)[3:-3] for f in sorted(
            os.path.join("tools/lessons", f) for f in os.listdir("tools/lessons"))
            if re.search(r"/\d\d-", f)]
        self.assertEqual(re.findall(r"\| \d+ \| `(\S+)` \|", COURSE), listed)
        for name in listed:
            self.assertIn(name, said)


tap.main()
