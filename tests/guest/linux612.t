#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests the rules of linux612 alone: reclaim does not look at the list of mlocked pages; an
# anonymous page is written at reclaim's first look and freed at the second; reclaim's counters by
# kind add up; processes free memory beside kswapd; a fault also reads or maps the pages around its own;
# pages of shared memory refault as private ones do.
use lib 'tests/lib';
use Clockhand;

my $locked = 2 * 512 + 193;
my $run    = '/tests/locked 2048 24000 /era/linux26/lib/libc.so.1';
my @machine = ('--policy', 'linux612', '--ram', '8M', '--swap', '32M', '--timing', 'fast');
my $script = spew(tmp('script.ch'), <<"END");
catch swap-out
continue
assert vm.unevictable == $locked
assert pswpout == 1
assert pgsteal_anon == 0
quit
END
my ($status, $out, $err) = clockhand(@machine, '-x', $script, '--run', $run);
is($status, 0, 'when the first page is written all locked pages are on '
        . 'the unevictable list, and no anonymous page is stolen yet') or diag("$out$err");

my $stats = tmp('stats');
($out) = succeeds('pressure on memory, then on files, then on memory',
    guest("$run; seqread -c 9M /root/big 2; hog 1.5x 0; "
        . 'grep -c -E "^(pgscan|pgsteal|workingset_refault)_(anon|file) " /proc/vmstat',
    @machine, '--stats', $stats));
like($out, qr/^6$/m, '/proc/vmstat has the counters by kind');
my $n = json(slurp($stats))->{kernel};
for ([ pgscan => qw(pgscan_kswapd pgscan_direct) ],
    [ pgsteal => qw(pgsteal_kswapd pgsteal_direct) ],
    [ workingset_refault  => 'workingset_refault' ],
    [ workingset_activate => 'workingset_activate' ])
{
    my ($name, @whole) = @$_;
    my $sum = 0;
    $sum += $n->{$_} for @whole;
    is($n->{"${name}_anon"} + $n->{"${name}_file"}, $sum, "$name: the kinds add up");
}
cmp_ok($n->{"pgsteal_$_"}, '>', 500, "$_: pages are stolen") for qw(anon file);
cmp_ok($n->{workingset_refault_file}, '>', 0, 'files were read again');

# A page leaves a shadow by its slot, and comes back by its slot: shared memory, too.
my %again;
for my $kind (qw(private shared)) {
    (undef, $out) = guest("/tests/wanted $kind 400 10000; grep workingset_refault_anon /proc/vmstat", @machine);
    ($again{$kind}) = $out =~ /refault_anon (\d+)/ or diag($out);
}
cmp_ok($again{$_}, '>', 3000, "$_ memory: refaults") for qw(private shared);

# Two processes write more memory than there is. A process that lacks memory frees some itself,
# though the disk is busy with kswapd's writes, so that it waits once for each batch and not once
# for each write. (If it frees nothing itself, it waits 5,015 times for 468 frames.)
($status, $out, $err) = guest('hog 1x 1 & hog 1x 1; wait', '--policy', 'linux612', '--ram', '8M',
    '--swap', '64M', '--timing', 'fast', '--stats', $stats);
is($status, 0, 'two processes that write') or diag($err);
$n = json(slurp($stats))->{kernel};
cmp_ok($n->{allocstall}, '<', $n->{pswpout} / 20, 'few waits for memory');
cmp_ok($n->{pgsteal_direct}, '>', 20 * $n->{allocstall}, 'each of which frees a batch');

# Under linux612 a fault on one random page of a mapped file reads 32 pages: 16
# before it, the page itself and 15 after it. Under other policies the fault reads the
# aligned block of 16 pages that contains it. (A block of metadata is read, too.)
for (['linux612', 33], ['clock', 17]) {
    my ($policy, $pages) = @$_;
    ($status, $out, $err) = guest('seqread -c 4M /root/big 1 >/dev/null; sync; '
            . 'echo 3 >/proc/sys/vm/drop_caches; randread -m -s 3 /root/big 1',
        '--policy', $policy, '--ram', '16M', '--timing', 'fast');
    like($out, qr/^randread: first: .* ${\($pages * 4)} KiB from disk$/m,
        "$policy: read around a fault") or diag("$out$err");
}
# ---- a fault on a cached page of a file also maps the cached pages around it ----
my %faults;
for my $around (1, 16) {
    my (undef, $out, $err) = guest('ls /bin > /dev/null; md5sum /bin/sh > /dev/null; '
            . 'grep pgfault /proc/vmstat; echo 1 > /proc/audit && echo sound',
        '--policy', 'linux612', '--set', "vm.fault_around=$around");
    ($faults{$around}) = $out =~ /^pgfault (\d+)\nsound$/m or diag($out, $err);
}
cmp_ok($faults{16}, '<', .8 * $faults{1},
    "more than a fifth of two programs' faults is saved ($faults{16} of $faults{1} are left)");
done_testing;
