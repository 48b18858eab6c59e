#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# `make experiments` prints each script's verdict and time, ends in order at a signal,
# and shows the table of claims that ends every script.
use lib 'tests/lib';
use Clockhand;

# Runs the scripts with the shell commands `does` in clockhand's place.
sub experiment {
    my ($does, @names) = @_;
    my $program = spew(tmp('clockhand'), "#!/bin/sh\n$does\n");
    chmod 0755, $program;
    return run_command('', 'tools/experiments/run', tmp(), @names ? @names : 'hosage');
}
# An experiment fails if its claims fail, and also if its machine dies of a signal.
for my $case ([ 'exit 0', 0, 'held' ], [ 'exit 1', 1, 'FAILED' ],
    [ 'kill -SEGV $$', 1, 'FAILED' ])
{
    my ($does, $status, $word) = @$case;
    my ($got, $out, $err) = experiment($does);
    is($got, $status, "$does: status") or diag($err);
    like($out, qr/^\[1 of 1, \d+ s\] hosage $word, /m, "$does: $word");
}

# If the disk with Debian's libraries is missing, the scripts that need it are left out, not failed.
{
    my ($status, $out, $err) = experiment('exit 0', qw(leak dynamic cow));
    is("$status$err", '0', 'without lib.img: status');
    like($out, qr/^$_ is left out: \S+lib.img: not there: make guest-lib$/m, "$_ is left out")
        for qw(leak dynamic);
    like($out, qr/^1 experiment: 1 held, 0 FAILED$/m, '... and the third is run');
}

# Only the table at each script's end is shown; the last line adds up the claims.
my $table = "echo noise; echo; echo Title; echo; echo '  what | a | measured |'; "
    . "echo '  x | y | 12 | holds'; echo; echo '5 claims: 3 hold, 1 does NOT hold, 1 differs'";
my ($status, $out, $err) = experiment($table, qw(hosage cow));
like($out, qr/^2 experiments, about \d+ \w+, 2 at a time; Ctrl-C stops them\n/,
    'the first line: how many experiments, and how long they take');
like($out, qr/^Title\n\n  what \| a \| measured \|\n  x \| y \| 12 \| holds\n/m,
    'the table of each');
unlike($out, qr/noise/, '... and no more');
like($out, qr/^2 experiments: 2 held, 0 FAILED\n10 claims: 6 hold, 2 do NOT hold, 2 differ; /m,
    'the last line: the sum');
like(slurp(tmp('experiments/seconds')), qr/^cow \d+\.\d\nhosage \d+\.\d$/m,
    'the times are kept for the next estimate');

# Ctrl-C ends all experiments at once, and a sum is printed. Even an experiment that is just beginning
# is ended: left alone, it would keep the pipe open, and the pipe's reader waiting.
{
    my $program = spew(tmp('clockhand'), "#!/bin/sh\ncase \$2 in *cow.ch) exit 0;; esac\n"
            . "echo \$\$ >> '@{[tmp('pid')]}'\nexec sleep 1000\n");
    chmod 0755, $program;
    my $pid = open my $says, '-|', 'tools/experiments/run', tmp(), qw(cow hosage wild) or die;
    my $text = '';
    while (<$says>) {
        $text .= $_;
        last if /cow held/;
    }
    select undef, undef, undef, .05 until -s tmp('pid');
    kill INT => $pid;
    $text .= $_ while <$says>;
    close $says;
    is($? >> 8, 130, 'Ctrl-C: status');
    like($text, qr/^stopped while these ran: hosage( wild)?$/m, '... with the names of the scripts that were running');
    like($text, qr/^1 experiment of 3: 1 held, 0 FAILED$/m, '... and the sum of the scripts that had ended');
    select undef, undef, undef, .3;
    my @children = slurp(tmp('pid')) =~ /(\d+)/g;
    for (1 .. 600) {
        last unless kill 0 => @children;
        select undef, undef, undef, .05;
    }
    is(kill(0 => @children), 0, '... no script still runs');
}

# RAM=+6%, RAM=-6% and TIMING=other change what a script asks for; a script whose
# claims hold only without such changes is left out, with the reason.
{
    my $says = 'echo "$@"; while [ $# -gt 0 ]; do echo "  what | $1"; shift; done';
    my $run = sub {
        my ($variable, @names) = @_;
        local $ENV{ (split /=/, $variable)[0] } = (split /=/, $variable)[1];
        return experiment($says, @names);
    };
    like(($run->('RAM=+6%', 'hosage'))[1], qr/^  what \| --ram\n  what \| 8680K$/m, 'RAM=+6% of 8M');
    like(($run->('RAM=-6%', 'firstlight'))[1], qr/^  what \| 15400K$/m, 'RAM=-6% of the usual 16M');
    like(($run->('TIMING=other', 'hosage'))[1], qr/^  what \| cycle$/m, 'fast becomes cycle');
    like(($run->('TIMING=other', 'cow'))[1], qr/^  what \| fast$/m, '... and cycle becomes fast');
    my $letter = ($run->('RAM=+6%', qw(letter cow)))[1];
    like($letter, qr/^letter is left out: only at this RAM: \w.*\n1 experiment, /m, 'a script that needs its own RAM is left out');
    for my $wrong ('RAM=6', 'TIMING=slow') {
        my ($status, undef, $err) = $run->($wrong, 'cow');
        is($status, 2, "$wrong is refused");
        like($err, qr/^experiments: \Q$wrong\E: /, '... and says why');
    }
}

for my $case ([ [ tmp(), 'nosuch' ], 'nosuch: no experiment' ],
    [ [ tmp('nowhere'), 'cow' ], 'nowhere/clockhand: not there' ])
{
    my ($status, undef, $err) = run_command('', 'tools/experiments/run', @{ $case->[0] });
    is($status, 2, "refused: $case->[1]");
    like($err, qr/^experiments: .*\Q$case->[1]\E/, '... with the name and the reason');
}

# ---- every script: a title, claims that look at something, no bare numbers ----
my @scripts = glob 'tools/experiments/*.ch';
cmp_ok(scalar @scripts, '>=', 45, 'there are at least 45 scripts');
for my $file (@scripts) {
    my ($name) = $file =~ m{([^/]+)\.ch$};
    my $text = slurp($file) =~ s/\\\n//gr;
    like($text, qr/^title "/m, "$name: a title");
    like($text, qr/^claim /m, '... claims');
    unlike($text, qr/100 - 100 \*/, '... a gain is not rounded up');
    unlike($text, qr/^print[ \/]/m, '... no number without its words');
    my @constant = $text =~ /^claim (?:-n )?"(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*" \d+ /mg;
    is(scalar @constant, 0, '... no claim about a constant');
}

# ---- cheap scripts end in a table, and a false claim makes status 1 ----
SKIP: {
    skip 'no guest', 1 unless -f build() . '/guest/kernel.elf';
    for my $name (qw(access demand fork forktree hog hosage-deadlock idled
        mlockall randread seqread wild zero))
    {
        my $file = "tools/experiments/$name.ch";
        my ($out) = succeeds("$name holds", clockhand('-x', $file));
        my ($report) = $out =~ /(^  what +\|.*)/ms;
        my $rows = () = ($report // '') =~ /\| holds$/mg;
        like($out, qr/^\d+ claims: $rows hold(?:, \d+ differs?)?\n\z/m, "... a table of $rows rows, and a sum");
        cmp_ok($rows, '>=', 2, '... of at least two rows');
    }
    my ($ended, $story) = clockhand('-x', 'tools/experiments/pressure.ch');
    is($ended, 0, 'the story holds');
    my @told = $story =~ /(\d+) pages to swap;\s+\d+ pages from swap;.*?(\d+) pages from swap;.*?(\d+) pages were wrong/s;
    my @table = $story =~ /\| (\d+) pages were +\| holds.*\| (\d+) pages came back +\| holds.*\| (\d+) pages were wrong +\| holds/s;
    is(scalar @told, 3, 'the story tells of pages to swap, back, and wrong');
    is_deeply(\@table, \@told, 'and its table has the same figures');
    # A claim of wild.ch, negated.
    my $text = slurp('tools/experiments/wild.ch');
    $text =~ s/let\.read == 128 \+ 11/let.read != 128 + 11/ or die;
    my ($status, $out) = clockhand('-x', spew(tmp('false.ch'), $text));
    is($status, 1, 'a false claim: status 1');
    like($out, qr/\| does NOT hold$/m, '... and the row says so');
    like($out, qr/^\d+ claims: \d+ hold, 1 does NOT hold, 1 differs\n\z/m, '... and the sum');
}

done_testing();
