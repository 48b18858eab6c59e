#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# remap_file_pages, calls across holes, membarrier, execveat and exec's arguments agree
# with this host's Linux: one program, compiled for both, must print the same lines.
use lib 'tests/lib';
use File::Temp qw(tempdir);
use Clockhand;
use Qemu;

my $dir = tempdir(CLEANUP => 1);
my ($host, $guest) = compile_both('tests/guest/map_calls.c');
mkdir "$dir/work";
my $want = qx{$host $dir/work $host};
like($want, qr/^end\n\z/m, 'the host made the calls');

my $image = qemu_image('tests/calls' => $guest);
for my $where ('/tmp', '/root') {
    my ($got, $status) = qemu_run("mkdir $where/c; /tests/calls $where/c "
            . '/tests/calls; echo 1 > /proc/audit; echo audit $?',
        image => $image);
    is($got, $want . "audit 0\n", "$where: guest and host agree");
}
done_testing();
