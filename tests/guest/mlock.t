#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Locked pages must stay in memory under any pressure: private pages, shared pages, pages of a file.
# The test runs under two policies (SOAK=1: all), with A bits set by hardware and by faults, in 8
# and 16 MiB, without swap, and under QEMU. Under some policies most of the same pages, unlocked,
# must leave memory. (002-18; the calls themselves: T:mlock_...)
use lib 'tests/lib';
use Clockhand;
use Qemu;

my $run = '/tests/locked 2048 16000 /era/linux26/lib/libc.so.1';
my $pages = 2 * 512 + 193;
my ($status, $out) = clockhand('--policy', 'list');
my @policies = $out =~ /^(\S+) /mg;
@policies = 'linux612' if !$ENV{SOAK}; # else all; the runs below without --policy are under clock
my $stats = tmp('stats');
for my $o ((map { ['--policy', $_] } @policies), ['--ad', 'fault', '--ram', '8M'],
    ['--swap', '0', '--set', 'vm.overcommit_memory=1']) {
    my $events = tmp('events');
    my ($out) = succeeds("@$o: ran", guest("$run; grep -E '^(Mlocked|Unev)' "
            . '/proc/meminfo', '--timing', 'fast', '-v', '--events', $events,
        '--stats', $stats, @$o));
    my $end = "@$o" =~ /swap/ ? 'killed' : 'ok';
    like($out, qr/^locked: $pages pages stayed, 0 errors; hog: $end$/m,
        "@$o: locked pages stay, word by word") or diag($out);
    my ($left) = $out =~ /^unlocked: (\d+) pages had left$/m;
    cmp_ok($left, '>=', $end eq 'killed' ? 193 : 0.5 * $pages,
        "@$o: unlocked, they leave under the same pressure") or diag($out)
        if "@$o" =~ /clock|twohand|fifo|fault|swap/; # others may keep some
    is(scalar(() = $out =~ /^\w+:\s+0 kB$/mg), 2, "@$o: nothing stays locked");
    my $kernel = json(slurp($stats))->{kernel};
    my %n;
    $n{ $_->{reason} }++ for events($events);
    is($n{mlock}, $kernel->{unevictable_pgs_mlocked}, "@$o: an event for each locked page");
    is($n{munlock}, $n{mlock}, "@$o: each lock is followed by an unlock");
}

# QEMU runs the same command, with a second disk that mkswap has prepared for swap.
my $swap = tmp('swap.img');
truncate(spew($swap, ''), 32 << 20) or die;
system("/sbin/mkswap -q $swap") == 0 or die 'mkswap failed';
my ($seen) = qemu_run("$run; echo status \$?", swap => $swap);
like($seen, qr/^locked: $pages pages stayed, 0 errors; hog: ok$/m,
    'under QEMU, too') or diag($seen);
like($seen, qr/^status 0$/m, '... and all audits hold');
done_testing;
