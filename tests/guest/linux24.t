#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Linux 2.4.0 under pressure: the rules in which it differs from the other policies.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;
use Pressure;

my $stats = tmp('stats');
my ($status, $out) = guest('/tests/pressure private 12288; '
        . 'grep -E "^(MemFree|pgscan)" /proc/meminfo /proc/vmstat',
    '--timing', 'fast', '--ram', '8M', '--swap', '24M', '--policy', 'linux24',
    '--stats', $stats);
is($status, 0, 'three processes want five times what there is') or diag($out);
my $v = json(slurp($stats))->{kernel};

# Nearly all that it frees keeps its identity, on inactive_clean: read-ahead
# counted plain free frames only, found none to spare and read page by page.
cmp_ok($v->{swap_ra}, '>', $v->{pswpin} / 3,
    'free pages with identity count as memory to spare: swap is read ahead');

# __alloc_pages of 2.4.0 waits for kswapd; only what may not wait for a disk
# looks for pages itself (2.4.1-pre changed that).
is($v->{pgscan_direct}, 0, 'a process that wants memory waits for kswapd');
cmp_ok($v->{allocstall}, '>', 0, '... and did so');

# A page that had been laid on inactive_clean was counted as freed (dfree, and so
# vmstat's fr and pollute's share) once more when kreclaimd took the frame.
cmp_ok($v->{dfree}, '<=', $v->{pgfree} + $v->{pgfrec},
    'no more were freed than became free or were found again');

# ... and the Suns' and BSD's daemon freed thousands of which pgsteal knew none.
for my $policy ('linux24', 'solaris8', 'bsd43') {
    my ($status, $out) = guest('/era/bin/hog 10M > /dev/null; '
            . 'grep -e pgsteal -e dfree /proc/counters', '--timing', 'fast',
        '--ram', '8M', '--policy', $policy);
    my %n = $out =~ /^(\w+) (\d+)$/mg;
    cmp_ok($n{dfree}, '>', 500, "$policy: the daemon frees");
    is($n{pgsteal_kswapd} + $n{pgsteal_direct}, $n{dfree},
        '... and what is taken is what is freed');
}

# Dirty pages of shared memory that swap has no room for stayed on
# inactive_dirty, so that nothing seemed to be missing, and kswapd and the one
# who waited for it woke each other for ever.
killed('linux24, swap full of shared memory', '/tests/pressure shared 20000',
    '--swap', '8M', '--ram', '8M', '--policy', 'linux24');
done_testing;
