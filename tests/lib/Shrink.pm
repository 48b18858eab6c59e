# SPDX-License-Identifier: MIT
# Shrinks a list of choices that makes a test fail to the few that it needs (Zeller and Hildebrandt,
# "Simplifying and isolating failure-inducing input", 2002: ddmin). Choices are any values: tunables
# with their values, numbers of rolls at which a kernel sleeps, sectors that a power cut loses.
package Shrink;
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT = qw(shrink ranges sectors_needed);

# shrink(\@choices, \&fails, OPTION => VALUE...) returns a part of @choices, in their order, for
# which fails(CHOICE...) is true, and false if any one of them is left out. Dies if fails(@choices)
# is false, for then the failure does not depend on the choices alone.
#   simpler => sub    returns simpler forms of a choice, the simplest first: after the choices are
#                     few, each becomes the first of its forms with which the test still fails
#   tries => N        calls fails at most N times; the list may then be longer than it need be
sub shrink {
    my ($all, $fails, %option) = @_;
    my ($left, %known) = ($option{tries} // 400);
    my $test = sub {
        my $key = join "\0", @_;
        return $known{$key} if exists $known{$key};
        return 0 if $left-- <= 0;
        return $known{$key} = $fails->(@_) ? 1 : 0;
    };
    my @list = @$all;
    $test->(@list) or die "shrink: all choices together do not fail\n";
    return () if $test->();
    # Leaves out one part after the other: first halves, at last single choices.
    my $parts = 2;
    while (@list > 1 && $left > 0) {
        $parts = @list if $parts > @list;
        my ($from, $dropped) = (0, 0);
        my $kept = @list;
        for my $part (1 .. $parts) {
            # Parts are counted in the list as it was, positions in what is left of it.
            my $n = int($kept * $part / $parts) - int($kept * ($part - 1) / $parts);
            my @rest = @list;
            splice @rest, $from, $n;
            if (@rest && $test->(@rest)) {
                @list = @rest;
                $dropped = 1;
            } else {
                $from += $n;
            }
        }
        last if $parts >= $kept && !$dropped;
        $parts *= 2 if !$dropped;
    }
    my $simpler = $option{simpler} or return @list;
    for my $i (0 .. $#list) {
        for my $form ($simpler->($list[$i])) {
            my @with = @list;
            $with[$i] = $form;
            if ($test->(@with)) {
                @list = @with;
                last;
            }
        }
    }
    return @list;
}

# Returns ascending numbers as text: 1-4,9,11-12.
sub ranges {
    my @ranges;
    for (@_) {
        if (@ranges && $ranges[-1][1] == $_ - 1) {
            $ranges[-1][1] = $_;
        } else {
            push @ranges, [$_, $_];
        }
    }
    return join ',', map { $_->[0] == $_->[1] ? $_->[0] : "$_->[0]-$_->[1]" } @ranges;
}

# sectors_needed($lost, $whole, \&fails) returns, as text for --drive FILE,cut=SEED:SECTORS, the few
# sectors that a power cut must lose for fails(IMAGE) to be true. $lost is the disk after the cut,
# $whole the disk if the cut loses nothing. Returns 0 if the test fails even then.
sub sectors_needed {
    my ($lost, $whole, $fails) = @_;
    my @sectors = grep { substr($lost, 512 * $_, 512) ne substr $whole, 512 * $_, 512 } 0 .. length($whole) / 512 - 1;
    my @needed  = shrink(\@sectors, sub {
        my $image = $whole;
        substr($image, 512 * $_, 512) = substr $lost, 512 * $_, 512 for @_;
        return $fails->($image);
    });
    return ranges(@needed) =~ tr/,/+/r || '0';
}

1;
