#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# While memory is short, the panel must draw the clock's hands, the thresholds, swap and
# the frames on their way to swap as the monitor gives them. The hands must move. `catch
# reclaim` must stop the machine, which reports the event.
use lib 'tests/lib';
use Clockhand;
use PanelPicture;

my ($listed, $policies) = clockhand('--policy', 'list');
plan skip_all => 'this kernel has no policy that reclaims' if $listed || $policies !~ /^twohand\b/m;

my %colour = (back => 'FF7A6B', front => '6FB4FF'); # the theme's `bad` and `data[0]`

# The guest writes twice the memory that there is. It is stopped when reclaim takes
# its first frame, and again 25 ms and 50 ms later.
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
        "$policy: stopped at the first reclaim, which is reported");
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

# Returns true if a ring of this colour lies around a cell, a few pixels out: all
# sides on the map but one must have it (a label may lie over that one).
sub ringed {
    my ($p, $pfn, $colour) = @_;
    my ($x, $y) = place($pfn);
    my $edges = grep { $_ == 0 || $_ == 63 } $x, $y; # the map's
    ($x, $y) = (MAP_X + CELL * $x, MAP_Y + CELL * $y);
    my $line = sub { # is there a line so many pixels out, along x or y?
        my ($out, $across) = @_;
        my $n = grep { ($across ? pixel($p, $x + $_, $y + $out)
            : pixel($p, $x + $out, $y + $_)) eq $colour } 0 .. CELL - 2;
        return $n >= CELL - 3;
    };
    my $sides = 0;
    for my $across (0, 1) {
        $sides++ if grep { $line->(-$_, $across) } 1 .. 5;
        $sides++ if grep { $line->(CELL - 1 + $_, $across) } 0 .. 5;
    }
    return $sides >= 3 - $edges;
}

my $colours = kind_colours();
my %marked = (yes => 0, no => 0);
sub check {
    my ($policy, $n, $m) = @_;
    my ($p, $vm) = @$m{qw(picture vm)};
    my $say = "$policy, moment $n:";
    # (The ring of the event's frame may lie over the hand's.)
    my ($took) = caption($p) =~ /took frame (\d+)/;
    ok(ringed($p, $vm->{'vm.hand0'}, $colour{back}) ||
        defined $took && near_hand($took, $vm->{'vm.hand0'}), "$say the hand that takes");
    ok(ringed($p, $vm->{'vm.hand1'}, $colour{front}), "$say the front hand")
        if $policy eq 'twohand';
    my $bar = bar($p) =~ tr/,//dr;
    like($bar, qr/\bpolicy $policy\b/, "$say its policy's name");
    like($bar, qr/\bfree $vm->{'vm.free'} of 4096\b/, "$say free");
    like($bar, qr/\bswap $vm->{'vm.swap_used'} of $vm->{'vm.swap_total'}\b/, "$say swap");
    my ($free, $min, $low, $high) = @$vm{map { "vm.$_" } qw(free min low high)};
    my $verdict = $free < $min ? qr/below min/ : $free < $low ? qr/below low/
        : $free < $high ? qr/below high|low was passed/ : qr/enough/;
    like($bar, $verdict, "$say the verdict on the free frames, by the thresholds");
    # The free row of the time axis names those thresholds that have room at their lines,
    # in order from below, and always `low`.
    my ($min_y, $low_y, $high_y) = map { (text_box($p, qr/^$_$/) // {})->{y} } qw(min low high);
    ok(defined $low_y && ($min_y // $low_y) >= $low_y && $low_y >= ($high_y // $low_y),
        "$say thresholds named at their lines") or diag(explain([$min_y, $low_y, $high_y]));
    # $swap is the disk that has a queue: pages go there.
    my ($swap) = grep { $_->{queued} } @{ $m->{disk} };
    return unless $swap && !$m->{disk}[0]{queued};
    # Each frame on its way there is in the swap cache, and marked. (Frames near a
    # hand or the event's frame are left out: rings may cover them.)
    my @rings = (@$vm{qw(vm.hand0 vm.hand1)}, $took);
    for my $r (@{ $swap->{queue} }) {
        next unless $r->{what} eq 'write';
        my $frame = (oct($r->{pa}) - 0x80000000) / 4096;
        next if near_hand($frame, @rings);
        my ($x, $y) = place($frame);
        my $far = CELL - 2; # a pixel of each cell is the gap
        my @corner = map { pixel($p, MAP_X + CELL * $x + $_->[0],
            MAP_Y + CELL * $y + $_->[1]) } [0, 0], [$far, 0], [0, $far], [$far, $far];
        my $c = cell_at($p, $frame);
        $marked{"@corner" eq 'FFFFFF FFFFFF FFFFFF FFFFFF' &&
            grep({ $_ eq $c } @{ $colours->{'swap-cache'} }) ? 'yes' : 'no'}++;
    }
    return 1;
}

for my $policy (qw(twohand clock)) {
    my @at = moments($policy);
    my ($took) = caption($at[0]{picture}) =~ /took frame (\d+)/;
    like((pane_lines($at[0]{picture}, 'FRAME'))[0] =~ tr/,//dr,
        qr/^FRAME $took the frame of the event/, "$policy: the frame pane has the frame that was taken");
    ok((grep { $_->{text} =~ tr/,//dr =~ /^frame $took: taken/ } texts($at[0]{picture})),
        "$policy: ... and a label at it says so");
    my $queues = grep { check($policy, $_, $at[$_]) } 0 .. 2;
    cmp_ok($queues, '>', 0, "$policy: a queue was seen");
    isnt($at[0]{vm}{'vm.hand0'}, $at[2]{vm}{'vm.hand0'}, "$policy: the hand moves");
    my ($then, $now) = map { $_->{vm}{'vm.hand0'} } @at[0, 2];
    ok(!ringed($at[2]{picture}, $then, $colour{back}), "$policy: the ring moves with it")
        if abs($then - $now) > 3;
}
cmp_ok($marked{yes}, '>=', 8, 'frames on their way to swap: in the swap cache, marked for I/O');
is($marked{no}, 0, '... none without the mark');
done_testing();
