#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Memory runs out: this test runs parts of slow scripts of tools/experiments on a small scale, and
# tests large RAM and kills for thrashing. SOAK=1 adds Denning's cliff, which lesson 9 shows, too,
# and a second policy. (001-12, 001-18, 001-24, 001-25, 001-26, 001-34, 002-1, 002-2, 002-6)
use lib 'tests/lib';
use Clockhand;

# Denning's cliff (thrash.ch): four processes fit, eight do not.
for my $policy ($ENV{SOAK} ? qw(clock twohand) : ()) {
    my ($out, $err) = succeeds("$policy: thrash", guest('thrash -n 4-4; thrash -n 8-8', '--ram',
        '8M', '--swap', '64M', '--disk-model', 'cheetah9lp,nobuffer', '--set',
        'vm.page-cluster=0', '--timing', 'fast', '--policy', $policy));
    is(scalar(() = $out =~ /^M \d+ .*: N\* = 4$/mg), 2, "$policy: N* is 4");
    is(scalar(() = $out =~ /^thrash: 0 of 1 not as predicted, 0 pages wrong$/mg),
        2, "$policy: utilisation below and above N* is as Denning says") or diag($out);
    my @util = $out =~ /^[48] .* (\d\.\d+)$/mg;
    cmp_ok($util[0], '>', 0.95, "$policy: four processes: the processor is busy");
    cmp_ok($util[1], '<', 0.02, "$policy: eight processes: the processor waits for the disk");
}
# A working set is the pages referenced in 40 ms: just after a request comes, or just before the next
# (quiescence.ch). Four servers of 300 pages each fit into 8 MiB, four of 600 pages do not.
my ($status, $out, $err) = guest('quiesce 300; quiesce -r 10 600', '--ram', '8M', '--timing',
    'fast');
is($status, 0, 'quiesce: every word is right');
my @run = map { [map { [split] } /^ *(\d.*)$/mg] } split /^quiesce.*\n/m, $out;
my @most = $out =~ /^quiesce: \d+ requests in \d+ ms, backlog at most (\d+)/mg;
is($most[0], 0, 'requests that fit are done as they come');
cmp_ok($run[0][0][3], '>=', 4 * 300 * 4, '... the working set during work is all pages');
cmp_ok($run[0][0][4], '<', $run[0][0][3] / 20, '... and is nearly empty before the next request');
is($run[0][-1][5], $run[0][0][5], '... though all stay in memory');
cmp_ok($most[1], '>=', 10, 'requests that do not fit pile up');
cmp_ok($run[1][-1][0], '>', 2 * 10 * 200, '... and the last is late');
# The kernel has a struct for each frame, free or with an owner (002-1): 1 GiB has 262,144 pages of
# 4 KiB. There is one zone, because the machine was not started with more (002-2).
($status, $out) = clockhand('--ram', '1G', '--timing', 'fast', '-x',
    spew(tmp('frames.ch'), qq(expect "# " 60s\njson info lens\ninfo frames\n)
        . qq(send "cat /proc/zoneinfo\\n"\nexpect "nr_mlock" 10s\nrun-for 50ms\n)));
like($out, qr/"frames":262144,/, '1 GiB / 4 KiB = 262,144 frames');
my %owner = $out =~ /^\S ([a-z]+-?[a-z]*) +(\d+) +\d+ KiB\r?$/mg;
my $frames = 0;
$frames += $_ for values %owner;
is($frames, 262144, 'each frame is free or has an owner') or diag($out);
cmp_ok($owner{$_}, '>', 0, "... some are $_")
    for qw(kernel-code kernel-data page-table anonymous file-clean);
my %zone = $out =~ /^ *(?:pages )?(\w+) +(\d+)\r?$/mg;
is($zone{present}, 262144, '/proc/zoneinfo: all frames are in the one zone');
ok($zone{min} < $zone{low} && $zone{low} < $zone{high}, '... with min < low < high');
cmp_ok($zone{managed}, '<', $zone{present}, '... and some are not managed by the allocator');
# The kernel copes with more RAM than its first page table maps, a device tree at RAM's
# end, and tables longer than the buddy allocator's biggest block.
($status, $out, $err) = guest('grep MemTotal /proc/meminfo; hog 2M; '
    . 'echo 1 >/proc/audit && echo sound', '--ram', '3G', '--swap', '16G',
    '--timing', 'fast');
like($out, qr/MemTotal: +3\d{6} kB\n.*0 pages wrong.*\nsound$/s,
    'three gigabytes of RAM and 16 of swap') or diag($out, $err);

# ---- realloc moves and grows a buffer near the top of the address space. If its page
# numbers were still counted from its first address, they would run past the top ----
for my $policy ('clock', $ENV{SOAK} ? 'linux612' : ()) {
    ($status, $out, $err) = guest('head -c 12000000 /dev/zero | tr "\0" x | grep -c foo; '
        . 'echo 1 >/proc/audit && echo sound', '--policy', $policy, qw(--ram 6M --timing fast));
    is($out, "0\nsound\n", "$policy: grep reads a line of 12 MB in 6 MiB of RAM") or diag($err);
}

# ---- killed because of thrashing, with most of swap free (001-27) ----
my $want = 'for i in 1 2 3 4 5 6; do idled -n 300 -p 20 -a 1600K & done; '
    . 'wait; grep -E "^(oom_kill|thrashing) " /proc/vmstat; '
    . 'dmesg | grep -e "Free swap" -e Killed';
my @machine = ('--ram', '8M', '--swap', '64M', '--timing', 'fast', '--set',
    'vm.page-cluster=0', '--set', 'vm.oom_thrash_secs=3');
($status, $out) = guest($want, @machine, '--set', 'vm.oom_thrash=70');
my ($killed) = $out =~ /^oom_kill (\d+)$/m;
ok($killed >= 1 && $killed <= 3, "some of six are killed ($killed)") or diag($out);
is(() = $out =~ /idled: woke 300 times.* 0 pages wrong/g, 6 - $killed,
    '... the others end by themselves');
cmp_ok($_, '>', 50000, "... with $_ KiB of swap free") for $out =~ /Free swap: +(\d+)kB/g;
# The kernel kills because of thrashing only if waiting takes the share vm.oom_thrash of
# the time (it never takes 100 %), and only if evicted pages come back: a process that
# reads a mapped file for the first time waits as long, but does not thrash.
(undef, $out) = guest($want, @machine, '--set', 'vm.oom_thrash=100');
like($out, qr/^thrashing 0$/m, 'less waiting than vm.oom_thrash: nobody is killed');
(undef, $out) = guest('seqread -c 4M /root/f 1; sync; echo 3 >/proc/sys/vm/drop_caches; '
    . 'randread -m /root/f 2500; grep -E "^(pgmajfault|thrashing) " /proc/vmstat', @machine,
    '--set', 'vm.oom_thrash=70', '--set', 'vm.read_ahead_pages=0');
my ($majors, $thrashing) = $out =~ /^pgmajfault (\d+)\nthrashing (\d+)$/m or diag($out);
cmp_ok($majors // 0, '>', 800, 'a file is read page by page for longer than 3 s');
is($thrashing, 0, '... which is no thrashing');
($status, $out) = clockhand(@machine, '--set', 'vm.oom_thrash=70', '--set',
    'vm.panic_on_oom=1', '--set', 'kernel.panic=2', qw(--clock 100000000 -x),
    spew(tmp('panic.ch'), <<'END'));
expect "# " 60s
send "for i in 1 2 3 4 5 6; do idled -p 20 -a 1600K & done\n"
expect "Kernel panic: out of memory. panic_on_oom is selected" 100s
expect "Rebooting in 2 seconds.." 1s
expect "# " 60s
assert oom_kill == 0
END
is($status, 0, 'panic_on_oom: the machine reboots') or diag($out);
done_testing;
