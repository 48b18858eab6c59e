#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A file is read once beside memory that is in use: how much of what is in use
# is lost to it, by policy? And how many frames were taken wrongly, which is
# how well a policy guesses. (001-21, 001-23; the order is that of
# experiments.md, E4)
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

for my $name (qw(pollution pollution-linux612)) {
    my ($status, $out, $err) = clockhand('-x', "tools/experiments/$name.ch");
    is($status, 0, "tools/experiments/$name.ch holds") or diag($err);
}

my $make = 'seqread -c 6M /root/big 1 > /dev/null; sync; '
    . 'echo 3 > /proc/sys/vm/drop_caches; ';
my (%lost, $hot);
for my $policy (qw(clock fifo random arc linux26 linux612 solaris8)) {
    my ($status, $out, $err) = guest($make . 'pollute 0.4x /root/big 1',
        '--policy', $policy, '--ram', '8M', '--timing', 'fast', '--set',
        'vm.page-cluster=0');
    is($status, 0, "$policy: every word is right") or diag($err);
    ($hot, my ($during, $after, $taken)) = $out =~ /^pollute: (\d+) hot pages: (\d+) came back from disk during, (\d+) after; (\d+) frames taken, \d+% of them wrongly$/m;
    $lost{$policy} = $during + $after;
    note("$policy: $lost{$policy} of $hot, $taken frames taken");
    cmp_ok($lost{$policy}, '<=', $taken, "$policy: what was lost was taken");
}
cmp_ok($lost{fifo}, '>', .95 * $hot, 'fifo sees no use at all');
cmp_ok($lost{fifo}, '>', $lost{random}, 'by lot is better than that');
cmp_ok($lost{random}, '>', $lost{clock}, 'a hand that looks is better still');
cmp_ok($lost{clock}, '>', 50, '... but does not tell once from often');
is($lost{$_}, 0, "$_ does") for qw(linux26 linux612);
is($lost{solaris8}, 0, "solaris8's file cache takes nothing from programs");
like((clockhand('--policy', 'list'))[1], qr/^arc +CAR: ARC by reference bits/m, 'arc says that it is CAR');
cmp_ok($lost{arc}, '<=', 4, 'arc (CAR) sees by bits alone that the file was read once');

# arc lost as many as fifo: read-ahead and the fault that brings a page each
# left a mark, which made a page that was used once look used twice. With
# read-ahead, with few uses between, with marks that are faults.
for my $how ('1 --set vm.page-cluster=3', '8 --ad hw', '64 --ad fault') {
    my ($k, @options) = split / /, $how;
    my ($status, $out, $err) = guest($make . "pollute 0.4x /root/big $k",
        qw(--policy arc --ram 8M --timing fast), @options);
    my ($during, $after) = $out =~ /: (\d+) came back .* during, (\d+) after/;
    is($status, 0, "arc, a use each $k pages, @options") or diag($err);
    cmp_ok($during + $after, '<=', 4, '... loses next to nothing');
}
done_testing;
