#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Under a window manager, on a small and a large screen, the window with its borders stays on the
# screen, no text is outside, too small or over another, and everything works by mouse and keys. The
# window has a least size; at every size and text size each pane that tells the story is there.
# SOAK=1 adds a screen of 1920 x 1080, and mouse and keys on all screens.
use lib 'tests/lib';
use Time::HiRes qw(sleep);
use Clockhand;
use PanelPicture;
use Desktop;

plan skip_all => 'no openbox' if system('command -v openbox >/dev/null');

my ($window, $l, $r, $t, $b); # left, right, top, bottom: the widths of its borders
sub opens {
    my ($w, $h) = @_;
    open my $null, '<', '/dev/null' or die;
    start_panel($null, [], '--pace', 'max');
    $window = find_window();
    my ($x, $y, $width, $height);
    until_true("$w x $h: the window has borders", 10, sub {
        ($l, $r, $t, $b) = qx(xprop -id $window _NET_FRAME_EXTENTS) =~ /(\d+)/g;
        $b && $t > 5
    });
    until_true("$w x $h: window and borders lie on the screen", 5, sub {
        ($x, $y, $width, $height) = geometry($window);
        $x >= $l && $y >= $t && $x + $width + $r <= $w
            && $y + $height + $b <= $h;
    }) or diag("$x $y $width $height; $l $r $t $b");
    return ($x, $y, $width, $height);
}

# ---- texts: inside, apart, large enough -------------------------------------------
sub apart {
    my ($a, $b) = @_;
    return $a->{x} >= $b->{x} + $b->{w} || $b->{x} >= $a->{x} + $a->{w}
        || $a->{y} >= $b->{y} + $b->{h} || $b->{y} >= $a->{y} + $a->{h};
}
sub clean {
    my ($what, $p) = @_;
    my @bad;
    my @text = grep { length $_->{text} > 1 } texts($p); # no letters of cells
    for my $i (0 .. $#text) {
        my $t = $text[$i];
        push @bad, "outside: $t->{text}" if $t->{x} < 0 || $t->{y} < 0
            || $t->{x} + $t->{w} > $p->{w} || $t->{y} + $t->{h} > $p->{h};
        push @bad, "small: $t->{text}" if $t->{h} < 9;
        push @bad, map { "$t->{text} over $text[$_]{text}" }
            grep { !apart($t, $text[$_]) } 0 .. $i - 1;
    }
    cmp_ok(scalar @text, '>', 40, "$what: texts");
    is("@bad", '', '... inside, apart and large enough');
    return;
}
# Returns true if the story's panes are there. In a small window the tab opened last
# (drive() opens the policy's tab) may have the frame pane's place.
sub titles_there {
    my ($p) = @_;
    return text_box($p, qr/^PHYSICAL MEMORY$|^MEMORY$/)
        && (text_box($p, qr/^FRAME$/) || open_tab($p)) && text_box($p, qr/^TIME$/)
        && bar($p) =~ /free/ && length caption($p) && length hints($p);
}

sub as_on_screen {
    my ($what) = @_;
    my ($x, $y) = geometry($window);
    my @card = card_box(look());
    move_to($card[0] + 60, $card[1] + 20); # the pointer is on the screen alone; unlike_screen leaves the card out
    sleep .3;
    my $p = look();
    sleep .3;
    is(unlike_screen($p, on_screen(), $x, $y), 0, "$what: the screen shows what the picture has");
    return;
}

# ---- mouse and keys ------------------------------------------------------------------
sub drive {
    my $what = shift;
    until_true("$what: the prompt", 60, sub { console_has(qr/^#( |$)/) });
    key('space') if is_mode('RUN');
    until_true("$what: halted", 10, sub { is_mode('HALT') });
    my $p = look();
    clean($what, $p);
    my $map = text_box($p, qr/^PHYSICAL MEMORY$/);
    my @at = ($map->{x} + 20, $map->{y} + $map->{h} + 60);
    move_to(@at);
    my ($frame) = until_true("$what: FRAME shows the frame under the pointer", 10,
        sub { (pane_lines(look(), 'FRAME'))[0] =~ /^FRAME (\d+)/ ? $1 : '' });
    my $is_frame = sub { my $re = shift;
        (pane_lines(look(), 'FRAME'))[0] =~ /^FRAME $frame\b.*$re/ };
    xdo('click 1');
    xdo('mousemove 1 1');
    until_true("$what: click selects it", 10, sub { $is_frame->(qr/selected/) });
    key('Escape');
    move_to(@at);
    xdo('click 4');
    until_true("$what: the wheel keeps the frame under the pointer", 10, sub { $is_frame->(qr//) });
    xdo('mousedown 1');
    move_to($at[0] + 5 * $_, $at[1] + 4 * $_) for 1 .. 6;
    xdo('mouseup 1');
    until_true("$what: and so does a drag of the map", 10, sub { $is_frame->(qr//) });
    key('Home');
    xdo('mousemove 1 1');
    key('c');
    type('echo $((6*7))x');
    key('Return');
    key('F10');
    key('space');
    until_true("$what: typed text runs in the guest", 20, sub { console_has(qr/^42x *$/) });
    key('slash');
    type('anonymous');
    key('Return');
    until_true("$what: / lights frames", 10, sub { bar(look()) =~ /lit|anonymous/ });
    key('Escape');
    for my $tab (qw(T D B I V C E W e P)) {
        key($tab);
        sleep .05;
    }
    until_true("$what: keys open tabs, the last the policy's", 10, sub { grep { /vm\.min_free_kbytes/ } tab_lines(look()) });
    key('space') if is_mode('RUN');
    my ($value) = grep { $_->{text} =~ /^[\d,]+ KiB$/ } texts(look());
    move_to($value->{x} - 40, $value->{y} + $value->{h} / 2);
    xdo('click 1');
    until_true("$what: a click moves a slider", 10, sub {
        my ($now) = grep { $_->{text} =~ /^[\d,]+ KiB$/ } texts(look());
        $now && $now->{text} ne $value->{text} });
    my $wide = text_box(look(), qr/^TIME$/)->{w};
    key('plus');
    until_true("$what: + is larger text", 10, sub {
        my $t = text_box(look(), qr/^TIME$/); $t && $t->{w} > $wide });
    ok(titles_there(look()), '... and every pane of the story is there');
    clean("$what, +", look());
    key('minus');
    until_true("$what: - restores the size", 10, sub {
        my $t = text_box(look(), qr/^TIME$/); $t && $t->{w} == $wide });
    return;
}

# ---- the screens, and the least size on the first ----------------------------------------
for my $screen ([1280, 800], $ENV{SOAK} ? [1920, 1080] : (), [3840, 2160]) {
    my ($w, $h) = @$screen;
    desktop("${w}x$h");
    manager();
    my (undef, undef, $width, $height) = opens($w, $h);
    cmp_ok($width, '>=', .89 * $w, "$w x $h: most of the screen's width");
    cmp_ok($height, '>=', .89 * $h, '... and height');
    until_true("$w x $h: it is drawn", 10, sub { titles_there(look()) });
    drive("$w x $h") if $w == 1280 || $ENV{SOAK};
    if ($w == 1280) {
        xdo("windowsize --sync $window 300 200");
        sleep .3;
        (undef, undef, my $least_w, my $least_h) = geometry($window);
        cmp_ok($least_w, '>=', 640, 'the window cannot be made narrower than 640');
        cmp_ok($least_h, '>=', 480, '... nor lower than 480');
        for my $size ([640, 480], [700, 500], [1024, 700]) {
            my ($sw, $sh) = @$size;
            xdo("windowsize --sync $window $sw $sh");
            my $p = until_true("$sw x $sh: the panes that tell the story", 10, sub {
                my $p = look();
                $p->{w} == $sw && titles_there($p) ? $p : '' });
            clean("$sw x $sh", $p) if $p;
        }
    } else { # all of the screen but the borders
        xdo("windowmove $window $l $t");
        xdo("windowsize --sync $window " . ($w - $l - $r) . ' ' . ($h - $t - $b));
        my $p = until_true("$w x $h: as large as the screen", 10, sub {
            my $p = look(); $p->{w} == $w - $l - $r && titles_there($p) ? $p : '' });
        clean("$w x $h, full", $p) if $p;
    }
    key('space') if is_mode('RUN');
    as_on_screen("$w x $h");
    closes("$w x $h");
    desktop_end();
}
done_testing();
