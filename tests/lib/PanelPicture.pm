# SPDX-License-Identifier: MIT
# Reads pictures of the panel: PNG files that it writes, and the screen of
# Xvfb (its -fbdir file, in X's XWD format). Text is read back by comparing
# with the very font the panel was built with. Positions are those of the
# 1280 x 800 plan with 4,096 frames, which the golden pictures pin down.
package PanelPicture;
use strict;
use warnings;
use Compress::Zlib qw(uncompress);
use Exporter 'import';
our @EXPORT = qw(hand_colour near_hand picture screen pixel pixels text_at cell_at kind_colours place
                 CELL MAP_X MAP_Y STATUS WALK FRAME CAPTION LINE);

use constant { CELL => 8, MAP_X => 34, MAP_Y => 49, LINE => 13 };
use constant {
    STATUS  => [12, 3],
    FRAME   => [558, 24],    # the title; inner lines from y + 15
    WALK    => [870, 24],
    CAPTION => [8, 785],
};

# A PNG of 8-bit RGB without row filters, as the panel writes.
sub picture {
    my $file = shift;
    open my $f, '<:raw', $file or die "$file: $!";
    local $/;
    my $data = <$f>;
    die "$file: no PNG" unless substr($data, 0, 8) eq "\x89PNG\r\n\x1a\n";
    my ($at, $idat, $w, $h) = (8, '');
    while ($at < length $data) {
        my ($n, $type) = unpack 'N a4', substr $data, $at, 8;
        my $body = substr $data, $at + 8, $n;
        ($w, $h, my $form) = unpack 'N N H4', $body if $type eq 'IHDR';
        $idat .= $body if $type eq 'IDAT';
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
    return { w => $w, h => $h, rows => \@rows };
}

# What an X server shows: XWD, 32 bits a pixel, least significant byte first.
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

my %glyph;

# The 12-pixel faces out of the table made when building.
sub load_font {
    my $build = $ENV{BUILD} || 'build';
    open my $f, '<', "$build/gen/terminus.inc" or die "terminus.inc: $!";
    local $/;
    my $text = <$f>;
    for my $face ('ter12n', 'ter12b') {
        my ($codes) = $text =~ /${face}_codes\[\] = \{(.*?)\};/s;
        my ($rows) = $text =~ /${face}_rows\[\] = \{(.*?)\};/s;
        my @codes = map { hex } $codes =~ /0x[0-9a-f]+/g;
        my @rows = map { hex } $rows =~ /0x[0-9a-f]+/g;
        for my $i (0 .. $#codes) {
            my @g = @rows[$i * 12 + 1 .. $i * 12 + 11];
            my $key = join '', map { sprintf '%06b', $_ >> 10 } @g;
            $glyph{$key} = chr $codes[$i] if !exists $glyph{$key};
        }
    }
}

# Text of `columns` characters at x, y. The most frequent colour of a cell is
# its background; the top row, blank in every glyph read here, is left out
# (boxes of flags begin one pixel lower).
sub text_at {
    my ($p, $x, $y, $columns) = @_;
    load_font() unless %glyph;
    my $text = '';
    for my $c (0 .. $columns - 1) {
        my (@px, %n);
        for my $row (1 .. 11) {
            last if $y + $row >= $p->{h};
            push @px, unpack '(a3)6', pixels($p, $x + 6 * $c, $y + $row, 6);
        }
        $n{$_}++ for @px;
        my ($back) = sort { $n{$b} <=> $n{$a} || $a cmp $b } keys %n;
        my $key = join '', map { $_ eq $back ? 0 : 1 } @px;
        $text .= exists $glyph{$key} ? $glyph{$key} : "\x{fffd}";
    }
    return $text;
}

# Colours of the rings around the clock's hands: taking, clearing, their edge.
sub hand_colour { return shift =~ /^(?:FF7A6B|6FB4FF|0B0C10)$/ }

# Whether a hand's ring (PFNs in hands) may lie over a frame's cell.
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

# The colour of a frame's cell, where no glyph and no mark covers it.
sub cell_at {
    my ($p, $pfn) = @_;
    my ($x, $y) = place($pfn);
    return pixel($p, MAP_X + CELL * $x + 1, MAP_Y + CELL * $y + 3);
}

# word => [used recently, not lately] of the dark theme, from the tables.
sub kind_colours {
    my (%word, %colour);
    open my $f, '<', 'guest/abi/frame_states.def' or die $!;
    while (<$f>) {
        next unless /^STATE\((\w+), "([\w-]+)", '.', 0x([0-9A-Fa-f]{6})/;
        $word{$1} = $2;
        $colour{$2} = [uc $3];
    }
    open my $g, '<', 'emu/panel/palette.def' or die $!;
    while (<$g>) {
        next unless /^PAINT\((\w+), 0x([0-9A-F]{6})/;
        push @{ $colour{ $word{$1} } }, $2;
    }
    return \%colour;
}

1;
