#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The pressure suite under every policy that --policy list lists. `make test`:
# a small machine once each; `make soak` and `make experiments` (SOAK=1): all
# of it in 8, 16 and 64 MiB, with the hardware's bits and without. POLICY=NAME
# takes some policies alone, SOAK_RAM=8,16 some sizes. (issue 6, "held to")
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;
use Pressure;

my @all = $ENV{POLICY} ? split(/,/, $ENV{POLICY}) : policies();
cmp_ok(scalar @all, '>', 0, 'there are policies: ' . join ' ', @all);

for my $policy (@all) {
    my @p = ('--policy', $policy);
    if (!$ENV{SOAK}) {
        next if $policy =~ /^(?:clock|twohand)$/; # pressure.t's
        pressed('private', 12288, '--ram', '8M', '--swap', '24M', @p);
        killed("$policy, no swap", '/tests/pressure private 20000', '--swap',
            '0', '--ram', '8M', @p);
        repeats(@p) if $policy =~ /^(?:random|arc)$/;
        next;
    }
    repeats(@p);
    # RAM in MiB, KiB of memory, swap in MiB.
    for my $size ([8, 24576, 40], [16, 49152, 72], [64, 98304, 160]) {
        my ($ram, $kib, $swap) = @$size;
        next if ($ENV{SOAK_RAM} // $ram) !~ /\b$ram\b/;
        my @o = ('--ram', "${ram}M", @p);
        pressed('private', $kib, '--swap', "${swap}M", @o);
        pressed('private', $kib, '--swap', "${swap}M", '--ad', 'fault', @o);
        pressed('shared', $kib, '--swap', "${swap}M", @o);
        pressed('moved', $kib / 2, '--swap', "${swap}M", @o);
        killed("$policy, $ram MiB, no swap",
            '/tests/pressure private ' . $ram * 2500, '--swap', '0', @o);
        killed("$policy, $ram MiB, swap full",
            '/tests/pressure private ' . $ram * 2500, '--swap', '8M', @o);
        killed("$policy, $ram MiB, swap full of shared memory",
            '/tests/pressure shared ' . $ram * 2500, '--swap', '8M', @o);
        fork_bomb(@o) if $ram < 64;
        tmp_in_swap(@o);
        files($ram, @p) if $ram == 8;
        idle(@o);
    }
}
done_testing;
