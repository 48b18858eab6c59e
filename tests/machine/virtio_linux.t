#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Linux's own drivers use two disks at once, one by legacy and one by modern virtio-mmio. The guest's
# commands read the negotiated features, run dd with and without the page cache, in both modes of
# the write cache, discard a range, run fstrim, and read a half-written extent. Then e2fsck and this
# test check the disks. `make soak` (SOAK=1) also exchanges legacy and modern, in cycle timing.
use lib 'tests/lib';
use Digest::MD5 qw(md5_hex);
use Clockhand;
use Debian;

my $images = debian_images();
$ENV{TEST_TIMEOUT} = 600;
my $MIB = 1 << 20;

# SEG_MAX GEOMETRY BLK_SIZE FLUSH TOPOLOGY CONFIG_WCE DISCARD WRITE_ZEROES
# INDIRECT_DESC EVENT_IDX: all offered features that Linux's driver knows.
my @taken = (2, 4, 6, 9, 10, 11, 13, 14, 28, 29);
my $root_features = join '', map { my $b = $_; (grep { $_ == $b } @taken) ? 1 : 0 } 0 .. 63;
(my $data_features = $root_features) =~ s/^(.{32})0/${1}1/; # VERSION_1

my $fill = 'abcdefgh' x ($MIB / 8);
my $busybox; # the guest's: a file of 2 MB

# The commands typed, and their answers. vda is the root, vdb the data disk.
sub session {
    my ($modern_root) = @_;
    my @features = $modern_root ? ($data_features, $root_features)
                                : ($root_features, $data_features);
    return (
        [ 'cat /sys/block/vda/device/features', qr/\A$features[0]\n\z/ ],
        [ 'cat /sys/block/vdb/device/features', qr/\A$features[1]\n\z/ ],
        [ 'cd /sys/block/vdb; cat queue/discard_max_bytes', qr/\A2147483136\n\z/ ],
        [ 'cat queue/write_zeroes_max_bytes', qr/\A2147483136\n\z/ ],
        [ 'cat queue/max_segments queue/discard_granularity size cache_type',
            qr/\A254\n512\n16384\nwrite back\n\z/ ],
        [ 'b=/bin/busybox d=/dev/vdb', undef ],
        [ 'dd if=$b of=$d bs=4k seek=256 oflag=direct conv=sync', qr/records out/ ],
        [ 'echo 3 > /proc/sys/vm/drop_caches', undef ],
        [ "dd if=\$d bs=1M skip=1 | head -c @{[length $busybox]} | md5sum",
            qr/^\Q@{[md5_hex($busybox)]}\E  -$/m ],
        [ 'echo write through > cache_type; cat cache_type', qr/\Awrite through\n\z/ ],
        [ 'dd if=$b of=$d bs=64k seek=80 count=8 conv=fsync', qr/8\+0 records out/ ],
        [ 'echo write back > cache_type; cat cache_type', qr/\Awrite back\n\z/ ],
        [ 'blkdiscard -o 5505024 -l 131072 /dev/vdb; echo $?', qr/\A0\n\z/ ],
        [ 'dd if=$d bs=64k skip=84 count=2 | md5sum',
            qr/^\Q@{[md5_hex("\0" x 131072)]}\E  -$/m ],
        [ 'cd /root; for i in 1 2 3 4 5 6; do cp $b f$i; done', qr/\A\z/ ],
        [ 'sync; rm f1 f3 f5; sync', qr/\A\z/ ],
        [ 'fstrim -v / || fstrim /; echo $?', qr/^0$/m ],
        [ 'fallocate -l 24576 p; dd if=$b of=p bs=4k count=1 seek=3 conv=notrunc', undef ],
        [ 'sync', undef ],
        [ 'echo 3 > /proc/sys/vm/drop_caches', undef ],
        [ 'for i in f2 f4 f6; do cmp $b $i && echo same; done', qr/\Asame\nsame\nsame\n\z/ ],
        [ 'head -c 12288 p | md5sum', qr/\A\Q@{[md5_hex("\0" x 12288)]}\E  -\n\z/ ],
        # reads, writes, discards, flushes
        [ 'cat /sys/block/vda/stat', qr/\A +[1-9]\d*(?: +\d+){3} +[1-9]\d*(?: +\d+){6} +[1-9]\d*(?: +\d+){3} +[1-9]/ ],
        [ 'poweroff' ],
    );
}

sub answers {
    my $out = shift =~ s/\r|\e\[6n//gr;
    my (undef, @parts) = split /^\Q$PROMPT\E/m, $out;
    return map { s/\A[^\n]*\n//r } @parts;
}

# Returns what the 8 MiB of the data disk must be at the end.
sub expected {
    my $disk = $fill x 8;
    my $n = length $busybox;
    substr($disk, $MIB, $n) = $busybox;
    my $tail = -$n % 4096; # conv=sync
    substr($disk, $MIB + $n, $tail) = "\0" x $tail;
    substr($disk, 80 * 65536, 8 * 65536) = substr $busybox, 0, 8 * 65536;
    substr($disk, 5505024, 131072) = "\0" x 131072;
    return $disk;
}

sub boot {
    my ($modern_root, @more) = @_;
    my $what = $modern_root ? 'root modern, data legacy' : 'root legacy, data modern';
    run_command('', 'cp', "$images/root.img", tmp('disk'));
    my $data = spew(tmp('data'), $fill x 8);
    my @session = session($modern_root);
    my ($root_how, $data_how) = $modern_root ? ('', ',legacy') : (',legacy', '');
    my ($out) = succeeds("$what: powers off, status 0",
        clockhand(boot_arguments(tmp('disk') . $root_how),
        '--drive', $data . $data_how, '--timing', 'fast', '--disk-model', 'ssd',
        '--stats', tmp('stats'), @more, '-x',
        type_and_expect(tmp('session.ch'), map { $_->[0] } @session)));
    my @answers = answers($out);
    for my $i (0 .. $#session - 1) {
        my ($command, $pattern) = @{ $session[$i] };
        like($answers[$i] // '(no answer)', $pattern, "$what: $command") if $pattern;
    }
    my ($status2, $out2) = run_command('', 'e2fsck', '-fn', tmp('disk'));
    is($status2, 0, "$what: e2fsck finds nothing") or diag($out2);
    ok(slurp($data) eq expected(), "$what: the data disk, as the host sees it");
}

run_command('', 'debugfs', '-R', 'dump /bin/busybox ' . tmp('busybox'),
    "$images/root.img");
$busybox = slurp(tmp('busybox'));
boot(0);
boot(1, '--timing', 'cycle') if $ENV{SOAK};
done_testing;
