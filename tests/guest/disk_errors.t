#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# If a disk with swap or files fails (--drive FILE,fail=...), programs get the same
# errors as on Linux; the kernel neither panics nor hangs nor forgets that its file
# system is damaged. SOAK=1: swap under two more policies.
use lib 'tests/lib';
use Clockhand;

my ($disk, $swap) = map { tmp("$_.img") } qw(disk swap);
mkdir tmp('tree');
system('riscv64-linux-gnu-gcc', '-D_GNU_SOURCE', '-O1', '-Wall', '-Werror', '-static', '-s',
    'tests/guest/disk_errors.c', '-o', tmp('tree/errors')) == 0 or die;
spew(tmp("tree/$_"), $_ x 65536) for qw(r s w);
spew(tmp('tree/big'), 'x' x (10 << 20)); # with 40 indirect blocks of 1 KiB
mkdir tmp("tree/$_") for qw(old old/d new);
spew($swap, '');
truncate $swap, 16 << 20;

# fresh makes a disk with the given block size. sector finds a block's number in the output of
# a program about the disk, and returns the block's first sector (if $last, its last).
my $size;
sub fresh {
    $size = shift;
    unlink $disk;
    system("mke2fs -q -t ext2 -b $size -m 0 -O none,filetype,sparse_super,"
        . "large_file -d @{[tmp('tree')]} $disk 16M >/dev/null 2>&1") == 0 or die;
}
sub sector {
    my ($program, $number, $last) = @_;
    my ($block) = qx($program $disk 2>/dev/null) =~ $number or die;
    return $last ? ($block + 1) * $size / 512 - 1 : $block * $size / 512;
}

# Runs the command with a disk that fails. Its output must match $want.
sub fails {
    my ($what, $drive, $cmd, $want, @options) = @_;
    my ($status, $out, $err) = guest("$cmd; echo 1 >/proc/audit && echo clean",
        '--drive', build() . '/guest/root.img,overlay', '--drive', $drive, '--timing', 'fast',
        '--max-sim-time', '300s', '--stats', tmp('stats'), @options);
    my $failed = json(slurp(tmp('stats')))->{disks}[1]{failed};
    $out =~ s/^I\/O error.*\n//mg;
    ok($status == 0 && $failed && $out =~ /^clean$/m && $out =~ $want,
        "$what: $failed requests failed, and programs learn of it; no panic, clean audit")
        or diag($status, $out, $err);
}
my $mount = 'mount -t ext2 /dev/vdb /mnt; cd /mnt';

for my $block (4096, 1024) {
    fresh($block);
    # One page of a file cannot be read; its neighbours and other files can be. Each
    # failed write of a page is reported once to each opener; the page stays in memory.
    my $pages = 4096 / $block;
    my ($r, $w) = (sector("debugfs -R 'blocks /r'", qr/^(?:\d+ ){$pages}(\d+)/),
        sector("debugfs -R 'blocks /w'", qr/^(\d+)/, 1));
    fails("block size $block", "$disk,fail=read:$r,fail=write:$w",
        "$mount; for f in r s; do ./errors rtnrtbnrtnrt \$f; done; ./errors ni r; "
            . "for f in w s; do ./errors wffooymmwdsfwafo \$f; done; cd /; umount /mnt",
        qr/^r:\ r=4096\ t=114\ n=4096\ r=EIO\ t=SIGBUS\ b=EFAULT(\ n=\d+\ r=4096\ t=114){2}\ rrr\n
        s:\ r=4096\ t=115\ n=4096\ r=4096\ t=115\ b=10(\ n=\d+\ r=4096\ t=115){2}\ sss\n
        r:\ n=4096\ i=SIGBUS\ after\ SIGILL,\ here\ rrr\n
        w:\ w=1\ f=EIO\ f=0\ o=EIO\ o=0\ y=121\ m=EIO\ m=0\ w=1\ d=EIO\ s=EIO\ f=EIO\ w=1\ a=EIO\ f=0\ o=EIO\ xyz\n
        s:\ w=1\ f=0\ f=0\ o=0\ o=0\ y=121\ m=0\ m=0\ w=1\ d=0\ s=1\ f=0\ w=1\ a=0\ f=0\ o=0\ xyz\n/mx);
    is((run_command('', 'e2fsck', '-fn', $disk))[0], 0, '... metadata are sound');
}

# All flushes fail, or only the sixth. (The first is for the mark "not clean", four more for the first fsync's phases.)
my %flush = ('flush' => qr/f=EIO f=EIO o=EIO y=121 m=EIO/, 'flush#6' => qr/f=0 f=EIO o=0 y=121 m=0/);
for (sort keys %flush) {
    fresh(4096);
    fails($_, "$disk,fail=$_", "$mount; ./errors wffoym w", $flush{$_});
}

# If the new name does not reach the disk, nothing was moved (a file, a directory; to a new name, to an old one).
for my $move ('s t', 's w', 'a b', 'a c', 'a/x c') {
    fresh(4096);
    my ($from, $to) = split ' ', $move;
    fails("mv $move", "$disk,fail=flush#6", "$mount; mkdir -p a/x c; sync; ls -ldi a a/x c s w >/tmp/1; mv -T $from $to; "
        . "ls -ldi a a/x c s w | cmp - /tmp/1 && echo same; head -c 3 s; head -c 3 w; echo; ls b t; cd /; umount /mnt", qr/^same\nssswww/m);
    is((run_command('', 'e2fsck', '-fn', $disk))[0], 0, '... metadata are sound');
}

# While mv waits for the disk, the pages of directories leave memory, and one cannot be read again: the
# old name's, or that with a directory's "..". Either all is moved or nothing.
for my $case (['f', 'old', 250], ['d', 'old/d', 60]) {
    my ($name, $dir, $ms) = @$case;
    fresh(4096);
    my $unread = sector("debugfs -R 'blocks /$dir'", qr/^(\d+)/);
    my $drop = 'echo 1 >/proc/sys/vm/drop_caches';
    fails("mv old/$name, $ms ms", "$disk,fail=read:$unread#2", "$mount; ls old old/d new >/dev/null; "
        . "dd if=/dev/zero of=old/f bs=64k count=64 2>/dev/null; (if mv -T old/$name new/t 2>/dev/null; "
        . "then test -e new/t -a ! -e old/$name; else test ! -e new/t -a -e old/$name; fi && echo sound) & "
        . "usleep ${ms}000; $drop; wait; sync; $drop; ls old old/d new/t >/dev/null; cd /; umount /mnt",
        qr/^sound\n/m, '--ram', '32M');
    is((run_command('', 'e2fsck', '-fn', $disk))[0], 0, '... metadata are sound');
}

# After 60 s kflushd fails to write the block with w's inode. Then reading big evicts that
# block's buffer for big's indirect blocks; fsync must still report the error.
fresh(1024);
my $table = sector("debugfs -R 'imap /w'", qr/block (\d+)/);
fails('a block of metadata could not be written', "$disk,fail=write:$table#1", "$mount; "
    . "echo more >>w; sleep 80; cat big >/dev/null; ./errors ff s; cd /; umount /mnt",
    qr/^s: f=EIO f=0/m, '--ram', '8M');
is((run_command('', 'e2fsck', '-p', $disk))[0], 1, '... e2fsck -p repairs the disk, without -f');
# Another file's fsync, and sync, do not take the error of a block of pointers from the file itself.
fresh(1024);
my $pointers = sector("debugfs -R 'stat /w'", qr/\(IND\):(\d+)/);
fails('a block of pointers could not be written', "$disk,fail=write:$pointers#1", "$mount; "
    . "echo more >>w; sync; ./errors f s; ./errors SSffo w; cd /; umount /mnt",
    qr/^s: f=0 sss\nw: S=EIO S=0 f=EIO f=0 o=EIO/m);
fresh(4096);
my $bitmap = sector('dumpe2fs', qr/Inode bitmap at (\d+)/);
fails('a bitmap could not be read', "$disk,fail=read:$bitmap",
    "$mount; mkdir x; rm w; echo y >r; cd /; umount /mnt", qr/clean/);
isnt((run_command('', 'e2fsck', '-p', $disk))[0], 0, '... e2fsck -p finds the disk not clean');

# Tests swap. If pages cannot be written to swap, Linux kills a process for want of memory.
my $hog = 'hog 12M; echo hog $?';
for ((map { ["$_: most of swap cannot be written", 'write:800-32767', $hog, qr/^hog (137|3)$/m, $_],
        ["$_: a page of swap cannot be read", 'read#100', "$hog; $hog",
            qr/^hog (135|3)\n(.*\n)*hog 0$/m, $_] } qw(clock linux612), $ENV{SOAK} ? qw(sunos mach97) : ()),
    ['writes to swap fail for a while', 'write#5-200', $hog, qr/: 0 pages wrong.*\n(.*\n)*hog 0$/m],
    ['tmpfs pages that cannot be written', 'write', 'echo words >/tmp/w; '
        . 'dd if=/dev/zero of=/tmp/a bs=64k count=60 2>/dev/null; hog 4M; cat /tmp/w; '
        . 'rm /tmp/a; hog 3M; echo hog $?; swapoff /dev/vdb; echo off $?',
        qr/words\n(.*\n)*hog 0\noff 0$/m]) {
    my ($what, $fault, $cmd, $want, $policy) = @$_;
    fails($what, "$swap,overlay,fail=$fault", $cmd, $want, '--ram', '8M', '--append',
        'swap=/dev/vdb', $policy ? ('--policy', $policy) : ());
}
done_testing;
