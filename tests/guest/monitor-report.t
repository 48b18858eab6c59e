#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A script's output shows stops only with -v, and ends with a table of the script's claims.
use lib 'tests/lib';
use Clockhand;
use Pty;

sub script {
    my ($lines, @options) = @_;
    return clockhand('--ram', '16M', @options, '-x', spew(tmp('s.ch'), $lines));
}

# ---- stops are silent: the script's author knows where they are -------------
my @verbs = ('expect "# " 5s', 'stepi 3', 'run-for 1000', 'send "ls\n"',
    'catch walk', 'continue', 'step-walk', 'delete', 'tcatch fault', 'continue',
    'run-until pgfault % 3 == 0');
my $all = join "\n", @verbs, '';
my ($out, $err) = succeeds('running verbs in a file', script($all));
unlike($out, qr/  cycle|catch|level/, '... do not print where they stop');

my $source = spew(tmp('outer.ch'), 'source ' . tmp('s.ch') . "\n");
my $status;
($status, $out) = clockhand('--ram', '16M', '-x', $source);
unlike($out, qr/  cycle|catch|level/, '... nor in a file that another file sources');

(my $aloud = $all) =~ s/^(stepi|run-for|run-until|continue|step-walk)/$1 -v/mg;
for my $case ([ 'the option -v', $all, '-v' ], [ '-v of each verb', $aloud ]) {
    my ($what, $lines, @options) = @$case;
    ($out, $err) = succeeds("$what: status", script($lines, @options));
    is(() = $out =~ /  cycle \d+\r?$/mg, 5, "$what: five stops, each with its cycle") or diag($out);
    like($out, qr/^level \d /m, "$what: and a step of the walk");
    like($out, qr/^catch \d+: .* \(pid \d+\)/m, "$what: and the event that was caught");
}
($status, $out) = script("run-for -v 1000\nrun-for 1000\n");
is(() = $out =~ /  cycle \d+$/mg, 1, '-v applies to its own line only');
($status, $out) = script("json run-for 1000\n");
like($out, qr/^\{"stop":"done"/m, 'json prints an answer all the same');

($status, $out) = run_command("run-for 1000\n", build() . '/clockhand',
    '--monitor', '--ram', '16M');
like($out, qr/  cycle \d+$/m, 'at the prompt a stop prints its place');

# ---- claims: a table at the end of the file ----------------------------------
my $report = <<'CH';
console off
title "Some claims" "the book"
expect "# " 5s
claim "frames" "4096 of them" vm.frames == 4096 "%d frames, %d KiB", vm.frames, vm.frames * 4
send "echo a: 12.034 b7\n"
expect "\na: " 1s
hear whole part
hear seven
claim "what the guest prints" "12, 34, 7" let.whole == 12 && let.part == 34 && let.seven == 7 "%d and %d", let.whole, let.part
figure "only measured" "%d pages", 6 * 7
CH
($out, $err) = succeeds('claims that hold', script($report));
like($out, qr/^Some claims\n\n  what +\| the book +\| measured +\|\n  -[-+]+\n/m,
    'the table has a heading and a source');
like($out, qr/^  frames +\| 4096 of them +\| 4096 frames, 16384 KiB +\| holds$/m,
    'the four columns: subject, claim, figure, verdict');
like($out, qr/^  what the guest prints +\| 12, 34, 7 +\| 12 and 34 +\| holds$/m,
    'hear: numbers that the guest prints');
like($out, qr/^  only measured +\| +\| 42 pages +\| -$/m, 'a figure has no verdict');
like($out, qr/^2 claims: 2 hold\n\z/m, 'the sum stands last');
unlike($out, qr/BusyBox|echo a/, 'console off: the guest\'s output is not shown');
is((sort { $b <=> $a } map { length } split /\n/, $out)[0] <= 80, 1, 'no line has more than 80 columns');

my $false = qq(claim "sky" "green" vm.frames == 1 "%d", vm.frames\n);
($status, $out) = script($report . $false . qq(claim "still" "goes on" 1 "%d", 1\n));
is($status, 1, 'a false claim makes status 1');
like($out, qr/^  sky +\| green +\| 4096 +\| does NOT hold$/m, '... and says so');
like($out, qr/^  still .*holds$/m, '... and the script goes on');
like($out, qr/^4 claims: 3 hold, 1 does NOT hold$/m, '... the sum counts it');
($status) = script($report . $false . "quit\n");
is($status, 1, 'a false claim makes status 1 also if quit follows');
($out) = succeeds('a false claim -n leaves status 0', script($report . $false =~ s/claim/claim -n/r));
like($out, qr/^3 claims: 2 hold, 1 differs$/m, '... and is counted apart');
($status, $out, $err) = script("${report}assert 0\nclaim \"not\" \"reached\" 1 \"\"\n");
is($status, 1, 'a script that fails');
like($out, qr/^2 claims: 2 hold\n.*stopped at line 11: /m, '... shows its table so far');
($status, $out) = script($report . qq(json claim "j" "k" 1 "%d", 3\njson report\n));
is_deeply([map { json($_) } grep { /^\{/ } split /\n/, $out],
    [{ claim => 'j', says => 'k', measured => '3', holds => JSON::PP::true }],
    'a claim as JSON');
my ($rows) = map { json($_) } grep { /^\[/ } split /\n/, $out;
is_deeply($rows->[0], { title => 'Some claims', source => 'the book' },
    'report: the table as JSON');
is($rows->[1]{verdict}, 'holds', '... with its verdicts');
for my $typed ('x', 9 x 20) {
    ($status, undef, $err) = script(qq(expect "# " 5s\nsend "echo $typed\\n"\nexpect "echo" 1s\nhear n\n));
    is($status, 1, 'hear: a line without a number of 64 bits');
    like($err, qr/s\.ch:4: hear: the line has no number of 64 bits for n$/m, '... is an error that names the line');
}
refuses(['expect "# " 5s'], ['claim "a" "b" "c"', qr/a value is missing/],
    (map { [$_, qr/a "text" in quotes is missing/] } 'claim "a"', 'title'),
    ['hear', qr/a name is missing/], ['console maybe', qr/neither on nor off/],
    ['figure "a" "%d"', qr/more % than values/]);

# With --panel=term the table is printed after the panel has closed.
{
    my $file = spew(tmp('s.ch'), $report . "quit\n");
    my $pty = Pty->start(30, 100, build() . '/clockhand', '--panel=term',
        '--letters', '--pace', 'max', '--ram', '16M', '-x', $file);
    my $raw = $pty->everything;
    is($pty->finish, 0, 'a script with --panel=term');
    like($raw, qr/\e\[\?1049l.*frames +\| 4096 of them +\| .*2 claims: 2 hold/s,
        '... the table is printed after the panel has closed') or diag(substr $raw, -1000);
}

done_testing();
