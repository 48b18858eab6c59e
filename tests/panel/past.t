#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The panel in the past: the real window is driven back by dragging its time axis, by
# keys and by clicks, and then shows, pixel for pixel, the picture of a run that
# reaches this moment for the first time.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Time::HiRes qw(sleep);
use Clockhand;
use Desktop;
use PanelPicture;

my @run = ('--run', 'for i in $(seq 6); do seq 1 2000 | sort -rn | tail -1; '
    . 'ls -lR /etc; done >/dev/null; hog 13M; sleep 999');
# Starts a panel on a guest at work, halts it, and returns its picture.
sub at_work {
    my $managed = shift;
    desktop('1400x880');
    manager() if $managed;
    open my $nothing, '<', '/dev/null' or die;
    start_panel($nothing, [], '--pace', '4', @run);
    find_window();
    until_true('a guest at work', 60, sub { look()->{cycle} > 4e9 });
    key('space');
    until_true('halts', 10, sub { is_mode('HALT') });
    return look();
}
my $end = at_work();

# The picture of a fresh run to a cycle.
sub forward {
    my $cycle = shift;
    my $png = tmp("$cycle.png");
    my $script = spew(tmp('there.ch'), "goto $cycle\nscreenshot $png\nquit\n");
    my ($status, undef, $err) = clockhand(@run, '-x', $script);
    is($status, 0, "cycle $cycle for the first time") or diag($err);
    return picture($png);
}

# Returns the number of cells of another kind or age, and of all cells that differ.
# The others are covered by rings, arrows and labels, which show the events that the
# panel has seen, and have other colours.
my %kinds = map { $_ => 1 } map { @$_ } values %{ kind_colours() };
sub other_cells {
    my ($p, $q) = @_;
    my @other = grep { cell_at($p, $_) ne cell_at($q, $_) } 0 .. 4095;
    my @wrong = grep { $kinds{ cell_at($p, $_) } && $kinds{ cell_at($q, $_) } } @other;
    return (scalar @wrong, scalar @other);
}
# The number of a rectangle's pixels that differ; in the strip of swap, over which an
# arrow and a ring may lie, only those that have a kind's colour in both pictures.
sub other_pixels {
    my ($p, $q, $x0, $y0, $x1, $y1, $covered) = @_;
    my $n = 0;
    for my $y ($y0 .. $y1 - 1) {
        next if pixels($p, $x0, $y, $x1 - $x0) eq pixels($q, $x0, $y, $x1 - $x0);
        $n++ for grep { my ($a, $b) = (pixel($p, $_, $y), pixel($q, $_, $y));
            $a ne $b && (!$covered || $kinds{$a} && $kinds{$b}) } $x0 .. $x1 - 1;
    }
    return $n;
}
# The walk in words. If it is not that of the latest event, the headline says so and
# takes two lines; the button `w: step a walk' is beside the first.
sub walk_of {
    return join(' ', tab_lines(shift)) =~ s/ \(not this event's\)//r =~ s/ w: step a walk//r;
}
# The names of the panes that differ.
sub other_panes {
    my ($p, $q) = @_;
    my %box = map { $_ => text_box($p, qr/^$_$/) } 'ADDRESS SPACES', 'FRAME',
        'SWAP', 'CONSOLE', 'TIME', 'kernel-code', 'locked', 'disk';
    my %pane = (
        'address spaces' => [640, $box{'ADDRESS SPACES'}{y}, $p->{w}, $box{FRAME}{y}],
        legend => [MAP_X, $box{'kernel-code'}{y}, 620, $box{locked}{y} + 15],
        swap => [$box{SWAP}{x} - 2, $box{SWAP}{y}, $box{'ADDRESS SPACES'}{x} - 12,
            $box{disk}{y} - 4, 1],
        console => [640, $box{CONSOLE}{y}, $p->{w}, $box{TIME}{y} - 4],
    );
    return ((grep { other_pixels($p, $q, @{ $pane{$_} }) } sort keys %pane),
        walk_of($p) eq walk_of($q) ? () : 'walk');
}

sub drag {
    my ($y, @x) = @_;
    move_to(shift @x, $y);
    xdo('mousedown 1');
    for (@x) {
        move_to($_, $y);
        sleep .1;
    }
    xdo('mouseup 1');
}
# Drags the time axis to a part of its length, and compares the panel with a fresh
# run.
sub drag_back {
    my ($end, $part) = @_;
    my $axis = text_box($end, qr/^now$/) or die 'no time axis';
    my $right = $axis->{x} + $axis->{w};
    my $x = $right - 700 + 700 * $part;
    drag($axis->{y} - 20, $right - 10, $right - 100, $x + 40, $x);
    until_true("dragged: the machine stands in its past", 20,
        sub { is_mode('PAST') });
    my ($before, $p);
    do { $before = look(); sleep .3; $p = look() } until $p->{cycle} == $before->{cycle};
    cmp_ok($p->{cycle}, '<', $end->{cycle}, "at $p->{cycle}");
    my $q = forward($p->{cycle});
    $p = look(); # the panel has had that run's time to bring every pane there
    is($p->{cycle}, $before->{cycle}, 'it stays there');
    my ($wrong, $covered) = other_cells($p, $q);
    is($wrong, 0, 'all cells as in the first run');
    cmp_ok($covered, '<', 400, '... except those that are covered') ;
    is(join(' ', other_panes($p, $q)), '',
        'address spaces, legend, swap, walk and console are as in the first run');
    ok(text_box($p, qr/^now$/), 'the time axis still reaches to the present');
    unlike(join(' ', caption($p)), qr/0x\w+ <|ago/, 'the caption tells of that moment');
}
drag_back($end, $_) for .5, .9, .3;

# ---- keys --------------------------------------------------------------------
my $stands = look()->{cycle};
key('period');
my @at;
for my $key (('period') x 3) {
    until_true('. goes on to an event', 20, sub { look()->{cycle} > $stands });
    push @at, $stands = look()->{cycle};
    key($key);
}
until_true('and to a fourth', 20, sub { look()->{cycle} > $stands });
for my $cycle (reverse @at) {
    key('comma');
    until_true(", goes back to the one before, at $cycle", 20,
        sub { look()->{cycle} == $cycle });
}

# ---- a frame's life ------------------------------------------------------------
key('End');
until_true('the present', 20, sub { look()->{cycle} == $end->{cycle} });
my $colours = kind_colours();
my $now = look();
my %mapped = map { $_ => 1 } map { @{ $colours->{$_} } }
    qw(anonymous cow-shared swap-cache);
my ($mapped) = grep { $mapped{ cell_at($now, $_) } } 0 .. 4095;
my ($column, $row) = place($mapped);
move_to(MAP_X + CELL * $column + CELL / 2, MAP_Y + CELL * $row + CELL / 2);
xdo('click 1');
until_true('a frame is selected', 10, sub { frame_has(qr/^FRAME $mapped\b.*selected/) });
my $look = look();
my $frame = text_box($look, qr/^FRAME$/);
my ($when) = grep { $_->{y} > $frame->{y} && $_->{x} >= $frame->{x} - 20
    && $_->{text} =~ /^[\d.]+ m?s$/ } sort { $a->{y} <=> $b->{y} } texts($look);
my ($n, $unit) = $when->{text} =~ /([\d.]+) (\w+)/;
my $ms = $unit eq 's' ? 1000 * $n : $n;
move_to($when->{x} + $when->{w} / 2, $when->{y} + $when->{h} / 2);
xdo('click 1');
until_true("a click on $when->{text} of its life goes there", 20,
    sub { abs(look()->{cycle} / 1e6 - $ms) < 2 });

key('End');
until_true('End: back to the present', 20, sub { look()->{cycle} == $end->{cycle} });
is((other_cells(look(), $end))[0], 0, 'which has the cells of before');

# ---- beside a script: `expect` waits for new output ------------------------------
# Output that is repeated on the way through the past does not end its wait.
desktop_end();
desktop('1400x880');
open my $nothing, '<', '/dev/null' or die;
start_panel($nothing, [], '--pace', '4', '-x', spew(scratch('twice.ch'), join "\n",
    'expect "# " 60s', 'send "echo a$((1+1))b\n"', 'expect "a2b" 60s',
    'send "sleep 6; echo a$((1+1))b\n"',
    'caption "once"', 'expect "a2b" 60s', 'caption "twice"', ''));
find_window();
until_true('a script waits a second time', 20, sub { look()->{cycle} > 2e9 });
key('space');
until_true('halts', 10, sub { is_mode('HALT') });
$end = look();
my ($axis) = text_box($end, qr/^now$/);
my $right = $axis->{x} + $axis->{w};
drag($axis->{y} - 20, $right - 10, $right - 100, $right - 440, $right - 470);
until_true('dragged into the past', 20, sub { is_mode('PAST') });
my $there = look()->{cycle};
key('comma');
until_true('... and an event back', 20, sub { look()->{cycle} < $there });
key('End');
until_true('and back', 20, sub { look()->{cycle} == $end->{cycle} });
key('space');
until_true('the script waits on', 10, sub { look()->{cycle} > $end->{cycle} + 2e8 });
until_true('... until the new output comes', 20, sub { join(' ', caption(look())) =~ /^twice/ });

# ---- under a window manager, which draws borders and places the window ---------
SKIP: {
    skip 'no openbox', 1 if system('command -v openbox >/dev/null');
    desktop_end();
    drag_back(at_work(1), .6);
}
done_testing;
