#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# `save` saves an overlay's writes, and the whole content of a disk that is held in memory. It does
# not save a disk's own file, which must have the same content when the machine is loaded: else the
# guest's cached blocks would not match the disk. Machines with different disks have different hashes.
use lib 'tests/lib';
use Clockhand;

my $image = tmp('disk.img');
my $save = tmp('a.sav');
my $size = 65 << 20;
my @root = ('--ram', '8M', '--drive', build() . '/guest/root.img,overlay');

# Makes the file, with these strings at these places and holes between them.
sub fill {
    my %at = @_;
    unlink $image;
    open my $f, '>', $image or die;
    truncate $f, $size;
    for (sort keys %at) {
        seek $f, $_, 0;
        print $f $at{$_};
    }
    close $f;
}

sub script {
    my ($drive, $lines, @options) = @_;
    my $file = spew(tmp('s.ch'), join "\n", @$lines, '');
    return clockhand(@root, '--drive', "$image$drive", @options, '-x', $file);
}

my @write = ('expect "# " 60s', 'console off', 'send "echo kept words > /tmp/w; '
        . 'dd if=/tmp/w of=/dev/vdb bs=512 seek=131072 conv=notrunc,sync; echo $((40+2))\n"',
    'expect "42\n" 20s');
my @save = ("save $save", 'print disks.1.unflushed_bytes', 'json info disk', 'run-for 20ms', 'hash');
my @read = ('run-for 20ms', 'hash', 'send "dd if=/dev/vdb bs=512 skip=131072 count=1 | head -c 10\n"',
    'expect "kept words" 20s');
for my $drive ('', ',overlay,cut=3,fail=write#2') {
    my $what = $drive ? 'an overlay, with a write cache' : 'a disk\'s own file';
    fill(0 => 'first', $size - 4096 => 'last');
    my ($status, $went_on, $err) = script($drive, [@write, @save]);
    is($status, 0, "$what: written to, and saved") or diag($err);
    ($status, my $out, $err) = script($drive, \@read, '--load', $save);
    is($status, 0, '... loaded: the words are on the disk') or diag("$out$err");
    my ($want, $got) = map { /^hash (\w+)$/m } $went_on, $out;
    is($got, $want, '... and the same hash follows');
    if ($drive) {
        like($went_on, qr/^4096\n.*"unflushed_bytes":4096/ms, '... with a page in its write cache');
        ($status) = script($drive, ['send "echo | dd of=/dev/vdb conv=fsync || echo $((50+5))\n"',
                'expect "55\n" 20s'], '--load', $save);
        is($status, 0, '... and the second write fails');
        for my $cut (qw(cut=4 cut=3:8)) {
            (undef, undef, $err) = script($drive =~ s/cut=3/$cut/r, \@read, '--load', $save);
            like($err, qr/: saved with another cut= or fail= of --drive\n\z/, "... $cut: refused");
        }
    }
    open my $f, '+<', $image or die;
    seek $f, $size - 10, 0;
    print $f 'x';
    close $f;
    ($status, undef, $err) = script($drive, \@read, '--load', $save);
    is($status, 2, '... with one byte of the file changed: refused');
    like($err, qr/^clockhand: \S+a\.sav: \S+disk\.img: a disk's file has changed since\n\z/,
        '... in one line');
}

# If a machine is saved at its end, its power is not cut, and nothing is lost yet. When it is loaded
# and its power is cut, it loses the same bytes as a machine that was cut without being saved.
my %left;
for my $seed (5 .. 8) {
    fill(512 * 131072 => 'older words');
    script(",cut=$seed", \@write);
    my $lost = slurp($image);
    fill(512 * 131072 => 'older words');
    script(",cut=$seed", \@write, '--save', $save);
    like(slurp($image), qr/kept words/, 'saved: nothing is lost yet');
    script(",cut=$seed", ['run-for 1us'], '--load', $save);
    ok(slurp($image) eq $lost, '... loaded, and the power cut: the same loss as without a save');
    $left{$lost =~ /(\w+) words/ ? $1 : 'nothing'}++;
}
is(join(' ', sort keys %left), 'kept older', 'the seed decides whether the write is lost or kept');

# If a machine writes to its disk's file after it was saved, the save cannot be loaded.
fill(0 => 'first');
my ($status, undef, $err) = script('', [@write, @save, 'send "dd if=/bin/busybox of=/dev/vdb '
        . 'bs=4096 count=1 conv=notrunc,fsync; echo $((70+7))\n"', 'expect "77\n" 20s', "load $save"]);
is($status, 2, 'load after a write to the disk\'s file: refused');
like($err, qr/disk\.img: a disk's file has changed since/, '... says why');

# The hash depends on the content alone, not on the host's way to store it.
my %hash;
for my $is (['a hole', 0 => 'first'], ['zeros', 0 => 'first', 1 << 20 => "\0" x 8192],
    ['other words', 0 => 'First'], ['another place', 512 => 'first']) {
    my ($what, @at) = @$is;
    fill(@at);
    ($status, my $out, $err) = script(',ro', ['run-for 1ms', 'hash']);
    ($hash{$what}) = $out =~ /^hash (\w+)$/m;
}
is($hash{zeros}, $hash{'a hole'}, 'zeros and a hole: the same hash');
isnt($hash{'other words'}, $hash{'a hole'}, 'other content: another hash');
isnt($hash{'another place'}, $hash{'a hole'}, 'the same content at another place: another hash');

# A replay needs the disk's file as it was when the recording began.
my $log = tmp('log');
fill(0 => 'first');
($status, undef, $err) = script('', \@write, '--record', $log, '--hash');
is($status, 0, 'recorded while the disk is written to') or diag($err);
my ($end) = $err =~ /^(hash \w+)$/m;
sub replay { return clockhand(@root, '--drive', $image, '--replay', $log, '--hash') }
($status, undef, $err) = replay();
is($status, 2, 'replayed with the written file: refused');
like($err, qr/disk\.img: a disk's file has changed since/, '... says why');
fill(0 => 'first');
($status, undef, $err) = replay();
is($status, 0, 'with the file as it was: replayed') or diag($err);
like($err, qr/^$end$/m, '... to the same hash');
done_testing;
