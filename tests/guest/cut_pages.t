#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A file is truncated while its mappings come and go. The kernel yields between two
# mappings and must not lose its place in their list (cut_pages.c).
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;
use Qemu;

my $program = tmp('cut');
system('riscv64-linux-gnu-gcc', qw(-O1 -Wall -Wno-unused-result -static),
    'tests/guest/cut_pages.c', '-o', $program) == 0 or die 'no compiler';
my $image = qemu_image('tests/cut' => $program);
for my $ram ('16M', '64M') {
    my ($status, $out, $err) = guest('for d in /tmp /root; do /tests/cut $d/f '
            . '10; rm $d/f; echo 1 >/proc/audit && echo sound; done', '--drive',
        "$image,overlay", '--ram', $ram, '--swap', '16M', '--timing', 'fast',
        '--max-sim-time', '60s');
    is($out, "40 by SIGBUS, 0 well\nsound\n" x 2, "$ram: tmpfs, ext2")
        or diag($err);
}
done_testing;
