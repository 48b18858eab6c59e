# SPDX-License-Identifier: MIT
package Verdicts;
# What a program of tools/experiments says of its claims, in the words of a
# script's table: verdict(HOLDS) is a claim's, sum() the last line, and the exit.
use strict;
use warnings;
use Exporter qw(import);
our @EXPORT = qw(verdict sum);

my ($held, $claims) = (0, 0);

sub verdict {
    my $holds = shift;
    $claims++;
    $held++ if $holds;
    return $holds ? 'holds' : 'does NOT hold';
}

sub sum {
    my $missed = $claims - $held;
    printf "\n%d claim%s: %d hold%s%s\n", $claims, $claims == 1 ? '' : 's', $held,
        $held == 1 ? 's' : '', $missed == 0 ? '' : $missed == 1 ? ', 1 does NOT hold'
        : ", $missed do NOT hold";
    exit($missed ? 1 : 0);
}
1;
