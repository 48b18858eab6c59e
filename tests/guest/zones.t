#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The policy linux26 runs under pressure in the three zones of document 002, made small (002-2).
use lib 'tests/lib';
use Clockhand;

my @machine = ('--policy', 'linux26', '--timing', 'fast', '--swap', '48M', '--append',
    'zone.dma=4M highmem=4M');
my $events = tmp('zones.csv');
my ($status, $out, $err) = guest('/tests/pressure private 32000 && '
        . 'grep -E "^(pswpin|swap_ra) " /proc/vmstat', @machine, '--events', $events);
is($status, 0, 'a program of twice the memory, in three zones: every word is right') or diag($out, $err);

# kswapd must not leave a zone whenever the disk's queue is full: adjacent pages
# would then lie three slots apart in swap (13405 pages in 9750 runs of one zone), and the
# machine would take three times as long as with one zone.
my ($pages, $turns, $last) = (0, 0, '');
for (grep { $_->{reason} eq 'swap-add' && $_->{actor} eq 'pageout' } events($events)) {
    my $zone = $_->{pfn} < 1024 ? 'DMA' : $_->{pfn} < 3072 ? 'Normal' : 'HighMem';
    $pages++;
    $turns += $zone ne $last;
    $last = $zone;
}
cmp_ok($pages, '>', 5000, 'pages went to swap');
cmp_ok($pages / ($turns || 1), '>', 8, "kswapd takes a zone's pages in a row");

# (Only Linux 3.14 brought a readahead window that shrinks with misses.)
my %n = $out =~ /^(\w+) (\d+)$/mg;
cmp_ok($n{swap_ra}, '>', $n{pswpin} / 2, 'a fault reads the slots around its own');

# zoneinfo must give each zone's frames (%want), and as many free ones as buddyinfo's blocks have.
my %want = (DMA => 1024, Normal => 2048, HighMem => 1024);
($status, $out) = guest('cat /proc/buddyinfo /proc/zoneinfo', @machine, '--ram', '16M');
for my $zone (sort keys %want) {
    my ($blocks) = $out =~ /^Node 0, zone +$zone((?: +\d+)+) *$/m;
    my ($all) = $out =~ /^Node 0, zone +$zone\n(.*?)(?=^Node|\z)/ms;
    my ($order, $free) = (0, 0);
    $free += $_ << $order++ for split ' ', $blocks // '';
    my %n = ($all // '') =~ /^ +(\w+) +(\d+)$/mg;
    is($n{present}, $want{$zone}, "$zone: /proc/zoneinfo has its frames");
    is($n{nr_free_pages}, $free, '... as many free as /proc/buddyinfo\'s blocks have');
    cmp_ok($free, '<=', $n{managed}, '... no more than its managed frames');
}
done_testing();
