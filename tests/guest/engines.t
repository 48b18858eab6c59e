#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The interpreter and the translator must give the same output, statistics and hash of the guest: in
# both timings, on three cores (SOAK=1), under several policies, with A and D bits set by faults,
# and without ASIDs. Most other guest tests run translated, as users do; `/tests/all` contains
# most of their programs. Unless SOAK=1, each timing runs a sixth of these programs, without those
# that compute for longest, and the runs under pressure use less memory.
use lib 'tests/lib';
use Clockhand;

plan skip_all => 'there is no translator for this host'
    if (clockhand('--engine', 'jit', '--cpu', 'list'))[0];

sub ran {
    my ($engine, $command, @options) = @_;
    my $stats = tmp("stats-$engine");
    my @end = guest($command, @options, '--engine', $engine, '--hash', '--stats', $stats);
    (my $told = slurp($stats)) =~
        s/"(?:host_seconds|startup_seconds|mips)":[^,]*,//g;
    return (@end, split /,/, $told);
}

my @small = (qw(--ram 8M --swap 32M));
my ($private, $shared) = map { "/tests/pressure $_" } 'private 12288', 'shared 6144';
my ($clocks, $linux26s) = ($shared, '/tests/pressure private 6656');
$clocks = $linux26s = "$private && $shared" if $ENV{SOAK};
my $mixed = 'ls -l /bin; ps; forktree; hog 2M; ccmix 3; randread /sbin/init 200';
my @short = grep { !/^(?:preemption|job_cputimer|pipe_ring|memory_hog)$/ }
    slurp('guest/user/tests/tests.def') =~ /^TEST\((\w+)/mg;
my @all = map { my $of = $_; join ' ', '/tests/all',
    $ENV{SOAK} ? () : @short[grep { $_ % 6 == $of } 0 .. $#short] } 0, 1;
for (
    ['jit', $all[0], qw(--timing fast --clock 200000000)],
    ['jit', $all[1], qw(--timing cycle)],
    $ENV{SOAK} ? ['eager', $mixed, qw(--timing cycle --cpu u74)] : (),
    ['eager', $mixed, qw(--timing cycle --cpu rocket --asid off)],
    $ENV{SOAK} ? ['eager', $mixed, qw(--timing cycle --tlb 4 --tlb2 0)] : (),
    ['eager', $mixed, qw(--timing fast --ad fault), $ENV{SOAK} ? () : qw(--tlb 4 --tlb2 0)],
    (map { ['jit', $clocks, @small, '--timing', 'fast', '--policy', $_] }
        'clock', $ENV{SOAK} ? 'arc' : ()),
    ['jit', $linux26s, @small, '--timing', 'cycle', '--policy', 'linux26'],
) {
    my ($engine, $command, @options) = @$_;
    (my $name = "@options: $command") =~ s/(.{70}).*/$1.../;
    my @interp = ran('interp', $command, @options);
    my @jit = ran($engine, $command, @options);
    is($interp[0], 0, "$name: ends with status 0") or diag($interp[2]);
    like($interp[2], qr/^hash \w{32}$/m, 'has a hash');
    is_deeply(\@jit, \@interp, "$engine: the same output, statistics and hash");
}
done_testing();
