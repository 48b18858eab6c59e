#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# /dev/vdb is a disk used as a file. Writes to it wait in memory, and are merged and queued like
# writes to a file; fsync and sync bring them to the disk, and no reader sees older bytes meanwhile.
# (Pages were once written one by one, 4 MiB in 6.4 s; and fsync did nothing.)
use lib 'tests/lib';
use Clockhand;
use Qemu;

my ($status, $disk) = (0, tmp('disk.img'));
sub raw {
    my ($command, $drive, @options) = @_;
    my ($status, $out, $err) = guest("cd /dev; w() { dd if=/dev/zero of=vdb conv=notrunc \"\$@\" "
        . "2>/dev/null; }; $command; echo 1 > /proc/audit && echo clean", '--drive',
        build() . '/guest/root.img,overlay', '--drive', "$disk$drive", '--stats', tmp('stats'),
        '--max-sim-time', '100s', @options);
    like($out, qr/^clean$/m, '... and a clean audit') or diag($status, $out, $err);
    return ($out, json(slurp(tmp('stats')))->{disks}[1]);
}
my $time = 'cut -d" " -f1 /proc/uptime';

# Writes become few long requests for consecutive sectors, at the disk's own speed, with any block size.
spew($disk, 'x' x ((4 << 20) + 1536)); # ends in the middle of a page
for my $bs (qw(1M:4 64k:64 4k:1024)) {
    my ($size, $count) = split /:/, $bs;
    my ($out, $stats) = raw("$time; w bs=$size count=$count; $time", '');
    my ($from, $to) = $out =~ /^([\d.]+)$/mg;
    cmp_ok($to - $from, '<', build() =~ /sleeping/ ? 20 : 1, "bs=$size: 4 MiB in " . ($to - $from) . ' s');
    cmp_ok($stats->{writes}, '<', 60, "... in $stats->{writes} requests");
    is($stats->{reads}, 1, '... whole pages are not read first'); # (the one read: swap's header)
    ok(slurp($disk) eq "\0" x (4 << 20) . 'x' x 1536, '... and no other bytes change');
}

my ($out) = raw('w bs=512 seek=8193 count=1; echo $?; w bs=512 seek=8195 count=1; echo $?', '');
ok($out =~ /^0\n1\n/ && slurp($disk) eq "\0" x (4 << 20) . 'x' x 512 . "\0" x 512 . 'x' x 512,
    'a sector of the last page is written, one beyond the end is not');
# Only a flush makes a write durable.
for my $how ('', ',fsync') {
    my (undef, $stats) = raw("w bs=4k count=9 conv=notrunc$how", ',cut=1');
    is($stats->{unflushed_bytes}, $how ? 0 : 36864, "conv=notrunc$how: bytes that are not flushed");
}
(undef, my $stats) = raw('exec 3<>vdb; echo words >&3; sync; cat /proc/uptime', ',cut=1');
is($stats->{unflushed_bytes}, 0, 'sync writes a disk that is open, and flushes it');
like(slurp($disk), qr/\Awords\n\0/, '... with the words');

# Readers see the bytes written last, by a writer or by a file system. A disk that is
# open for writing cannot be mounted or swapped to, a mounted one cannot be swapped to.
truncate $disk, 1 << 20;
system("mke2fs -q -t ext2 -F $disk >/dev/null 2>&1") == 0 or die;
($out) = raw(q(exec 3<>vdb; dd of=vdb bs=1 seek=512 conv=notrunc <<e 2>/dev/null
other
e
dd if=vdb bs=512 skip=1 count=1 2>/dev/null | head -c 6; cat vdb >/dev/null
mount -t ext2 vdb /mnt 2>&1; exec 3>&-; mount -t ext2 vdb /mnt && echo mine >/mnt/f; sync
swapon vdb 2>&1; umount /mnt; exec 3<>vdb; tr -c a-z '\n' <vdb | grep -c ^mine
mkswap vdb >/dev/null; swapon vdb 2>&1; exec 3>&-; swapon vdb && swapoff vdb && echo swapped), '');
my $busy = 'Device or resource busy\n';
like($out, qr/^other\nmount: mounting \S+ on \S+ failed: ${busy}swapon: vdb: ${busy}1\nswapon: vdb: ${busy}swapped$/m,
    'a reader sees the newest bytes; a disk in use is not mounted or swapped to') or diag($out);

# A read() that goes on after the last writer's close leaves no pages to a later writer.
my $files = tmp('files');
mkdir $files or die;
spew("$files/f", 'x' x (6 << 20));
truncate $disk, 8 << 20;
system("mke2fs -q -t ext2 -d $files -F $disk >/dev/null 2>&1") == 0 or die;
my (undef, $calls) = compile_both('tests/guest/disk_calls.c');
my $image = qemu_image('tests/calls' => $calls, 'f' => "$files/f");
($status, $out) = guest('/tests/calls /dev/vdb /f', '--drive', "$image,overlay", '--drive', "$disk,overlay",
    '--ram', '32M', '--timing', 'fast', '--max-sim-time', '100s');
is($out, "end\n", 'pages of a disk that somebody read while it was closed are not used later');
done_testing;
