#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Memory runs out: a hog runs without swap, or swap is full; a fork bomb, a thousand processes, or
# /tmp take all memory. The kernel survives, reports its victims and the reason, and gets the memory
# back. With memory to spare, the daemon sleeps, and a program that runs again is not read from the
# disk again. SOAK=1 adds the thousand processes, /tmp and shared memory in swap, more files
# removed, and more policies. (001-22, 001-27, 003-3)
use lib 'tests/lib';
use Clockhand;
use Pressure;

my $sound = 'echo 1 > /proc/audit && echo sound; ';

killed('no swap', '/tests/pressure private 40000', '--swap', '0');
killed('no swap, 8 MiB', '/tests/pressure private 20000', '--swap', '0',
    '--ram', '8M', '--ad', 'fault');
killed('swap full', '/tests/pressure private 40000', '--swap', '8M');

fork_bomb(@$_) for [], ['--ram', '8M', '--swap', '0'];
my $soak = $ENV{SOAK};
my ($status, $out);
if ($soak) {
    ($status, $out) = guest("/tests/crowd 1000; $sound", qw(--ram 64M --timing fast));
    like($out, qr/^crowd: 1000 of 1000 processes at once, fork then says 0, all gave their number\nsound$/m,
        '1,000 processes at once in 64 MiB');
    killed('swap full of shared memory', '/tests/pressure shared 40000', '--swap',
        '8M', '--policy', 'twohand');
    tmp_in_swap(8);
}

# Several processes wait when the daemon gives up, and one of them is killed. The others must check
# for free memory before they, too, kill (else four more die while up to 4.6 MiB are free). Mach's
# daemon must give up once for each kill that is needed; else all would deadlock.
for my $policy (qw(bsd43 mach97), $soak ? qw(sunos gnumach99) : ()) {
    my (undef, $out, $err) = guest('PATH=$PATH:/era/bin; for n in 1 2 3; do '
            . 'for i in 1 2 3 4 5 6 7 8 9 10; do hog 1M & done; wait; done; '
            . 'hog 5M & hog 3M & seqread -c 1M /tmp/f & seqread -c 4M /root/f & '
            . "wait; $sound", '--swap', '0', '--timing', 'fast', '-v', '--policy',
        $policy, '--ram', $policy =~ /^(?:sunos|bsd43)$/ ? '6M' : '8M', '--max-sim-time', '300s');
    my @left = $err =~ /^\[.*Normal free:(\d+)kB/mg;
    cmp_ok(scalar @left, '>', 3, "$policy: memory runs out more than three times");
    is_deeply([grep { $_ > 1024 } @left], [],
        "$policy: no process is killed when one has just died") or diag("@left");
    unlike($err, qr/deadlock/, "$policy: no process waits for ever");
    like($out, qr/^sound$/m, "$policy: ... and the run comes to its end");
}

# The OOM killer's victim waits for a process that waits for the victim's
# memory: its child by vfork, or the writer that holds the lock of the file to
# which the victim wants to write. Neither may wait for ever.
for my $run ([qw(vfork clock)], [qw(vfork mach97)], [qw(file mach97)], [qw(file linux612)]) {
    my ($what, $policy) = @$run;
    my (undef, $out, $err) = guest("/tests/oom_wait_chain $what 4500; $sound", '--ram', '8M',
        '--swap', '0', '--set', 'vm.overcommit_memory=1', '--timing', 'fast', '-v',
        '--policy', $policy, '--max-sim-time', '120s');
    like($out, qr/^oom_wait_chain: $what: the biggest process was killed\nsound$/m,
        "$policy: the victim dies though it waits ($what)") or diag($err);
    is(scalar(() = $err =~ /Killed process/g), 1, '... and no other process is killed');
}

# Files of /tmp are removed while their pages are on the way to swap: a slot taken meanwhile must
# not outlive the file, or swapoff would read it back into a page of something else.
my @rounds = 1 .. ($soak ? 3 : 1);
my $removed = "PATH=\$PATH:/era/bin\nfor n in @rounds; do\n" . <<'SH';
    for k in 1 2 3 4; do (seqread -c 1M /tmp/f$k 1; rm -f /tmp/f$k) & done
    hog 5M & hog 4M & wait; rm -f /tmp/*
    swapoff /dev/vdb; grep Shmem: /proc/meminfo; swapon /dev/vdb
done 2>&1 | grep Shmem
SH
for my $set (['clock', '8M'], $soak ? (['twohand', '8M'], ['arc', '16M']) : ()) {
    my ($policy, $swap) = @$set;
    my (undef, $out, $err) = guest("$removed$sound", '--ram', '8M', '--swap',
        $swap, '--timing', 'fast', '--policy', $policy);
    is(scalar(() = $out =~ /^Shmem: +0 kB$/mg), scalar @rounds,
        "$policy: no page of a removed file is in swap") or diag($out, $err);
    like($out, qr/^sound$/m, '... and the kernel is sound') or diag($err);
}

# swapoff runs in full memory: the area being emptied has no room for other pages. (A
# daemon that counts it as room never gives up, and swapoff waits for ever.)
swapoff_returns_pages(32, '--policy', 'bsd43');

($status, $out) = guest('/tests/pressure shared 6000 & sleep 1; '
        . 'dd if=/dev/zero of=/tmp/a bs=64k count=40 2>/dev/null; echo dd $?; '
        . 'wait', '--timing', 'fast', '--ram', '8M');
like($out, qr/^dd 0$/m, 'memory shared by MAP_SHARED takes no room in /tmp');

($status, $out) = guest('grep -E "ctxt" /proc/2/status; sleep 10; '
        . 'grep -E "ctxt" /proc/2/status; grep pageoutrun /proc/vmstat; '
        . 'cat /proc/2/stat', '--timing', 'fast');
my @ctxt = $out =~ /^((?:non)?voluntary_ctxt_switches:\t\d+)$/mg;
is_deeply([@ctxt[2, 3]], [@ctxt[0, 1]], 'the idle daemon is not run at all in 10 s') or diag($out);
like($out, qr/^pageoutrun 0$/m, '... and never was woken');
like($out, qr/^2 \(kpageoutd\) S /m, '... the daemon is a process that sleeps');

my $io = 'cat /proc/diskstats; ';
my $program = '/tests/glibc > /dev/null; ls -lR /bin /era | md5sum; ';
($status, $out) = guest("$program echo ==; $io echo ==; $program echo ==; $io");
my @part = split /^==\n/m, $out;
is($part[3], $part[1], 'a program that is run again is not read again: no disk access');
is($part[2], $part[0] =~ s/.*(?=\b[0-9a-f]{32})//sr, '... and prints the same');

($status, $out) = guest('for i in 0 4 x ""; do echo "$i" > '
        . '/proc/sys/vm/drop_caches || echo no; done 2>/dev/null; '
        . "cat /bin/busybox > /dev/null; grep ^Cached /proc/meminfo; "
        . 'echo 1 > /proc/sys/vm/drop_caches; grep ^Cached /proc/meminfo');
is(scalar(() = $out =~ /^no$/mg), 4, 'drop_caches: only 1, 2 or 3');
my @cached = $out =~ /^Cached:\s+(\d+)/mg;
cmp_ok($cached[1], '<', $cached[0] / 2, '... and the clean pages are gone');
done_testing;
