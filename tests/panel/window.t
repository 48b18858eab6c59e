#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The real window, under Xvfb, driven with xdotool: what the screen shows,
# hover, click, wheel, keys, typing into the guest, resizing, F12, closing.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Time::HiRes qw(sleep time);
use Clockhand;
use Desktop;
use PanelPicture;

my $colours = kind_colours();
desktop('1400x900');

# A terminal of its own, on which nobody types.
sub terminal {
    open my $master, '+<', '/dev/ptmx' or die "/dev/ptmx: $!";
    my $n = pack 'i', 0;
    ioctl $master, 0x40045431, $n or die "unlockpt: $!"; # TIOCSPTLCK
    ioctl $master, 0x80045430, $n or die "ptsname: $!";  # TIOCGPTN
    my $name = '/dev/pts/' . unpack 'i', $n;
    open my $slave, '+<', $name or die "$name: $!";
    return ($master, $slave);
}
my ($stdin, $console) = terminal();
start_panel($console, [], '--pace', 'max');
my $window = find_window();
until_true('it draws the status bar', 10, sub { mode() =~ /RUN|HALT/ });
is(read_text(FRAME, 5), 'FRAME', 'and the panes');
my ($x0, $y0, $width, $height) = geometry();
is("$width x $height", '1280 x 800', 'the size that was promised');

until_true('the guest reaches its prompt, in the console pane', 60,
    sub { console_has(qr/^# /) });

# ---- typing -------------------------------------------------------------------
key('c');
until_true('c gives the keys to the guest', 5,
    sub { read_text([558 + 54, 318], 14) eq 'keys go to the' });
xdo("type --window $window --delay 20 'echo \$((6*7))x'");
key('Return');
until_true('what is typed runs in the guest', 20,
    sub { console_has(qr/^42x *$/) });
# Something to watch: forks, page faults, walks, without end.
xdo("type --window $window --delay 20 'while :; do ls -l / >/dev/null; done'");
key('Return');
key('F10');
until_true('F10 takes the keys back', 5,
    sub { read_text([558 + 54, 318], 12) eq 'c: type here' });

# ---- run and pause ----------------------------------------------------------------
key('space') if mode() eq 'RUN';
until_true('space halts', 5, sub { mode() eq 'HALT' });
key('space');
until_true('space runs', 5, sub { mode() eq 'RUN' });
key('space');
until_true('and halts', 5, sub { mode() eq 'HALT' });

# ---- the machine stands still: screen, picture and frames agree -------------------
# The number stands after the mode, whose word has three letters or four.
sub cycle {
    for my $x (48, 54) {
        my ($n) = read_text([$x, 3], 26) =~ /^cycle ([\d,]+)/;
        return $n =~ tr/,//dr if defined $n;
    }
    return 'none';
}
my $before = cycle();
like($before, qr/^\d+$/, 'the status bar has the cycle');
sleep .5;
is(cycle(), $before, 'halted: the cycle stands still');
key('period');
until_true('. executes one instruction', 5, sub { mode() eq 'HALT' && cycle() > $before });

my $look = look();
my %seen;
my ($unknown, $ring) = (0, 0);
for my $pfn (0 .. 4095) {
    my $c = cell_at($look, $pfn);
    my ($kind) = grep { grep { $_ eq $c } @{ $colours->{$_} } } keys %$colours;
    $kind ? $seen{$kind}++ : hand_colour($c) ? $ring++ : $unknown++;
}
cmp_ok($ring, '<=', 12, 'rings of the hands cover little');
is($unknown, 0, 'every cell on the screen has the colour of a state');
cmp_ok(scalar keys %seen, '>=', 6, 'of several kinds');

# ---- hover and click --------------------------------------------------------------
sub middle {
    my ($x, $y) = place(shift);
    return (MAP_X + CELL * $x + 4, MAP_Y + CELL * $y + 4);
}
my ($pfn) = grep { my $p = $_; grep { $_ eq cell_at($look, $p) }
    @{ $colours->{'page-table'} } } 0 .. 4095;
ok(defined $pfn, 'there is a page table to point at');
xdo("mousemove " . join ' ', middle($pfn));
my $hex = $pfn; # as the monitor writes it
until_true('hover: the frame pane names the frame', 5,
    sub { frame_title() =~ /^FRAME  \Q$hex\E  under the pointer/ });
until_true('its state', 5,
    sub { read_text([FRAME->[0] + 18, FRAME->[1] + 15], 10) eq 'page-table' });
my $pa = sprintf 'pa 0x%x', 0x80000000 + 4096 * $pfn;
until_true('its physical address', 5,
    sub { grep { read_text(line_of(FRAME, $_), 13) eq $pa } 1 .. 3 });
xdo('click 1');
xdo('mousemove 1390 890');
until_true('click: it stays pinned', 5,
    sub { frame_title() =~ /^FRAME  \Q$hex\E  pinned/ });
key('Right');
until_true('an arrow key walks on', 5,
    sub { frame_title() =~ /^FRAME  \d+  pinned/ && frame_title() !~ /\Q$hex\E / });
key('Escape');
until_true('Escape lets go', 5, sub { frame_title() =~ /^FRAME  none/ });

# ---- wheel ----------------------------------------------------------------------------
xdo("mousemove " . join ' ', middle($pfn));
xdo('click 4');
until_true('the wheel zooms and keeps the frame under the pointer', 5, sub {
    read_text([10 + 28 * 6, 24], 60) =~ /16 px/ && frame_title() =~ /\Q$hex\E  under/;
});
xdo('click 5');
xdo('mousemove 1390 890');
until_true('and back', 5, sub { read_text([10 + 28 * 6, 24], 60) =~ / 8 px/ });

# ---- the walk, a step a key ---------------------------------------------------------
sub walk_now { return read_text([WALK->[0] + 66, WALK->[1]], 16) eq 'now, in the hart' }
for my $press (1 .. 3) {
    key('w');
    until_true("w: the hart is inside a walk ($press)", 10,
        sub { mode() eq 'WALK' && walk_now() });
}
# A walk that the walker's cache shortens may be over at the third: then that
# key began the next one, of which no level has been read yet.
my $level;
for (1 .. 20) {
    my $end = time + .5;
    sleep .1 until $level = read_text([WALK->[0], WALK->[1] + 15 + 3 * LINE + 3], 2) =~ /^L\d/
        or time > $end;
    last if $level;
    key('w');
}
ok($level, 'a level of it is shown');

# ---- help, theme, picture --------------------------------------------------------------
key('question');
until_true('? lists the keys', 5, sub {
    my $p = look();
    grep { text_at($p, 406 + 4, $_, 4) eq 'KEYS' } 200 .. 320;
});
key('question');
key('t');
until_true('t: the light theme', 5, sub { pixel(look(), 2, 30) eq 'FFFFFF' });
key('t');
until_true('t: and the dark', 5, sub { pixel(look(), 2, 30) eq '0B0C10' });
key('F12');
my ($png) = until_true('F12 writes a picture', 5,
    sub { my @f = glob scratch("clockhand-*.png"); $f[0] && -s $f[0] ? $f[0] : '' });
sleep .3;
my $picture = picture($png);
$look = look();
my $different = grep {
    my $y = $_;
    pixels($look, 0, $y, 1280) ne $picture->{rows}[$y]
} 0 .. 775; # below: the caption, which now says where the picture is
is($different, 0, 'which is, pixel for pixel, what the screen shows');
like(read_text(CAPTION, 22), qr/^picture written to cl/, 'and says so');

# ---- resize, close ---------------------------------------------------------------------------
xdo("windowsize --sync $window 1024 640");
until_true('smaller: laid out anew, with the walk that was stepped', 5, sub {
    my $p = look();
    grep { text_at($p, 430, $_, 9) eq 'SV39 WALK' } 90 .. 110;
});
xdo("windowsize --sync $window 1280 800");
until_true('and large again', 5, sub { read_text(FRAME, 5) eq 'FRAME' });
key('space');
until_true('it runs on', 5, sub { mode() eq 'RUN' });

# ---- stopping at a lane's events, from the panel alone --------------------------------------
key('1');
until_true('1: stops at the next page fault', 10, sub { mode() eq 'HALT' });
until_true('and the caption says which', 5,
    sub { read_text(CAPTION, 40) =~ /^catch \d+: fault-\w+|^catch \d+: \w+/ });
until_true('the lane shows it', 5, sub { pixel(look(), 60, 694) eq 'FF7A6B' });
my $stopped_at = cycle();
key('space');
until_true('space goes on to the next fault', 10,
    sub { mode() eq 'HALT' && cycle() > $stopped_at });
xdo("mousemove 40 697 click 1 mousemove 1390 890");
until_true('a click on the lane ends it', 5, sub { pixel(look(), 60, 694) ne 'FF7A6B' });
key('Return');
until_true('Enter goes on', 5, sub { mode() eq 'RUN' });
sleep .5;
is(mode(), 'RUN', 'and nothing stops it');
xdo('mousemove 1198 9 click 1 mousemove 1390 890');
until_true('the button SysRq m: the kernel reports on the console', 10, sub {
    grep { read_text([557, 332 + 12 * $_], 60) =~ /kswapd: aged pages/ } 0 .. 23;
});
like(read_text(CAPTION, 8), qr/^SysRq m/, 'and the caption says what that is');
key('b');
until_true('b: the biography', 5, sub { read_text([558, 318], 9) eq 'BIOGRAPHY' });
key('b');
until_true('b: and the console again', 5, sub { read_text([558, 318], 7) eq 'CONSOLE' });
closes('running');
done_testing();
