#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# File calls in the guest have the results of this host's Linux: a script (run by busybox
# and by the host's sh) and a C program run in the guest's tmpfs and in a directory of the
# host, and must print the same. The guest alone is tested for mounts, for leaks of inodes
# and names, and for ext2 in the least and greatest block size, with SOAK=1 in all.
use lib 'tests/lib';
use File::Temp qw(tempdir);
use Clockhand;
use Qemu;

# The host uses a tmpfs, too, if it has one: the same kind of file system.
my $dir = tempdir(CLEANUP => 1, -w '/dev/shm' ? (DIR => '/dev/shm') : ());

# The lines print only what must be the same in every kind of file system of Linux.
my $script = <<'SH';
umask 022
exec 2>/dev/null
say() { echo "$1: $2"; }
try() { "$@" 2>/dev/null; say "$*" $?; }
# A directory's size depends on the file system: not printed.
look() { for f; do
    if [ -d "$f" ]; then say "$f" "$(stat -c '%A %h %F' "$f")"
    else say "$f" "$(stat -c '%A %h %s %F' "$f")"; fi
done; }
try mkdir a
try mkdir a
try mkdir a/b/c
try mkdir -p a/b/c
look a a/b
try rmdir a
try rmdir a/b/c
echo hello > a/f; look a/f
echo more >> a/f; cat a/f
try ln a/f a/g
look a/f
try ln a/f a/g
try ln -s f a/l
try ln -s /nowhere a/dangling
look a/l
readlink a/l
readlink a/dangling
cat a/l
try cat a/dangling
try test -e a/dangling
try test -L a/dangling
echo through > a/l; cat a/f
try mv a/f a/h
cat a/h a/g
try test -e a/f
rm a/h
ls -1 a
echo x > one; echo y > two
try mv one two
cat two
try mkdir d1
try mkdir d2
echo in > d2/file
try mv d1 d2
ls -1 d2
try mv d2 d2/d1
try mkdir e1
try mkdir e2
try mv -T e1 e2
try test -d e1
try mkdir full
echo 1 > full/x
try mv -T e2 full
try mv -T full e2
ls -1 e2
try rmdir e2
try rm e2/x
try rmdir e2
try rm nothing
try cat d2/file/x
try cd two
ls missing/ || say missing no
try cat two/
try mkdir two
try mkdir two/x
printf 0123456789 > n
dd if=n bs=1 skip=3 count=4 2>/dev/null; echo
printf XY | dd of=n bs=1 seek=5 conv=notrunc 2>/dev/null; cat n; echo
printf abc | dd of=n bs=1 seek=20000 conv=notrunc 2>/dev/null; look n
od -An -tx1 -j19995 n
md5sum < n
: > n; look n
truncate -s 10000 n 2>/dev/null; look n
md5sum < n
truncate -s 3 n; od -An -c n
printf zzz >> n; cat n | od -An -c
chmod 640 n; look n
chmod u+s,a+x n; look n
chmod 1777 d2; look d2
(umask 077; echo > private; mkdir pd); look private pd
touch -d @1000000000 two; stat -c %Y two
touch -r two n; stat -c %Y n
try test n -nt private
mkfifo p; look p
(echo through the pipe > p &) ; cat p
exec 3> held; echo one >&3; rm held; echo two >&3; say held $?
exec 3>&-
exec 4< two; cat <&4; cat <&4; exec 4<&-
(exec 5> d2; say open yes) || say open no
set -C; (echo over > two) || say noclobber no; set +C
i=0; while [ $i -lt 150 ]; do echo $i > "d2/a long name of a file number $i"; i=$((i+1)); done
ls -1 d2 | wc -l
ls -1 d2 | sort | md5sum
rm d2/a*; ls -1 d2
n=$(printf %0255d 7); echo x > "$n"; say 255 $?; (echo x > "${n}8") || say 256 no
ln -s loop2 loop1; ln -s loop1 loop2; try cat loop1
ln -s . here; cat here/here/here/two
ln -s ../x/../here/two up; mkdir x; cat x/../up 2>/dev/null; say up $?
mkdir w; cd w; rmdir ../w; ls; (echo x > y) || say gone yes; cd ..
head -c 300000 /dev/zero | tr '\0' 'q' > big; look big; md5sum < big
cp big big2; cmp big big2; say cmp $?
dd if=big of=big2 bs=7777 conv=notrunc 2>/dev/null; cmp big big2; say cmp $?
cat two /dev/null > both; cat both
head -c 100000 /dev/zero | md5sum
head -c 200000 /dev/zero | (sleep 0.2; wc -c)
(yes; say never) | head -1
sh -c 'exit 7'; say status $?
echo end
SH

mkdir "$dir/host";
open my $f, '>', "$dir/script" or die;
print $f $script;
close $f;
my $want = qx{cd $dir/host && LC_ALL=C sh $dir/script 2>/dev/null};
my ($got, $status) = qemu_script("cd /tmp\n$script");
is($status, 0, 'the script ends');
my @want = split /\n/, $want;
my @got  = split /\n/, $got;
cmp_ok(scalar @want, '>', 100, 'the host ran the script');
is($want[-1], 'end', '... to its end');
my $differ = 0;
for my $i (0 .. $#want) {
    my ($w, $g) = ($want[$i], $got[$i] // '(nothing)');
    next if $w eq $g;
    diag("line $i: host '$w', guest '$g'");
    last if ++$differ == 12;
}
is($differ, 0, 'guest and host agree on ' . @want . ' lines');
is(scalar @got, scalar @want, '... and on their number');

# A C program, compiled for host and guest, makes calls that the commands do not make.
my ($host, $guest) = compile_both('tests/guest/file_calls.c',
    '-Wno-unused-result', '-Wno-stringop-overflow', '-Wno-stringop-overread');
mkdir "$dir/calls";
# If an ordinary user runs this test, the guest's root gives up its rights.
my $as = $> ? 'ordinary' : '';
$want = qx{$host $dir/calls $as};
($got, $status) = qemu_run(
    'mkdir /tmp/calls; /tests/calls /tmp/calls ' . $as,
    image => qemu_image('tests/calls' => $guest));
is($status, 0, 'the calls end');
@want = split /\n/, $want;
@got  = split /\n/, $got;
cmp_ok(scalar @want, '>', 200, 'the host made the calls');
my @wrong = grep { $want[$_] ne ($got[$_] // '') } 0 .. $#want;
is(scalar @wrong, 0, 'guest and host agree on ' . @want . ' results')
    or diag(map { "host '$want[$_]', guest '" . ($got[$_] // '') . "'\n" }
        @wrong[0 .. ($#wrong < 9 ? $#wrong : 9)]);

# No leaks: files, names and inodes in memory do not grow.
($got) = qemu_script("cd /tmp\nfor i in 1 2 3 4; do\nmkdir q; cd q\n(\n"
        . "$script) >/dev/null\ncd ..; rm -rf q\n"
        . 'echo $(cat /proc/sys/fs/file-nr /proc/sys/fs/inode-nr '
        . "/proc/sys/fs/dentry-state; grep Shmem /proc/meminfo)\ndone\n");
my @round = split /\n/, $got;
is(scalar @round, 4, 'four rounds of the script');
is($round[3], $round[1], 'no file, inode, name or page is left behind');
like($round[3] // '', qr/Shmem: 0 kB/, 'tmpfs is empty');

# Mounting and unmounting; a busy file system stays mounted.
($got, $status) = qemu_script(<<'SH');
cd /
exec 2>/dev/null
r() { test $? = 0 && echo "$* yes" || echo "$* no"; }
use() {
    mount -t tmpfs t /mnt; mkdir -p /mnt/a/b; echo hi > /mnt/a/b/f
    ln -s a /mnt/l; seq 1 5000 > /mnt/big; cat /mnt/l/b/f; umount /mnt
    echo unmounted $? $(ls -1 /mnt | wc -l)
}
use; use
before=$(cat /proc/sys/fs/inode-nr /proc/sys/fs/dentry-state)
use
test "$before" = "$(cat /proc/sys/fs/inode-nr /proc/sys/fs/dentry-state)"
r same
mount -t tmpfs t /mnt
cd /mnt; umount /mnt; r directory in use; cd /
sleep 9 > /mnt/x & umount /mnt; r file in use; kill $!; wait
(mount -o remount,ro /mnt; r still written) 9>/mnt/x
mount -o remount,ro /mnt; echo > /mnt/x; r still written
mount -o remount,rw /mnt; echo > /mnt/x; r written again
umount /mnt; r free
umount /; r root
mount -t nosuch a /mnt; r unknown kind
mount -t ext2 /dev/vda /mnt; r twice
mount -t ext2 /dev/vdq /mnt; r no disk
mount -o remount,rw /; r writable
mkdir -p /tmp/x/y; mount -t tmpfs u /tmp/x; mkdir /tmp/x/z
mount -t tmpfs v /tmp/x/z; umount /tmp/x; r nested
cd /tmp/x/z; stat -c %i .. /tmp/x | uniq | wc -l; pwd -P; cd /
umount /tmp/x/z; umount /tmp/x; ls /tmp/x
echo 1 > /proc/audit; r audit
SH
is($got, <<'END', 'mounts');
hi
unmounted 0 0
hi
unmounted 0 0
hi
unmounted 0 0
same yes
directory in use no
file in use no
still written no
still written no
written again yes
free yes
root no
unknown kind no
twice no
no disk no
writable yes
nested no
1
/tmp/x/z
y
audit yes
END

# ext2: all levels of indirection (SOAK=1: with every block size and both inode sizes).
sub make_files {
    my ($root) = @_;
    mkdir "$root/$_" for '', qw(bin sbin dev proc tmp d d/many);
    my $guest = ($ENV{BUILD} || 'build') . '/guest';
    system("cp $guest/debian/usr/bin/busybox $root/bin/ && "
            . "cp $guest/user/init $root/sbin/ && chmod 755 $root/*/*") == 0
        or die;
    symlink 'busybox', "$root/bin/$_" for qw(sh md5sum ls cat stat sort wc);
    my @offsets = (0, 5000, 71_780, 307_201, 4_300_000, 66 << 20, 90_000_001);
    srand 42;
    my $noise = sub { join '', map { chr int rand 256 } 1 .. shift };
    for my $size (3, 12_281, 200_013, 3_000_005) {
        open my $f, '>:raw', "$root/d/size$size" or die;
        print $f $noise->($size);
    }
    open my $f, '>:raw', "$root/d/sparse" or die;
    for my $at (@offsets) {
        seek $f, $at, 0;
        print $f $noise->(1500);
    }
    truncate $f, 100_000_123;
    close $f;
    symlink $_ x 59, "$root/d/fast" for 'x';
    symlink $_ x 60, "$root/d/slow" for 'y';
    symlink '../d/./size3', "$root/d/link";
    for my $i (1 .. 600) {
        open my $f, '>', sprintf "$root/d/many/a name of some length %04d", $i
            or die;
        print $f $i;
    }
}
make_files("$dir/tree");
my $look = 'cd /d; for f in *; do test -f "$f" && md5sum "$f"; done; '
    . 'readlink fast; readlink slow; ls -1 many | sort | md5sum; '
    . 'cat many/* | md5sum; stat -c "%s" sparse; echo done';
symlink 'busybox', "$dir/tree/bin/readlink";
$want = qx{cd $dir/tree/d && export LC_ALL=C && sh -c '${\($look =~ s,cd /d;,,r)}'};
for my $block (1024, $ENV{SOAK} ? 2048 : (), 4096) {
    for my $inode ($ENV{SOAK} ? (128, 256) : $block == 1024 ? 128 : 256) {
        my $image = "$dir/ext2.img";
        unlink $image;
        system("mke2fs -q -t ext2 -b $block -I $inode -m 0 "
                . '-O none,filetype,sparse_super,large_file '
                . "-d $dir/tree $image 16M >/dev/null 2>&1") == 0 or die;
        my ($out) = qemu_run($look, image => $image);
        is($out, $want, "ext2 with blocks of $block, inodes of $inode");
    }
}

done_testing();
