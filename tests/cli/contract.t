#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# In tests/CONTRACT.md every statement has one row, which says whether it holds and how
# that is shown. The row names only tests and scripts that exist, and only figures that these have.
use lib 'tests/lib';
use Clockhand;

my %statements = ('000' => 13, '001' => 34, '002' => 21, '003' => 19, '004' => 15);

# Returns the statements by which tests and scripts show a row, without comments and timeouts. They
# are in the functions of its tests T:NAME, and in those paragraphs of its files that name the row. The
# first string has the statements that judge or print a figure, the second all, also commands and constants.
sub shown_by {
    my ($row, $by, $c) = (shift, shift, join '', map { slurp($_) } glob 'guest/user/tests/*.c');
    my @code = map { $c =~ /^test_$_\(.*?^\}/msg } $by =~ /T:(\w+)/g;
    push @code, grep { /\b$row\b/ } map { split /\n\n/, slurp($_) } grep { -f }
        $by =~ m{((?:tests|guest)/[\w/.-]+\w)}g, map { ("tests/guest/$_", "tools/experiments/$_") }
        $by =~ /\b([\w-]+\.(?:t|ch))\b/g, $by =~ /make experiments` \((\w+)/g;
    my @all = map { split /(?<=;)\n|(?<!\\)\n(?=\w|$| +(?:send|let|run|set))/ }
        map { s{^\s*(?:\#(?!\ options:|define)|/\*|\ \*\ ).*\n|(?<=[;,)\}])\ +(?:\#\ |/\*).*
            |(?<=")\ \d+m?s$}{}gmrx } @code;
    my $call = qr/\b(?:is(?:_deeply)?|ok|cmp_ok|(?:un)?like|(?:expect|assert|check)\w*)\(/;
    my @judging = grep { /^\s*(?:claim|figure|echo|expect|assert)\b|$call/ } @all;
    return ("@judging", "@all");
}

# Returns the numbers in a text with their units, but not numbers in names, versions and
# rows. In "6 and 420 MB" both have the unit.
my $units = qr/(?:(?:[KMk]i?B|ms|s|times)\b|%)/;
sub figures {
    my $text = shift =~ s/\b\d{3}-\d+|`[^`]*`|\b(?:Solaris|SPARCstation)\ \d+|\b(?:2\.[46]|6\.12)\b
        |\d+\.\d+\.\d+(?:-test\d)?//grx;
    1 while $text =~ s/(\d)((?:,| and| to) \d+(?:,\d+)*)( ?$units)/$1$3$2$3/;
    return $text =~ /(?<![\w.=-])(\d+(?:[.,:]\d+)*(?: ?$units)?)(?![\w-]*\.(?:t|ch|c)\b)/g;
}

# Returns the faults of a contract, a line each.
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
        # A measured figure goes stale. So each figure must stand in the statement, or
        # in a test or script that the row names and that judges the figure. A factor,
        # "* 10", does not count. The sizes that a test contributes ("how") may stand in
        # its commands, which have M for MiB and MB, and 0.4x for 0.4 of RAM.
        my @known = shown_by($number, "$by $now $how");
        for my $short (0, 1) {
            for my $figure (figures($short ? $how : $now)) {
                my ($value, $unit) = $figure =~ /^([\d.,:]+) ?(.*)/;
                $unit =~ s/i?B$/(?:i?B)?/ if $short;
                $unit ||= "x?(?! ?$units)";
                push @faults, "$number: no test names $figure" if "$words $known[$short]" !~
                    m{(?<![\w.:])(?<![*/%] )\Q$value\E ?$unit(?:\b|(?<=%))(?![.,:]?\d| [*/%] )}i;
            }
        }
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
is_deeply([ faults_of($contract) ], [], 'the contract has none of these faults');

# The check finds each of these mistakes.
for my $case (
    [ 'a row taken out', sub { s/^\| 002-7 .*\n//m }, '002-7: missing' ],
    [ 'a row twice', sub { s/^(\| 002-7 .*\n)/$1$1/m }, '002-7: twice' ],
    [ 'a test not there', sub { s/mlock\.t/nolock.t/ }, '002-18: no nolock.t' ],
    [ 'a script not there', sub { s/`letter\.ch`/`better.ch`/ },
        '003-2: no better.ch' ],
    [ 'a figure of some other day', sub { s/more than 150 times/4700 times/ },
        '003-4: no test names 4700 times' ],
    [ 'a wrong figure of one digit', sub { s/UFS has 8 KB/UFS has 9 KB/ },
        '003-11: no test names 9 KB' ],
    [ 'a figure that only a command has', sub { s/ 12 processes/ 20 processes/ },
        '004-7: no test names 20' ],
    [ 'a figure of another row of its script', sub { s/delays 15 pages/delays 32 pages/ },
        '004-9: no test names 32' ],
    [ 'a figure of another claim of its script', sub { s/less than 5%/less than 10%/ },
        '003-17: no test names 10%' ],
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
