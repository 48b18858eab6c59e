#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Paging must lose no data and no frame. Programs use up to 1.5 times the RAM, under clock and
# twohand, with A bits set by hardware and by faults. They must read every page back as they wrote
# it; audits must hold meanwhile; afterwards every frame must be free again. In the events no clean
# page is written and no dirty page dropped. (pressure_policies.t runs all policies, in 16 and 64
# MiB, too.) SOAK=1 adds runs that vary fewer options at once, larger ones (three times
# the RAM), the search for a slot, and a run in cycle timing. (001-12..28, 003-12..14)
use lib 'tests/lib';
use Clockhand;
use Pressure;

my $stats = tmp('stats');

# Each run has the kind of memory, its size in KiB, and options.
my $soak = $ENV{SOAK};
my @runs = (
    (map { ['private', shift @$_, '--ram', '8M', '--swap', $soak ? '32M' : '18M', @$_] }
            [$soak ? 24576 : 12288],
        $soak ? ([12288, '--policy', 'twohand'], [12288, '--ad', 'fault'],
            [24576, '--ad', 'fault', '--policy', 'twohand'],
            [12288, '--asid', 'off', '--tlb', '4']) : ()),
    (map { [@$_, '--ram', '8M', '--swap', '24M'] } $soak ? ['shared', 12288] : (),
        ['shared', $soak ? 12288 : 9216, '--ad', 'fault', '--policy', 'twohand'],
        ['moved', $soak ? 12288 : 8192]),
);
pressed(@{ shift @runs });
# Most of swap is in use, and no 32 free slots lie in a row. If the kernel searched from
# the first slot on, three times for each page, a page would cost 51,000 instructions
# here, and 530,000 in 64 MiB; with one such search for each page, 37,700 here.
my $s = json(slurp($stats));
cmp_ok($s->{instructions} / $s->{kernel}{pswpout}, '<', 36_000,
    'a free slot is not searched for from the start of swap each time') if $soak;
pressed(@$_) for @runs;

# In cycle timing, with the disk's whole model, the disk writes what the kernel counts.
my ($status, $out);
if ($soak) {
    ($status, $out) = guest('/tests/pressure private 12288', '--ram', '8M', '--stats', $stats);
    is($status, 0, 'with every cost modelled') or diag($out);
    $s = json(slurp($stats));
    is($s->{disks}[1]{writes}, $s->{kernel}{pswpout},
        'the swap disk wrote as many pages as the kernel counted');
    swapoff_returns_pages(8);
}
swapoff_returns_pages(8, '--ad', 'fault', '--policy', 'twohand');

# A disk with data on it is not taken for swap; a disk with mkswap's header is.
my $other = spew(tmp('other.img'), 'x' x (1 << 20));
my @root = ('--drive', build() . '/guest/root.img,overlay');
($status, $out) = guest('grep SwapTotal /proc/meminfo; cat /proc/swaps',
    '--swap', '0', @root, '--drive', "$other,overlay");
like($out, qr/^SwapTotal:\s+0 kB$/m, 'a disk that is not blank is left alone');
my $header = "\0" x 1024 . pack('VVV', 1, 63, 0);
spew($other, $header . "\0" x (4086 - length $header) . 'SWAPSPACE2'
        . 'x' x (1 << 20));
($status, $out) = guest('grep SwapTotal /proc/meminfo',
    '--swap', '0', @root, '--drive', "$other,overlay");
like($out, qr/^SwapTotal:\s+252 kB$/m, "mkswap's header is honoured: 63 slots");
# A blank disk is taken only if swap= names it: its owner may need it for something else.
truncate($other, 0) && truncate($other, 1 << 20) or die;
my @blank = (@root, '--drive', $other);
($status, $out) = guest('cat /proc/swaps; grep SwapTotal /proc/meminfo; '
        . 'swapon /dev/vdb', @blank);
like($out, qr{^/dev/vdc\s+partition\s+32764}m, "--swap's own disk is taken");
like($out, qr/^SwapTotal:\s+32764 kB$/m, 'a blank disk before it is not');
isnt($status, 0, '... nor by swapon: it has no header');
is(slurp($other), "\0" x (1 << 20), '... and nothing was written to it');
($status, $out) = guest('cat /proc/swaps', @blank, '--append',
    'swap=/dev/vdb');
like($out, qr{^/dev/vdb\s+partition\s+1020}m, '... but it is taken if swap= names it');
($status, $out) = guest('grep SwapTotal /proc/meminfo', '--append',
    'swap=none');
like($out, qr/^SwapTotal:\s+0 kB$/m, 'swap=none: no swap');
# The slots of shared memory are freed when its last process ends, wherever its pages are.
{
    my ($out) = succeeds('shared memory in swap is freed', guest('/tests/pressure shared 12288 && '
        . 'grep SwapFree /proc/meminfo && swapoff /dev/vdb && echo empty',
        '--ram', '8M', '--swap', '24M', '--timing', 'fast'));
    my ($free) = $out =~ /^SwapFree:\s+(\d+)/m;
    cmp_ok($free, '>', 22000, '... and leaves no slots behind');
    like($out, qr/^empty$/m, '... so that swapoff has nothing to do');
}
done_testing;
