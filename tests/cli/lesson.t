#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests --lesson at the terminal, with --solve and with --grade: the questions, the
# answers that may be typed, the messages about mistakes.
use lib 'tests/lib';
use Clockhand;
use Pty;

# A lesson with two questions. At each question the machine stands at a fixed cycle, whatever
# the learner typed before it. MORE stands for further lines of the first block.
my $text = <<'END';
# 7. A short one

It takes two minutes.

## One

```predict
Two and two?
```

```clockhand
expect "# " 60s
send "ls -d /\n"
catch fork
MORE
```

```compare
answer: 4 is 2 + 2
That is {2 + 2}.
```

## Two

Some text here.

```predict
Which one?
a. this one
b. that one
```

```clockhand
tcatch proc-exit
continue
let here cycle
```

```check
assert let.here == cycle
```

```compare
answer: b if let.here > 0
Because.
```

```exercise
let mib 16 + let.seed * 4
options: --ram {let.mib}M --policy clock
ask: Frames of {let.mib} MiB?
try: There, `continue` and {let.mib} MiB.
run:
expect "# " 60s
answer: let.mib * 256
say: {let.mib} MiB are {let.mib * 256} frames.
```
END

my $file = tmp('07-short.md');

sub lesson_file {
    my ($more, $edit) = @_;
    my $t = $text;
    $t =~ s/^MORE$/$more/m;
    $t = $edit->($t) if $edit;
    return spew($file, $t);
}
lesson_file('continue');

sub lesson {
    my ($input, @options) = @_;
    return run_command($input, build() . '/clockhand', '--lesson', $file, @options);
}

# ---- the list ----------------------------------------------------------------
my ($status, $out, $err) = clockhand('--lesson', 'list');
is($status, 0, 'list: status');
like($out, qr/^ 1  page-fault +A page fault +\d+ minutes$/m, 'list: a line for each lesson');
is(scalar(() = $out =~ /\n/g), scalar(my @all = glob 'tools/lessons/[0-9]*.md'),
    'list: all of them');
my %minutes = $out =~ /^ *(\d+) .* (\d+) minutes$/mg;
is_deeply([ grep { $minutes{$_} >= 15 } keys %minutes ], [], 'list: each takes less than fifteen minutes');

# ---- names of a lesson -------------------------------------------------------
for my $name (qw(2 02 walk Walk 02-walk)) {
    ($status, $out) = clockhand('--lesson', $name);
    like($out, qr/^Lesson 2\. The walk/m, "--lesson $name");
}
for my $case ([ [ '--lesson', 'wakl' ], 'no lesson \'wakl\': is walk meant?' ],
    [ [ '--lesson', 'zebra' ], 'no lesson \'zebra\' (--lesson list)' ],
    [ [ '--lesson=./nowhere.md' ], './nowhere.md: ' ],
    [ ['--solve'],                     '--solve: which lesson?' ],
    [ ['--grade'],                     '--grade: which lesson?' ],
    [ ['--exercise'],                  '--exercise: which lesson?' ],
    [ [ '--lesson', $file, '--solve', '--grade' ], '--grade: --solve shows the answers' ],
    [ [ '--lesson', 1, '--lesson', 'zebra' ], 'no lesson \'zebra\'' ], # the last counts
    [ [ '--lesson', $file, '--monitor' ],    '--monitor: a lesson has a machine' ],
    [ [ '--lesson', $file, '--panel=term' ], '--panel: term: the lesson asks' ])
{
    my ($options, $says) = @$case;
    ($status, $out, $err) = clockhand(@$options);
    is($status, 2, "@$options: a mistake");
    like($err, qr/^clockhand: .*\Q$says\E[^\n]*\n\z/, "@$options: in one line");
}

# ---- a file with a mistake ---------------------------------------------------
lesson_file('continue', sub { $_[0] =~ s/^answer: 4 is/answer: 4 because/mr });
($status, $out, $err) = lesson('', '--solve');
is($status, 2, 'a mistake in the file: status');
is($err, "clockhand: $file:19: neither 'LETTER if EXPR' nor 'NUMBER is EXPR'\n", 'file and line');
for my $case ([ 'a command', sub { $_[0] =~ s/^continue$/contine/mr }, qr/:15: contine/ ],
    [ 'an answer',   sub { $_[0] =~ s/is 2 \+ 2$/is 2 + 3/mr }, qr/:19: answer: '2 \+ 3' is 5/ ],
    [ 'an explanation', sub { $_[0] =~ s/\{2 \+ 2\}/{vm.nothing}/r }, qr/:20: \{vm.nothing\}: / ],
    [ 'a check', sub { $_[0] =~ s/here == cycle/here != cycle/r }, qr/:40: assert: / ])
{
    my ($what, $edit, $says) = @$case;
    lesson_file('continue', $edit);
    ($status, $out, $err) = lesson('', '--solve');
    is($status, 1, "$what that does not hold: status");
    like($err, qr/^clockhand: \Q$file\E$says/, "$what: file and line");
    ($status, $out, $err) = lesson("4\nb\n5120\n", '--grade');
    is($status, 1, "$what: --grade fails");
    my $json = eval { json($out) } // {};
    ok(!$json->{ok}, "$what: JSON says so");
    like($json->{failed} // '', qr/^\Q$file\E$says/, "$what: ... with file and line");
}

# ---- solve, grade ------------------------------------------------------------
lesson_file('continue');
($out, $err) = succeeds('--solve', lesson('', '--solve'));
is_deeply([ $out =~ /^answer: (.*)$/mg ], [ 4, 'b', 5120 ], '--solve prints the answers');
unlike($out, qr/BusyBox/, '--solve prints no console');
($status, $out) = lesson('', '--solve', '--seed', 3);
like($out, qr/Frames of 28 MiB\?\nanswer: 7168\n/, '--seed 3: another exercise');

my %first = (question => 'Two and two?', given => '4', right => '4', within => '0', ok => 1);
for my $case ([ "4\nb\n5120\n", 0, 1, 1, 1, 'all right' ],
    [ "4\nB\n5,120\n",  0, 1, 1, 1, 'a capital letter, a comma' ],
    [ "9\na\n5120\n",   0, 0, 0, 1, 'predictions may be wrong' ],
    [ "4\nb\n5121\n",   1, 1, 1, 0, 'a wrong answer to the exercise' ],
    [ "4\nb\n",         1, 1, 1, 0, 'a line is missing' ],
    [ "4 faults\nI think b\n5120 %\n", 0, 1, 1, 1, 'words around an answer, as at the prompt' ],
    [ "4 or 5\na or b\n5120\n", 0, 0, 0, 1, 'two answers count as none' ],
    [ "",               1, 0, 0, 0, 'no answer at all' ])
{
    my ($answers, $want, $one, $two, $three, $what) = @$case;
    ($status, $out, $err) = lesson($answers, '--grade');
    my $json = eval { json($out) } // {};
    is($status, $want, "$what: status") or diag($err);
    is_deeply([ map { $_->{ok} ? 1 : 0 } @{ $json->{questions} }, $json->{exercise} ],
        [ $one, $two, $three ], "$what: the verdict on each answer");
    is($json->{ok} ? 1 : 0, $want ? 0 : 1, "$what: the JSON's \"ok\"");
}
($status, $out) = lesson("4\nb\n5120\n", '--grade');
my $json = json($out);
is_deeply([ @{$json}{qw(lesson seed)} ], [ '07-short', 1 ], 'lesson and seed');
is_deeply({ %{ $json->{questions}[0] }, ok => 1 }, \%first, 'a question of the JSON');
is($json->{exercise}{ask}, 'Frames of 20 MiB?', 'the exercise of the JSON');
is_deeply({ map { $_ => $json->{questions}[1]{$_} } qw(question choices) },
    { question => 'Which one?', choices => { a => 'this one', b => 'that one' } },
    'a question and its choices');
($status, $out) = lesson('', '--solve');
like($out, qr/^Which one\?\na\. this one\nb\. that one\nanswer: b$/m, '--solve prints the choices');

# --grade -v prints a line for each part of the lesson as it comes, and after a line that is no
# answer it asks again. A blank line at a question shows the answer; at a step's end it continues the lesson.
($status, $out, $err) = lesson("many\n4\n\nb\n\n5120\n", '--grade', '-v');
my @parts = map { json($_) } grep { /^\{"part"/ } split /\n/, $out;
is(join(' ', map { $_->{part} } @parts),
    'lesson step question expected verdict pause step prose question verdict pause exercise verdict',
    '--grade -v: the parts in their order');
is(join(' ', map { $_->{ok} ? 1 : 0 } grep { $_->{part} eq 'verdict' } @parts), '1 1 1', '... and verdicts');

# --exercise: an exercise with another seed's numbers does not repeat the steps.
($status, $out, $err) = lesson("6144\n", qw(--grade -v --seed 2 --exercise));
@parts = map { json($_) } grep { /^\{"part"/ } split /\n/, $out;
is(join(' ', map { $_->{part} } @parts), 'lesson exercise verdict', '--exercise: no step is repeated');
is($status, 0, '... and the exercise is graded');
($status, $out) = lesson("6144\n", qw(--seed 2 --exercise));
like($out, qr/^\nExercise \(seed 2\)\n.*^Your answer to the exercise was right\.\n.*--seed 3 --exercise$/ms,
    '... also in the terminal, which names the next exercise');

# Text that is no answer is reported: "1,0" is not 10, "five" not a wrong number.
($status, $out, $err) = lesson("five\nyes\n1,0\n", '--grade');
$json = json($out);
my @expected = ('a number, such as 5 or 0.3', 'a letter from a to b', 'a number, such as 5 or 0.3');
is_deeply([ map { $_->{expected} } @{ $json->{questions} }, $json->{exercise} ], \@expected,
    'for a text that is no answer the JSON says what is expected');
is($err, join('', map { "clockhand: --grade: line $_->[0]: '$_->[1]' is not $_->[2]\n" }
        [ 1, 'five', $expected[0] ], [ 2, 'yes', $expected[1] ], [ 3, '1,0', $expected[2] ]),
    '... on standard error, too');

# The exercise says by how much an answer may be off.
lesson_file('continue', sub { $_[0] =~ s/^answer: let\.mib \* 256$/answer: let.mib * 256 within 5%/mr });
($status, $out) = lesson("x\n5000\n");
like($out, qr/^Frames of 20 MiB\?\n\(An answer that is off by 5 % is right\.\)$/m, 'the question states the tolerance');
like($out, qr/^You said 5000, near enough: it is 5120\.$/m, '... and it holds');
# A command is shown with the values of the numbers that the lesson has noted. The
# last line of one machine's guest is not joined to the first line of the next machine's.
lesson_file(join("\n", 'continue', 'let moment 0x12345678', 'let few 40 + 2',
        'echo let.few let.moment "let.few"', 'print let.few + 0'),
    sub { $_[0] =~ s/^## Two\n/## Two\n\n```options\n--ram 16M\n```\n\n```clockhand\nexpect "# " 60s\nsend "ls \/\\n"\ncatch fork\n```\n/mr });
($status, $out, $err) = lesson("\n4\n\nb\n\n5120\n");
like($out, qr/^> echo 42 0x12345678 .*\n.*\n> print 42 \+ 0\n42$/m, 'numbers that the lesson has noted');
is(scalar(() = $out =~ /^  \| Clockhand guest/mg), 2, 'two machines, and each begins its own line');
lesson_file('continue');

# ---- through a pipe ----------------------------------------------------------
($out, $err) = succeeds('a pipe: status', lesson("\n5\n\nB\n\n5120\n"));
like($out, qr/^Lesson 7\. A short one \(2 minutes\)$/m, 'the title');
like($out, qr/^1 of 2: One$/m,                            'the title of a step');
like($out, qr/^> send "ls -d .*"\n> catch fork$/m, 'the commands of a block');
like($out, qr/^  \| Clockhand guest/m,                   'lines of the console');
unlike($out, qr/^> (?:expect|let|hear|mark|printf)/m, 'verbs that the lesson runs for itself are not shown');
like($out, qr/^catch 1: fork: /m,                         'the stop at the catch');
like($out, qr/^You said 5; it is 4\.\nThat is 4\.$/m,     'the answer is compared');
like($out, qr/^Right: b\. that one\nBecause\.$/m, 'a right choice');
like($out, qr/^You said 5120: right\.\n20 MiB are 5120 frames\.$/m,     'the answer to the exercise');
like($out, qr/^You answered 2 of 2 questions, and 1 right\. Your answer to the exercise was right\.$/m,
    'the score');
like($out, qr/^    \S+ --ram 20M --policy clock --monitor\nThere, `continue` and 20 MiB\.$/m,
    'the exercise says what to type');
unlike($out, qr/assert/, 'checks are not shown');
my $program = build() . '/clockhand';
like($out, qr/^    \Q$program\E --lesson \Q$file\E --seed 2 --exercise$/m, 'the command that starts the next exercise');
like($out, qr/^    \Q$program\E --ram 20M --policy clock --monitor$/m, 'the exercise\'s machine');

# If a command stops the machine in the middle of a line of the guest, the line is shown
# whole, not one part above the command and one below it.
lesson_file(join "\n", 'delete', 'expect "# " 5s', q(send "echo a lo''ng line\n"),
    'expect "a lon" 5s', 'expect "# " 5s', 'send "ls -d /\n"');
($out, $err) = succeeds('a block that cuts a line', lesson("\n4\n\nb\n\n5120\n"));
like($out, qr/^  \| a long line$/m, '... shows it whole');
unlike($out, qr/^  \| (?:a lon|g line)$/m, '... and only whole');
lesson_file('continue');

# The learner looks around, gets hints, and leaves. At an answer the machine is put back to its place.
($out, $err) = succeeds('looking around: status',
    lesson("c\nback\n\ny\ninfo vm nonsense\n4\n\nz\ndelete\nlet here 5\nrun-for 1ms\nb\n\nq\n"));
like($out, qr/^A lesson goes forward only/m, 'back is refused');
like($out, qr/^No question now: Enter goes on/m, 'a letter where nothing is asked');
like($out, qr/^The answer is a number, such as 5 or 0\.3 \(/m, 'a letter in place of a number');
like($out, qr/^The answer is a letter from a to b \(/m, 'a letter that is no choice');
like($out, qr/^\(The machine stands again where it stood/m, 'the machine is put back');
like($out, qr/^Right: b/m, 'and the lesson goes on, although its catches were deleted');
like($out, qr/^The lesson is left\. From its beginning:\n    \Q$program\E --lesson/m, 'q leaves');
like($err, qr/^clockhand: .*nonsense/m, 'a verb names its wrong argument');

# A lesson's machine can go back in time, even after the learner has gone to the past
# at one question and then answered it.
($out, $err) = succeeds('looking around in the past: status',
    lesson("\n4\nprint cycle\nreverse-stepi\nprint cycle\ngoto -1ms\nprint cycle\n\n"
        . "print cycle\ngoto -1ms\nprint cycle\nreverse-stepi\nprint cycle\nb\n\nq\n"));
my @cycle = $out =~ /print cycle\n(\d+)\n/g;
is(scalar @cycle, 6, '... six cycles are printed') or diag($out);
ok($cycle[1] < $cycle[0] && $cycle[1] > $cycle[0] - 1000, 'reverse-stepi');
cmp_ok(abs($cycle[1] - $cycle[2] - 1_000_000), '<', 1000, 'goto -1ms');
cmp_ok($cycle[3], '>=', $cycle[0], 'the lesson goes on from the place of the question');
cmp_ok(abs($cycle[3] - $cycle[4] - 1_000_000), '<', 1000, '... and its past is still there');
like($out, qr/^Right: b/m, '... and the answer counts');

($out, $err) = succeeds('answers in words: status',
    lesson("\nfour\nabout 4, I think\n\nno\nI think B\n\n5120 frames\n"));
unlike($err, qr/unknown/, '... are not taken for verbs');
like($out, qr/^That is no verb of the monitor\. The answer is a number, such as 5/m, 'a number in letters');
like($out, qr/^That is no verb of the monitor\. The answer is a letter from a to b/m, 'a word for a letter');
like($out, qr/^You answered 2 of 2 questions, and 2 right\. Your answer to the exercise was right\.$/m,
    'the one number, or the letter at the end, is the answer');

# Texts such as "a or b" are neither taken for an answer nor tried as a verb.
($status, $out, $err) = lesson("\n4\n\na or b\ni dont know\nb\n\n5120\n");
is($err, '', 'a or b; i dont know: no verbs');
is(scalar(() = $out =~ /The answer is a letter from a to b/g), 2, '... and no answers');

lesson_file('continue', sub { $_[0] =~ s/answer: 4 is 2 \+ 2/answer: 40 is 40/r });
($status, $out) = lesson("\n41\n\nb\n\n5120\n");
like($out, qr/^You said 41; it is 40\.$/m, 'a count must be exact');
lesson_file('continue', sub { $_[0] =~ s/answer: 4 is 2 \+ 2/answer: 40 is 40 within 1/r });
($status, $out) = lesson("\n43\n\nb\n\n5120\n", '--seed', 1);
like($out, qr/^You said 43, near enough: it is 40\.$/m, '... unless it has a tolerance');
($status, $out) = lesson("\n0x28\n\nb\n\n5120\n", '--seed', 1);
like($out, qr/^You said 0x28: right\.$/m, 'a number in another base');
like($out, qr/^For a teacher \(3 answers, .*\n    \S+ --lesson \S+ --seed 1 --grade < FILE$/m,
    'the end tells of --grade');
lesson_file('continue',
    sub { $_[0] =~ s/answer: 4 is 2 \+ 2/answer: 1.11 is \/2 100 + 11 within 10%/r });
for my $case ([ 1.09, qr/^You said 1\.09, near enough: it is 1\.11\.$/m, 1 ],
    [ 1.3, qr/^You said 1\.3; it is 1\.11\. \(Off by 10 % would be right\.\)$/m, 0 ])
{
    my ($say, $told, $ok) = @$case;
    ($status, $out) = lesson("\n$say\n\nb\n\n5120\n");
    like($out, $told, "a tolerance in per cent: $say");
    ($status, $out) = lesson("$say\nb\n5120\n", '--grade');
    my $graded = json($out)->{questions}[0];
    is_deeply([ $graded->{ok} ? 1 : 0, $graded->{within} ], [ $ok, '10 %' ],
        '... and graded, with the tolerance');
}
lesson_file('continue');
($status, $out) = lesson("q\n", '--seed', 5);
like($out, qr/--lesson \S+ --seed 5$/m, 'q keeps the seed');
($status, $out) = lesson("4\nb\n5120\n1\n2\n", '--grade');
is_deeply([ @{ json($out) }{qw(answers_wanted answers_given)} ], [ 3, 5 ],
    '--grade counts the lines: wanted and given');

# A command that the lesson prints works, whatever its file is called.
my $blank = spew(tmp("a b's.md"), slurp($file));
($status, $out) = run_command('', $program, '--lesson', $blank);
is(qx{@{[ $out =~ /^    (.* --lesson .*)$/m ]} </dev/null}, $out, "the command works with a blank and a ' in the file's name");

# A limit, even one among an exercise's options, ends the run with status 124; the JSON says so.
lesson_file('continue', sub { $_[0] =~ s/^options: /options: --max-sim-time 10ms /mr });
for (['--max-sim-time', '10ms'], []) {
    ($status, $out) = lesson('', '--grade', @$_);
    like("$status $out", qr/^124 .*"failed":"\Q$file\E:\d+: .*the limit is reached/, "a limit: @$_");
}
lesson_file('quit');
is(json((lesson('', '--grade'))[1])->{failed}, 'the lesson was left', 'a lesson that quits');
lesson_file('continue');

# x (or exercise) leads straight to the exercise, from the beginning, a question or a pause.
for my $case ([ "x\n5120\n", 'the beginning', 'none of the 2 questions. Your answer to the exercise was right' ],
    [ "\n4\n\ninfo ps\nexercise\n5\n", 'a question', '1 of 2 questions, and 1 right. Your answer to the exercise was wrong' ],
    [ "\n\n\n\nX\n\n", 'a pause', 'none of the 2 questions. You left the exercise without an answer' ])
{
    my ($input, $from, $score) = @$case;
    ($out, $err) = succeeds("x at $from: status", lesson($input));
    like($out, qr/^Exercise \(seed 1\)\n.*^You answered \Q$score\E\.$/ms, "x at $from: the exercise");
}

($out, $err) = succeeds('a continue that nothing stops: status',
    lesson("\nsend \"while :; do :; done\\n\"\ncontinue\n4\n\nq\n"));
like($out . $err, qr/nothing has stopped the machine for 1 s/, '... ends with a message');
like($out, qr/^You said 4: right/m, 'and the lesson goes on');

lesson_file('continue', sub { $_[0] =~ s/catch fork/catch oom/r });
($status, $out, $err) = lesson('', '--solve');
is($status, 1, 'a block that nothing stops: status');
like($err, qr/^clockhand: \Q$file\E:15: nothing has stopped the machine/, 'file and line');
lesson_file('continue');

($out) = succeeds('the end of the input', lesson("\n4\n"));
like($out, qr/^The lesson is left/m, '... is reported');

# ---- lines wider than the terminal ----
lesson_file('info policy', sub { $_[0] =~ s/a\. this one/a. this one, which is a long one, of many words, wider than forty/r });
my $slim = Pty->start(24, 40, build() . '/clockhand', '--lesson', $file);
$slim->expect(qr/\[Enter\] /, 20);
$slim->send("\n");
$slim->expect(qr/your number: /, 20);
$slim->send("4\n");
my $wide = $slim->expect(qr/\[Enter\] /, 60) // '';
unlike($wide =~ s/^  \|.*$//mgr, qr/^[^\n]{41}/m, 'lines of verbs are folded between words');
$slim->send("\n");
like($slim->expect(qr/your answer: /, 20) // '', qr/^a\. this one, [^\n]{1,30}\n   \w/m, '... and those of a choice are indented');
$slim->send("q\n");
$slim->finish(20);
lesson_file('continue');

# ---- at a terminal -----------------------------------------------------------
my $tty = Pty->start(24, 80, $program, '--lesson', $file);
ok($tty->expect(qr/\[Enter\] /, 20), 'a terminal: the title');
$tty->send("\n");
ok($tty->expect(qr/your number: /, 20), 'a question');
$tty->send("\n");
ok($tty->expect(qr/Enter once more shows the answer.*your number: /s, 20),
    'after Enter alone the question is asked again');
$tty->send("4\n\n\n\n"); # typed ahead, while the machine boots
ok($tty->expect(qr/You said 4: right\..*\[Enter\] /s, 60), 'the answer is compared');
$tty->send("\n");
ok($tty->expect(qr/your answer: /, 20), 'the next question');
sleep 1;
ok(!$tty->expect(qr/It is b/, 2), '... is not answered by an Enter typed before it');
$tty->send("q\n");
ok($tty->expect(qr/The lesson is left/, 20), 'q leaves the lesson');
is($tty->finish(20), 0, 'with status 0');

# A wrong answer, and then Enter twice ("show me"): the answer counts as wrong, not as missing.
$tty = Pty->start(24, 80, $program, '--tries', 3, '--lesson', $file);
ok($tty->expect(qr/\[Enter\] /, 20), 'the terminal again: the title');
$tty->send("x\n");
ok($tty->expect(qr/your number: /, 20), 'the exercise is asked');
$tty->send("5\n");
ok($tty->expect(qr/5 is too small\. Once more \(2 tries\).*your number: /s, 60), '... may be answered again');
$tty->send("about 5120\n");
ok($tty->expect(qr/The answer is a number.*your number: /s, 60), '... words are refused, at no cost');
$tty->send("9999999\n");
ok($tty->expect(qr/9999999 is too large\. Once more \(1 try\).*your number: /s, 60), '... as often as --tries allows');
$tty->send("\n\n");
ok($tty->expect(qr/Your answer to the exercise was wrong/, 60), 'Enter twice: the answer counts as wrong');
$tty->finish(20);

done_testing();
