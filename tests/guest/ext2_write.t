#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Two independent judges check what the guest writes to ext2. The same random file calls
# run on this host (tests/guest/random_files.c), and their results and tree must be the
# same; and e2fsck must find no fault on any disk that the guest leaves behind. SOAK=1
# adds random runs, and many processes at once with more memory.
use lib 'tests/lib';
use Clockhand;

my $b = build();

# Makes a writable copy of the root disk; returns its path.
sub root_copy {
    my $to = tmp('root.img');
    system('cp', '--sparse=always', "$b/guest/root.img", $to) == 0 or die;
    return $to;
}

sub install {
    my ($image, $from, $to) = @_;
    spew(tmp('debugfs'), "write $from $to\nset_inode_field $to mode 0100755\n");
    system("debugfs -w -f @{[tmp('debugfs')]} $image >/dev/null 2>&1") == 0 or die 'debugfs';
}

sub is_clean {
    my ($image, $name) = @_;
    my ($out) = succeeds("$name: e2fsck finds no fault", run_command('', 'e2fsck', '-fn', $image));
}

# Runs a script in the guest on a writable disk, which must be clean afterwards; returns the output.
sub on_disk {
    my ($name, $image, $script, @options) = @_;
    my ($status, $out, $err) = guest("$script\necho 1 > /proc/audit && echo sound",
        '--drive', $image, $ENV{SOAK} ? () : qw(--timing fast), @options);
    is($status, 0, "$name: status") or diag($err);
    like($out, qr/^sound\n\z/m, "$name: the audit holds") or diag($out, $err);
    is_clean($image, $name);
    $out =~ s/sound\n\z//;
    return $out;
}

# ---- random calls, compared with the host

my @cc = ('-O1', '-Wall', 'tests/guest/random_files.c', '-o');
system('cc', @cc, tmp('random.host')) == 0 or die('no compiler');
system('riscv64-linux-gnu-gcc', '-static', '-s', @cc, tmp('random.guest')) == 0
    or die('no cross compiler');

# Makes an empty folder of this name. The directories of an older folder may lack x;
# without it their owner, unless that is root, cannot enter them to remove files.
sub folder {
    my $at = tmp(shift);
    may_enter($at);
    system('rm', '-rf', $at);
    mkdir $at or die "$at: $!";
    return $at;
}
sub may_enter { -d && system('chmod', '-R', 'u+rwx', $_) for @_ }
END { my $status = $?; may_enter(glob(tmp('{host,guest,many}*'))); $? = $status }

# If an ordinary user runs this test, the guest's program runs as one, too. If root
# runs it, both programs start as root, and give up root's rights for even seeds.
sub rights { my ($seed) = @_; return $> || $seed % 2 == 0 ? ('ordinary') : () }

# Each run has SEED, STEPS, the disk's block size (0: the root disk), options.
my @runs = (
    $ENV{SOAK} ? ([11, 3000, 0], [12, 3000, 0, '--ad', 'fault'], [15, 2000, 2048]) : (),
    [13, $ENV{SOAK} ? 3000 : 2000, 0, '--ram', '8M'], [14, 2000, 1024],
    [16, 2000, 0, '--set', 'vm.dirty_background_ratio=0', '--set',
        'vm.dirty_expire_centisecs=1', '--set',
        'vm.dirty_writeback_centisecs=1'],
);
for my $run (@runs) {
    my ($seed, $steps, $block, @options) = @$run;
    my $name = "random calls, seed $seed" . ($block ? ", block size $block" : '') . " @options";
    my $here = folder("host$seed");
    my ($want) = succeeds("$name: on the host", run_command('', tmp('random.host'), $here, $seed,
        $steps, 200, rights($seed)));
    my $image = root_copy();
    install($image, tmp('random.guest'), '/tests/random');
    my ($disk, $mount, @drive) = ($image, '');
    if ($block) {
        $disk = tmp('small.img');
        unlink $disk;
        system("mke2fs -q -t ext2 -b $block -N 400 -O "
            . "none,filetype,sparse_super,large_file $disk 6M") == 0 or die;
        @drive = ('--drive', $disk);
        $mount = 'mount -t ext2 /dev/vdb /mnt && cd /mnt &&';
    }
    my $got = on_disk($name, $image,
        "cd /; $mount mkdir w && /tests/random w $seed $steps 200 @{[rights($seed)]}", @drive,
        @options);
    my @want = split /\n/, $want;
    my @got  = split /\n/, $got;
    my ($i) = grep { ($want[$_] // '') ne ($got[$_] // '') }
        0 .. ($#want > $#got ? $#want : $#got);
    ok(!defined $i && @want > $steps, "$name: the same results")
        or diag("line $i: the host $want[$i], the guest $got[$i]");
    is_clean($disk, "$name: its disk") if $block;
    my $out = folder("guest$seed");
    system("debugfs -R 'rdump /w $out' $disk >/dev/null 2>&1");
    may_enter($here, "$out/w");
    my ($differs, $text) = run_command('', 'diff', '-r', '--no-dereference', $here, "$out/w");
    is($differs, 0, "$name: the same tree on the disk") or diag($text);
}

# ---- many processes at once, with little memory and a busy kflushd

my $steps = $ENV{SOAK} ? 1500 : 1000;
for my $options (['--ram', '8M'], $ENV{SOAK} ? ['--ram', '16M'] : ()) {
    my $image = root_copy();
    install($image, tmp('random.guest'), '/tests/random');
    my @rights = rights(7);
    my $out = on_disk("many at once @$options", $image, "as='@rights' n=$steps\n" . <<'SH',
mkdir /w /v /v/6 /v/7; free() { df -P / | tail -1 | awk '{print $4}'; }
sync; before=$(free); pids=
for s in 1 2 3 4 5; do
    /tests/random /w $s $n 60 >/dev/null & pids="$pids $!"
done
for s in 6 7; do
    /tests/random /v/$s $s $n 100 $as >/tmp/$s & pids="$pids $!"
done
i=0; while [ $i -lt 6 ]; do
    cat /bin/busybox > /root/x; cmp /bin/busybox /root/x && echo same
    sync; i=$((i+1))
done
wait $pids
md5sum < /tmp/6; md5sum < /tmp/7
rm -rf /w/* /v/6 /v/7 /root/x; sync; rmdir /v /w && mkdir /v /w
mkdir /v/6 /v/7; sync; test $before = $(free) && echo all is free again
SH
        '--set', 'vm.dirty_expire_centisecs=5', '--set',
        'vm.dirty_writeback_centisecs=5', @$options);
    my @sums;
    for my $seed (6, 7) {
        my $here = folder("many$seed");
        my (undef, $want) = run_command('', tmp('random.host'), $here, $seed, $steps, 100, @rights);
        spew(tmp('want'), $want);
        push @sums, qx{md5sum < @{[tmp('want')]}};
    }
    is($out, "same\n" x 6 . join('', @sums) . "all is free again\n",
        "many processes @$options: two with their own directories get the same results as alone");
}

# ---- single properties

my $image = root_copy();
my $text = on_disk('holes', $image, <<'SH');
cd /root
dd if=/dev/zero of=h bs=1 count=1 seek=3000000 2>/dev/null
stat -c '%s %b' h
printf x | dd of=h bs=1 seek=5000000 conv=notrunc 2>/dev/null
stat -c %s h; dd if=h bs=1 skip=4999999 2>/dev/null | hexdump -C | head -1
dd if=h bs=1000000 count=3 2>/dev/null | tr -d '\0' | wc -c
: > h; stat -c '%s %b' h
SH
like($text, qr/^3000001 (?:16|24)\n5000001\n00000000  00 78 .*\n0\n0 0\n/,
    'holes take no room and read as zeros');

$text = on_disk('unlinked files', root_copy(), <<'SH');
cd /root; free() { df -P / | tail -1 | awk '{print $4}'; }
sync; before=$(free)
exec 5<>gone; cat /bin/busybox >&5; rm gone; sync
held=$(free); test $held -lt $before && echo held
exec 6</dev/null; cmp /proc/self/fd/5 /bin/busybox && echo same
exec 5<&-; sync
test $(free) = $before && echo returned
exec 7<>left; echo still open > left; rm left
SH
is($text, "held\nsame\nreturned\n", 'a file without a name lives until its last close');

$text = on_disk('long and deep', root_copy(), <<'SH');
cd /root
n=$(printf '%0255d' 0)
echo long > $n && cat $n && touch 1$n 2>/dev/null || echo too long
d=; i=0; while [ $i -lt 40 ]; do d=$d/d$i; i=$((i+1)); done
mkdir -p ./$d && echo deep > ./$d/file && find . -name file | wc -c
mkdir many; i=0; while [ $i -lt 400 ]; do : > many/a-name-of-some-length-$i; i=$((i+1)); done
ls many | wc -l; stat -c %s many
i=0; while [ $i -lt 400 ]; do rm many/a-name-of-some-length-$i; i=$((i+2)); done
ls many | wc -l
i=0; while [ $i -lt 400 ]; do ln many/a-name-of-some-length-1 many/l$i; i=$((i+1)); done
stat -c %h many/l7; rm -r many
mkdir again; i=100; while [ $i -lt 250 ]; do : > again/short-$i; i=$((i+1)); done
size=$(stat -c %s again); rm again/*
i=10; while [ $i -lt 22 ]; do : > again/$(printf '%0200d' $i); i=$((i+1)); done
test $size = $(stat -c %s again) && echo the space of removed names is used again; rm -r again; ls
SH
like($text, qr/^long\ntoo long\n\d+\n400\n\d+\n200\n401\nthe space of .*\n0{255}\nREADME\nd0\n\z/,
    'long names, deep directories, many names, many links') or diag($text);

$text = on_disk('attributes', root_copy(), <<'SH');
cd /root; echo x > f; chmod 4751 f; chown 1000:1000 f; stat -c '%a %u %g' f
chmod 4751 f; touch -d '2003-04-05 06:07:08' f; stat -c '%a %Y' f
mknod n c 300 70000; mkfifo p; mknod o b 8 1; stat -c '%F %t %T' n p o
(echo through a pipe > p &); cat p
mount -o remount,ro /; echo y > f || echo read-only
mount -o remount,rw /; echo y > f; cat f
umount /mnt 2>/dev/null; stat -c '%a %u %h' / /root
SH
like($text, qr/^751 1000 1000\n4751 1049522828\ncharacter special file 12c 11170\nfifo 0 0\nblock special file 8 1\nthrough a pipe\nread-only\ny\n/,
    'attributes, devices, read-only and back') or diag($text);

# ---- mounts
for my $size (128, 256) {
    my ($disk, $last) = (tmp("$size.img"), $size == 128 ? 0x7fffffff : 4102444800);
    system("mke2fs -q -t ext2 -b 1024 -m 0 -I $size -O none,filetype $disk 8M >/dev/null 2>&1") == 0 or die;
    is(on_disk("inodes of $size bytes", root_copy(), <<'SH', '--drive', $disk, '--ram', '32M'),
r() { test $? = 0 && echo "$*"; }
mount -t ext2 -o noexec,nodev /dev/vdb /mnt; cd /mnt
mkdir 'a b'
(cd 'a b'; : >old; mount -t tmpfs n /mnt/a*; test -e old -a ! -e "$PWD/old"; r stands below a mount; umount "$PWD"); rm a*/old
mount -t tmpfs 'x y' 'a b'; grep /mnt /proc/mounts; umount 'a b'; rmdir 'a b'
touch -d @4102444800 t; stat -c %Y t; truncate -s 20000000000 t; r a size beyond all pointers
cp /bin/busybox true; ./true; r runs; find . -executable -type f; mknod n c 1 3; (: <n); r a device
mount -o remount,exec /mnt; ./true; r it runs; rm true
exec 5>held; mount -o remount,ro /mnt; r read-only with a writer
exec 6<held 5>&-; rm held; mount -o remount,ro /mnt; r read-only with an orphan
exec 6<&-; mount -o remount,ro /mnt; r read-only; mount -o remount,rw /mnt
dd if=/dev/zero of=big bs=1k 2>/dev/null; sync & usleep 9000; rm big; mkdir d; r room
echo x >f; a=$(stat -c %y f); cd /; umount /mnt; mount -t ext2 /dev/vdb /mnt
test "$a" = "$(stat -c %y /mnt/f)"; r the same time; stat -c %Y /mnt/t; umount /mnt
SH
        "stands below a mount\n/dev/vdb /mnt ext2 rw,nodev,noexec,noatime 0 0\nx\\040y /mnt/a\\040b tmpfs rw,noatime 0 0\n"
            . "$last\nit runs\nread-only\nroom\nthe same time\n$last\n", "... options of mounts, removed files, times");
    is_clean($disk, "inodes of $size bytes");
    like(qx{debugfs -R 'stat f' $disk 2>&1}, $size == 256 ? qr/mtime: \w+:(?!0+ )/ : qr/mtime: \w+ /, '... f has the mtime that ext4 writes');
}

# ---- a full disk

my $small = tmp('full.img');
system("mke2fs -q -t ext2 -b 1024 -N 40 -m 0 -O "
    . "none,filetype,sparse_super,large_file $small 600K") == 0 or die;
$text = on_disk('full', root_copy(), <<'SH', '--drive', $small);
mount -t ext2 /dev/vdb /mnt; cd /mnt
dd if=/bin/busybox of=big bs=1000 2>&1 | grep -c 'No space'
s=$(stat -c %s big); test $s -gt 400000 && echo most
head -c $s /bin/busybox | cmp - big && echo kept
mkdir d 2>/dev/null || echo no room for a directory
: > e && echo an empty file has room
rm big; i=0; while touch f$i 2>/dev/null; do i=$((i+1)); done
test $i -gt 20 && echo out of inodes; mkdir f/g 2>/dev/null || rm f*
cp /etc/passwd p && cmp p /etc/passwd && echo room again; ls; df -P . | wc -l
cd /; umount /mnt
SH
is($text, "1\nmost\nkept\nno room for a directory\nan empty file has room\n"
    . "out of inodes\nroom again\ne\nlost+found\np\n2\n",
    'on a full disk calls fail with ENOSPC and nothing is lost') or diag($text);
is_clean($small, 'the full disk');

# Free blocks hold old bytes. A write that finds too few free blocks, or none, must
# leave the file unchanged.
for my $block (1024, $ENV{SOAK} ? (2048, 4096) : ()) {
    system("mke2fs -q -t ext2 -b $block -m 0 $small 8M >/dev/null") == 0 or die;
    $text = on_disk("a hole, block size $block", root_copy(), <<'SH', '--drive', $small);
mount -t ext2 /dev/vdb /mnt; cd /mnt; echo kept > data; truncate -s 64K hole
yes SECRET | dd of=fill bs=1024 2>/dev/null; sync
truncate -s $(($(stat -c %s fill) - 3072)) fill; sync
dd if=/bin/busybox bs=16k count=1 seek=1 of=hole conv=notrunc 2>&1 | grep -c 'No sp'
echo x | dd bs=1M seek=1 of=data conv=notrunc 2>/dev/null && echo room
test $(stat -c %b hole) -le 2 && stat -c %s data hole
cd /; umount /mnt; mount -t ext2 /dev/vdb /mnt; grep -c SECRET /mnt/hole
cat /mnt/data; umount /mnt
SH
    is($text, "1\n5\n65536\n0\nkept\n", "block size $block: a hole in a file on a full disk stays zeros");
    is_clean($small, "a hole, block size $block: its disk");
}

done_testing;
