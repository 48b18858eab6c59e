#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# System V shared memory behaves as on this host's Linux: one program, compiled for both,
# must print the same lines, and no memory stays behind.
use lib 'tests/lib';
use Clockhand;
use Qemu;

plan skip_all => 'only root may give its rights away' if $>;
my ($host, $guest) = compile_both('tests/guest/shm_calls.c');
my $want = qx{$host};
like($want, qr/^end\n\z/m, 'the host made the calls');

my $image = qemu_image('tests/calls' => $guest);
my $free = 'grep -E "^(Shmem|PageTables):" /proc/meminfo; '
    . 'wc -l < /proc/sysvipc/shm; echo 1 > /proc/audit; echo audit $?';
my ($got, $status) = qemu_run("/tests/calls; $free; /tests/calls >/dev/null; "
        . $free, image => $image);
my @got = split /^(?=Shmem:)/m, $got;
is($got[0], $want, 'guest and host agree');
is($got[2], $got[1], 'removed segments are gone');
like($got[1], qr/^Shmem: +0 kB\n.*^1\naudit 0\n\z/ms, '... with all their memory');
done_testing();
