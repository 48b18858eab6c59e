#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The window among others, under a window manager: captions and borders stay
# on the screen, it has a least size, and at every size and text size each pane
# that tells the story is whole.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Time::HiRes qw(sleep);
use Clockhand;
use PanelPicture;
use Desktop;

plan skip_all => 'no openbox' if system('command -v openbox >/dev/null');

# The manager's frame around the window: left, right, top, bottom.
sub borders {
    my $window = shift;
    return qx(xprop -id $window _NET_FRAME_EXTENTS) =~
        /= (\d+), (\d+), (\d+), (\d+)/;
}

# Where the client's area lies on the screen.
sub client {
    my $window = shift;
    my $info = qx(xwininfo -id $window);
    return map { $info =~ /$_:\s+(-?\d+)/ ? $1 : die $info }
        'Absolute upper-left X', 'Absolute upper-left Y', 'Width', 'Height';
}

my $window;
sub opens {
    my ($w, $h) = @_;
    open my $null, '<', '/dev/null' or die;
    start_panel($null, [], '--pace', 'max');
    $window = find_window();
    until_true("$w x $h: the window has borders", 10,
        sub { my @b = borders($window); @b && $b[2] > 5 });
    my ($l, $r, $t, $b) = borders($window);
    my ($x, $y, $width, $height);
    until_true("$w x $h: with them it lies on the screen", 5, sub {
        ($x, $y, $width, $height) = client($window);
        $x >= $l && $y >= $t && $x + $width + $r <= $w
            && $y + $height + $b <= $h;
    }) or diag("$x $y $width $height; $l $r $t $b");
    return ($x, $y, $width, $height);
}
sub text { my ($x, $y, $n) = @_; return text_at(look(), $x, $y, $n) }

# ---- a small screen: the caption, the story's sentence, is on it ------------------
desktop('1280x800');
manager('openbox');
my ($x, $y, $width, $height) = opens(1280, 800);
cmp_ok($width, '>=', 1200, 'it takes most of it');
until_true('the status bar is drawn', 10, sub { text($x + 12, $y + 3, 3) eq 'RUN' });
# The caption has two lines in this size, at the bottom of the window.
until_true('and the caption', 10, sub {
    grep { text($x + 8, $y + $height - $_, 4) =~ /^[\w ]{4}$/ } 15, 28;
});

# ---- least size ----------------------------------------------------------------------
xdo("windowsize --sync $window 300 200");
sleep .3;
(undef, undef, my $least_w, my $least_h) = client($window);
cmp_ok($least_w, '>=', 640, 'it is not made narrower than is of use');
cmp_ok($least_h, '>=', 480, '... nor lower');

# ---- sizes: panes are there, whole ------------------------------------------------------
# The words that stand on the titles' bands: a band's first four pixels are its
# own, then the word begins, two pixels below its top.
sub titles {
    my ($x0, $y0, $w, $h) = client($window);
    my $p = look();
    my (%word, %above);
    for my $y ($y0 .. $y0 + $h - 14) {
        my $line = pixels($p, $x0, $y, $w);
        my %here;
        while ($line =~ /(?:\x23\x28\x33){40}/g) {
            my $at = pos($line) - 120;
            next if $at % 3 || substr($line, $at - 3, 3) eq "\x23\x28\x33";
            $here{ $at / 3 } = 1;
            next if $above{ $at / 3 };
            my $text = text_at($p, $x0 + $at / 3 + 4, $y + 2, 9);
            $word{$1} = 1 if $text =~ /^([A-Z]+)/;
        }
        %above = %here;
    }
    return \%word;
}
for my $size ([700, 500], [1024, 700], [1270, 760]) {
    my ($w, $h) = @$size;
    xdo("windowmove $window 2 25");
    xdo("windowsize --sync $window $w $h");
    my @missing;
    until_true("$w x $h: the panes that tell the story", 5, sub {
        my $seen = titles();
        @missing = grep { !$seen->{$_} } qw(FRAMES FRAME CONSOLE MEMORY DISKS);
        return !@missing;
    }) or diag("missing: @missing");
}

# ---- keys for text: the panes stay, the letters grow ---------------------------------------
xdo("windowfocus $window");
key('plus');
until_true('+: larger letters', 5, sub { !titles()->{CONSOLE} });
key('minus');
until_true('-: as before', 5, sub { titles()->{CONSOLE} });
closes('a window among others');
done_testing();
