#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Calls with odd arguments end as on this host's Linux: the negative number, the exact boundary, a bad
# address, the wrong kind of file, and two of them at once, of which one is looked at first.
use lib 'tests/lib';
use File::Temp qw(tempdir);
use Clockhand;
use Qemu;

my $dir = tempdir(CLEANUP => 1, -w '/dev/shm' ? (DIR => '/dev/shm') : ());
chmod 0755, $dir;
mkdir "$dir/work";
chown 65534, 65534, "$dir/work" if !$>; # it is the user's own, as in the guest
my ($host, $guest) = compile_both('tests/guest/odd_calls.c', '-Wno-unused-result');
system('cp', $host, "$dir/odd") == 0 or die; # where every user may run it
my $user = $> ? '' : 'setpriv --reuid=65534 --regid=65534 --clear-groups';
my @want = split /\n/, qx($user $dir/odd $dir/work 2>/dev/null);
is($want[-1], 'end', 'the host made the calls');
cmp_ok(scalar @want, '>', 6500, '... many of them');

# What the guest orders otherwise: where two arguments are wrong, which of the two errors is told.
my $known = qr/^(?:mmap\(NULL, page, 0, 0x10, file, 0\)|readlinkat\(closed, NULL,|renameat2\(.*(?:NULL|bad|long|closed|""))/;

my $image = qemu_image('tests/odd' => $guest);
my ($status, $out, $err) = guest('su -s /bin/sh nobody -c "mkdir /tmp/c; /tests/odd /tmp/c"',
    '--drive', "$image,overlay", qw(--timing fast --ram 64M --max-sim-time 2000s));
my @got = split /\r?\n/, $out;
is(scalar @got, scalar @want, 'the guest made as many') or diag($got[-1], $err);
my @wrong = grep { $want[$_] ne ($got[$_] // '') && $want[$_] !~ $known } 0 .. $#want;
is(scalar @wrong, 0, 'guest and host agree on ' . @want . ' results')
    or diag(map { "host '$want[$_]', guest '" . ($got[$_] // '') . "'\n" } @wrong[0 .. ($#wrong < 39 ? $#wrong : 39)]);
done_testing();
