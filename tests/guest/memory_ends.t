#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# What happens where memory ends, in small: the scripts of tools/experiments
# that are quick, and a part of those that are not. (001-12, 001-18, 001-25,
# 001-26, 002-6)
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;

# Each asserts what it shows.
for my $name (qw(sharing swapless)) {
    my ($status, $out, $err) = clockhand('-x', "tools/experiments/$name.ch");
    is($status, 0, "$name.ch holds") or diag($err, $out);
}

# Denning's cliff (thrash.ch): four processes fit, eight do not.
for my $policy (qw(clock twohand)) {
    my ($status, $out, $err) = guest('thrash -n 4-4; thrash -n 8-8', '--ram',
        '8M', '--swap', '64M', '--disk-model', 'cheetah9lp,nobuffer', '--set',
        'vm.page-cluster=0', '--timing', 'fast', '--policy', $policy);
    is($status, 0, "$policy: thrash") or diag($err);
    is(scalar(() = $out =~ /^M \d+ .*: N\* = 4$/mg), 2, "$policy: N* is 4");
    is(scalar(() = $out =~ /^thrash: 0 of 1 not as predicted, 0 pages wrong$/mg),
        2, "$policy: utilisation before and behind is what Denning says")
        or diag($out);
    my @util = $out =~ /^[48] .* (\d\.\d+)$/mg;
    cmp_ok($util[0], '>', 0.95, "$policy: four: the processor works");
    cmp_ok($util[1], '<', 0.02, "$policy: eight: it waits for the disk");
}
done_testing;
