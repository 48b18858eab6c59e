#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Lengths and indexes are checked before they are used. SAN=1 also finds accesses
# beyond a buffer that cause no crash.
use lib 'tests/lib';
use Clockhand;
use Pty;

# snprintf returns the length of the whole text even if it has cut the text off: a
# sum of such lengths may pass the buffer's end. base.h's append clamps the sum.
my @unbounded;
for my $file (glob('emu/*.c emu/*/*.c emu/*/*/*.c')) {
    my $text = slurp($file);
    push @unbounded, $file while $text =~ /\+=\s*(?:\(\w+\)\s*)?v?snprintf\(/g;
}
is("@unbounded", '', 'no source adds up results of snprintf without a clamp');

# A message begins with the name of the lesson's file, however long that is.
my $folder = tmp();
for (1 .. 4) {
    $folder .= '/' . 'a' x 200;
    mkdir $folder or die;
}
my $lesson = slurp('tools/lessons/01-page-fault.md');
ok($lesson =~ s/^let size .*/let size nowhere/m, 'a lesson that uses an unknown name');
my ($status, undef, $err) = clockhand('--lesson', spew("$folder/lesson.md", $lesson), '--solve');
ok($status && $status < 128 && $err =~ /^clockhand: .*nowhere/m,
    'a mistake in a lesson of a very long path is reported') or diag("status $status\n$err");

for my $size ([24, 1200], [300, 1200], [60, 4000]) {
    my $pty = Pty->start(@$size, build() . '/clockhand', '--panel=term');
    ok($pty->expect(qr/RUN/, 40), "the panel at @$size (rows, columns)");
    $pty->send("\001x");
    is($pty->finish(40), 0, '... ends well');
}

# Words longer than the buffer that they are copied to are cut.
($status, my $out, $err) = clockhand('-x', spew(tmp('long.ch'),
    'claim "x' . 'ä' x 200 . '" "" ' . "1 \"\"\nexplain " . 'x' x 900 . "\n"));
ok($status < 128 && utf8::decode($out), 'very long words, cut between characters') or diag("status $status\n$err");

# ---- the guest's device tree ---------------------------------------------------

# A tree whose #address-cells is 2^30 + 1: the length of a row, computed in 32
# bits, would overflow to twelve bytes.
my $dtb = tmp('tree');
is((clockhand('--dump-dtb', $dtb, '--append', 'x'))[0], 0, '--dump-dtb writes the tree');
my $tree = slurp($dtb);
my ($structs, $strings) = unpack 'x8 N2', $tree;
my $name = index(substr($tree, $strings), "#address-cells\0");
my $at = index $tree, pack('N3', 3, 4, $name), $structs;
substr($tree, $at + 12, 4) = pack 'N', 0x40000001;
($status, $out, $err) = clockhand('--dtb', spew(tmp('bad.dtb'), $tree), '--run', 'true',
    '--max-sim-time', '5s');
ok($status != 124 && "$out$err" !~ /unexpected trap/,
    'a tree of 2^30 + 1 address cells is not read beyond its end') or diag("$status\n$out$err");

done_testing;
