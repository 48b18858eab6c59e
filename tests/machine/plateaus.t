#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Measures load latency by working set, as lmbench does: one load after the other, each in
# another page. Draws the table and the picture of emu/time/accuracy.md ("Plateaus"),
# with a board's values in both, and compares them with that file; --write updates it.
use lib 'tests/lib';
use Clockhand;

# Published: ramlat's column 1xPTR, ns, on a Milk-V Mars CM (StarFive JH7110, four U74
# at 1498 MHz, LPDDR4; sbc-bench, results/4K7E.txt), 16 KiB to 32 MiB.
my @board = map { $_ * 1.498 } 2.002, 2.004, 13.35, 13.51, 13.36, 18.69, 18.71, 43.94, 125.1,
    155.1, 166.0, 171.6;
my @kib  = map { 1 << $_ } 4 .. 15;
my @runs = ([qw(--cpu u54)], [qw(--cpu u74 --clock 1498000000 --dram lpddr4-2400)]);

my $doc    = 'emu/time/accuracy.md';
my $source = slurp('tests/machine/chase.c');

sub latency {
    my ($kib, @options) = @_;
    my $elf = compile_bare('chase.c', $source, '-Itests/machine', '-DHOPS', "-DBYTES=$kib*1024l");
    my ($status, $out) = clockhand(@options, qw(--timing cycle --ram 64M --stats),
        tmp('stats'), $elf);
    is($status, 0, "@options, $kib KiB") or return 0;
    return $out / 1000;
}
my @series = (map({ my $r = $_; [map { latency($_, @$r) } @kib] } @runs), \@board);

# Every cycle has one cause; in the last run memory is the cause of most.
my ($s, $hit) = (json(slurp(tmp('stats'))), profile(2)->{'L2 TLB hit'});
my ($by, $l2tlb, $sum) = ($s->{cycles_by}, $s->{tlb}{l2tlb}, 0);
$sum += $_ for values %$by;
is($sum, $s->{cycles}, 'cycles_by sums to cycles');
cmp_ok($by->{dram} + $by->{walk} + $by->{dcache}, '>', .8 * $s->{cycles}, 'memory takes most');
cmp_ok($s->{walker}{walks}, '>=', 60000, 'nearly every step walks');
is($s->{walker}{cycles} + $hit * ($l2tlb->{accesses} - $l2tlb->{misses}), $by->{walk},
    'walks and L2 TLB hits are the cause "walk"');

my $table = '';
for my $i (0 .. $#kib) {
    my $size = $kib[$i] < 1024 ? "$kib[$i] KiB" : $kib[$i] / 1024 . ' MiB';
    my ($u54, $u74, $board) = map { $_->[$i] } @series;
    $table .= sprintf "| %s | %.1f | %.1f | %.1f | %+.0f%% |\n", $size, $u54, $u74, $board,
        100 * ($u74 / $board - 1);
}
$table =~ s/-0%/0%/g;

# Two rows per doubling of latency, a column per size. Marks: 5 u54, 7 u74, o board, # u74+board.
my @rows = map { [(' ') x @kib] } 0 .. 16;
for my $s (0 .. 2) {
    for my $i (0 .. $#kib) {
        my $at = \$rows[int(2 * log($series[$s][$i]) / log(2) + .5)][$i];
        $$at = $$at eq '7' && $s == 2 ? '#' : $s == 1 ? '7' : $$at eq ' ' ? (5, 7, 'o')[$s] : $$at;
    }
}
my $picture = "    cycles\n";
$picture .= sprintf("    %6s |%s", $_ & 1 ? '' : 1 << $_ / 2,
    join '', map { "    $_" } @{ $rows[$_] }) =~ s/ +$//r . "\n" for reverse 2 .. 16;
$picture .= '           ' . '-' x 61 . "\n           "
    . join('', map { sprintf '%5s', $_ < 1024 ? $_ . 'K' : ($_ >> 10) . 'M' } @kib) . "\n";

my $text = slurp($doc);
my $drawn = qr/(?<=\| --- \| --- \| --- \| --- \| --- \|\n)(?=\| 16 KiB).*?(?=\n5: )/s;
if (@ARGV && $ARGV[0] eq '--write') {
    $text =~ s/$drawn/$table\n$picture/ or die "$doc: no table of plateaus\n";
    spew($doc, $text);
}
my ($stands) = $text =~ /($drawn)/;
is($stands, "$table\n$picture", $doc);
done_testing();
