# SPDX-License-Identifier: MIT
package Verdicts;
# Verdicts on a program's claims (tools/experiments), in the words of a .ch script's table:
# verdict(HOLDS) counts a claim and returns the word; sum() prints the last line and exits.
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
