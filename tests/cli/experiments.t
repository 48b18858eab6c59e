#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What `make experiments` says of a script: held, or not. A machine that died
# of a signal had held: only the upper half of wait's status was looked at.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

# Runs hosage.ch with something else in clockhand's place.
sub experiment {
    my $program = spew(tmp('clockhand'), "#!/bin/sh\n$_[0]\n");
    chmod 0755, $program;
    return run_command('', 'tools/experiments/run', tmp(), 'hosage');
}
for my $case ([ 'exit 0', 0, 'held' ], [ 'exit 1', 1, 'FAILED' ],
    [ 'kill -SEGV $$', 1, 'FAILED' ])
{
    my ($does, $status, $word) = @$case;
    my ($got, $out, $err) = experiment($does);
    is($got, $status, "$does: status") or diag($err);
    like($out, qr/^$word +hosage/m, "$does: $word");
}

# The figures of a document stand above ours.
my ($status, $out) = experiment("echo '==== pages that went'; echo 12; echo word");
like($out, qr/^ +==== pages that went\n +12\n1 passed, 0 failed$/m, 'figures');

done_testing();
