#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Pointer chases show the profile's latencies: 16 KiB the L1's, 256 KiB the
# L2's, 8 MiB the DRAM's; and every cycle has one cause.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

my $source = slurp('tests/machine/chase.c');
my $list   = (clockhand('--cpu', 'list'))[1];

# Runs one chase; returns cycles a step and the --stats object.
sub chase {
    my ($bytes, @flags) = @_;
    my $elf = compile_bare('chase.c', $source, "-DBYTES=$bytes", @flags);
    my ($status, $out, $err) = clockhand('--timing', 'cycle', '--cpu', 'u54',
        '--ram', '64M', '--stats', tmp('stats'), $elf);
    is($status, 0, "chase over $bytes @flags ends well") or diag($err);
    my ($n) = $out =~ /^(\d+)$/m;
    return (($n // 0) / 1000, json(slurp(tmp('stats'))));
}

# The words of `--cpu list`: a number in each row, u54's column first.
my %row = ('load to use' => 'load to use', 'l2 hit' => 'L2: added to an L1 miss',
    'dram base' => 'core to DRAM controller and back');
my %say = map { my ($n) = $list =~ /^\Q$row{$_}\E\s+(\d+)/m; ($_ => $n) }
    keys %row;
ok(defined $say{$_}, "--cpu list states: $row{$_}") for sort keys %say;

my ($l1) = chase(16 << 10);
my ($l2) = chase(256 << 10);
my ($dram, $stats) = chase(8 << 20);
cmp_ok(abs($l1 - $say{'load to use'}), '<', 0.1, "L1: $l1 cycles");
cmp_ok(abs($l2 - $say{'load to use'} - $say{'l2 hit'}), '<', 1,
    "L2: $l2 cycles");

# A chase over 8 MiB never finds its line in 2 MiB of L2, and seldom finds its
# DRAM row open: timing.md's two simulators give 54.2 DRAM clocks of .833 ns for
# such reads (1 GHz core), on top of the path to the DRAM.
my $expect = $say{'load to use'} + $say{'l2 hit'} + $say{'dram base'}
    + 54.2 * .833;
cmp_ok(abs($dram / $expect - 1), '<', .1,
    "DRAM: $dram cycles, $expect expected");

# emu/time/accuracy.md prints them.
my @printed = slurp('emu/time/accuracy.md') =~ /^\| (?:16 KiB|256 KiB|8 MiB) \|.*\| ([\d.]+) \|$/mg;
is("@printed", join(' ', map { sprintf '%.1f', $_ } $l1, $l2, $dram), 'accuracy.md');

# Under Sv39 with 4 KiB pages, walks are added.
my ($paged, $s) = chase(8 << 20, '-DSV39');
cmp_ok($paged, '>', $dram, "under Sv39: $paged cycles");
my $by = $s->{cycles_by};
my $sum = 0;
$sum += $_ for values %$by;
is($sum, $s->{cycles}, 'cycles_by sums to cycles');
ok($by->{walk} > 0 && $by->{dram} > 0, 'walks and DRAM are among the causes');
my $memory = $by->{dram} + $by->{walk} + $by->{dcache};
cmp_ok($memory / $s->{cycles}, '>', .8, sprintf 'dram, walk and dcache: %.1f%%',
    100 * $memory / $s->{cycles});
my $l2tlb = $s->{tlb}{l2tlb};
my ($hit)  = $list =~ /^L2 TLB hit\s+(\d+)/m;
is($s->{walker}{cycles} + $hit * ($l2tlb->{accesses} - $l2tlb->{misses}),
    $by->{walk}, 'walks and L2 TLB hits are the cause "walk"');
cmp_ok($s->{walker}{walks}, '>=', 60000, 'nearly every step walks');

done_testing();
