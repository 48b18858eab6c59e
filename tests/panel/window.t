#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Drives the real window, under Xvfb, with xdotool: its picture, hover, click, drag,
# wheel, keys, typing into the guest, tabs, sliders, resizing, F12, closing.
use lib 'tests/lib';
use Time::HiRes qw(sleep time);
use Clockhand;
use Desktop;
use PanelPicture;

my $colours = kind_colours();
desktop('1400x880');

# Opens a terminal on which nobody types, for the panel's standard input.
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
until_true('it draws the bar', 10, sub { mode(look()) =~ /RUN|HALT/ });
for my $title ('ADDRESS SPACES', 'FRAME', 'Event', 'TIME') {
    ok(text_box(look(), qr/^$title$/), "and the pane $title");
}
my ($x0, $y0, $width, $height) = geometry();
is("$width x $height", '1280 x 800', 'the window has its default size');

until_true('the guest reaches its prompt, in the console', 60,
    sub { console_has(qr/^#/) });

# ---- typing -------------------------------------------------------------------
key('c');
until_true('c gives the keys to the guest', 5,
    sub { hints(look()) =~ /^Esc back to the panel's keys/ });
type('echo $((6*7))x');
key('Return');
until_true('a typed command runs in the guest', 20, sub { console_has(qr/^42x *$/) });
# This loop has no events, whose flashes and tags would cover cells.
type('while :; do :; done');
key('Return');
key('F10');
until_true('F10 takes the keys back', 5, sub { hints(look()) =~ /\bc type to the guest\b/ });

# ---- run and pause ----------------------------------------------------------------
key('space') if mode(look()) eq 'RUN';
until_true('space halts', 5, sub { is_mode('HALT') });
key('space');
until_true('space runs', 5, sub { is_mode('RUN') });
key('space');
until_true('and halts', 5, sub { is_mode('HALT') });

# ---- the machine stands still: screen, picture and frames agree -------------------
sub cycle { return look()->{cycle} // 'none' }
my $before = cycle();
like($before, qr/^\d+$/, 'the picture is named after the cycle');
sleep .5;
is(cycle(), $before, 'halted: the cycle stands still');
key('greater');
until_true('> executes one instruction', 5, sub { is_mode('HALT') && cycle() > $before });

my $look = look();
my (%seen, $unknown);
for my $pfn (0 .. 4095) {
    my $c = cell_at($look, $pfn);
    my ($kind) = grep { grep { $_ eq $c } @{ $colours->{$_} } } keys %$colours;
    $kind ? $seen{$kind}++ : $unknown++;
}
cmp_ok($unknown // 0, '<=', 60, 'cells have the colours of states, but for a few that are covered');
cmp_ok(scalar keys %seen, '>=', 6, 'of several kinds');

sleep .3;
is(unlike_screen(look(), on_screen(), $x0, $y0), 0, 'the picture equals the screen, pixel for pixel');

# ---- hover and click --------------------------------------------------------------
sub middle {
    my ($x, $y) = place(shift);
    return (MAP_X + CELL * $x + CELL / 2, MAP_Y + CELL * $y + CELL / 2);
}
my ($pfn) = grep { my $p = $_; grep { $_ eq cell_at($look, $p) }
    @{ $colours->{'page-table'} } } 0 .. 4095;
ok(defined $pfn, 'there is a page table to point at');
move_to(middle($pfn));
until_true('hover: the frame pane names the frame', 5,
    sub { frame_has(qr/^FRAME $pfn\b.*under the pointer/) });
until_true('and says what it is', 5, sub { frame_has(qr/page.table/) });
xdo('click 1');
xdo('mousemove 1390 890');
until_true('click: it is selected', 5, sub { frame_has(qr/^FRAME $pfn\b.*selected/) });
key('Right');
until_true('an arrow key selects another frame', 5, sub {
    frame_has(qr/^FRAME \d+\b.*selected/) && !frame_has(qr/^FRAME $pfn\b/) });
key('Escape');
until_true('Escape lets go', 5, sub { !frame_has(qr/\bselected;/) });

# ---- wheel and drag -------------------------------------------------------------------
move_to(middle($pfn));
until_true('the pointer is on the frame', 5, sub { frame_has(qr/^FRAME $pfn\b/) });
$look = look();
xdo('click 4');
until_true('the wheel zooms', 5, sub {
    my $p = look();
    grep { pixels($p, MAP_X, MAP_Y + $_, 64 * CELL) ne pixels($look, MAP_X, MAP_Y + $_, 64 * CELL) }
        0 .. 64 * CELL - 1;
});
ok(frame_has(qr/^FRAME $pfn\b/), '... and keeps the frame under the pointer');
xdo('mousedown 1');
for my $step (1 .. 8) { move_to(map { $_ - 8 * $step } middle($pfn)) }
xdo('mouseup 1');
until_true('a drag moves the map: the frame is still under the pointer', 5,
    sub { frame_has(qr/^FRAME $pfn\b/) });
key('Home');
xdo('mousemove 1390 890');
until_true('Home: the whole map', 5, sub {
    my $p = look();
    12 > grep { cell_at($p, $_) ne cell_at($look, $_) } 0 .. 300;
});

# ---- order ----------------------------------------------------------------------------
key('o');
until_true('o: the same frames in Morton order', 5, sub {
    my $p = look();
    60 > grep { cell_at($p, $_, 1) ne cell_at($look, $_) } 0 .. 4095;
});
key('o');
until_true('... and in rows again', 5, sub {
    my $p = look();
    60 > grep { cell_at($p, $_) ne cell_at($look, $_) } 0 .. 4095;
});

# This loop makes forks, page faults and walks without end.
key('space');
key('c');
key('ctrl+c');
type('while :; do ls -l / >/dev/null; done');
key('Return');
until_true('the guest has begun the loop', 20, sub { console_has(qr/ls.*done *$/) });
key('F10');
key('space');
until_true('the machine halts amid the loop', 5, sub { is_mode('HALT') });

# ---- tabs -----------------------------------------------------------------------------
my %tab = (T => qr/\bASID\b/, D => qr/bank/i, B => qr/order|block/i,
    I => qr/disk/i, V => qr/believe|belief|used/i, C => qr/\bpgfault\b/,
    P => qr/min_free_kbytes/, E => qr/\blatest .*events/, W => qr/level 2|walk/,
    e => qr/\bwas \S+, (?:is|became) |frame is at hand|is no longer listed|the same frames/);
for my $tab (qw(T D B I V C P E e W)) {
    key($tab);
    until_true("$tab: its tab", 5, sub { tab_has($tab{$tab}) });
}
ok(click_on(qr/^Free lists$/), 'the name of a tab');
until_true('... clicked: that tab', 5, sub { tab_has(qr/order|block/i) });

# ---- the walk, one step per key -----------------------------------------------------
key('W');
for my $press (1 .. 3) {
    key('w');
    until_true("w: the hart is inside a walk ($press)", 10, sub { is_mode('WALK') });
}
# The walker's cache may shorten the walk, so that it ends before the third key. That
# key then begins the next walk, of which no level has been read yet.
my $level;
for (1 .. 20) {
    last if $level = tab_has(qr/\bVPN\[\d\] \d/);
    key('w');
}
ok($level, 'a level of the walk is shown');

# ---- light by words --------------------------------------------------------------------
key('slash');
type('page-table');
until_true('/: the typed words are at the bottom', 5, sub { hints(look()) =~ m{^/ page-table } });
key('Return');
until_true('Enter: the bar has the number of lit frames', 5,
    sub { bar(look()) =~ /\blit\b|\d+ frames/ });
key('Escape');
until_true('Escape: no frames are lit', 5, sub { !said(look(), qr/\blit\b/, 0, 0, 1280, 30) });

# ---- help, theme, picture --------------------------------------------------------------
key('question');
until_true('? lists the keys', 5, sub { shows(qr/this page/) });
key('question');
until_true('... and goes', 5, sub { !shows(qr/this page/) });
key('t');
until_true('t: the light theme', 5, sub { pixel(look(), 2, 60) eq 'FFFFFF' });
key('t');
until_true('t: and the dark', 5, sub { pixel(look(), 2, 60) eq '0B0C10' });
key('F12');
my ($png) = until_true('F12 writes a picture', 5,
    sub { my @f = glob scratch("clockhand-*.png"); $f[0] && -s $f[0] ? $f[0] : '' });
like($png, qr/clockhand-\d+\.png$/, 'named after the cycle');

# ---- larger text -----------------------------------------------------------------------
my $wide = text_box(look(), qr/^TIME$/)->{w};
key('plus');
until_true('+: larger letters', 5, sub {
    my $t = text_box(look(), qr/^TIME$/); $t && $t->{w} > $wide });
ok(caption(look()), '... and the caption is there');
key('minus');
until_true('-: as before', 5, sub {
    my $t = text_box(look(), qr/^TIME$/); $t && $t->{w} == $wide });

# ---- resize ----------------------------------------------------------------------------
xdo("windowsize --sync $window 1024 640");
until_true('smaller: laid out anew, with the walk that was stepped', 5, sub {
    my $p = look();
    $p->{w} == 1024 && text_box($p, qr/^TIME$/) && open_tab($p) eq 'Walk';
});
xdo("windowsize --sync $window 1280 800");
until_true('and large again', 5, sub { look()->{w} == 1280 });
key('space');
until_true('it runs on', 5, sub { is_mode('RUN') });

# ---- stopping at a lane's events, from the panel alone --------------------------------------
key('1');
until_true('1: stops at the next page fault', 10, sub { is_mode('HALT') });
until_true('and the caption says which', 5, sub { caption(look()) =~ /fault|demand|page/ });
my $stopped_at = cycle();
key('space');
until_true('space goes on to the next fault', 10, sub { is_mode('HALT') && cycle() > $stopped_at });
key('1');
key('space');
until_true('1 again: it goes on', 5, sub { is_mode('RUN') });
sleep .5;
ok(is_mode('RUN'), 'and nothing stops it');
key('S');
until_true('S, SysRq m: the kernel reports on the console', 10,
    sub { key('c'); my @c = console_has(qr/kswapd|aged pages|free|Mem/i); key('F10'); @c });
key('b');
until_true('b: the whole biography of the frame', 5, sub {
    my $p = look();
    text_box($p, qr/^FRAME$/) && !text_box($p, qr/^ADDRESS SPACES$/) });
key('b');
until_true('b: and the address spaces again', 5, sub { text_box(look(), qr/^ADDRESS SPACES$/) });

# ---- a slider of the policy's, by mouse and keys ------------------------------------------
key('P');
until_true('P: the policy', 5, sub { tab_has(qr/min_free_kbytes +0: /) });
key('Tab');
key('Tab');
key('Right') for 1 .. 3;
until_true('Tab and an arrow move a tunable', 10,
    sub { tab_has(qr/min_free_kbytes +[1-9][\d,]* KiB/) });
my $slider = text_box(look(), qr/^vm\.min_free_kbytes$/);
my $value = text_box(look(), qr/^[\d,]+ KiB, now/);
my @at = map { $_ + $slider->{h} / 2 } $value->{x} - 60, $slider->{y};
move_to(@at);
xdo('mousedown 1');
move_to($at[0] - 20, $at[1]);
xdo('mouseup 1');
until_true('... and so does the mouse', 10, sub {
    my $v = text_box(look(), qr/^[\d,]+ KiB, now/); $v && $v->{text} ne $value->{text} });
closes('running');
done_testing();
