#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# tests/CONTRACT.md: every statement has one row, says whether it holds and how
# that is shown, and names only tests and scripts that exist.
use lib 'tests/lib';
use Clockhand;

# Statements of each document.
my %statements =
    ('000' => 13, '001' => 34, '002' => 21, '003' => 19, '004' => 15);

# The text of the tests that a row names.
sub shown_by {
    my ($by, $text) = (shift, '');
    my @c = map { slurp($_) } glob 'guest/user/tests/*.c';
    for my $t ($by =~ /T:(\w+)/g) {
        $text .= $_ for grep { /\btest_$t\(/ } @c;
    }
    my @files = map { ("tests/guest/$_.t", "tools/experiments/$_", "tools/experiments/$_.ch") }
        $by =~ /([\w-]+)\.(?:t|ch)\b/g, $by =~ /make experiments` \((\w+)/g;
    return join '', $text, map { slurp($_) } grep { -f } @files, $by =~ m{((?:tests|guest)/[\w/.-]+\w)}g;
}

# Returns the numbers of two or more digits in a text, but not those in names and rows.
sub figures {
    my $text = shift =~ s/\b\d{3}-\d+|`[^`]*`|\d+\.\d+\.\d+(?:-test\d)?//gr;
    return $text =~ /(?<![\w.=-])(\d[\d.,]*\d)(?![\w-]*\.(?:t|ch|c)\b)/g;
}

# The faults of a contract, a line each.
sub faults_of {
    my $text = shift;
    my (%seen, @faults);
    my $programs = slurp('guest/user/tests/tests.def');
    for (grep { /^\| \d{3}-/ } split /\n/, $text) {
        my @cell = split / (?<!\\)\| /, s/^\| | \|$//gr;
        my ($number, $words, $now, $how, $by) = @cell;
        push @faults, "$number: @{[scalar @cell]} cells" if @cell != 5;
        push @faults, "$number: twice" if $seen{$number}++;
        push @faults, "$number: no words" if length($words // '') < 20;
        push @faults, "$number: neither works, in part, nor not yet"
            if ($now // '') !~ /^(?:works\b|(?:in part|not yet): \S)/;
        # `fitted` and `choreographed` are followed by `: THING` or ` as ROW`; the
        # "how" of a row `not yet` is `-`.
        my $gap = ($now // '') =~ /^not yet/;
        push @faults, "$number: neither emerges, fitted, choreographed nor format"
            if ($how // '') !~ ($gap ? qr/^-$/
                : qr/^(?:emerges|format|(?:fitted|choreographed)(?=: \S| as \d))\b/);
        $by //= '';
        push @faults, "$number: nothing shows it" if $by !~ /\S/;
        # Once measured, a figure goes stale: so each must stand in the statement,
        # or in a test or script that the row names.
        my $known = "$words " . shown_by("$by $now $how");
        push @faults, map { "$number: no test names $_" }
            grep { $known !~ /(?<![\d.])\Q$_\E(?!\d)/ } figures("$now | $how");
        push @faults, map { "$number: no test T:$_" }
            grep { $programs !~ /\b\Q$_\E\b/ } $by =~ /T:(\w+)/g;
        push @faults, map { "$number: no $_" } grep { !-e "tests/guest/$_" }
            $by =~ m{(?<![\w/-])([\w-]+\.t)\b}g;
        push @faults, map { "$number: no $_" }
            grep { !-e "tools/experiments/$_" } $by =~ /`([\w-]+\.ch)`/g;
        push @faults, map { "$number: no $_" } grep { !-e }
            $by =~ m{((?:tests|guest|emu|tools)/[\w/.-]+\w)}g;
    }
    for my $document (sort keys %statements) {
        push @faults, map { "$document-$_: missing" }
            grep { !delete $seen{"$document-$_"} } 1 .. $statements{$document};
    }
    return (@faults, map { "$_: of no document" } sort keys %seen);
}

my $contract = slurp('tests/CONTRACT.md');
is_deeply([ faults_of($contract) ], [], 'the contract');

# The check finds each of these mistakes.
for my $case (
    [ 'a row taken out', sub { s/^\| 002-7 .*\n//m }, '002-7: missing' ],
    [ 'a row twice', sub { s/^(\| 002-7 .*\n)/$1$1/m }, '002-7: twice' ],
    [ 'a test not there', sub { s/mlock\.t/nolock.t/ }, '002-18: no nolock.t' ],
    [ 'a script not there', sub { s/`letter\.ch`/`better.ch`/ },
        '003-2: no better.ch' ],
    [ 'a figure of some other day', sub { s/a few hundred times faster/4700 times faster/ },
        '003-4: no test names 4700' ],
    [ 'a row of four cells', sub { s/ \| fitted: eight [^|]*\| mlock\.t/ | mlock.t/ },
        '002-18: 4 cells', '002-18: neither emerges, fitted, choreographed nor format',
        '002-18: nothing shows it' ],
    [ 'fitted, but not which sizes', sub { s/fitted: eight [^|]* \|/fitted |/ },
        '002-18: neither emerges, fitted, choreographed nor format' ],
    [ 'a verdict of no kind', sub { s/\| in part: as 002-9 \|/| soon |/ },
        '002-10: neither works, in part, nor not yet' ],
) {
    my ($name, $spoil, @faults) = @$case;
    local $_ = $contract;
    $spoil->();
    is_deeply([ faults_of($_) ], \@faults, $name);
}
done_testing();
