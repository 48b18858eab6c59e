#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Disks that fail (--drive FILE,fail=...): what programs learn, for swap and for
# files, as from Linux; that the kernel neither panics nor hangs nor forgets that
# its file system is damaged; and the machine's side: counted, saved, undone.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

my $build = build();
$ENV{PATH} .= ':/usr/sbin:/sbin';
my ($root, $disk, $swap, $base) = map { tmp("$_.img") } qw(root disk swap base);
system('riscv64-linux-gnu-gcc', '-O1', '-Wall', '-Werror', '-static', '-s',
    'tests/guest/disk_errors.c', '-o', tmp('errors')) == 0 or die;
system('cp', '--sparse=always', "$build/guest/root.img", $root) == 0 or die;
spew(tmp('debugfs'), "write @{[tmp('errors')]} /tests/errors\n"
    . "set_inode_field /tests/errors mode 0100755\n");
system("debugfs -w -f @{[tmp('debugfs')]} $root >/dev/null 2>&1") == 0 or die;
mkdir tmp('tree');
spew(tmp("tree/$_"), $_ x 65536) for qw(r s w);
spew(tmp('tree/big'), 'x' x (10 << 20)); # with 40 indirect blocks of 1 KiB
spew($swap, '');
truncate $swap, 16 << 20;

# A disk with this block size; the sectors of a file's n-th block.
my $size;
sub fresh {
    $size = shift;
    unlink $disk;
    system("mke2fs -q -t ext2 -b $size -m 0 -O none,filetype,sparse_super,"
        . "large_file -d @{[tmp('tree')]} $disk 16M >/dev/null 2>&1") == 0 or die;
}
sub sectors {
    my $block = shift;
    return join '-', $block * $size / 512, ($block + 1) * $size / 512 - 1;
}
sub of_file { return sectors((split ' ', qx(debugfs -R 'blocks $_[0]' $disk 2>/dev/null))[$_[1]]) }

my $failed;
sub run_guest {
    my ($drive, $cmd, @options) = @_;
    my ($status, $out, $err) = guest("$cmd; echo 1 >/proc/audit && echo clean",
        '--drive', "$root,overlay", '--drive', $drive, '--timing', 'fast',
        '--max-sim-time', '300s', '--stats', tmp('stats'), @options);
    is($status, 0, "... ends, without a panic") or diag($out, $err);
    like($out, qr/^clean$/m, '... audit clean') or diag($out, $err);
    $failed = json(slurp(tmp('stats')))->{disks}[1]{failed};
    cmp_ok($failed, '>', 0, "... $failed requests failed");
    return $out;
}
my $mount = 'mount -t ext2 /dev/vdb /mnt';
my $healthy = 'write=1 fsync=0 again=0 other=0 msync=0 again=0 write=1 '
    . 'fdatasync=0 dsync=1 bytes=xyzz';

for my $block (4096, 1024) {
    fresh($block);
    my ($r, $w) = (of_file('/r', 4096 / $block), of_file('/w', 0));
    my $out = run_guest("$disk,fail=read:$r,fail=write:$w", "$mount; cd /mnt; "
        . '/tests/errors reads r s; /tests/errors syncs w s; cd /; umount /mnt');
    like($out, qr{^reads r: read=4096 touch=114 read=EIO touch=SIGBUS/ADRERR (read=4096 touch=114 ){2}write=Bad address$}m,
        "block size $block: one page of a file cannot be read, its neighbours can");
    like($out, qr{^reads s: (read=4096 touch=115 ){4}write=10$}m, '... nor others');
    like($out, qr{^syncs w: write=1 fsync=EIO again=0 .* msync=EIO again=0 write=1 fdatasync=EIO dsync=EIO bytes=xyzz$}m,
        '... each failed write of a page is reported once; the page stays');
    like($out, qr{^syncs s: $healthy$}m, '... not to other files');
    is((run_command('', 'e2fsck', '-fn', $disk))[0], 0, '... metadata are sound');
}

fresh(4096);
my $out = run_guest("$disk,fail=flush", "$mount; /tests/errors syncs /mnt/w");
like($out, qr/fsync=EIO again=EIO other=EIO msync=EIO/, 'a disk that never flushes');
fresh(4096);
$out = run_guest("$disk,fail=flush#2", "$mount; /tests/errors syncs /mnt/w");
like($out, qr/fsync=0 again=EIO other=0 msync=0/, 'one flush fails');

# kflushd writes the block with w's inode after 60 s, in vain. Then big's indirect blocks take
# the place of its buffer: the error must outlive it.
fresh(1024);
my ($table) = qx(debugfs -R 'imap /w' $disk 2>/dev/null) =~ /block (\d+)/ or die;
$out = run_guest("$disk,fail=write:" . sectors($table) . '#1', "$mount; echo more >>/mnt/w; "
    . 'sleep 80; cat /mnt/big >/dev/null; /tests/errors asks /mnt/s; umount /mnt', '--ram', '8M');
like($out, qr/asks .*: fsync=EIO again=0/, 'a block of metadata could not be written: fsync says so');
my ($fsck) = run_command('', 'e2fsck', '-p', $disk);
is($fsck, 1, '... and e2fsck knows without -f that it must repair it');
fresh(4096);
my ($bitmap) = qx(dumpe2fs $disk 2>/dev/null) =~ /Inode bitmap at (\d+)/ or die;
$out = run_guest("$disk,fail=read:" . sectors($bitmap), "$mount; mkdir /mnt/x; "
    . 'rm /mnt/w; echo y >/mnt/r; umount /mnt');
isnt((run_command('', 'e2fsck', '-p', $disk))[0], 0, 'a bitmap could not be read: e2fsck looks');

# Swap. Linux kills for want of memory when nothing can be written.
my @swap = ('--ram', '8M', '--append', 'swap=/dev/vdb');
for my $policy (qw(clock linux612 sunos)) {
    $out = run_guest("$swap,overlay,fail=write:800-32767", 'hog 12M; echo hog $?',
        @swap, '--policy', $policy);
    like($out, qr/^hog (137|3)$/m, "$policy: most of swap cannot be written: a process is killed");
    $out = run_guest("$swap,overlay,fail=read#100", 'hog 12M; echo hog $?; '
        . 'hog 12M; echo hog $?', @swap, '--policy', $policy);
    like($out, qr/^hog (135|3)\n(.*\n)*hog 0$/m,
        "$policy: a page of swap cannot be read: SIGBUS, and no more harm");
}
$out = run_guest("$swap,overlay,fail=write#5-200", 'hog 12M; echo hog $?', @swap);
like($out, qr/: 0 pages wrong.*\n(.*\n)*hog 0$/m, 'writes to swap fail for a while: nothing is lost');
$out = run_guest("$swap,overlay,fail=write", 'echo words >/tmp/w; '
    . 'dd if=/dev/zero of=/tmp/a bs=64k count=60 2>/dev/null; hog 4M; cat /tmp/w; '
    . 'rm /tmp/a; hog 3M; echo hog $?; swapoff /dev/vdb; echo off $?', @swap);
like($out, qr/words\n(.*\n)*hog 0\noff 0$/m, 'tmpfs pages that cannot be written stay');

# The machine's side: back in time, the cache and the counters are as they were.
my $script = spew(tmp('s.ch'), join "\n", 'expect "# " 60s', 'console off',
    'send "dd if=/dev/zero of=/dev/vdb bs=4k count=40; echo $((40+2))\n"',
    'run-for 5ms', 'run-for 5ms', 'json info disk', 'hash', 'mark here',
    'expect "42\n" 20s', 'run-for 1s', 'json info disk', 'hash', 'goto here',
    'json info disk', 'hash', 'goto now', 'json info disk', 'hash', '');
my @machine = ('--drive', "$root,overlay", '--drive',
    "$swap,overlay,cut=3,fail=write#9-12", '--timing', 'fast');
my ($status, $text, $err) = clockhand(@machine, '-x', $script);
is($status, 0, 'a session with a disk that fails, and goes back') or diag($text, $err);
my @hash = "$text$err" =~ /^hash (\w+)$/mg;
my @unflushed = $text =~ /"unflushed_bytes":(\d+).*?"unflushed_bytes":(\d+)/g;
is($hash[2], $hash[0], 'back in time the hash is the old one');
is($hash[3], $hash[1], '... and the present one in the present');
isnt($hash[0], $hash[1], '... which differ');
isnt($unflushed[1], $unflushed[3], '... as the write cache does');
is($unflushed[1], $unflushed[5], '... and comes back');
done_testing;
