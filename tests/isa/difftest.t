#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The differential tester (tools/difftest) over the seeds that are kept: no
# difference to QEMU, between the timings, or when stepped; everything that is
# to be generated has been executed; and a planted fault is found and shrunk.
# usage: difftest.t [FROM-TO]
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/../lib";
use Test::More;
use Clockhand;

my $kept = $ARGV[0] // '1-120';
plan skip_all => 'qemu-system-riscv64 is not installed'
    unless grep { -x "$_/qemu-system-riscv64" } split /:/, $ENV{PATH};
$ENV{TEST_TIMEOUT} = 600;
mkdir tmp('keep');

sub difftest {
    return run_command('', build() . '/difftest', '--keep', tmp('keep'), @_);
}

# Instructions of a listing's blocks that are no nops, without the set-up.
sub size_of {
    my $listing = slurp(shift);
    my @bodies = $listing =~ /^block\d+:\n(.*?)ecall   #/msg;
    return scalar grep { /^\s+\.(word|half)/ && !/: nop$/ }
        map { split /\n/ } @bodies;
}

my ($status, $out, $err) = difftest('--coverage', $kept);
is($status, 0, "seeds $kept: no difference, nothing left out")
    or diag($out =~ /^(seed .*)\z/ms ? substr($1, 0, 4000) : $out, $err);
my ($n) = $out =~ /seeds, (\d+) instructions, 0 differences$/;
cmp_ok($n // 0, '>', 10_000_000, 'more than ten million instructions');
# ecall and ebreak trap, always: they are among the causes
(my $report = $out) =~ s/ (ecall|ebreak) 0\b|^\d+ seeds, .*//mg;
unlike($report, qr/ 0( |$)/m, 'everything was executed')
    or diag(join ' ', $report =~ /((?:\S+|^[^\n]*:) 0)(?= |$)/mg);
note($out);

# A machine that lacks an extension which the program is for.
($status, $out) = difftest('--isa', 'rv64imafdc_zicntr_sstc', '3');
is($status, 1, 'an extension that is missing is found');
my $file = tmp('keep') . '/difference-3';
ok(-s "$file.S" && size_of("$file.S") <= 3, 'and shrunk to three instructions')
    or diag(slurp("$file.S"));
($status) = difftest('--isa', 'rv64imafdc_zicntr_sstc', '--file',
    "$file.seed");
is($status, 1, 'the seed file shows it again');
($status) = difftest('--file', "$file.seed");
is($status, 0, 'and not on the whole machine');

# A walker that leaves A and D to software.
($status, $out) = difftest('--ad', 'fault', '2');
is($status, 1, 'A and D that are not set are found');
$file = tmp('keep') . '/difference-2';
ok(-s "$file.S" && size_of("$file.S") <= 8, 'and shrunk to one access')
    or diag(slurp("$file.S"));
done_testing();
