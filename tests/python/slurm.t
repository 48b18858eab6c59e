#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# tools/compare --slurm works with Debian's own slurmctld and slurmd. The cluster is
# this host alone, with all its files in one folder. Needs SOAK=1 and root.
import csv
import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, "tests/lib")
import tap

CONF = """ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={port1}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={dir}/munge.socket
CryptoType=crypto/munge
StateSaveLocation={dir}
SlurmdSpoolDir={dir}/spool
SlurmctldPidFile={dir}/slurmctld.pid
SlurmdPidFile={dir}/slurmd.pid
SlurmctldLogFile={dir}/slurmctld.log
SlurmdLogFile={dir}/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def free_ports():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1] // 2 * 2


class Cluster(unittest.TestCase):
    def setUp(self):
        needed = ("munged", "slurmctld", "slurmd", "sbatch")
        lack = [n for n in needed if not shutil.which(n)]
        if not os.environ.get("SOAK"):
            self.skipTest("a cluster is for SOAK=1")
        if lack or os.geteuid():
            self.skipTest(f"not installed: {lack}" if lack else "root is needed")
        self.dir = tempfile.mkdtemp(prefix="slurm.", dir="/run")
        self.children = []
        self.addCleanup(self.stop)
        host = socket.gethostname().split(".")[0]
        port = free_ports()
        with open(self.dir + "/slurm.conf", "w") as f:
            f.write(CONF.format(host=host, port=port, port1=port + 1,
                                dir=self.dir, cpus=os.cpu_count()))
        open(self.dir + "/munge.key", "wb").write(os.urandom(128))
        os.chmod(self.dir + "/munge.key", 0o400)
        self.env = {**os.environ, "SLURM_CONF": self.dir + "/slurm.conf"}
        self.start("munged", "--foreground", "--force",
                   f"--socket={self.dir}/munge.socket",
                   f"--key-file={self.dir}/munge.key",
                   f"--pid-file={self.dir}/munge.pid",
                   f"--log-file={self.dir}/munge.log",
                   f"--seed-file={self.dir}/munge.seed")
        self.until(lambda: os.path.exists(self.dir + "/munge.socket"))
        self.start("slurmctld", "-D", "-i", "-f", self.dir + "/slurm.conf")
        self.start("slurmd", "-D", "-f", self.dir + "/slurm.conf", "-N", host)
        self.until(lambda: "idle" in self.says("sinfo", "--noheader"))

    def start(self, *words):
        self.children.append(subprocess.Popen(
            words, env=self.env, stdin=subprocess.DEVNULL,
            stdout=open(f"{self.dir}/{words[0]}.said", "w"),
            stderr=subprocess.STDOUT))

    def says(self, *words):
        done = tap.run(*words, env=self.env)
        return done.stdout + done.stderr

    def until(self, what):
        for _ in range(300):
            if what():
                return
            time.sleep(.1)
        logs = "".join(open(f).read() for f in glob.glob(self.dir + "/*.log")
                       + glob.glob(self.dir + "/*.said"))
        self.fail("waited 30 s in vain:\n" + logs[-4000:] + self.says("sinfo"))

    def stop(self):
        for child in reversed(self.children):
            child.terminate()
            child.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def test_array(self):
        """a Slurm array, stopped and resumed, gives the same results as GNU parallel"""
        words = ["tools/compare", "--policy", "fifo,clock,twohand", "--ram",
                 "6M,8M", "--once", "--run", "hog 2x 0"]
        there, here = self.dir + "/there", self.dir + "/here"
        job = subprocess.Popen(words + ["--slurm", "-o", there], env=self.env,
                               stderr=subprocess.PIPE, text=True,
                               stdout=subprocess.DEVNULL)
        first = job.stderr.readline()
        self.assertRegex(first, r"^\d of 6 runs")
        job.send_signal(signal.SIGINT)
        said = job.stderr.read()
        self.assertEqual(job.wait(), 130, first + said)
        self.until(lambda: not self.says("squeue", "--noheader").strip())
        kept = len(glob.glob(there + "/runs/*"))
        self.assertIn(kept, range(1, 7))
        again = tap.run(*words, "--slurm", "-o", there, env=self.env)
        self.assertEqual(again.returncode, 0, again.stderr)
        tap.run(*words, "-o", here, env=self.env, check=True)
        one, two = ([{k: r[k] for k in ("policy", "ram", "hash", "key", "outcome")}
                     for r in csv.DictReader(open(d + "/results.csv"))]
                    for d in (there, here))
        self.assertEqual(one, two)


tap.main()
