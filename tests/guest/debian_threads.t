#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Debian's own threaded programs run unmodified: Python's threading, xz -T2; with SOAK=1
# also Python's thread pools (slow: they import many modules) and stress-ng's pthread and shm-sysv.
use lib 'tests/lib';
use Clockhand;
use Debian;

my @packages = qw(libc6 libgcc-s1 libstdc++6 zlib1g liblzma5 xz-utils
    python3.13-minimal libpython3.13-minimal libpython3.13-stdlib libexpat1);
my @stress = !$ENV{SOAK} ? () : qw(
    stress-ng libacl1 libapparmor1 libbsd0 libmd0 libcrypt1 libegl1 libglvnd0
    libgbm1 libdrm2 libgles2 libgmp10 libjpeg62-turbo libjudydebian1 libkmod2
    libmpfr6 libsctp1 libxxhash0 libzstd1 libssl3t64);
my $image = packages_image({ 'threads.py' => <<'PY' }, @packages, @stress);
import queue, sys, threading

def run(threads): [t.start() for t in threads], [t.join() for t in threads]

# Eight threads count together: no step is lost under the lock.
lock, count = threading.Lock(), 0
def step():
    global count
    for _ in range(500):
        with lock:
            seen = count
            count = seen + 1
run([threading.Thread(target=step) for _ in range(8)])
print("count", count)

# A queue between threads (its join waits on a condition), an event, a barrier.
jobs, done, end = queue.Queue(4), [], threading.Event()
def worker():
    while (job := jobs.get()) is not None:
        done.append(job * job)
        jobs.task_done()
    if end.wait(10): done.append("end")
workers = [threading.Thread(target=worker) for _ in range(3)]
for w in workers: w.start()
for n in range(100): jobs.put(n)
jobs.join()
for w in workers: jobs.put(None)
end.set()
for w in workers: w.join()
print("queue", sum(d for d in done if d != "end"), done.count("end"))

barrier, met = threading.Barrier(4), []
run([threading.Thread(target=lambda: met.append(barrier.wait())) for _ in range(4)])
print("barrier", sorted(met))
if "pool" in sys.argv:
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(4) as pool:
        print("pool", sorted(pool.map(lambda _: barrier.wait(), range(4))),
            sum(pool.map(lambda n: n * n, range(200))))
threading.Timer(.05, lambda: print("timer", threading.active_count())).run()
local = threading.local()
local.x = 1
def other(): print("local", hasattr(local, "x"))
t = threading.Thread(target=other, daemon=True); t.start(); t.join()
PY

sub in_debian {
    my ($command, @options) = @_;
    my $enter = 'mount -t ext2 -o ro /dev/vdb /mnt && '
        . 'mount -t proc proc /mnt/proc && mount -t devtmpfs dev /mnt/dev && '
        . 'mount -t tmpfs tmp /mnt/tmp && exec chroot /mnt ';
    return guest($enter . $command, '--drive', build() . '/guest/root.img,overlay',
        '--drive', "$image,ro", '--timing', 'fast', '--ram', '128M', @options);
}

my $pool = $ENV{SOAK} ? 'pool' : '';
my ($out, $err) = succeeds('python3', in_debian("/usr/bin/python3.13 /threads.py $pool"));
is($out, <<"END", 'Python: locks, queues, events, barriers, timers, local data; with SOAK=1 pools');
count 4000
queue 328350 3
barrier [0, 1, 2, 3]${\($pool && "\npool [0, 1, 2, 3] 2646700")}
timer 1
local False
END

# Two threads of xz pack blocks of 64 KiB. (xz is called by its path, because busybox has an xz, too.)
my ($xz, $file) = ('/usr/bin/xz', '/usr/lib/riscv64-linux-gnu/libm.so.6');
($out, $err) = succeeds('xz', in_debian("/bin/sh -c 'cd /tmp && "
        . "$xz -T2 --block-size=65536 -1 -c $file > x.xz && $xz -lv x.xz && "
        . "$xz -T2 -dc x.xz | cmp - $file && echo same'"));
like($out, qr/^ +Blocks: +[5-9]\n.*^same\n/ms, 'xz -T2: packed and unpacked');

for my $kind (@stress ? qw(pthread shm-sysv) : ()) {
    (my $status, $out, $err) = in_debian("/usr/bin/stress-ng --$kind 2 --timeout "
            . '1s --verify --metrics-brief --temp-path /tmp --no-rand-seed');
    is($status, 0, "stress-ng --$kind --verify") or diag($out, $err);
    like($out . $err, qr/\[\d+\] $kind +[1-9]\d* /, '... counts operations');
}
done_testing;
