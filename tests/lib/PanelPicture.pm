# SPDX-License-Identifier: MIT
# Reads pictures of the panel: the PNG files that it writes, each with a list of
# all texts in the picture, and the screen of Xvfb (its -fbdir file, in X's XWD
# format). Positions of cells are those of the 1280 x 800 layout with 4,096
# frames, which the golden pictures pin down.
package PanelPicture;
use strict;
use warnings;
use Compress::Zlib qw(uncompress);
use Exporter 'import';
our @EXPORT = qw(picture screen pixel pixels texts lines said text_box
                 pane_lines tab_lines bar caption mode console
                 cell_at near_hand kind_colours place CELL MAP_X MAP_Y);

use constant { CELL => 9, MAP_X => 6, MAP_Y => 43 };

# A PNG of 8-bit RGB without row filters, as the panel writes, and its texts.
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
        # Keyword, whether compressed, how, language, translated keyword.
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

# The screen of an X server: XWD, 32 bits a pixel, least significant byte first.
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

# n pixels of a row, three bytes each: red, green, blue.
sub pixels {
    my ($p, $x, $y, $n) = @_;
    return substr $p->{rows}[$y], 3 * $x, 3 * $n if $p->{rows};
    my $row = substr $p->{xwd}, $y * $p->{stride} + 4 * $x, 4 * $n;
    $row =~ s/(.)(.)(.)./$3$2$1/gs;
    return $row;
}

sub pixel {
    my ($p, $x, $y) = @_;
    return uc unpack 'H6', pixels($p, $x, $y, 1);
}

# ---- texts ------------------------------------------------------------------

sub texts { return @{ shift->{texts} } }

# Lines of text: texts whose middles are at the same height, from left to right,
# a blank between. Only texts that lie within x0 .. x1, y0 .. y1, if given.
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

# Lines of the whole picture, or of an area, that match.
sub said {
    my ($p, $re, @area) = @_;
    return grep { /$re/ } lines($p, @area);
}

# The box of the first text that matches.
sub text_box {
    my ($p, $re) = @_;
    my ($t) = grep { $_->{text} =~ $re } texts($p);
    return $t;
}

# The lines of a pane, from the rest of its title's own line to the next pane's
# title or the tabs.
sub pane_lines {
    my ($p, $title) = @_;
    my $t = text_box($p, qr/^\Q$title\E$/) or return;
    my @below = sort { $a <=> $b } map { $_->{y} } grep {
        $_->{y} > $t->{y} + $t->{h} / 2 && ($_->{text} eq 'TIME'
            || abs($_->{x} - $t->{x}) < 3 * $_->{h}
            && $_->{text} =~ /^(?:ADDRESS SPACES|FRAME|CONSOLE|walk)$/)
    } texts($p);
    my $end = @below ? $below[0] + 2
        : $title eq 'TIME' ? caption_top($p) : $p->{h};
    return lines($p, $t->{x} - $t->{h} / 2, $t->{y} - 2, $p->{w}, $end);
}

# The lines below the tabs' names.
sub tab_lines {
    my $p = shift;
    my $t = text_box($p, qr/^walk$/) or return;
    my $left = $t->{x} - 3 * $t->{h};
    my ($below) = sort { $a <=> $b } map { $_->{y} } grep {
        $_->{y} > $t->{y} && $_->{text} =~ /^(?:CONSOLE|TIME)$/ } texts($p);
    return lines($p, $left, $t->{y} + $t->{h}, $p->{w}, ($below // $p->{h}) + 2);
}

sub bar {
    my $p = shift;
    my ($first) = sort { $a->{y} <=> $b->{y} } texts($p);
    return (lines($p, 0, 0, $p->{w}, $first->{y} + 2 * $first->{h}))[0] // '';
}

sub mode { return bar(shift) =~ /^(\w+)/ ? $1 : '' }

# The top of the caption: three lines of text at the bottom, and the space round
# them.
sub caption_top {
    my $p = shift;
    my ($first) = sort { $a->{y} <=> $b->{y} } texts($p);
    return $p->{h} - 3.95 * $first->{h};
}

# The caption's sentence: its lines without the last, which names the keys.
sub caption {
    my $p = shift;
    my @all = lines($p, 0, caption_top($p), $p->{w}, $p->{h});
    pop @all if @all > 1;
    return join ' ', @all;
}

# The rows of the guest's screen that are shown.
sub console {
    my $p = shift;
    my @all = pane_lines($p, 'CONSOLE');
    shift @all;
    return @all;
}

# ---- the map ------------------------------------------------------------------

# True if the ring of a hand (hands are PFNs) may lie over a frame's cell.
sub near_hand {
    my ($pfn, @hands) = @_;
    my ($x, $y) = place($pfn);
    return grep { my ($hx, $hy) = place($_);
        abs($hx - $x) <= 2 && abs($hy - $y) <= 1 } grep { defined } @hands;
}

# Column and row of a frame: Morton's order, bit by bit.
sub place {
    my $pfn = shift;
    my ($x, $y) = (0, 0);
    for my $bit (0 .. 15) {
        $x |= ($pfn >> 2 * $bit & 1) << $bit;
        $y |= ($pfn >> 2 * $bit + 1 & 1) << $bit;
    }
    return ($x, $y);
}

# The colour of a frame's cell, where no letter and no mark covers it.
sub cell_at {
    my ($p, $pfn) = @_;
    my ($x, $y) = place($pfn);
    return pixel($p, MAP_X + CELL * $x + 1, MAP_Y + CELL * $y + 4);
}

# State's word => [colour if used recently, colour if not], of a theme, from the
# tables.
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
