#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The panel while memory is short: what it draws of the clock's hands, the
# thresholds, swap and the disks' queues is what the monitor says; the hands
# move; an event of reclaim stops the machine and is told.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;
use PanelPicture;

my ($listed, $policies) = clockhand('--policy', 'list');
plan skip_all => 'this kernel has no policy that reclaims'
    if $listed || $policies !~ /^twohand\b/m;

my %colour = (back => 'FF7A6B', front => '6FB4FF'); # theme: bad, data[0]
my %line = (min => 'FF7A6B', low => 'FFB454', high => '57D08A');

# The guest writes twice the memory that there is. Stopped where reclaim takes
# its first frame, and some milliseconds later, twice.
my $script = "expect \"# \" 20s\nsend \"/era/bin/hog 2x 0\\n\"\n" .
    "catch reclaim\ncontinue -v\ndelete reclaim\n";
for my $i (0 .. 2) {
    $script .= "run-for 25ms\n" if $i;
    $script .= "screenshot " . tmp("p$i.png") . "\necho MOMENT $i\n" .
        "json info vm\njson info disk\n";
}
sub moments {
    my ($policy) = @_;
    my ($status, $out, $err) = clockhand('--policy', $policy, '--ram', '16M',
        '--swap', '64M', '-x', spew(tmp('pressure.ch'), $script));
    is($status, 0, "$policy: the script ran") or diag($err);
    like($out, qr/^catch \d+: reclaim: .* took frame \d+/m,
        "$policy: stopped at the first reclaim, and told");
    my ($i, @at);
    for (split /\n/, $out) {
        if (/^MOMENT (\d)/) { $i = $1 }
        elsif (defined $i && /^\{"vm/) { $at[$i]{vm} = json($_) }
        elsif (defined $i && /^\[/) { $at[$i]{disk} = json($_) }
    }
    is(scalar @at, 3, "$policy: three moments") or die($out);
    $at[$_]{picture} = picture(tmp("p$_.png")) for 0 .. 2;
    return @at;
}

# A ring of two pixels, four from the cell on each side; the letter's tab may
# lie over its upper right part.
sub ringed {
    my ($p, $pfn, $colour) = @_;
    my ($x, $y) = place($pfn);
    ($x, $y) = (MAP_X + CELL * $x, MAP_Y + CELL * $y);
    my @px = map { pixel($p, @$_) } [$x + 3, $y + 10], [$x + 4, $y + 10],
        [$x - 4, $y + 9], [$x - 3, $y + 8];
    return !grep { $_ ne $colour } @px;
}

# The pane's rows: found by its title, in the column right of the console.
sub pane_at {
    my ($p, $title) = @_;
    for my $y (318 .. 620) {
        return $y if text_at($p, 1048, $y, length $title) eq $title;
    }
    return;
}
sub row {
    my ($p, $title, $n) = @_;
    my $text = text_at($p, 1048, pane_at($p, $title) + 15 + LINE * $n, 38);
    $text =~ s/\x{fffd}/ /g;
    return $text =~ s/\s+$//r;
}

my $colours = kind_colours();
my %marked = (yes => 0, no => 0);
sub check {
    my ($policy, $n, $m) = @_;
    my ($p, $vm) = @$m{qw(picture vm)};
    my $say = "$policy, moment $n:";
    ok(ringed($p, $vm->{'vm.hand0'}, $colour{back}), "$say the hand that takes");
    if ($policy eq 'twohand') {
        ok(ringed($p, $vm->{'vm.hand1'}, $colour{front}), "$say the one in front");
        is(row($p, 'MEMORY', 3) =~ s/\s+/ /gr,
            sprintf('front %d back %d %d apart', @$vm{qw(vm.hand1 vm.hand0)},
                ($vm->{'vm.hand1'} - $vm->{'vm.hand0'}) % 4096),
            "$say both in words");
    } else {
        is(row($p, 'MEMORY', 3), sprintf('hand at %d', $vm->{'vm.hand0'}),
            "$say in words");
    }
    is(text_at($p, 1048 + 48, pane_at($p, 'MEMORY'), 14) =~ s/\s+$//r,
        "policy $policy", "$say its policy's name");
    is(row($p, 'MEMORY', 1) =~ s/\s+/ /gr,
        join(' ', map { "$_ $vm->{\"vm.$_\"}" } qw(min low high)),
        "$say thresholds in words");
    like(row($p, 'MEMORY', 0), qr/^free +$vm->{'vm.free'}\b/, "$say free");
    like(row($p, 'MEMORY', 2),
        qr/^swap +$vm->{'vm.swap_used'} .*of $vm->{'vm.swap_total'}$/,
        "$say swap");
    # The chart of free frames: three dashed lines, in order.
    my %y;
    for my $y (642 .. 675) {
        for my $what (keys %line) {
            my $n = grep { pixel($p, $_, $y) eq $line{$what} } 40 .. 120;
            $y{$what} = $y if $n >= 20;
        }
    }
    ok(defined $y{min} && defined $y{low} && defined $y{high} &&
        $y{min} > $y{low} && $y{low} > $y{high}, "$say three threshold lines")
        or diag(explain(\%y));
    # The queue of the disk that pages go to.
    my ($swap) = grep { $_->{queued} } @{ $m->{disk} };
    return unless $swap && !$m->{disk}[0]{queued};
    my $lines = join "\n", map { text_at($p, 1048, $_, 38) }
        pane_at($p, 'DISKS') + 15 .. 612;
    like($lines, qr/\b$swap->{queued} queued/, "$say requests queued");
    # Each frame on its way there is in the swap cache, and marked.
    for my $r (@{ $swap->{queue} }) {
        next unless $r->{what} eq 'write';
        my $frame = (oct($r->{pa}) - 0x80000000) / 4096;
        next if near_hand($frame, @$vm{qw(vm.hand0 vm.hand1)});
        my ($x, $y) = place($frame);
        my @corner = map { pixel($p, MAP_X + CELL * $x + $_->[0],
            MAP_Y + CELL * $y + $_->[1]) } [0, 0], [6, 0], [0, 6], [6, 6];
        my $c = cell_at($p, $frame);
        $marked{"@corner" eq 'FFFFFF FFFFFF FFFFFF FFFFFF' &&
            grep({ $_ eq $c } @{ $colours->{'swap-cache'} }) ? 'yes' : 'no'}++;
    }
    my $first = $swap->{queue}[0];
    my $pfn = sprintf '%d', (oct($first->{pa}) - 0x80000000) / 4096;
    like($lines, qr/ W $first->{sector} +\+\d+ +<$pfn /,
        "$say the first of them, and its frame") if $first->{what} eq 'write';
    return 1;
}

for my $policy (qw(twohand clock)) {
    my @at = moments($policy);
    like(text_at($at[0]{picture}, @{ +FRAME }, 34),
        qr/^FRAME  \d+  of the event/, "$policy: the frame it took");
    my $queues = grep { check($policy, $_, $at[$_]) } 0 .. 2;
    cmp_ok($queues, '>', 0, "$policy: a queue was seen");
    isnt($at[0]{vm}{'vm.hand0'}, $at[2]{vm}{'vm.hand0'}, "$policy: the hand moves");
    my ($then, $now) = map { $_->{vm}{'vm.hand0'} } @at[0, 2];
    ok(!ringed($at[2]{picture}, $then, $colour{back}), "$policy: the ring with it")
        if abs($then - $now) > 3;
}
cmp_ok($marked{yes}, '>=', 8, 'frames on their way to swap: swap cache, I/O');
is($marked{no}, 0, 'all of them');
done_testing();
