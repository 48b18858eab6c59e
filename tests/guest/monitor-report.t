#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What a script says: nothing of where its running verbs stop, unless asked.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

sub script {
    my ($lines, @options) = @_;
    return clockhand('--ram', '16M', @options, '-x', spew(tmp('s.ch'), $lines));
}

# ---- silence: a stop is where the script's author knows it to be ------------
my @verbs = ('expect "# " 5s', 'stepi 3', 'run-for 1000', 'send "ls\n"',
    'catch walk', 'continue', 'step-walk', 'delete', 'tcatch fault', 'continue',
    'run-until pgfault % 3 == 0');
my $all = join "\n", @verbs, '';
my ($status, $out, $err) = script($all);
is($status, 0, 'running verbs in a file') or diag($err);
unlike($out, qr/  cycle|catch|level/, '... do not say where they stop');

my $source = spew(tmp('outer.ch'), 'source ' . tmp('s.ch') . "\n");
($status, $out) = clockhand('--ram', '16M', '-x', $source);
unlike($out, qr/  cycle|catch|level/, '... nor in a file that another one sources');

(my $aloud = $all) =~ s/^(stepi|run-for|run-until|continue|step-walk)/$1 -v/mg;
for my $case ([ 'the option -v', $all, '-v' ], [ '-v of each verb', $aloud ]) {
    my ($what, $lines, @options) = @$case;
    ($status, $out, $err) = script($lines, @options);
    is($status, 0, "$what: status") or diag($err);
    is(() = $out =~ /  cycle \d+\r?$/mg, 5, "$what: five stops with their cycle")
        or diag($out);
    like($out, qr/^level \d /m, "$what: and a step of the walk");
    like($out, qr/^catch \d+: .* \(pid \d+\)/m, "$what: and what was caught");
}
($status, $out) = script("run-for -v 1000\nrun-for 1000\n");
is(() = $out =~ /  cycle \d+$/mg, 1, '-v is of its own line only');
($status, $out) = script("json run-for 1000\n");
like($out, qr/^\{"stop":"done"/m, 'json answers all the same');

# Standard input is a prompt, and a stop says there where it is.
($status, $out) = run_command("run-for 1000\n", build() . '/clockhand',
    '--monitor', '--ram', '16M');
like($out, qr/  cycle \d+$/m, 'at the prompt a stop says where');

done_testing();
