#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A bare-metal driver measures disks' times on a sparse image of full size. Mean times
# at depth one must be within 5% of the published ones, times with a queue within 5% of
# theory (tests/unit/test_disk_queue.c simulates the queue alone, and prints the
# figures that are written here).
use lib 'tests/lib';
use Clockhand;

my %sectors = (
    cheetah9lp => 17783240,
    atlas10k   => 17938986,
    maxtor300g => 585937500,
);

# Runs `count` requests of `type` (IN or OUT). Returns the run's ns / `count`, the
# number of answers that overtook an older request's answer, and the longest request's ns.
sub measure {
    my ($model, $type, $bytes, $depth, $count, @flags) = @_;
    my ($name) = $model =~ /^(\w+)/;
    my $elf = compile_bare('disk_time.c', slurp('tests/machine/disk_time.c'),
        '-Itests/machine', '-Ttext=0x80001000',
        '-Wl,--section-start=.init0=0x80000000', "-DTYPE=$type",
        "-DBYTES=$bytes", "-DDEPTH=$depth", "-DCOUNT=$count", @flags);
    my $image = tmp('disk.img');
    spew($image, '');
    truncate $image, 512 * ($sectors{$name} // 1 << 24) or die "truncate: $!";
    my ($status, $out, $err) = clockhand('--ram', '64M', '--timing', 'fast',
        '--disk-model', $model, '--drive', "$image,overlay", $elf);
    unlink $image;
    return $out =~ /(\d+) (\d+) (\d+)/ ? ($1, $2, $3) : diag($out . $err);
}

sub within {
    my ($got, $want, $what) = @_;
    cmp_ok(abs($got / $want - 1), '<', .05,
        sprintf '%s: %.4g, reference %.4g', $what, $got, $want);
}

# Mean times in ms. A hard disk's is the sum of overhead, average seek, half a turn, transfer and a write's settling.
my $turn = 60000 / 10045;
for (['cheetah9lp', 'IN', .3 + 5.5 + $turn / 2 + .15],
    ['cheetah9lp', 'OUT', .3 + 5.5 + $turn / 2 + .15 + .487],
    ['atlas10k',   'IN', .3 + 5.6 + $turn / 2 + .15],
    ['maxtor300g', 'IN', .3 + 4.8 + 3 + .05],
    ['ssd',  'IN',  .090], ['ssd',  'OUT', .025],
    ['emmc', 'IN',  .150], ['emmc', 'OUT', .150],
    ['nvme', 'IN',  .075], ['nvme', 'OUT', .020])
{
    my ($model, $type, $ms) = @$_;
    my ($ns, $overtaken) = measure($model, $type, 4096, 1, 2000);
    within($ns / 1e6, $ms, "$model random 4 KiB $type, ms");
}

# Sectors in order: the disk reads a track in one turn and a head switch. Without a buffer,
# and when it writes, the next sector has just passed the head: a request takes a turn.
my ($ns) = measure('cheetah9lp', 'IN', 1 << 20, 1, 100, '-DSEQUENTIAL');
within((1 << 20) / $ns * 1e3, 213 * .512 / ($turn + .176),
    'cheetah9lp sequential, MB/s');
($ns) = measure('cheetah9lp,nobuffer', 'IN', 4096, 1, 1000, '-DSEQUENTIAL');
within($ns / 1e6, $turn, 'cheetah9lp 4 KiB in a row, no buffer, ms');
($ns) = measure('cheetah9lp', 'OUT', 4096, 1, 1000, '-DSEQUENTIAL');
within($ns / 1e6, $turn, 'cheetah9lp 4 KiB written in a row, ms');

my %fifo;
for (['fifo', 8, 8.66], ['fifo', 32, 8.66], ['clook', 8, 6.46],
    ['clook', 32, 5.34], ['ncq', 8, 5.43], ['ncq', 32, 4.21])
{
    my ($queue, $depth, $ms) = @$_;
    my ($ns, $overtaken, $longest) =
        measure("cheetah9lp,queue=$queue", 'IN', 4096, $depth, 3000);
    within($ns / 1e6, $ms, "queue=$queue, depth $depth, ms");
    $fifo{$depth} //= $ns;
    if ($queue eq 'fifo') {
        is($overtaken, 0, 'fifo: answers come in the order asked');
    } else {
        cmp_ok($overtaken, '>', 1000, 'answers out of order');
        cmp_ok($longest, '<', 1.5e9, 'no request waits longer than 1.5 s');
    }
}

# Tests must name each disk but the ideal one; choices.md must name each flash disk.
for my $disk (grep { $_ ne 'ideal' } (clockhand('--disk-model', 'list'))[1] =~ /^(\w+) +[A-Za-z]/mg) {
    for my $file ('tests/unit/test_disk.c', 'tests/machine/disk.t', $sectors{$disk} ? () : 'emu/time/choices.md') {
        ok(slurp($file) =~ /["' (`]$disk\b/i, "$file names the disk $disk");
    }
}

# The tables on disks in emu/time/accuracy.md must have the unit tests' figures. A reference and its measured
# figure come from one printed line; a column for N streams comes from a line about N streams.
my @said = map { split /\n/, qx{@{[build()]}/tests/unit/$_ 2>&1} } qw(test_disk test_disk_queue);
ok(@said > 50, 'test_disk and test_disk_queue are there (make check)');
sub printed {
    my ($row, $form, @figures) = @_;
    my @lines = grep { /$form/ } @said;
    for my $f (grep { defined } @figures) {
        my $half = .5 * 10 ** -length($f =~ s/.*\.//r) + 1e-9;
        @lines = grep { grep { abs($_ - $f) <= $half } /\d+\.\d+/g } @lines;
    }
    ok(scalar @lines, "accuracy.md,$row: @figures");
}
my ($tables) = slurp('emu/time/accuracy.md') =~ /^(Disks, mean .*?)^The pipeline is/ms or die 'no tables';
my @streams;
while ($tables =~ /^\|([^|]*)\|(.*)\|$/mg) {
    my ($what, @cells) = ($1, split /\|/, $2);
    if ($cells[0] =~ /reference|^ \d+ $/) { @streams = map { /^ (\d+) $/ } @cells; next }
    my @figures = map { my $us = / us/; [ map { $us ? $_ / 1e3 : $_ } s/\(.*//r =~ /\d*\.?\d+/g ] } @cells;
    $figures[1] = $figures[0] if $cells[1] =~ /the same/;
    if (@streams) {
        printed($what, " $streams[$_] streams", @{ $figures[$_] }) for grep { @{ $figures[$_] } } 0 .. $#cells;
    } else {
        printed($what, '.', $figures[0][$_], $figures[1][$_] // ()) for 0 .. $#{ $figures[0] };
        printed($what, 'times', $_) for map { /\d\.\d+/g } "@cells" =~ /\((.*)\)/;
    }
}

done_testing();
