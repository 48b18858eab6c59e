#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Interpreter and translator run random programs (tools/difftest --engines), more than
# ten million instructions in each timing, and have the same state wherever both stop.
# usage: engines.t [FROM-TO] (seeds; with SOAK=1 twice as many)
use FindBin qw($Bin);
use lib "$Bin/../lib";
use Clockhand;

my $kept = $ARGV[0] // ($ENV{SOAK} ? '1-16' : '1-8');
my ($status, $out, $err) = run_command('', build() . '/difftest', '--engines',
    '--keep', tmp(''), $kept);
plan skip_all => 'there is no translator for this host' if $err =~ /no translator/;
is($status, 0, "seeds $kept: no difference")
    or diag($out =~ /^(seed .*)\z/ms ? substr($1, 0, 4000) : $out, $err);
my ($n) = $out =~ /seeds, (\d+) instructions, 0 differences$/m;
cmp_ok($n // 0, '>', 20_000_000, 'more than twenty million instructions');
my ($blocks) = $out =~ /^(\d+) blocks translated$/m;
cmp_ok($blocks // 0, '>', 20_000, 'and the translator was at work');
note($out);
done_testing();
