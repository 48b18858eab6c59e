#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Seed 004: kpaged beside the kernel that it patches, at the same work, with
# SysRq-M's invariants at every print; throughput against cache size, in
# small. (004-1 ... 004-15; experiments.md, E13)
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

# Each asserts what it shows.
my %said;
for my $name (qw(linux240t kpaged)) {
    my ($status, $out, $err) = clockhand('-x', "tools/experiments/$name.ch");
    is($status, 0, "$name.ch holds") or diag($err, $out);
    $said{$name} = $out;
}

# The four lines' shape (004-11), and the letters that only kpaged has.
my $n = qr/(?:\d+|-)/;
for my $name (sort keys %said) {
    my $lines = () = $said{$name} =~ /^Swap\ cache:\ add\ \d+\ \[\d+-\d+\],
        \ del\ \d+,\ find\ \d+\/\d+\ \[\d+\]\ \d+%\r?\n
        kswapd:\ total\ \d+\ overload\ $n\ out\ of\ sync\ $n\r?\n
        kswapd:\ wakeup\ \d+\ \[g\ $n\ y\ $n\ o\ $n\ r\ $n\]
        \ free\ \d+\ io\ \d+\r?\n
        kswapd:\ aged\ pages\ $n\ dirty\ pages\ $n\r?$/mgx;
    is($lines, 5, "$name: five times the four lines");
}
like($said{linux240t}, qr/overload - out of sync -/,
    'the stock kernel has no kpaged to fall out of');
like($said{kpaged}, qr/overload 0 out of sync \d+.*overload [1-9]/s,
    'kpaged copes at first, and then not');

# What the one cache holds, by class (004-1).
my ($status, $out, $err) =
    clockhand('-x', 'tools/experiments/cache-classes.ch');
is($status, 0, 'cache-classes.ch holds') or diag($err, $out);
# The classes are the whole cache: /proc/meminfo's numbers.
($status, $out) = guest('idled -p 100000 8M & hog 1x 0 >/dev/null; '
        . 'cat /proc/cache /proc/meminfo', # by one process: pages come and go
    '--policy', 'linux240t', '--swap', '64M', '--timing', 'fast');
my %class = $out =~ /^(\w+) (\d+)$/mg;
my ($all, $metadata) = (0, delete $class{metadata});
$all += $_ for values %class;
my ($cached, $swap) = $out =~ /^(?:Swap)?Cached: +(\d+) kB/mg;
cmp_ok(abs($all - ($cached + $swap) / 4), '<=', 4,
    "the classes add up to the cache ($all pages)") or diag($out);

# More cache, more throughput: a policy of each family.
my $build = build();
$out = `SIZES=6,8,12 tools/experiments/cachesize $build kpaged solaris8 2>&1`;
is($? >> 8, 0, 'cachesize: the curves rise') or diag($out);
done_testing;
