#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The start does not grow with memory, but for the policy's tables (20 bytes a
# frame): the frame table was cleared, and each frame given away, one by one,
# which took 300 instructions a frame. Where memory may hold something already,
# the table is cleared after all.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

my $script = spew(tmp('start.ch'), qq(expect "# " 60s\nprint instret\nprint vm.frames\naudit\n));
sub start {
    my ($status, $out, $err) = clockhand('--timing', 'fast', '-x', $script, @_);
    is($status, 0, "@_: starts, and the audit agrees") or diag($err, $out);
    return $out =~ /^(\d+)\n(\d+)$/m ? ($1, $2) : (0, 0);
}
my ($few, $frames) = start('--ram', '16M');
is($frames, 4096, '16 MiB');
my ($many, $large) = start('--ram', '4G');
is($large, 1 << 20, '4 GiB');
cmp_ok($many - $few, '<', 15 * $large, 'fewer than 15 instructions a frame more');

# An initrd that the kernel does not look for lies where its frame table goes.
my $full = spew(tmp('full'), "\xff" x (8 << 20));
start('--ram', '64M', '--initrd', $full);
done_testing();
