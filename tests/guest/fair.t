#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A call that waits for a lock, or for writes under way, returns while another program goes on for ever
# with what it waits for; mlock brings every page although a thread changes the mappings. The program
# prints on the guest what it prints on the host.
use lib 'tests/lib';
use File::Basename;
use Clockhand;
use Qemu;

my ($host, $fair) = compile_both('tests/guest/fair_calls.c', '-pthread');
my $want = qx{cd @{[dirname($host)]} && $host};
is(scalar(grep { /: returns$|^mlock: 0, 800 KiB of 800$|^end$/ } split /\n/, $want), 7, 'the host is fair');
my $image = qemu_image('tests/fair' => $fair);
for my $options ('--policy clock', '--policy linux612 --ram 8M --swap 64M', '--policy bsd43 --ram 8M --swap 64M') {
    my ($got) = succeeds($options, guest('cd /root && /tests/fair', qw(--timing fast --drive), "$image,overlay",
        split ' ', $options));
    is($got, $want, "$options: each call returns");
}
done_testing();
