#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Two pages must not evict each other for ever. That can happen to the page of an instruction and
# the page of its operand: each is evicted while the disk reads the other, if all reads take the
# same time and the hand passes all memory in less time. Here, without swap, a sleeping process
# holds all memory but 1600 KiB, for which the text pages of programs compete.
use lib 'tests/lib';
use Clockhand;

my $turns = 'swapoff /dev/vdb; read -r x D x < /proc/meminfo; '
    . 'idled -p 100000 $((D - 1600))K & sleep 1; for i in 1 2 3 4; do '
    . 'ls -l /bin; sort -r /etc/passwd; md5sum /etc/passwd; '
    . '/era/linux26/bin/ps -e; vi --help; done > /dev/null 2>&1; '
    . 'grep refault /proc/vmstat; echo 1 > /proc/audit && echo sound';

for my $policy (qw(clock fifo random)) {
    my ($status, $out, $err) = guest($turns, qw(--ram 8M --disk-model ideal
        --max-sim-time 20s --policy), $policy);
    like($out, qr/^sound$/m, "$policy: the programs come to their end") or diag($err);
    my ($refaults) = $out =~ /refault\w* (\d+)/;
    cmp_ok($refaults // 0, '>', 1000, '... though pages are taken and read again');
}
done_testing;
