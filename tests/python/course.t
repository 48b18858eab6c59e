#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# The lecturer's and the engineer's afternoon, as they type it: the homeworks of
# tools/course can be solved and are graded; a copy of a policy with one changed
# constant is compared on two workloads, and the page has its verdict.
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, "tests/lib")
import tap

COURSE = open("tools/course/README.md").read()
TEMPLATE = open("tools/policy-template.c").read()
CLOCK = TEMPLATE.replace("frame == POLICY_NONE || policy", "frame == POLICY_NONE || "
                         "(!policy_clear_used(frame) && policy").replace(
                             "may_take(frame))", "may_take(frame)))")


def run(*words):
    return subprocess.run(words, capture_output=True, text=True)


class Course(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp(prefix="course.")
        self.addCleanup(shutil.rmtree, self.dir)

    def test_homeworks(self):
        """homeworks 1 and 2: the solution is graded 12 of 12, the template is not"""
        run("tools/policy-from", "twohand", self.dir + "/own.c")
        hands = open(self.dir + "/own.c").read()
        for number, text in (1, CLOCK), (2, hands):
            [name] = re.findall(rf"tools/grade --as (\S+) hand-ins/{number}", COURSE)
            for words, status in (text, 0), (TEMPLATE, 1):
                with open(self.dir + "/mine.c", "w") as f:
                    f.write(words)
                done = run("tools/grade", "--as", name, self.dir + "/mine.c")
                self.assertEqual(done.returncode, status, done.stdout + done.stderr)

    def test_lessons(self):
        """the term has all lessons, in order"""
        said = run(tap.BUILD + "/clockhand", "--lesson", "list").stdout
        listed = [os.path.basename(f)[3:-3] for f in sorted(
            os.path.join("tools/lessons", f) for f in os.listdir("tools/lessons"))
            if re.search(r"/\d\d-", f)]
        self.assertEqual(re.findall(r"\| \d+ \| `(\S+)` \|", COURSE), listed)
        for name in listed:
            self.assertIn(name, said)


tap.main()
