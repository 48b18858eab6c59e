#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# 35 ext2 images (100 with SOAK=1, N with DAMAGED_ROUNDS=N) are damaged. Random bytes change in
# the superblock, group descriptors, inode table, directories and indirect blocks. The guest
# may report an error to the program, or panic because it cannot mount its root or has no
# init; but it must end by itself, and the kernel must not panic for another reason.
use lib 'tests/lib';
use Clockhand;

my $b     = build();
my $block = 1024;

my $tree = tmp('tree');
system("mkdir -p $tree/bin $tree/sbin $tree/dev $tree/proc $tree/tmp "
        . "$tree/d/e && cp $b/guest/debian/usr/bin/busybox $tree/bin/ && "
        . "cp $b/guest/user/init $tree/sbin/") == 0 or die;
symlink 'busybox', "$tree/bin/$_" for qw(sh find cat ls);
spew("$tree/d/file$_", join '', map { chr($_ * 7 & 255) } 1 .. $_ * 30_000) for 1 .. 5;
spew("$tree/d/e/sparse", '');
truncate "$tree/d/e/sparse", 30_000_000;
symlink 'file1', "$tree/d/fast";
symlink 'y' x 80, "$tree/d/slow";
system("mke2fs -q -t ext2 -b $block -I 128 -m 0 -N 64 "
        . '-O none,filetype,sparse_super,large_file '
        . "-d $tree " . tmp('base') . ' 4M >/dev/null 2>&1') == 0 or die;
my $base = slurp(tmp('base'));

my ($table) = qx{dumpe2fs @{[tmp('base')]} 2>/dev/null}
    =~ /Inode table at (\d+)-/ or die;
my @dirs = map { qx{debugfs -R 'blocks $_' @{[tmp('base')]} 2>/dev/null} }
    qw(/ /d /d/e /bin);
@dirs = map { split } @dirs;
my @indirect = map { /\((?:IND|DIND)\):(\d+)/g }
    map { qx{debugfs -R 'stat $_' @{[tmp('base')]} 2>/dev/null} }
    qw(/bin/busybox /d/file5);
my %place = (
    superblock => sub { 1024 + int rand 104 },
    groups     => sub { 2 * $block + int rand 32 },
    inodes     => sub { $table * $block + int rand 40 * 128 },
    directory  => sub { $dirs[rand @dirs] * $block + int rand 160 },
    indirect   => sub { $indirect[rand @indirect] * $block + int rand 400 },
);

srand 20260;
my (%ended, @fell);
my $rounds = $ENV{DAMAGED_ROUNDS} || ($ENV{SOAK} ? 100 : 35);
for my $round (1 .. $rounds) {
    my @kinds = sort keys %place;
    my $kind  = $kinds[$round % @kinds];
    my $image = $base;
    for (1 .. (1, 1, 2, 6)[rand 4]) {
        my $at = $place{$kind}->();
        my $length = (1, 1, 2, 4)[rand 4];
        substr $image, $at, $length,
            join '', map { chr((0, 255, 128, rand 256)[rand 4]) } 1 .. $length;
    }
    spew(tmp('damaged'), $image);
    my ($status, $out) = clockhand('--timing', 'fast', '--max-instructions',
        '3000000000', '--drive', tmp('damaged') . ',overlay', '--append',
        'quiet run=cd /; find . -xdev -ls >/dev/null; cat d/* d/e/* '
            . '>/dev/null; ls -lR /d >/dev/null; echo read all');
    my $how =
          $out =~ /Kernel panic: VFS: cannot mount root: / ? 'not mounted'
        : $out =~ /Kernel panic: (?:cannot start \/sbin\/init|init (?:died|ended))/
        ? 'no init'
        : $out =~ /panic/                                   ? undef
        : $status == 124                                    ? undef
        : $out =~ /read all/                                ? 'read'
        :                                                     'no shell';
    $ended{ $how // 'fell' }++;
    next if defined $how;
    push @fell, "round $round, $kind, status $status: " . substr $out, -300;
}
is(scalar @fell, 0, "$rounds damaged disks: no unexpected panic, no hang") or diag(@fell);
cmp_ok($ended{read} // 0, '>=', $rounds / 4, 'many could still be read');
cmp_ok($ended{'not mounted'} // 0, '>=', $rounds / 20, 'some were refused');
note(join ', ', map { "$_: $ended{$_}" } sort keys %ended);

done_testing();
