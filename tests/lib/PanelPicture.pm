# SPDX-License-Identifier: MIT
# Reads pictures of the panel: the PNG files that it writes, each with a list of all texts in the
# picture, and the screen of Xvfb (its -fbdir file, in X's XWD format). Positions of cells are those
# of the 1280 x 800 layout with 4,096 frames, which the golden pictures pin down.
package PanelPicture;
use strict;
use warnings;
use Compress::Zlib qw(uncompress);
use Exporter 'import';
our @EXPORT = qw(picture screen unlike_screen pixel pixels texts lines said text_box
                 pane_lines tab_lines open_tab bar caption card_box hints mode console
                 cell_at near_hand kind_colours place CELL MAP_X MAP_Y);

use constant { CELL => 7, MAP_X => 6, MAP_Y => 43 };

# Reads a PNG of 8-bit RGB without row filters, as the panel writes, and its texts.
sub picture {
    my $file = shift;
    open my $f, '<:raw', $file or die "$file: $!";
    local $/;
    my $data = <$f>;
    die "$file: no PNG" unless substr($data, 0, 8) eq "\x89PNG\r\n\x1a\n";
    my ($at, $idat, $list, $w, $h) = (8, '', '');
    while ($at < length $data) {
        my ($n, $type) = unpack 'N a4', substr $data, $at, 8;
        my $body = substr $data, $at + 8, $n;
        ($w, $h, my $form) = unpack 'N N H4', $body if $type eq 'IHDR';
        $idat .= $body if $type eq 'IDAT';
        # iTXt: keyword, whether compressed and how, language, translated keyword, text.
        $list = $1 if $type eq 'iTXt' && $body =~ /^Panel\0\0\0[^\0]*\0[^\0]*\0(.*)/s;
        $at += $n + 12;
    }
    my $raw = uncompress($idat);
    my $stride = 1 + 3 * $w;
    die "$file: bad size" unless length $raw == $stride * $h;
    my @rows;
    for my $y (0 .. $h - 1) {
        die "$file: filtered" if ord substr $raw, $y * $stride, 1;
        push @rows, substr $raw, $y * $stride + 1, 3 * $w;
    }
    utf8::decode($list);
    my @texts = map { { x => $_->[0], y => $_->[1], w => $_->[2], h => $_->[3],
        text => $_->[4] } } map { [split / /, $_, 5] } split /\n/, $list;
    return { w => $w, h => $h, rows => \@rows, texts => \@texts };
}

# Reads an X server's screen: XWD, 32 bits a pixel, least significant byte first.
sub screen {
    my $file = shift;
    open my $f, '<:raw', $file or die "$file: $!";
    local $/;
    my $data = <$f>;
    my @head = unpack 'N25', $data;
    my ($size, $w, $h, $bpp, $stride, $ncolors) = @head[0, 4, 5, 11, 12, 19];
    die "$file: not 32 bits a pixel" unless $bpp == 32;
    my $start = $size + 12 * $ncolors;
    return { w => $w, h => $h, xwd => substr($data, $start), stride => $stride };
}

# Returns n pixels of a row, three bytes each: red, green, blue.
sub pixels {
    my ($p, $x, $y, $n) = @_;
    return substr $p->{rows}[$y], 3 * $x, 3 * $n if $p->{rows};
    # (XWD has blue, green, red. Reversing the pixels and then all bytes reverses each pixel.)
    my @bgr = unpack '(a3x)*', substr $p->{xwd}, $y * $p->{stride} + 4 * $x, 4 * $n;
    return scalar reverse join '', reverse @bgr;
}

sub pixel {
    my ($p, $x, $y) = @_;
    return uc unpack 'H6', pixels($p, $x, $y, 1);
}

# Returns how many rows of a picture differ from a window on the screen; the card, which
# after F12 names the PNG file, does not count.
sub unlike_screen {
    my ($p, $screen, $x, $y) = @_;
    my ($left, $top, undef, $bottom) = card_box($p);
    return scalar grep { my $n = $_ >= $top && $_ < $bottom ? $left : $p->{w};
        pixels($screen, $x, $y + $_, $n) ne pixels($p, 0, $_, $n) } 0 .. $p->{h} - 1;
}

# ---- texts ------------------------------------------------------------------

sub texts { return @{ shift->{texts} } }

# Returns lines of text: texts whose middles are at about one height, from left to right,
# a blank between; only texts within x0 .. x1, y0 .. y1, if given.
sub lines {
    my ($p, $x0, $y0, $x1, $y1) = @_;
    my @in = sort { $a->[0] <=> $b->[0] } map { [$_->{y} + $_->{h} / 2, $_] }
        grep { !defined $x0 || ($_->{x} >= $x0 && $_->{y} >= $y0
            && $_->{x} + $_->{w} <= $x1 && $_->{y} + $_->{h} <= $y1) }
        texts($p);
    my (@lines, $middle);
    for (@in) {
        if (!@lines || $_->[0] - $middle > $_->[1]{h} / 3) {
            push @lines, [];
            $middle = $_->[0];
        }
        push @{ $lines[-1] }, $_->[1];
    }
    return map { join ' ', map { $_->{text} } sort { $a->{x} <=> $b->{x} } @$_ }
        @lines;
}

# Returns the lines of the whole picture, or of an area, that match.
sub said {
    my ($p, $re, @area) = @_;
    return grep { /$re/ } lines($p, @area);
}

sub text_box {
    my ($p, $re) = @_;
    my ($t) = grep { $_->{text} =~ $re } texts($p);
    return $t;
}

# tabs() returns the tabs' names, in one row or two; a narrow panel has only the open
# tab's name. left_end() returns the left end of the tabs' row, where the key e stands.
my %tab;
sub tabs {
    my $p = shift;
    if (!%tab) {
        open my $f, '<', 'emu/panel/panes.def' or die $!;
        %tab = map { /^TAB\(.*?"([\w ]+)"/ ? ($1 => 1) : () } <$f>;
    }
    my @all = sort { $a->{y} <=> $b->{y} } grep { $tab{ $_->{text} } } texts($p);
    my @row = grep { $_->{y} == $all[0]{y} } @all;
    return @row if @row <= 1 || @row == keys %tab;
    return grep { $_->{y} < $all[0]{y} + 1.5 * $all[0]{h} } @all;
}
sub left_end {
    my ($p, $tab) = @_;
    my ($key) = grep { $_->{text} eq 'e' && $_->{y} == $tab->{y} } texts($p);
    return $key->{x} - $key->{h} / 2;
}

# Returns the open tab's name: the only one whose background colour no other tab's name has.
sub open_tab {
    my $p = shift;
    my (%n, %behind);
    for (tabs($p)) {
        $behind{ $_->{text} } = pixel($p, $_->{x} + $_->{w} + 1, $_->{y} + 1);
        $n{ $behind{ $_->{text} } }++;
    }
    return (grep { $n{ $behind{$_} } == 1 } keys %behind)[0] // '';
}

# Returns the y of the first title (of a pane at the right, or of the time axis) below $y;
# if there is none, the y of the hints.
sub title_below {
    my ($p, $y) = @_;
    my ($first) = sort { $a <=> $b } map { $_->{y} } grep { $_->{y} > $y
        && $_->{text} =~ /^(?:ADDRESS SPACES|FRAME|TIME)$/ } texts($p);
    return $first // hints_top($p);
}

# Returns the lines of a pane, from its title's line to the next pane's title.
sub pane_lines {
    my ($p, $title) = @_;
    my $t = text_box($p, qr/^\Q$title\E$/) or return;
    return lines($p, $t->{x} - $t->{h} / 2, $t->{y} - 2, $p->{w},
        title_below($p, $t->{y} + $t->{h} / 2) + 2);
}

sub tab_lines {
    my $p = shift;
    my @tabs = tabs($p) or return;
    my $last = $tabs[-1];
    return lines($p, left_end($p, $tabs[0]), $last->{y} + $last->{h}, $p->{w},
        title_below($p, $last->{y}) + 2);
}

sub bar {
    my $p = shift;
    my ($first) = sort { $a->{y} <=> $b->{y} } texts($p);
    return (lines($p, 0, 0, $p->{w}, $first->{y} + 2 * $first->{h}))[0] // '';
}

sub mode { return bar(shift) =~ /^(\w+)/ ? $1 : '' }

# The hints, which name the keys to press next, are the last line.
sub hints_top {
    my $p = shift;
    my ($last) = sort { $b <=> $a } map { $_->{y} } texts($p);
    return $last - 2;
}
sub hints { my $p = shift; return join ' ', lines($p, 0, hints_top($p), $p->{w}, $p->{h}) }

# Returns the card's rectangle x0, y0, x1, y1: right of the map, below the bar and above
# the tabs, or above the pane FRAME if there are no tabs.
sub card_box {
    my $p = shift;
    my ($tab) = tabs($p);
    my $t = $tab // text_box($p, qr/^FRAME$/) or return (0) x 4;
    my ($first) = sort { $a->{y} <=> $b->{y} } texts($p);
    return (int($tab ? left_end($p, $tab) : $t->{x} - $t->{h} / 2), $first->{y} + $first->{h} + 2, $p->{w}, $t->{y});
}

# Returns the card's words without its buttons.
sub caption { return join(' ', lines($_[0], card_box($_[0]))) =~ s/ ?back: (?:p|click)(?: next: Enter)?//r }

# Returns the rows of the guest's screen that are shown; none unless its tab is open.
sub console { my $p = shift; return open_tab($p) eq 'Console' ? tab_lines($p) : () }

# ---- the map ------------------------------------------------------------------

# True if the ring of a hand (hands are PFNs) may lie over a frame's cell.
sub near_hand {
    my ($pfn, @hands) = @_;
    my ($x, $y) = place($pfn);
    return grep { my ($hx, $hy) = place($_);
        abs($hx - $x) <= 2 && abs($hy - $y) <= 1 } grep { defined } @hands;
}

# Returns a frame's column and row in the map: 64 frames a row, as for policies with hands, or in Morton order.
sub place {
    my ($pfn, $morton) = @_;
    return ($pfn % 64, int $pfn / 64) unless $morton;
    my ($x, $y) = (0, 0);
    for my $bit (0 .. 15) {
        $x |= ($pfn >> 2 * $bit & 1) << $bit;
        $y |= ($pfn >> 2 * $bit + 1 & 1) << $bit;
    }
    return ($x, $y);
}

# Returns the colour of a frame's cell, from a pixel that no letter or mark covers.
sub cell_at {
    my ($p, $pfn, $morton) = @_;
    my ($x, $y) = place($pfn, $morton);
    return pixel($p, MAP_X + CELL * $x + 1, MAP_Y + CELL * $y + 4);
}

# Returns a theme's colours, from the tables: state's word => [colour if used recently, if not].
sub kind_colours {
    my $light = shift // 0;
    my (%word, %colour);
    open my $f, '<', 'guest/abi/frame_states.def' or die $!;
    while (<$f>) {
        next unless /^STATE\((\w+), "([\w-]+)", '.', 0x([0-9A-Fa-f]{6})/;
        $word{$1} = $2;
        $colour{$2} = [uc $3] unless $light;
    }
    open my $g, '<', 'emu/panel/palette.def' or die $!;
    while (<$g>) {
        my ($id, @c) = /^PAINT\((\w+), 0x(\w{6}), 0x(\w{6}), 0x(\w{6})/ or next;
        push @{ $colour{ $word{$id} } }, $light ? @c[1, 2] : $c[0];
    }
    return \%colour;
}

1;
