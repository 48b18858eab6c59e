#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The program `promise` uses memory that overcommit has promised, and predicts each
# outcome by Linux's rules. The predictions must be right with little swap, with none
# and with plenty, on Clockhand and on QEMU. The limits on which the rules depend are
# tested, too. (002-13, 002-19, 001-29)
use lib 'tests/lib';
use Clockhand;
use Qemu;

# Returns the rows by "MODE REQUEST": each one's predicted outcome and actual outcome.
sub rows {
    my %row;
    for (split /\n/, shift) {
        next if !/^([012]) +(\S.{31})(.{16})(.*)$/;
        my ($key, @both) = ("$1 $2", $3, $4);
        s/ +$// for $key, @both;
        s/ +/ /g for @both;
        $row{$key} = \@both;
    }
    return \%row;
}
my ($status, $out, $err);
my ($used, $forked) = ('... and every page is used', '... and the child writes it');
for my $swap ('0', '3M', '32M') {
    ($status, $out, $err) = guest('cd /proc/sys/vm; promise; '
            . 'cat overcommit_memory; grep oom_kill /proc/vmstat; '
            . 'echo 1 > /proc/audit && echo sound', '--timing', 'fast',
        '--swap', $swap);
    my $row = rows($out);
    is(scalar keys %$row, 21, "swap $swap: seven rows in each mode");
    is($row->{$_}[1], $row->{$_}[0], "swap $swap: $_, as Linux's rules say") for sort keys %$row;
    like($out, qr/^promise: 0 of 21 not as predicted\n0\n/m, '... the mode is unchanged');
    is("$row->{'0 RAM + swap + 4 KiB at once'}[1], "
            . $row->{'1 RAM + swap + 4 KiB at once'}[1], 'refused, granted',
        '... mode 0 looks at one request, mode 1 at none');
    is($row->{"2 $used"}[1], 'all there', '... mode 2 keeps its promise when every page is used');
    is($row->{"2 $forked"}[1], 'no kill', '... mode 2 never kills');
    is($row->{'2 fork of 60% of RAM, in use'}[1], $swap eq '32M' ? 'granted' : 'refused',
        '... a large process forks only if there is much swap');
    is($row->{"$_ $used"}[1], 'killed', "... mode $_ kills the process that uses too much")
        for 0, 1;
    my $kills = $swap eq '32M' ? 2 : 4;
    like($out, qr/^oom_kill $kills\nsound$/m, "... $kills kills in all");
}
($out) = qemu_run('promise');
like($out, qr/^promise: 0 of 21 not as predicted$/m, 'the same under QEMU') or diag($out);

# ---- the parts of the limit ----
# Returns how many MiB mode 2 gives to one program, in requests of 1 MiB.
sub steps {
    my ($user, @set) = @_;
    my $do = '/tests/overcommit | sed -n "s/^steps \([0-9]*\) .*/steps \1/p"';
    my (undef, $out) = guest("su $user -s /bin/sh -c '$do'", '--swap', '16M',
        '--timing', 'fast', map { ('--set', "vm.$_") } 'overcommit_memory=2', @set);
    return $out =~ /^steps (\d+)$/m ? $1 : diag($out);
}
my $root = steps('root');
is(steps('root', 'overcommit_kbytes=12288') - steps('root',
        'overcommit_kbytes=4096'), 8, 'overcommit_kbytes takes the place of '
        . 'the ratio');
is(steps('root', 'overcommit_kbytes=4096', 'overcommit_ratio=0'),
    steps('root', 'overcommit_kbytes=4096'), '... whatever the ratio is');
is(steps('user', 'admin_reserve_kbytes=1024') - steps('user', 'admin_reserve_kbytes=6144'), 5,
    'admin_reserve_kbytes is kept for root');
is(steps('root', 'admin_reserve_kbytes=5120'), $root, '... and root may use the reserve');
cmp_ok(steps('root', 'user_reserve_kbytes=0'), '>', $root,
    'a program must leave at most user_reserve_kbytes to others');

# Returns the outcome of a fork with two mappings: the limit has room to copy either, not both.
sub fork_of_two {
    my (undef, $out) = guest('/tests/overcommit', '--timing', 'fast', '--set',
        "vm.overcommit_memory=$_[0]");
    return $out =~ /^fork of two (.*)$/m ? $1 : diag($out);
}
is(fork_of_two(2), 'refused', 'a fork needs a promise of the sum of its mappings');
is(fork_of_two(1), 'granted', '... and without a limit it is granted');

# A promise holds when swap is taken away: swapoff is refused if what is left is too little.
(undef, $out) = guest('swapoff /dev/vdb; echo off $?; swapon /dev/vdb; idled -p 100000 20M & sleep 1; '
        . 'swapoff /dev/vdb 2>&1', '--ram', '32M', '--swap', '32M', '--timing', 'fast', '--set', 'vm.overcommit_memory=2');
like($out, qr/^off 0\nswapoff: .*: Cannot allocate memory$/m, 'swapoff keeps what mode 2 has promised');
done_testing;
