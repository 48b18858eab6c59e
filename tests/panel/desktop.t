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
sub has_words {
    my ($what, $p, @words) = @_;
    my %seen;
    my @at = client($window);
    my ($w, $h) = @at[2, 3];
    # Titles lie on bands; read every line of the window at the smallest text.
    for my $row ($at[1] .. $at[1] + $h - 12) {
        next unless pixel($p, $at[0] + $w - 8, $row); # within the screen
        for my $word (@words) {
            next if $seen{$word};
            push @{ $seen{$word} }, $row if find_in_row($p, $at[0], $w, $row, $word);
        }
    }
    ok($seen{$_}, "$what: $_") for @words;
}
my %image; # each word's first letter is searched by pixels of the bold face
sub find_in_row {
    my ($p, $x0, $w, $row, $word) = @_;
    my $line = pixels($p, $x0, $row + 5, $w);
    return unless index($line, "\xe6\xe8\xee") >= 0 || $line =~ /[^\0]/;
    for my $x (title_columns($p, $x0, $w, $row)) {
        return 1 if text_at($p, $x, $row, length $word) eq $word;
    }
    return;
}
# A pane's title begins four pixels from where its band does.
sub title_columns {
    my ($p, $x0, $w, $row) = @_;
    my (@x, $before);
    my $line = pixels($p, $x0, $row - 1, $w);
    for my $i (0 .. $w - 1) {
        my $band = substr($line, 3 * $i, 3) eq "\x23\x28\x33";
        push @x, $x0 + $i + 4 if $band && !$before;
        $before = $band;
    }
    return @x;
}
for my $size ([700, 500], [1024, 700], [1270, 760]) {
    my ($w, $h) = @$size;
    xdo("windowmove $window 2 25");
    xdo("windowsize --sync $window $w $h");
    sleep .5;
    has_words("$w x $h", look(), qw(FRAMES FRAME CONSOLE MEMORY DISKS));
}
closes('a window among others');
done_testing();
