#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# No system call keeps the processor from other processes: while a call works on an
# amount that its program chose (a tebibyte of a file with holes, 64 GiB of
# mappings), another process wakes from its sleep in time, and the caller, if
# killed, ends at once. Times are simulated, hence exact. (/tests/hold)
use lib 'tests/lib';
use Clockhand;

my ($out) = succeeds('all calls have ended', guest('/tests/hold; echo 1 >/proc/audit && echo sound',
    '--ram', '32M', '--swap', '16M', '--max-sim-time', '60s'));
my %seen;
for (split /\n/, $out) {
    my ($call, $held, $died) = /^([\w-]+): held (\d+) us(?:, died after (\d+) us)?$/ or next;
    $seen{$call} = 1;
    # Readahead that went on after memory had run out would hold the processor for 1.7 ms.
    my $bound = $call =~ /readahead|willneed/ ? 1000 : 2000;
    cmp_ok($held, '<', $bound, "$call: others run within $bound us");
    cmp_ok($died, '<', 10000, "$call: killed, it is gone within 10 ms") if defined $died;
}
ok($seen{$_}, "$_ was tried") or diag($out)
    for qw(populate readahead willneed fadvise-dontneed fsync sendfile mincore
    smaps maps readv getrandom fork mprotect munmap madvise-dontneed mremap
    mlock exit truncate core-dump);
like($out, qr/^sound$/m, 'frame table and page tables agree');
done_testing;
