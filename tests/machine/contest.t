#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# tools/contest: linux612 beside the Linux 6.12 that it is modelled on, under
# one workload. A file twice as large as the spare memory is read twice. Both
# kernels do the same: they read every page from the disk both times, their
# victims are the file's pages, and they look at a frame about once before they
# steal it.
#
# `make soak` alone (SOAK=1): two boots.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;
use Debian;

plan skip_all => 'two boots (SOAK=1)' if !$ENV{SOAK};
debian_images();
$ENV{TEST_TIMEOUT} = 600;
my ($out) = succeeds('both kernels end with status 0',
    run_command('', 'tools/contest', '-b', build(), '-f', 2048, 'seq'));
my %row = map { /^ *(.+?) {2,}(\S+) +(\S+)$/ ? ($1 => [ $2, $3 ]) : () }
    split /\n/, $out;
for my $i (0, 1) {
    my $who = (qw(linux612 Linux))[$i];
    my %got = map { $_ => $row{$_}[$i] } keys %row;
    cmp_ok($got{victims}, '>', 2 * 2048, "$who: more victims than frames");
    cmp_ok($got{'anonymous, % of them'}, '<', 2,
        "$who: hardly an anonymous victim");
    cmp_ok($got{'a frame stolen'}, '<', 1.5,
        "$who: few frames looked at in vain");
    cmp_ok($got{pgpgin}, '>=', 2 * 4096 * 4,
        "$who: every page twice from the disk");
}
# linux612 counts fewer refaults: its table of shadows is bounded (vm/shadow.h).
cmp_ok($row{refaults}[1], '>=', 4096 * 0.95, 'Linux: the second pass refaults');
cmp_ok($row{refaults}[0], '<=', 4096,
    'linux612: each page refaults at most once');
my ($status_2) = run_command('', 'tools/contest', 'walk');
is($status_2, 2, 'an unknown workload is a usage error');
done_testing;
