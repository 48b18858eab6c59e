#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Where every read takes as long as every other and the hand looks at all memory
# in less time, an instruction's own page and its operand's drove each other out
# for ever: each was taken while the disk read the other. Without swap a sleeper
# holds all memory but 1760 KiB, for which the text of programs competes.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

my $turns = 'swapoff /dev/vdb; read -r x D x < /proc/meminfo; '
    . 'idled -p 100000 $((D - 1760))K & sleep 1; for i in 1 2 3 4; do '
    . 'ls -l /bin; sort -r /etc/passwd; md5sum /etc/passwd; '
    . '/era/linux26/bin/ps -e; vi --help; done > /dev/null 2>&1; '
    . 'grep refault /proc/vmstat; echo 1 > /proc/audit && echo sound';

for my $policy (qw(clock fifo random)) {
    my ($status, $out, $err) = guest($turns, qw(--ram 8M --disk-model ideal
        --max-sim-time 20s --policy), $policy);
    like($out, qr/^sound$/m, "$policy: programs get on") or diag($err);
    my ($refaults) = $out =~ /refault\w* (\d+)/;
    cmp_ok($refaults // 0, '>', 1000, '... though most pages are soon taken');
}
done_testing;
