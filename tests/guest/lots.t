#!/usr/bin/perl
# SPDX-License-Identifier: MIT
use lib 'tests/lib';
use Clockhand;
use Shrink;

# ---- the shrinker: choices that are needed together are all that is left ----
srand 7;
for my $n (1, 2, 5, 40, 3000) {
    for my $need (1, 2, 6) {
        next if $need > $n;
        my %needed = map { $_ => 1 } (sort { $a <=> $b } map { 1 + int rand $n } 1 .. $need);
        my $calls = 0;
        my @left = shrink([1 .. $n], sub {
            $calls++;
            return keys(%needed) == grep { $needed{$_} } @_;
        });
        is(ranges(@left), ranges(sort { $a <=> $b } keys %needed), "$need of $n choices are found");
        cmp_ok($calls, '<', 400, '... in fewer than 400 runs');
    }
}
is(join(' ', shrink(['a=9', 'b=5', 'c=7'], sub { (grep { /^a/ } @_) && grep { /^c=[^0]/ } @_ },
        simpler => sub { return map { $_[0] =~ s/=.*/=$_/r } 0, 1 })),
    'a=0 c=1', 'a choice gets the simplest form with which the test still fails');
is(join(' ', shrink([1, 2, 3], sub { 1 })), '', 'nothing is left if the test always fails');
ok(!eval { shrink([1, 2, 3], sub { 0 }); 1 }, 'a list that does not fail is refused');
is(ranges(1 .. 4, 9, 11, 12), '1-4,9,11-12', 'numbers as ranges');
done_testing;
