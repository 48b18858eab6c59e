#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A kernel in huge pages takes few TLB entries from the programs (001-30, 001-33). With
# the kernel in 4 KiB pages the same work has many more TLB misses.
use lib 'tests/lib';
use Clockhand;

my $work = '/tests/all cow_fork pipe_order file_shared >/dev/null; '
    . 'seq 1 3000 | sort -rn | tail -1';
my %misses;
for my $how ('2m', '4k') {
    my ($out, $err) = succeeds("kpages=$how: status", clockhand('--stats', tmp("$how.json"),
        '--append', "quiet kpages=$how run=$work"));
    like($out, qr/^1\r?$/m, "kpages=$how: the work is done");
    my $stats = json(slurp(tmp("$how.json")));
    $misses{$how} = $stats->{tlb}{dtlb}{misses};
    note("kpages=$how: $misses{$how} D-TLB misses");
}
cmp_ok($misses{'4k'}, '>', 3 * $misses{'2m'},
    '4 KiB kernel pages: more than three times the D-TLB misses');

# Counts the TLB misses that one system call costs a program that does nothing but move
# 96 KiB by each call. (The FAQ: "calling into the kernel doesn't flush the userspace
# mappings out of the TLB".)
my $calls = 1000;    # 500 reads, 500 writes
my %each;
for my $how ('2m', '4k') {
    my @n;
    for my $count (100, 600) {
        my ($status, $out, $err) = clockhand('--stats', tmp('call.json'),
            '--append', "quiet kpages=$how run=dd if=/dev/zero of=/dev/null "
                . "bs=96k count=$count");
        is($status, 0, "kpages=$how: $count times 96 KiB") or diag($err);
        my $tlb = json(slurp(tmp('call.json')))->{tlb};
        push @n, $tlb->{dtlb}{misses} + $tlb->{itlb}{misses};
    }
    $each{$how} = ($n[1] - $n[0]) / $calls;
    note("kpages=$how: $each{$how} misses of the two TLBs for each system call");
}
cmp_ok($each{'2m'}, '<', 0.02, 'a system call costs the program no TLB entry');
cmp_ok($each{'4k'}, '>', 10, '... with the kernel in 4 KiB pages it costs more than ten');
done_testing;
