#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The kernel must survive the failure of any allocation. /tests/failnth runs a program
# once for each allocation that the program causes in the kernel, and lets that
# allocation fail. The program may print anything; the kernel's audit must hold each
# time, and at the end no memory may be lost. SOAK=1 runs each test of /tests/all, once for each of its
# first 2,500 allocations; otherwise ten tests run, for every seventh of the first 200.
use lib 'tests/lib';
use Clockhand;
use Qemu;

my $soak = $ENV{SOAK};

# Options -s and -n test only some of a program's allocations, to save time.
my $etc = '/mnt/etc/with/a/name/that/is/so/long/that/ext2/needs/a/block/for/it';
my @programs = (
    '/bin/true', '-s 9 /bin/ls -lR /proc/1', '-s 3 /bin/cat /proc/1/smaps /proc/meminfo',
    '/bin/sh -c "cat /etc/passwd | cat; : > /tmp/x; mv /tmp/x /tmp/y; rm /tmp/y"',
    '-s 3 /bin/mkdir -p /tmp/a/b/c /mnt/a/b/c', '-s 5 /bin/cp -r /etc /mnt',
    '-s 15 /bin/dd if=/dev/zero of=/mnt/big bs=64k count=20', '-s 3 /bin/mv /mnt/a /mnt/x',
    "-s 3 /bin/ln -sf $etc /mnt/link", '-s 3 /bin/cat /mnt/link', '-s 3 /bin/sync',
    '-s 3 /bin/rm -rf /mnt/etc /mnt/x /mnt/big', '-s 3 /bin/umount /mnt',
    '-s 3 /bin/mount -t ext2 /dev/vdb /mnt', '-s 3 /bin/mount -t tmpfs none /tmp',
    '-s 27 -n 400 /bin/find / -xdev -name nothing', '-s 9 /bin/df', '-s 9 /bin/ps',
    '-s 3 /bin/sleep .01', '-s 15 /tests/glibc', '/tests/args zero "" "two words" 3',
);
my @tests = $soak ? slurp('guest/user/tests/tests.def') =~ /^TEST\((\w+)/mg
    : qw(zero_frame cow_last_owner file_private anon_shared remap huge_fork mlock_fork
    stack_growth segv_handler futex_wakes);
my $sample = $soak ? '-n 2500' : '-s 7 -n 200';
push @programs, map {"$sample /tests/all --here $_"} @tests;

for my $run ([0, grep { !/here/ } @programs], map { [1, $_] } grep {/here/} @programs) {
    my ($alone, @these) = @$run;
    my $disk = tmp('disk.img');
    system("mke2fs -q -F -t ext2 -b 1024 -N 500 $disk 4M >/dev/null 2>&1") == 0 or die;
    s/^-s \d+ // for grep {$soak} @these;
    my $command = join ' && ', 'mount -t ext2 /dev/vdb /mnt', map {"/tests/failnth $_"} @these;
    my ($status, $out, $err) = clockhand('--timing', 'fast', '--drive',
        build() . '/guest/root.img,overlay', '--drive', $disk, '--run', $command);
    my @sound = $out =~ /^failnth: \S+: [1-9]\d* failures, kernel sound$/mg;
    is(scalar @sound, scalar @these, $alone ? $these[0] : 'programs: kernel sound') or diag($out, $err);
    is($status, 0, '... with status 0') or diag($err);
    next if $alone;
    my ($fsck, $text) = run_command('', 'e2fsck', '-fn', $disk);
    is($fsck, 0, 'the file system on which calls failed is whole') or diag($text);
}

# A call that is refused a frame begins again, or fails for want of memory, and leaves no half behind.
my (undef, $refused) = compile_both('tests/guest/refused.c', '-Wno-unused-result', '-Wno-unused-parameter');
for my $case (['/mnt', 1], ['/tmp', $soak ? 1 : 5]) {
    my ($where, $step) = @$case;
    my $disk = tmp('refused.img');
    unlink $disk;
    system("mke2fs -q -F -t ext2 -b 1024 -N 500 $disk 16M >/dev/null 2>&1") == 0 or die;
    my ($status, $out, $err) = guest("mount -t ext2 /dev/vdb /mnt; /tests/refused $where $step; umount /mnt; "
            . 'echo 1 >/proc/audit && echo clean', '--drive', qemu_image('tests/refused' => $refused) . ',overlay',
        '--drive', $disk, qw(--timing fast --ram 32M --max-sim-time 4000s));
    like($out, qr/^refused: [1-9]\d* calls, 0 wrong\r?\nclean$/m, "$where: refused calls end well") or diag($out, $err);
    my ($fsck, $text) = run_command('', 'e2fsck', '-fn', $disk);
    is($fsck, 0, '... and the file system is whole') or diag($text);
}
done_testing;
