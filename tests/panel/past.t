#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Goes back in time in the real window by dragging the time axis, by keys and by clicks.
# The window must then show the picture of a run that reaches this moment for the first time,
# except for the rings, arrows and labels of events. SOAK=1 adds a third moment, and
# the same under a window manager.
use lib 'tests/lib';
use Time::HiRes qw(sleep);
use Clockhand;
use Desktop;
use PanelPicture;

my @run = ('--run', 'for i in $(seq 3); do seq 1 2000 | sort -rn | tail -1; '
    . 'ls -lR /etc; done >/dev/null; hog 13M; sleep 999');
# Starts a panel on a guest at work, halts it, and returns its picture.
sub at_work {
    my $managed = shift;
    desktop('1400x880');
    manager() if $managed;
    open my $nothing, '<', '/dev/null' or die;
    start_panel($nothing, [], '--pace', '4', @run);
    find_window();
    until_true('a guest at work', 60, sub { look()->{cycle} > 2.5e9 });
    key('space');
    until_true('halts', 10, sub { is_mode('HALT') });
    return look();
}
my $end = at_work();

# Returns the number of cells of another kind or age, and of all cells that differ.
# Cells that only the second number counts are covered by rings, arrows and labels of
# the events that the panel has seen; their colours are no kind's.
my %kinds = map { $_ => 1 } map { @$_ } values %{ kind_colours() };
sub other_cells {
    my ($p, $q) = @_;
    my @other = grep { cell_at($p, $_) ne cell_at($q, $_) } 0 .. 4095;
    my @wrong = grep { $kinds{ cell_at($p, $_) } && $kinds{ cell_at($q, $_) } } @other;
    return (scalar @wrong, scalar @other);
}
# Returns the number of a rectangle's pixels that differ. With $covered (the strip of
# swap, over which an arrow and a ring may lie) only those pixels count that have a
# kind's colour in both pictures.
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
# Returns the picture, and the words of the tabs that tell of the moment: event, walk and console.
sub look_all {
    my %at = (Event => 'e', Walk => 'W', Console => 'c F10');
    my %tab;
    for my $name (sort keys %at) {
        key($_) for split / /, $at{$name};
        my $p;
        until_true("the tab $name", 10, sub { open_tab($p = look()) eq $name });
        # The tab Walk says so if its walk does not belong to the latest event.
        $tab{$name} = join("\n", tab_lines($p)) =~ s/ \(not this event's\)//r;
    }
    key('e');
    until_true('the tab Event', 10, sub { open_tab(look()) eq 'Event' });
    return { p => look(), tab => \%tab };
}
sub other_panes {
    my ($p, $q) = @_;
    my %box = map { $_ => text_box($p, qr/^$_$/) }
        'ADDRESS SPACES', 'FRAME', 'SWAP', 'TIME', 'disk';
    my $right = $box{FRAME}{x} - 10;
    my %pane = (
        'address spaces' => [$right, $box{'ADDRESS SPACES'}{y}, $p->{w}, $box{TIME}{y} - 4],
        legend => [MAP_X, MAP_Y + 64 * CELL + 2, $right, $box{TIME}{y} - 4],
        swap => [$box{SWAP}{x} - 2, $box{SWAP}{y}, $right, $box{disk}{y} - 4, 1],
    );
    return grep { other_pixels($p, $q, @{ $pane{$_} }) } sort keys %pane;
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
# Drags the time axis to `part` of its length (1: now); adds what is seen there to @there.
my @there;
sub drag_back {
    my ($end, $part) = @_;
    my $axis = text_box($end, qr/^now$/) or die 'no time axis';
    my $right = $axis->{x} + $axis->{w};
    my $x = $right - 700 + 700 * $part;
    drag($axis->{y} - 20, $right - 10, $right - 100, $x + 40, $x);
    until_true("dragged: the machine stands in its past", 20, sub { is_mode('PAST') });
    my ($before, $p);
    do { $before = look(); sleep .3; $p = look() } until $p->{cycle} == $before->{cycle};
    cmp_ok($p->{cycle}, '<', $end->{cycle}, "at $p->{cycle}");
    my $all = look_all();
    is($all->{p}{cycle}, $before->{cycle}, 'it stays there');
    ok(text_box($p, qr/^now$/), 'the time axis still reaches to the present');
    unlike(caption($p), qr/0x\w+ <|ago/, 'the card tells of that moment');
    push @there, $all;
}
# Compares the moments in @there with those of a fresh run, whose script waits at each.
sub as_first_time {
    desktop_end();
    desktop('1400x880');
    manager() if shift;
    my $card = 1;
    my @there = sort { $a->{p}{cycle} <=> $b->{p}{cycle} } splice @there;
    my $script = join "\n", 'caption "1 of 9. Go. Now"', map { ("goto $_->{p}{cycle}",
        'caption "' . ++$card . ' of 9. Go. Now"') } @there;
    open my $nothing, '<', '/dev/null' or die;
    start_panel($nothing, [], '--pace', '4', @run, '-x', spew(scratch('there.ch'), "$script\n"));
    find_window();
    for my $then (@there) {
        my $p = $then->{p};
        until_true("cycle $p->{cycle} for the first time", 120,
            sub { look()->{cycle} == $p->{cycle} && is_mode('HALT') });
        my $now = look_all();
        my $q = $now->{p};
        my ($wrong, $covered) = other_cells($p, $q);
        is($wrong, 0, 'all cells as in the first run');
        cmp_ok($covered, '<', 400, '... except those that are covered');
        is(join(' ', other_panes($p, $q)), '',
            'address spaces, legend and swap are as in the first run');
        is($then->{tab}{$_}, $now->{tab}{$_}, "... and the tab $_") for sort keys %{ $now->{tab} };
        key('Return');
    }
}
drag_back($end, $_) for .9, $ENV{SOAK} ? .5 : (), .3;

# ---- keys --------------------------------------------------------------------
my ($stands, @at) = look()->{cycle};
sub stands_later { my $at = look()->{cycle}; sleep .3; return $at > $stands && look()->{cycle} == $at }
key('period');
for my $key (('period') x 3) {
    until_true('. goes on to an event', 20, \&stands_later);
    push @at, $stands = look()->{cycle};
    key($key);
}
until_true('and to a fourth', 20, \&stands_later);
for my $cycle (reverse @at) {
    key('comma');
    until_true(", goes back to the one before, at $cycle", 20, sub { look()->{cycle} == $cycle });
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
is((other_cells(look(), $end))[0], 0, 'whose cells are as before');

as_first_time();

# ---- beside a script: `expect` waits for new output ------------------------------
# Output that a replay of the past repeats does not end the wait.
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
    skip 'only with SOAK=1', 1 if !$ENV{SOAK};
    skip 'no openbox', 1 if system('command -v openbox >/dev/null');
    desktop_end();
    drag_back(at_work(1), .6);
    as_first_time(1);
}
done_testing;
