#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The guest's limits and refusals are those of this host's Linux. Programs, compiled for both, print
# the result of each call; in the guest they run once in tmpfs and once on the disk.
use lib 'tests/lib';
use File::Temp qw(tempdir);
use Clockhand;
use Qemu;

plan skip_all => 'only root may give its rights away' if $>;
my $build = $ENV{BUILD} || 'build';
my $dir = tempdir(CLEANUP => 1, -w '/dev/shm' ? (DIR => '/dev/shm') : ());

my @names = qw(limit rights edge self);
my @flags = map { "-Wno-$_" } qw(unused-result stringop-overflow stringop-overread);
my %put;
mkdir "$dir/work";
chmod 0777, "$dir/work";
chmod 0755, $dir;
for my $name (@names) {
    my ($host, $guest) = compile_both("tests/guest/${name}_calls.c", @flags);
    system('cp', $host, "$dir/$name") == 0 or die; # where every user may run it
    $put{"tests/$name"} = $guest;
}
my @calls = map { split /\n/, qx{$dir/$_ $dir/work $dir/$_} } @names;
is($calls[-1], 'end', 'the host made the calls');
cmp_ok(scalar @calls, '>', 5000, '... many of them');

my $image = qemu_image(%put);
for my $where ('/tmp', '/root') {
    my $all = join '; ', map { "/tests/$_ $where/c /tests/$_" } @names;
    my ($got, $status) = qemu_run("chmod o+x $where; mkdir -p -m 777 $where/c; $all",
        image => $image, ram => '64M', timeout => 150);
    # (ext2 has no fallocate, in the guest as on Linux.)
    my @want = grep { $where eq '/tmp' || !/^fallocate/ } @calls;
    my @got  = grep { $where eq '/tmp' || !/^fallocate/ } split /\n/, $got;
    my @wrong = grep { $want[$_] ne ($got[$_] // '') } 0 .. $#want;
    is(scalar @wrong, 0, "$where: guest and host agree on " . @want
            . ' results')
        or diag(map { "host '$want[$_]', guest '" . ($got[$_] // '') . "'\n" }
            @wrong[0 .. ($#wrong < 39 ? $#wrong : 39)]);
    is(scalar @got, scalar @want, "$where: they agree on the number of results");
}

# A line that is typed is told of by a signal.
my ($code, $out, $err) = clockhand('-x', spew(tmp('terminal.ch'), <<'CH'), '--timing', 'fast', '--drive', "$image,overlay");
expect "# " 10s
send "/tests/edge terminal\n"
expect "the group: 1; waiting" 20s
send "text\n"
expect "line: signal 10 code 1" 20s
CH
is($code, 0, 'O_ASYNC of the terminal') or diag($out, $err);

# Disks are files: a read returns the disk's bytes. A disk that is mounted or
# used as swap cannot be written; any other disk can be, even part of a sector.
my $blank = "$dir/blank";
system("head -c 1048576 /dev/zero > $blank") == 0 or die;
my ($got, $status) = qemu_script(<<'SH', swap => $blank);
dd if=/dev/vda bs=1000 skip=5001 count=300 2>/dev/null | md5sum
blockdev --getsize64 /dev/vdb
wc -c < /dev/vdb
printf hello | dd of=/dev/vdb bs=1 seek=1000000 conv=notrunc 2>/dev/null
tail -c 48576 /dev/vdb | head -c 5; echo
(echo x > /dev/vda) 2>&1
mkswap /dev/vdb >/dev/null && swapon /dev/vdb && (echo x > /dev/vdb) 2>&1
swapoff /dev/vdb
dd if=/dev/zero of=/dev/vdb bs=64k 2>&1 | grep -v seconds
SH
my $part = "dd if=$build/guest/root.img bs=1000 skip=5001 count=300";
my $sum = qx{$part 2>/dev/null | md5sum};
like($got, qr/^$sum/, '/dev/vda is read across sectors');
like($got, qr/^1048576\n1048576\nhello$/m, '/dev/vdb: its size; bytes written are read back');
like($got, qr/can't create \/dev\/vda: (Device or )?[Rr]esource busy/,
    'a mounted disk cannot be written');
like($got, qr/can't create \/dev\/vdb: (Device or )?[Rr]esource busy/,
    'nor can a disk used as swap');
like($got, qr/No space left.*^17\+0 records in\n16\+0 records out/ms,
    'a write stops at the end of the disk');
done_testing();
