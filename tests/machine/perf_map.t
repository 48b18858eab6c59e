#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# --perf-map writes a line for each piece of translated code to /tmp/perf-PID.map,
# where perf(1) looks for names; a file that is there already is left alone.
use lib 'tests/lib';
use Clockhand;
no warnings 'portable'; # addresses are 64 bits

# Runs a machine; calls `before` first, with the name of the machine's map file.
sub run_with {
    my ($before) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        $before->("/tmp/perf-$$.map");
        open STDOUT, '>', tmp('out') or die;
        open STDERR, '>', tmp('err') or die;
        exec build() . '/clockhand', '--perf-map', '--run', 'ls | sort';
        die "exec: $!";
    }
    waitpid $pid, 0;
    return ($? >> 8, "/tmp/perf-$pid.map");
}

my ($status, $map) = run_with(sub { });
is($status, 0, 'runs');
my @lines = split /\n/, slurp($map);
unlink $map;
SKIP: {
    skip 'no translator on this host', 3 if !@lines;
    my @pieces = map { /^([0-9a-f]+) ([0-9a-f]+) (guest|stubs)_([0-9a-f]+)$/
            ? [hex $1, hex $2, $3, hex $4] : () } @lines;
    is(@pieces, @lines, 'each line: start, size, name, in hexadecimal');
    is((grep { $_->[2] eq 'guest' && ($_->[3] < 0x80000000 || $_->[1] == 0) }
        @pieces), 0, 'a name is an address in RAM');
    my $end = 0;
    my $apart = grep { my $ok = $_->[0] >= $end; $end = $_->[0] + $_->[1]; $ok }
        @pieces;
    is($apart, @pieces, 'no piece lies in another');
}

($status, $map) = run_with(sub { spew(shift, "mine\n") });
is($status, 2, 'the file is there already: refused');
like(slurp(tmp('err')), qr/^clockhand: \Q$map\E: File exists\n\z/, '... in one line');
is(slurp($map), "mine\n", '... and the file is left alone');
unlink $map;
done_testing;
