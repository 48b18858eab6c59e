#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Under QEMU the guest passes the kernel's own tests, runs the ordinary commands, and
# reports bad disks. SOAK=1: the kernel's tests in 64 MiB, too.
use lib 'tests/lib';
use File::Temp qw(tempdir);
use Clockhand;
use Qemu;

my $build = $ENV{BUILD} || 'build';
my $dir = tempdir(CLEANUP => 1);

for my $ram ('16M', $ENV{SOAK} ? '64M' : ()) {
    my ($out, $status) = qemu_run('/tests/all', ram => $ram, timeout => 120);
    is($status, 0, "/tests/all in $ram: QEMU ended by power-off");
    my ($passed, $failed) = $out =~ /^(\d+) passed, (\d+) failed$/m;
    cmp_ok($passed // 0, '>=', 50, "/tests/all in $ram: tests passed");
    is($failed, 0, "/tests/all in $ram: none failed")
        or diag(join '', grep { /^not ok|^# / } map { "$_\n" } split /\n/, $out);
}

# One line each: command, pattern of its output, exit status if not 0.
my @commands = (
    ['echo $((6*7))', qr/^42\n\z/],
    ['seq 1 2000 | sort -rn | head -3', qr/^2000\n1999\n1998\n\z/],
    ['ls -l /bin/busybox', qr/^-rwxr-xr-x +1 root +root +\d{7} .* \/bin\/busybox\n\z/],
    ['ls -l /bin/sh', qr/^lrwxrwxrwx .* \/bin\/sh -> busybox\n\z/],
    ['grep -c root /etc/passwd', qr/^1\n\z/],
    ['seq 1 100 | awk "{ s += \$1 } END { print s }"', qr/^5050\n\z/],
    ['find /etc -name pass*', qr/^\/etc\/passwd\n\z/],
    ['ps', qr/^PID +USER +COMMAND\n +1 root +.*init/],
    ['top -b -n1', qr/^Mem: \d+K used, \d+K free.*\nCPU:.*%.*\nLoad average: \d.*\n +PID/],
    ['free', qr/^Mem: +1[0-9]{4} +\d+ +1[0-9]{4} /m],
    ['/tests/glibc', qr/\S/],
    ['df /tmp', qr/^tmp +8192 +\d+ +\d+ +\d+% \/tmp\n\z/m],
    ['mount', qr/^\/dev\/vda on \/ type ext2 \(rw/],
    ['uptime', qr/ up .*load average: /],
    ['uname -srm', qr/^Linux 6\.12\.\S* riscv64\n\z/],
    ['kill -9 $$', qr/^\z/, 137],
    ['dd if=/dev/zero bs=64k count=100 2>/dev/null | wc -c', qr/^6553600\n\z/],
    ['tar cf - /etc 2>/dev/null | tar tf - | sort | head -2', qr/^etc\/\netc\/group\n\z/],
    ['cd /tmp; gzip -c /bin/busybox | gunzip | cmp - /bin/busybox && echo same', qr/^same\n\z/],
    ['sleep 100 & kill $!; wait $!; echo $?', # ash says Terminated if sleep ends during wait
        qr/^(Terminated\n)?143\n\z/],
    ['yes | head -100000 | tail -1', qr/^y\n\z/],
    ['cat /proc/self/comm', qr/^cat\n\z/],
    ['printf "x\ny\\\\" > /proc/$$/comm; grep Name /proc/$$/status; :', qr/^Name:\tx\\ny\\\\\n\z/],
    ['cd /tmp; x=$(printf "a\nb"); mkdir "$x"; cp /bin/busybox "$x/cat"; "$x/cat" /proc/self/maps; rm -r "$x"',
        qr{ /tmp/a\\012b/cat\n}],
    ['mount -t tmpfs -o size=64k none /mnt 2>/dev/null || echo refused', qr/^refused\n\z/],
    ['date -s @99999999999 >/dev/null 2>&1; test $(date +%s) -lt 8277292036 && echo before', qr/^before\n\z/],
    ['ulimit -i', qr/^128\n\z/],
    ['readlink /proc/self/exe', qr/^\/bin\/busybox\n\z/],
    ['mount -o remount,ro /; echo x > /x',
        qr/can't create \/x: Read-only file system\n\z/, 1],
    ['vmtest=1 env | grep vmtest', qr/^vmtest=1\n\z/],
    ['cat /proc/$$/maps', qr/^[0-9a-f]{8}-[0-9a-f]{8} r-xp 00000000 fe:00 \d+ +\/bin\/busybox\n/],
);
# The commands that succeed share one boot.
my @each = grep { !$_->[2] } @commands;
my ($said) = qemu_script(join '', map { "sh -c '$each[$_][0]' 2>&1; echo \"@\$? $_\"\n" } 0 .. $#each);
my %ran;
$ran{ $each[$3][0] } = [$1, $2] while $said =~ /(.*?)^@(\d+) (\d+)\n/msg;
for my $c (@commands) {
    my ($out, $status) = @{ $ran{ $c->[0] } // [qemu_run($c->[0])] };
    like($out, $c->[1], $c->[0]);
    is($status, $c->[2] // 0, "$c->[0]: status");
}

# The older transport, QEMU's default, serves the disk, too. (The last -global
# on the command line holds.)
my ($text) = qemu_run('md5sum < /bin/busybox',
    more => ['-global', 'virtio-mmio.force-legacy=true']);
my $sum = qx{md5sum < $build/guest/debian/usr/bin/busybox};
is($text, $sum, 'virtio-mmio version 1');

# Bad disks: one line gives the reason, and the guest ends.
sub image {
    my ($name, $command) = @_;
    system("$command > $dir/$name") == 0 or die;
    return "$dir/$name";
}
my $root = "$build/guest/root.img";
my @bad = (
    ['garbage', image('garbage', 'head -c 4194304 /dev/urandom'),
        qr/no ext2 file system/],
    ['zeros', image('zeros', 'head -c 1048576 /dev/zero'),
        qr/no ext2 file system/],
    ['half a disk', image('half', "head -c 8388608 $root"),
        qr/the file system has \d+ blocks, its disk only 2048/],
    ['one sector', image('sector', 'head -c 512 /dev/zero'),
        qr/the superblock of vda cannot be read/],
    ['no disk', '', qr/there is no disk/],
);
for my $b (@bad) {
    my ($out, $status) = qemu_run('echo alive', image => $b->[1]);
    like($out, qr/\AKernel panic: VFS: cannot mount root: $b->[2].*\n\z/,
        "$b->[0]: the panic message, and nothing else");
    isnt($status, 0, "$b->[0]: a status that is not 0");
}

# Sectors of a program's text, after its first page, cannot be read: the program gets an
# error, all other programs go on.
my (undef, @blocks) = split ' ', qx{debugfs -R 'blocks /tests/glibc' $root 2>/dev/null};
open my $conf, '>', "$dir/blkdebug" or die;
for my $block (@blocks[0 .. 9]) {
    print $conf "[inject-error]\nevent = \"read_aio\"\nerrno = \"5\"\n",
        "once = \"off\"\nsector = \"", $block * 8, "\"\n";
}
close $conf;
my ($out, $status) = qemu_run(
    'cat /tests/glibc | wc -c; /tests/glibc; echo died $?; '
        . 'md5sum < /bin/busybox; echo 1 > /proc/audit; echo audit $?',
    image => "blkdebug:$dir/blkdebug:$root");
like($out, qr/^cat: read error: Input\/output error\n4096\n/m, 'read: EIO');
like($out, qr/^I\/O error, dev vda, sector \d+ op READ$/m, '... and the kernel says where');
like($out, qr/^died 135$/m, 'running it: SIGBUS');
like($out, qr/^\Q$sum\Eaudit 0\n\z/m, 'other programs run, and the audit holds');

done_testing();
