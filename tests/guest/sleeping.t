#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Finds kernel code that relies on values which it read before a call that may sleep. In this test's
# kernel (sleeping.c) nearly all functions that may sleep do so, and such values are out of date in
# every run; audits follow the system calls. races.c and races_calls.c test claims about two tasks
# at once. `make soak` runs them with more seeds, four times the rounds and audits, in more memory,
# and parts of the pressure suite in this kernel, under one policy after the other:
#     sleeping.t POLICY
use lib 'tests/lib';
use Clockhand;
use Pressure;
use Qemu;
use Shrink;

my ($policy, $seeds, $part) = @ARGV ? ($ARGV[0], $ARGV[1] // 12, 1) : ('clock', 1, 4);

my $program = tmp('races');
system(qw(riscv64-linux-gnu-gcc -O1 -Wall -Wextra -Wno-unused-result -Wno-unused
        -static -s -pthread tests/guest/races.c tests/guest/races_calls.c -o),
    $program) == 0 or die 'no compiler';
my $image = qemu_image('tests/races' => $program);
$ENV{BUILD} = build() . '/sleeping';

# These claims make many calls a round: an audit after each call would take too long.
for (['16M', 'cut', @ARGV ? 4 : 3], @ARGV ? ['64M', 'cut', 4] : (), ['8M', 'mixed', 1500],
    ['8M', 'emptied', @ARGV ? 6 : 3]) {
    my ($ram, $claim, $rounds) = @$_;
    my $seed = $claim eq 'emptied' ? 2 : 1; # in so few rounds, seed 1 misses a planted fault
    my (undef, $out, $err) = guest("for d in /tmp /root; do /tests/races $claim "
            . "$rounds \$d; done", '--append', "sleeps=$seed audits=500", '--policy', $policy,
        '--ram', $ram, '--swap', '16M', '--drive', "$image,overlay", '--timing',
        'fast');
    is($out, "$claim: $rounds rounds, 0 wrong\n" x 2,
        "$policy: $claim in $ram: tmpfs, ext2") or diag($err);
}

my %rounds = (append => 60, truncate => 20, dying => 120, stack => 10,
    fixed => 20, moved => 40, renamed => 40, below => 50, protect => 20,
    mounted => 10, text => 10, busy => 20, allocated => 20, unwritten => 64,
    reaped => 20, limited => 6, closed => 10, shared => 2, locked => 3,
    forked => 3, attached => 10, merged => 10, console => 1, masked => 20,
    withdrawn => 4, handed => 16, owned => 10, rooted => 9,
    numbered => 10);
my $root = tmp('root');
my $disk = tmp('disk');
system("mke2fs -q -t ext2 $disk 4M >/dev/null") == 0 or die 'mke2fs';

# Returns what a claim prints in a kernel that sleeps by $sleeps, and what e2fsck says of the disk then.
sub claimed {
    my ($claim, $rounds, $sleeps) = @_;
    system('cp', '--sparse=always', $image, $root) == 0 or die 'cp';
    my ($status, $out, $err) = guest("/tests/races $claim $rounds", '--append', $sleeps,
        '--policy', $policy, '--ram', @ARGV ? '32M' : '16M', '--drive', $root, '--drive',
        "$disk,overlay", '--timing', 'fast', '--max-sim-time', '3600s');
    my $fsck = qx{e2fsck -fn $root 2>&1};
    return ($out . ($? ? $fsck : ''), $err);
}

# Returns rolls PID:N, those of a task in order, as text for `rolls=`.
sub rolls {
    my %of;
    for (@_) {
        my ($pid, $n) = split /:/;
        push @{$of{$pid}}, $n;
    }
    return join ',', map { my $pid = $_; map {"$pid:$_"} split /,/, ranges(@{$of{$pid}}) } sort { $a <=> $b } keys %of;
}

# Returns the few rolls PID:N of the dice (sleeping.c) with which the claim still fails. It finds
# the tasks that matter, then the last roll that matters of each, then the rolls.
sub rolls_needed {
    my ($claim, $rounds, $sleeps) = @_;
    my $fails = sub {
        my $list = join ',', grep {length} @_;
        return (claimed($claim, $rounds, "$sleeps rolls=$list"))[0] ne "$claim: $rounds rounds, 0 wrong\n";
    };
    my @tasks = shrink([1 .. 4096], sub { $fails->(ranges(@_)) });
    my @rolls;
    while (my $pid = shift @tasks) {
        my ($passes, $last) = (0, 1);
        my $some = sub { $fails->(rolls(@rolls), "$pid:1-$_[0]", @tasks) };
        ($passes, $last) = ($last, 2 * $last) while $last < 1 << 22 && !$some->($last);
        while ($last - $passes > 1) {
            my $middle = int(($passes + $last) / 2);
            ($some->($middle) ? $last : $passes) = $middle;
        }
        push @rolls, map {"$pid:$_"} 1 .. $last;
    }
    return shrink(\@rolls, sub { $fails->(rolls(@_)) });
}

my %short_seed = (below => 2, dying => 9); # in as few rounds, seed 1 misses planted faults
for my $claim (sort keys %rounds) {
    my $rounds = int(($rounds{$claim} + $part - 1) / $part);
    $rounds = $rounds{$claim} if $claim eq 'unwritten'; # fewer rounds miss a planted fault
    for my $seed (@ARGV ? 1 .. $seeds : $short_seed{$claim} // 1) {
        my $sleeps = "sleeps=$seed audits=" . ($rounds{$claim} > 40 ? 20 : $part);
        my ($out, $err) = claimed($claim, $rounds, $sleeps);
        is($out, "$claim: $rounds rounds, 0 wrong\n", "$policy: $claim, seed $seed")
            or diag($err, "$sleeps rolls=" . rolls(rolls_needed($claim, $rounds, $sleeps)));
    }
}

# Threads that share all they can call at random: nobody may use what another's call has freed.
my $children = @ARGV ? 400 : 100;
for my $seed (1 .. (@ARGV ? $seeds : 1)) {
    my $storm = "/tests/fuzz -s 3 $seed $children 60";
    my ($status, $out, $err) = guest($storm, '--append', "sleeps=$seed audits=300", '--policy', $policy,
        qw(--ram 24M --swap 32M --timing fast));
    like($out, qr/: $children children, \d+ system calls, .*kernel sound$/m, "$policy: $storm")
        or diag("status $status", $out, $err);
}

if (@ARGV) {
    for my $seed ($seeds, $seeds + 1) {
        my @rolls = rolls_needed('unlocked', 8, "sleeps=$seed audits=0");
        cmp_ok(scalar @rolls, '<=', 10, "seed $seed: a counter without a lock is wrong by rolls @rolls");
        is((claimed('unlocked', 8, "sleeps=$seed audits=0 rolls=0"))[0], "unlocked: 8 rounds, 0 wrong\n",
            '... and right without any');
    }
    my @o = ('--ram', '8M', '--policy', $policy);
    pressed('private', 24576, '--swap', '40M', @o);
    pressed('shared', 24576, '--swap', '40M', @o);
    pressed('moved', 12288, '--swap', '40M', @o);
    tmp_in_swap(8, '--policy', $policy);
    files(8, '--policy', $policy);
    swapoff_returns_pages(8, '--policy', $policy);
}
done_testing;
