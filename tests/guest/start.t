#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The time to start hardly grows with memory. A kernel that clears its frame table and frees each
# frame, one by one, takes 300 instructions a frame; one that clears the policy's tables, a word at
# a time, and lists every block of free memory takes 9 instructions a frame, and 1.7 GiB of the
# host's memory for 64 GiB of RAM. This kernel writes only the rows of the frames that hold the
# tables themselves; the number of these rows grows with memory. If memory may hold data already,
# the kernel clears the tables after all. (SOAK=1: in more than one zone, too.)
use lib 'tests/lib';
use Clockhand;
use IPC::Open2;
use List::Util qw(sum);

my $block = 1024; # frames of the biggest free block

# Starts a machine; returns instructions to the prompt, the number of frames,
# the free blocks by order, and `info lens` (with the frame table's address).
sub start {
    my $script = spew(tmp('start.ch'), <<'CH');
expect "# " 60s
print instret
print vm.frames
audit
json info buddy
json info frames
json info lens
print vm.free
CH
    my ($status, $out, $err) = clockhand('--timing', 'fast', '-x', $script, @_);
    is($status, 0, "@_: starts, and the audit agrees") or diag($err, $out);
    my ($instret, $frames) = $out =~ /^(\d+)\n(\d+)$/m;
    my ($buddy, $states, $lens) = map { json($_) } $out =~ /^([\[{].*)$/mg;
    my ($free) = $out =~ /^(\d+)\n?\z/m;
    is(sum(map { $buddy->[$_] << $_ } 0 .. $#$buddy), $free,
        '... deferred blocks count as free blocks of the biggest order');
    is($states->{free}, $free, '... and info frames counts their frames as free');
    return ($instret, $frames, $buddy, $lens);
}

my ($few, $frames) = start('--ram', '16M');
is($frames, 4096, '16 MiB: vm.frames');
my $lens;
for (['4G', 1 << 20], ['64G', 1 << 24]) {
    my ($ram, $n) = @$_;
    (my ($many, $large, $buddy), $lens) = start('--ram', $ram);
    is($large, $n, "$ram: vm.frames");
    # (Of the 2.5, .15 write rows of frames that hold the table of evicted pages, 28 bytes for a frame of RAM.)
    cmp_ok($many - $few, '<', 2.5 * $n, '... at most 2.5 instructions a frame more');
    cmp_ok($buddy->[10] * $block, '>', .9 * $n, '... nearly all frames lie in the biggest blocks');
}

# Deferred frames are free, but in no list yet: the kernel writes only the first one's row, with
# their number. The script reads the first four of the eight words of each block's first row.
my $at = $lens->{frames_pa}; # in the machine with 64 GiB
my $script = spew(tmp('rows.ch'), join '', qq(expect "# " 60s\n),
    map { 'x/4gx pa:' . "$at + " . 64 * $block * $_ . "\n" } 0 .. (1 << 14) - 1);
my ($status, $out) = clockhand('--timing', 'fast', '--ram', '64G', '-x', $script);
my @words = map { /:\t0x(\w+)\t0x(\w+)$/ } split /\n/, $out;
my @row = map { [@words[4 * $_ .. 4 * $_ + 3]] } 0 .. $#words / 4;
is(@row, 1 << 14, 'a row for each block');
my @head = grep { $row[$_][0] eq '0000000000ff0000' } 0 .. $#row;
is(@head, 1, '... one of which marks deferred frames');
my $deferred = hex($row[$head[0]][3]) / $block;
cmp_ok($deferred, '>', .9 * @row, '... which are nearly all frames');
is_deeply([grep { join('', @{ $row[$_] }) =~ /[^0]/ }
        $head[0] + 1 .. $head[0] + $deferred - 1],
    [], '... and the first rows of the other deferred blocks are zeros');

# Memory that the start does not touch costs the host nothing. The limits allow
# for pages of 2 MiB, but not for a sanitizer's own memory.
SKIP: {
    skip 'a sanitizer has memory of its own', 3 if build() =~ /san/;
    my $pid = open2(my $from, my $to, build() . '/clockhand',
        '--ram', '64G', '--run', 'echo ready; read x');
    is(<$from>, "ready\n", '64 GiB and a program that waits');
    my ($peak) = slurp("/proc/$pid/status") =~ /^VmHWM:\s+(\d+) kB/m;
    my ($tables) = slurp("/proc/$pid/status") =~ /^VmPTE:\s+(\d+) kB/m;
    close $to;
    waitpid $pid, 0;
    cmp_ok($peak, '<', 400 << 10, "... take $peak KiB of the host's, less than 400 MiB");
    cmp_ok($tables, '<', 32 << 10,
        "... and $tables KiB of its page tables: no loop touches all of RAM");
}

# An initrd that the kernel does not use fills the place of the later frame table with 0xff.
my $full = spew(tmp('full'), "\xff" x (8 << 20));
start('--ram', '64M', '--initrd', $full);

# In each zone the longest stretch of blocks is deferred: a hole that the device
# tree reserves makes two stretches. Then all of memory is used.
my $tree = tmp('tree.dtb');
clockhand('--ram', '64M', '--dump-dtb', $tree);
my $source = `dtc -q -I dtb -O dts $tree`;
$source =~ s{/dts-v1/;}{$& /memreserve/ 0x81800000 0x100000;};
system('dtc', '-q', '-I', 'dts', '-O', 'dtb', '-o', $tree,
    spew(tmp('tree.dts'), $source)) == 0 or die "dtc: $?\n";
for my $with (['--dtb', $tree], ['--set', 'vm.prezero=8000'], !$ENV{SOAK} ? () :
    ['--policy', 'linux24', '--append', 'zone.dma=16M highmem=24M']) {
    my @machine = ('--ram', '64M', @$with);
    start(@machine);
    my ($status, $out, $err) = guest('hog 48M; echo 1 >/proc/audit && echo sound',
        '--timing', 'fast', @machine);
    like($out, qr/0 pages wrong.*\nsound$/s,
        '... and the audit holds when all memory is used')
        or diag($out, $err);
}
done_testing();
