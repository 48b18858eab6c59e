#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# While memory is short, the monitor must show thresholds, swap, hands, disk queues and
# a frame's whole biography, and catch events by kind; `delete KIND` ends a catch.
use lib 'tests/lib';
use Clockhand;

my ($listed, $policies) = clockhand('--policy', 'list');
plan skip_all => 'this kernel has no policy that reclaims' if $listed || $policies !~ /^twohand\b/m;

my ($status, $out, $err) = clockhand('--policy', 'twohand', '--ram', '16M',
    '--swap', '64M', '-x', spew(tmp('m.ch'), <<'END'));
expect "# " 20s
assert vm.min < vm.low && vm.low < vm.high && vm.high < vm.free
assert vm.swap_used == 0 && vm.swap_total > 16000
send "/era/bin/hog 2x 0\n"
catch reclaim
catch swap-add
json info breakpoints
delete swap-add
json info breakpoints
continue
assert vm.free < vm.high
delete reclaim
run-for 50ms
json info vm
json info disk
info disk
catch pageout
catch swap-in
continue -v
delete pageout
continue -v
json info events
delete
assert vm.swap_used > 0
delete nothing-known
END
is($status, 2, 'delete of an unknown word is a mistake') or diag($err);
like($err, qr/m\.ch:\d+/, '... the message names file and line');
my @said = map { json($_) } grep { /^[\[{]/ } split /\n/, $out;
my ($two, $one, $vm, $disks, $events) = @said;
is(join(' ', map { $_->{what} } @$two), 'reclaim swap-add', 'two catches');
is(join(' ', map { $_->{what} } @$one), 'reclaim', 'one is deleted by its name');
is($vm->{'vm.policy'}, 'twohand', 'the policy');
is($vm->{'vm.hand1'}, ($vm->{'vm.hand0'} + 512) % 4096, 'the hands are clock.handspread apart');
my ($swap) = grep { $_->{queued} } @$disks;
ok($swap, 'a disk has work') or die($out);
is(scalar @{ $swap->{queue} }, $swap->{queued} < 16 ? $swap->{queued} : 16, 'its queue is listed');
my $left = -1;
for my $r (@{ $swap->{queue} }) {
    is($r->{what}, 'write', 'pages go out');
    is($r->{bytes} % 4096, 0, 'whole pages');
    cmp_ok($r->{left_ms}, '>=', $left, 'in the order of service');
    $left = $r->{left_ms};
    cmp_ok(oct $r->{pa}, '>=', 0x80000000, 'from memory');
}
my $first = $swap->{queue}[0];
like($out, qr/^  write sector $first->{sector} +\d+ bytes, from \Q$first->{pa}\E/m,
    'info disk in words: the same request');
like($out, qr/^catch \d+: swap\b.* frame \d+/m, 'stopped at pageout');
like($out, qr/^catch \d+: swap-in: hog \(pid \d+\) needs 0x/m,
    '... and at swap-in, with process and address');

# `why` of a frame must tell its history, not just the latest event.
($status, $out) = clockhand('--ram', '16M', '--swap', '64M', '-x',
    spew(tmp('b.ch'), <<'END'));
expect "# " 20s
send "/era/bin/hog 2x 0\n"
catch swap-in
continue
delete
json why 1000
END
my ($why) = map { json($_) } grep { /^[\[{]/ } split /\n/, $out;
my @events = ref $why eq 'HASH' ? @{ $why->{events} || [] } : @{ $why || [] };
cmp_ok(scalar @events, '>=', 3, 'why 1000: the frame has a history of three events or more') or diag($out);
# If the machine halts inside a scan, the hand stands at the frame being examined.
for my $case ([ clock => 'vm.hand0' ], [ twohand => 'vm.hand1' ], [ bsd43 => 'vm.hand1' ]) {
    my ($policy, $hand) = @$case;
    my ($status, $out, $err) = clockhand('--policy', $policy, '--ram', '8M', '-x',
        spew(tmp('h.ch'), qq(expect "# " 20s\nsend "/era/bin/hog 2x 0\\n"\ncatch ref-cleared\n)
            . "continue\nassert event.pfn == $hand\n" x 40));
    is($status, 0, "$policy: forty reference bits cleared, each at the frame where the hand stands")
        or diag($err);
}
done_testing();
