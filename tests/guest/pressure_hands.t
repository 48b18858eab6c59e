#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The events show the hands' work. /tests/hot_cold reads its first 64 pages again after
# every 16 pages that it writes: whenever a hand comes by, they have been used. The 1000
# pages after them are not used again before the end. (SOAK=1 runs each policy with A
# bits set by hardware and by faults, and twohand with clock.handspread=1000. 003-13, 001-20)
use lib 'tests/lib';
use Clockhand;

my ($nhot, $ncold) = (64, 1000);
for my $options (['clock'], ['twohand', '--ad', 'fault'], !$ENV{SOAK} ? () : (
    ['clock', '--ad', 'fault'], ['twohand'], ['twohand', '--set', 'clock.handspread=1000']))
{
    my ($policy, @more) = @$options;
    my $file = tmp('events');
    my ($status, $out) = guest("/tests/hot_cold $nhot $ncold 12000", '--swap', '64M', '--timing',
        'fast', '--policy', $policy, @more, '--events', $file);
    my $name = "$policy @more";
    is($status, 0, "$name: every word is right") or diag($out);
    my ($pid) = $out =~ /^hot_cold: pid (\d+)$/m;
    my ($hot_waits, $cold_waits) =
        $out =~ /^hot_cold: (\d+) disk waits for hot pages, (\d+) for cold/m;
    is($hot_waits, 0, "$name: a page used since the hand came by survives");
    cmp_ok($cold_waits, '>', $ncold * 0.8, "$name: most unused pages are evicted");

    # Collects the frames in the order of the first writes after the last exec.
    my (@mine, %left, %spared, @all);
    @all = events($file);
    my $at = 0;
    for my $i (0 .. $#all) {
        $at = $i if $all[$i]{reason} eq 'exec' && $all[$i]{pid} == $pid;
    }
    my (%marked, @early, $late);
    for my $e (@all[$at .. $#all]) {
        my ($why, $pfn) = @$e{qw(reason pfn)};
        if ($why eq 'demand-zero' && $e->{pid} == $pid && $e->{from} eq 'free')
        {
            push @mine, $pfn;
            $marked{$pfn} = 1;
        }
        $late = 1 if @mine > $nhot + $ncold + 11900;
        last if $late; # from here on cold pages are read again
        if ($why eq 'ref-cleared') {
            $spared{$pfn}++;
            $marked{$pfn} = 0;
        }
        if ($why eq 'swap-add') {
            $left{$pfn}++;
            push @early, $pfn if $marked{$pfn};
        }
    }
    # (Some pages of stack and data came first: take a safe middle.)
    my @hot = @mine[24 .. $nhot - 8];
    my @cold = @mine[$nhot + 16 .. $nhot + $ncold - 8];
    is(scalar(grep { $left{$_} } @hot), 0, "$name: no hot frame was given up");
    is(scalar(grep { ($spared{$_} // 0) < 2 } @hot), 0,
        "$name: the hand found each hot frame used, at least twice");
    cmp_ok(scalar(grep { $left{$_} } @cold), '>', @cold * 0.95,
        "$name: nearly all cold frames were given up");
    is(scalar @early, 0, "$name: no page is evicted before its mark has been cleared");
}

my ($status, $out, $err) = clockhand('--policy', 'list');
like($out, qr/^clock\s.*\ntwohand\s/m, '--policy list names both');
($status, $out, $err) = clockhand('--policy', 'none', '--run', 'true');
is($status, 2, 'an unknown policy is refused');
done_testing;
