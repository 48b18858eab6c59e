#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The guest, saved wherever it happens to be - in the firmware, waiting for
# the disk, in a program - and loaded, ends as if nothing had been.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

my $command = 'seq 1 300 | sort -rn | head -2; ls /bin | wc -l >/tmp/n; ps';
srand 2026;

for my $timing ('fast', 'cycle') {
    my @machine = ('--timing', $timing, '--hash', '--run', $command);
    my ($status, $want, $err) = clockhand(@machine);
    my ($hash) = $err =~ /^hash (\w+)$/m;
    is($status, 0, "$timing: runs");
    like($want, qr/^300\n299\n/, "$timing: and says what it should");
    ok($hash, "$timing: has a hash");
    my $save = tmp('save');
    for my $at (1000, 60_000, map { int rand 300_000_000 } 1 .. 4) {
        my $script = spew(tmp('s.ch'), "run-for $at\nsave $save\n");
        my (undef, $before) = clockhand(@machine, '-x', $script);
        $before =~ s/^.*  cycle \d+\n//m; # where run-for has stopped
        my ($status, $after, $err) = clockhand(@machine, '--load', $save);
        my ($got) = $err =~ /^hash (\w+)$/m;
        is($status, 0, "$timing, saved at $at: ends well") or diag($err);
        is($before . $after, $want, "$timing, saved at $at: same output");
        is($got, $hash, "$timing, saved at $at: same hash");
    }
    my ($other, undef, $why) =
        clockhand(@machine, '--load', $save, '--ram', '24M');
    is($other, 2, "$timing: not into another machine");
    like($why, qr/^clockhand: .*saved with RAM of bytes 16777216/,
        "$timing: which is told in a line");
}
done_testing;
