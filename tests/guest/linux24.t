#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests the rules in which Linux 2.4.0 under pressure differs from the other policies.
use lib 'tests/lib';
use Clockhand;
use Pressure;

my $stats = tmp('stats');
my ($out) = succeeds('three processes share 12 MiB by COW in 8 MiB of RAM',
    guest('/tests/pressure private 12288; '
        . 'grep -E "^(MemFree|pgscan)" /proc/meminfo /proc/vmstat',
    '--timing', 'fast', '--ram', '8M', '--swap', '24M', '--policy', 'linux24',
    '--stats', $stats));
my $v = json(slurp($stats))->{kernel};

# Nearly all pages that linux24 frees keep their identity, on inactive_clean:
# readahead must count them as memory to spare, or it would read page by page.
cmp_ok($v->{swap_ra}, '>', $v->{pswpin} / 3,
    'free pages with identity count as memory to spare: swap is read ahead');

# __alloc_pages of 2.4.0 waits for kswapd; only an allocation that may not wait
# for a disk looks for pages itself (2.4.1-pre changed that).
is($v->{pgscan_direct}, 0, 'a process that wants memory waits for kswapd');
cmp_ok($v->{allocstall}, '>', 0, '... and some did');

# A page on inactive_clean has been counted as freed (dfree; vmstat's fr and the P% of
# pollute use it); it must not be counted again when kreclaimd takes the frame.
cmp_ok($v->{dfree}, '<=', $v->{pgfree} + $v->{pgfrec},
    'no more pages are counted than became free or were found again');

# In these three policies pgsteal must count exactly the pages that are freed.
for my $policy ('linux24', 'solaris8', 'bsd43') {
    my ($status, $out) = guest('/era/bin/hog 10M > /dev/null; '
            . 'grep -e pgsteal -e dfree /proc/counters', '--timing', 'fast',
        '--ram', '8M', '--policy', $policy);
    my %n = $out =~ /^(\w+) (\d+)$/mg;
    cmp_ok($n{dfree}, '>', 500, "$policy: the daemon frees");
    is($n{pgsteal_kswapd} + $n{pgsteal_direct}, $n{dfree},
        '... and the pages stolen are the pages freed');
}

# Dirty pages of shared memory for which swap has no room go back to the active
# list. If they stayed on inactive_dirty, kswapd would see no shortage, and it
# and the process that waits for it would wake each other for ever.
killed('linux24, swap full of shared memory', '/tests/pressure shared 20000',
    '--swap', '8M', '--ram', '8M', '--policy', 'linux24');
done_testing;
