#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The three formulas that choose the OOM killer's victim are computed a second time from each
# process's files in /proc; all points must agree. Terms: address space, memory in use, processor
# time, age, nice, root, children, oom_adj. (001-27; mm/oom_kill.c of 2.4.0, of 2.6, of 6.12)
use integer;
use lib 'tests/lib';
use Clockhand;

# Each process changes another term, or the same term by another amount. A slow core clock makes long loops cheap to run.
my $as = 'su user -s /bin/sh -c';
my ($status, $out, $err) = guest(<<"SH", qw(--ram 32M --swap 32M --clock 10000000), '--timing', 'fast');
PATH=\$PATH:/era/bin; exec 2>/dev/null
$as 'exec sleep 9999999' &
sleep 400000
$as 'exec idled -p 1000000000 3000K' &
sleep 17000
$as 'exec idled -p 1000000000 6000K' &
$as 'exec idled -p 1000000000 6000K' & echo 3 > /proc/\$!/oom_adj
$as 'exec idled -p 1000000000 6000K' & echo -2 > /proc/\$!/oom_adj
$as 'exec idled -p 1000000000 6000K' & echo -17 > /proc/\$!/oom_adj
idled -p 1000000000 6000K &
$as 'exec idled -p 1000000000 5000K' & renice -n 5 -p \$! > /dev/null
$as 'sleep 999999 & sleep 999999 & idled -p 1000000000 2000K & wait' &
$as 'while :; do :; done' & sleep 90; kill -STOP \$!
$as 'while :; do :; done' & sleep 40; kill -STOP \$!
for f in 1 2 3; do
    echo \$f > /proc/sys/vm/oom_formula
    for p in /proc/[1-9]*; do
        [ \$p = /proc/\$\$ ] || echo \$f \$(cat \$p/stat) score \$(cat \$p/oom_score \$p/oom_adj \$p/oom_score_adj) \$(grep -e Uid -e VmRSS -e VmSwap -e VmPTE \$p/status)
    done
done
echo uptime \$(cat /proc/uptime)
grep -e MemTotal -e SwapTotal /proc/meminfo
SH
is($status, 0, 'the guest runs a process for each term') or diag($err);
my ($uptime) = $out =~ /^uptime (\d+)/m;
my $pages = 0;
$pages += $_ / 4 for $out =~ /^(?:Mem|Swap)Total: +(\d+) kB/mg;

my (%all, %seen);
for ($out =~ /^([123] \d+ \(.*)$/mg) {
    my ($f, $pid, $name, $stat, $rest) = /^(\d) (\d+) \((.*)\) (.*) score (.*)$/ or next;
    my @s = (0, $pid, $name, split ' ', $stat);    # proc(5)'s numbers
    my @r = split ' ', $rest;
    my %vm = $rest =~ /Vm(\w+): (\d+) kB/g;
    my ($uid) = $rest =~ /Uid: (\d+)/;
    $all{$f}{$pid} = { pid => $pid, name => $name, ppid => $s[4],
        cpu => $s[14] + $s[15], nice => $s[19], start => $s[22],
        vm => $s[23] / 4096, score => $r[0], adj => $r[1], sadj => $r[2],
        uid => $uid, mem => (($vm{RSS} // 0) + ($vm{Swap} // 0) + ($vm{PTE} // 0)) / 4 };
}

# The kernels' square roots, from lib/int_sqrt.c of 2.6 and mm/oom_kill.c of 2.4.0.
sub root26 { my $x = shift; my $r = 0; $r++ while ($r + 1) * ($r + 1) <= $x; return $r || 1 }
sub root24 {
    my $x = my $out = shift;
    while ($x & ~1) { $x >>= 2; $out >>= 1 }
    $out -= $out >> 2 if $x;
    return $out || 1;
}

# Linux's SHIFT_HZ ($shift) is 7 with 100 ticks a second, 10 with 1000.
sub old {
    my ($p, $points, $root, $hz, $shift) = @_;
    my $cpu = $p->{cpu} * $hz / 100 >> ($shift + 3);
    my $age = ($uptime * 100 - $p->{start}) * $hz / 100 >> ($shift + 10);
    my $s = $root->($cpu);
    my $t = $root->($root->($age));
    $seen{"cpu$hz:$s"}++, $seen{"age$hz:$t"}++;
    $points = $points / $s / $t;
    $points *= 2 if $p->{nice} > 0;
    $points = $points / 4 / 4 if $p->{uid} == 0;
    return $points;
}

my %formula = (
    1 => sub { old($_[0], $_[0]{vm}, \&root24, 100, 7) },
    2 => sub {
        my ($p, $of) = @_;
        my $points = $p->{vm};
        $points += $_->{vm} / 2 + 1 for grep { $_->{ppid} == $p->{pid} && $_->{vm} } values %$of;
        $points = old($p, $points, \&root26, 1000, 10);
        return 0 if $p->{adj} == -17;
        return ($points || 1) << $p->{adj} if $p->{adj} > 0;
        return $points >> -$p->{adj};
    },
    3 => sub {
        my $p = shift;
        return 0 if $p->{sadj} == -1000;
        my $points = $p->{mem} + $p->{sadj} * ($pages / 1000);
        return (1000 + $points * 1000 / $pages) * 2 / 3;
    });
my %name = (1 => '2.4.0', 2 => '2.6', 3 => '6.12');
diag $out if $ENV{V};
for my $f (1 .. 3) {
    my $of = $all{$f};
    my @p = grep { $of->{$_}{vm} && $_ != 1 } sort { $a <=> $b } keys %$of;
    cmp_ok(scalar @p, '>=', 14, "$name{$f}: at least 14 processes are compared");
    my (%got, %want);
    for my $pid (@p) {
        $got{"$pid $of->{$pid}{name}"} = $of->{$pid}{score};
        $want{"$pid $of->{$pid}{name}"} = $formula{$f}->($of->{$pid}, $of);
    }
    is_deeply(\%got, \%want, "$name{$f}: the points of each process") or diag explain $of;
    my @none = grep { !$of->{$_}{vm} || $_ == 1 } keys %$of;
    is((grep { ($f < 3 || !$of->{$_}{vm}) && $of->{$_}{score} } @none), 0,
        "$name{$f}: kernel threads have no points, nor has init before 6.12");
}
# Each square root, of processor time and of age, must have taken more than one value.
for my $term (qw(cpu100 cpu1000 age100 age1000)) {
    my @values = grep { /^$term:/ } keys %seen;
    cmp_ok(scalar @values, '>=', 2, "$term: @values");
}
is((grep { $_->{nice} == 5 } values %{ $all{2} }), 1, 'one process has nice 5');
done_testing;
