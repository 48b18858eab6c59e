#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# 001-30, 001-33: the kernel in huge pages takes few TLB entries from the
# programs. The same work with the kernel in 4 KiB pages misses much more.
use strict;
use warnings;
use lib 'tests/lib';
use Clockhand;
use Test::More;

my $work = '/tests/all cow_fork pipe_order file_shared >/dev/null; '
    . 'seq 1 3000 | sort -rn | tail -1';
my %misses;
for my $how ('2m', '4k') {
    my ($status, $out, $err) = clockhand('--stats', tmp("$how.json"),
        '--append', "quiet kpages=$how run=$work");
    is($status, 0, "kpages=$how: status") or diag($err);
    like($out, qr/^1\r?$/m, "kpages=$how: the work is done");
    my $stats = json(slurp(tmp("$how.json")));
    $misses{$how} = $stats->{tlb}{dtlb}{misses};
    note("kpages=$how: $misses{$how} D-TLB misses");
}
cmp_ok($misses{'4k'}, '>', 3 * $misses{'2m'},
    '4 KiB kernel pages: more than three times the D-TLB misses');
done_testing;
