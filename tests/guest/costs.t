#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# No cost may grow with the size of memory, nor with the process table, which grows with it, nor
# with the number of processes. The program of tools/bench/calls runs in 16 and in 128 MiB; its
# costs are simulated cycles, which a second run of the test repeats. The margin allows for the addresses
# of structures, which decide on cache misses and depend on the size of memory, too. (A kernel that
# searches all processes to open a file for writing takes 4.4 k cycles in 16 MiB and 68 k in 128
# MiB; one that adds up all frames takes 1.05 M for /proc/meminfo.)
use lib 'tests/lib';
use Clockhand;
use Qemu;

my @rows = ('getppid', 'open, close', 'open to write, close', 'vfork, exit',
    'fork, exit of 1M', 'fork, exec, exit', 'split of 8000 maps',
    'mmap beside 8000', '/proc/meminfo');
my @crowds = ('kill 0', 'wait for one', '/proc/PID/stat', 'fork, exit');
my $program = tmp('calls');
system(qw(riscv64-linux-gnu-gcc -O2 -static -s -o), $program,
    'tools/bench/calls.c') == 0 or die 'no compiler';
my $image = qemu_image('tests/calls' => $program);
my %cost;
for my $ram ('16M', '128M') {
    my $names = join ' ', map { "'$_'" } @rows,
        $ram eq '16M' ? () : map { ("$_ among 10", "$_ among 500") } @crowds;
    my ($out) = succeeds("$ram: measured", guest("/tests/calls $names", '--cpu', 'u54',
        '--ram', $ram, '--swap', '32M', '--drive', "$image,overlay"));
    $cost{$ram}{$1} = $2 while $out =~ /^([^:\n]+): (\d+) cycles$/mg;
}
for my $row (@rows) {
    my ($small, $large) = map { $cost{$_}{$row} // 0 } '16M', '128M';
    cmp_ok($small, '>', 0, "$row: $small cycles in 16 MiB");
    cmp_ok($large, '<', 2 * $small, "$row: $large cycles in 128 MiB");
}
for my $ram ('16M', '128M') {
    my $c = $cost{$ram};
    cmp_ok($c->{'open to write, close'}, '<', 1.2 * $c->{'open, close'},
        "$ram: opening to write does not search for processes that run the file");
    cmp_ok($c->{getppid}, '<', 550, "$ram: while much memory is free, a system call does not ask the policy");
    cmp_ok($c->{'/proc/meminfo'}, '<', 60_000, "$ram: /proc/meminfo adds up no frames");
    # Linux 6.12 on the same machine takes 20 k cycles.
    cmp_ok($c->{'split of 8000 maps'}, '<', 12_000,
        "$ram: a mapping among 8,000 is found in a tree");
}
# Among 500 processes, kill 0 once took 17,587 cycles and a wait 37,388.
for my $call (@crowds) {
    my ($few, $many) = map { $cost{'128M'}{"$call among $_"} // 0 } 10, 500;
    cmp_ok($few, '>', 0, "$call among 10: $few cycles");
    cmp_ok($many, '<', 1.1 * $few, "$call among 500: $many cycles");
}
# guest/README.md must have these figures of the table that bench/calls prints (only with SOAK=1,
# because bench/calls boots Debian).
if ($ENV{SOAK}) {
    my ($out) = succeeds('beside Linux', run_command('', 'tools/bench/calls', build()));
    my %cycles = map { /^(\S.*?) +(\d+) +(\d+) +\d+\.\d\d\b/ ? ($1 => [ $2, $3 ]) : () } split /\n/, $out;
    my $below  = grep { $_->[0] <= $_->[1] } values %cycles;
    my $readme = slurp('guest/README.md') =~ s/\d\K,(?=\d{3})//gr;
    ok($readme =~ /measures ${\scalar keys %cycles} calls .*?\. $below rows are below/s, 'README: the number of calls, and of those below Linux');
    for my $row ([ 'stat /proc/self/stat' ], [ 'read 1 of /dev/zero', 'sigprocmask' ],
        [ 'sendfile 1M to /dev/null', 'pread 64K' ], [ '/proc/self/maps' ]) {
        my $cells = join ' | ', map { my $i = $_; join ', ', map { $cycles{$_}[$i] } @$row } 0, 1;
        ok(index($readme, "| $cells |") > 0, "README: @$row") or diag($cells);
    }
}
done_testing;
