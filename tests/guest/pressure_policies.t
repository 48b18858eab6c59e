#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Runs the pressure suite (tests/lib/Pressure.pm). `make test` runs a part of it in 8 MiB under four
# policies (with refault distances; with ghosts; with a search of page tables; with pagers that need
# memory themselves), and tests under every policy that the daemon stops at vm.high. (pressure.t has
# clock and twohand.) `make pressure` and `make soak` run all of it under every policy, in 8, 16 and
# 64 MiB, with A bits set by hardware and by faults, by one command for each policy and size:
#     pressure_policies.t POLICY MIB
# Most of its programs want three times the RAM, but in 64 MiB twice the RAM, to save time.
# (Of private memory each of the two children copies a quarter in addition.)
use lib 'tests/lib';
use Clockhand;
use Pressure;

my @all = policies();
my ($only, $mib) = @ARGV;
if (!defined $only) {
    cmp_ok(scalar @all, '>', 0, 'there are policies: ' . join ' ', @all);
    refills($_) for @all;
    for my $policy (qw(linux612 arc linux240t mach97)) { short($policy) }
} else {
    ok(scalar(grep { $_ eq $only } @all), "$only is a policy");
    whole($only, $mib);
}
done_testing;

sub short {
    my $policy = shift;
    my @p = ('--policy', $policy);
    pressed('private', 8192, '--ram', '8M', '--swap', '24M', @p);
    wanted(8, @p);
    killed("$policy, no swap", '/tests/pressure private 10000', '--swap',
        '0', '--ram', '8M', @p) if $policy =~ /linux240t|mach97/; # these kill by rules of their own
    inherited(8, @p) if $policy eq 'linux240t';
    return;
}

sub whole {
    my ($policy, $ram) = @_; # MiB
    my @p = ('--policy', $policy);
    my @o = ('--ram', "${ram}M", @p);
    my @s = ('--swap', 4 * $ram + 8 . 'M', @o);
    my ($much, $more) = ($ram * ($ram < 64 ? 3072 : 2048), $ram * 2500); # KiB
    repeats('--ram', '8M', @p) if $ram == 8;
    pressed('private', $much, @s);
    pressed('private', $much, '--ad', 'fault', @s) if $ram < 64;
    pressed('private', $much, '--asid', 'off', '--tlb', '4', @s) if $ram == 8;
    pressed('private', $much, '--timing', 'cycle', @s) if $ram == 8;
    pressed('shared', $much, $ram < 64 ? () : ('--ad', 'fault'), @s);
    pressed('moved', $ram * 1536, @s);
    killed("$policy, $ram MiB, no swap", "/tests/pressure private $more", '--swap', '0', @o);
    killed("$policy, $ram MiB, swap full", "/tests/pressure private $more",
        '--swap', "${ram}M", @o);
    killed("$policy, $ram MiB, swap full of shared memory",
        "/tests/pressure shared $more", '--swap', "${ram}M", @o);
    fork_bomb(@o);
    tmp_in_swap($ram, @p);
    wanted($ram, @p);
    files($ram, @p);
    swapoff_returns_pages($ram, @p);
    locked($ram, @p);
    inherited($ram, @p);
    idle(@o);
    return;
}
