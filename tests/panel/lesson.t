#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A lesson runs beside the panel. It asks its questions in the terminal; meanwhile the
# window shows the machine and takes keys. At the answer the machine goes back to where
# it stood at the question. Closing the window ends the lesson.
use lib 'tests/lib';
use Clockhand;
use PanelPicture;
use Desktop;

desktop('1400x900');

sub printed { return slurp(scratch('stdout')) }

sub lesson_begins {
    my ($what, $lesson) = @_;
    pipe my $from, my $to or die;
    start_panel($from, [$to], '--lesson', $lesson // 1);
    find_window();
    until_true("$what: the lesson is in the terminal", 20,
        sub { printed() =~ /^Lesson \d+\. .*\[Enter\] \z/s });
    return $to;
}

my $to = lesson_begins('begin');
until_true('the machine has not begun', 10, sub { is_mode('HALT') });
my (undef, undef, $wide) = geometry();
cmp_ok($wide, '<=', 1400 * 3 / 5, 'the window leaves the terminal its room');
syswrite $to, "\n";
until_true('a question is asked', 20, sub { printed() =~ /your answer: \z/ });
until_true('the card says so', 10,
    sub { caption(look()) =~ /^Lesson 1 asked in the terminal: .*\?$/ });
key('W');
ok(!shows(qr/VPN\[2\]/) && shows(qr/the walk may be its answer/),
    'a walk is not shown: it may be the answer');

# ---- while it waits, the window works -------------------------------------------
key('question');
until_true('? lists the keys', 10, sub { shows(qr/this page/) });
key('question');
ok(!console_has(qr/hog: wrote/), 'hog has not ended');
key('space');
until_true('space runs the machine', 60, sub { console_has(qr/hog: wrote/) });
key('space') if is_mode('RUN');
until_true('and halts it', 10, sub { is_mode('HALT') });
like(printed(), qr/your answer: \z/, 'the terminal still waits');

# ---- the answer: the machine goes back, the block runs ---------------------------
syswrite $to, "c\n";
until_true('an answer is compared', 60, sub { printed() =~ /Right: c.*\[Enter\] \z/s });
like(printed(), qr/\(The machine stands again where it stood/, '... after the machine has gone back to its state at the question');
until_true('the card says so', 10,
    sub { my $p = look(); mode($p) eq 'HALT' && caption($p) =~ /^Lesson 1 the answer is/ });
until_true('and the console is that of the lesson', 10,
    sub { console_has(qr/^# hog 64K 0/) && !console_has(qr/hog: wrote/) });
syswrite $to, "q\n";
is(panel_gone(20), 0, 'q ends lesson and window');
like(printed(), qr/^The lesson is left/m, 'and says so');

# ---- the window is closed ---------------------------------------------------------
$to = lesson_begins('closing');
syswrite $to, "\n";
until_true('a question', 20, sub { printed() =~ /your answer: \z/ });
closes('while a question waits');

# ---- a step with a machine of its own: the window shows that machine ---------------
my $two = spew(tmp('13-two.md'), <<'END');
# 13. Two machines

One of two minutes.

```options
--ram 16M
```

## One

```clockhand
expect "# " 60s
```

## Two

```options
--ram 8M
```

```clockhand
expect "# " 60s
send "echo $((6*7))m\n"
expect "42m" 60s
page 202
```

```predict
How many MiB?
```

```clockhand
run-for 1ms
```

```compare
answer: 8 is vm.frames / 256
{vm.frames} frames.
```

```exercise
ask: How many?
run:
expect "# " 60s
answer: let.seed
say: So many.
```
END
$to = lesson_begins('two machines', $two);
syswrite $to, "\n\n";
until_true('the second machine\'s question', 30, sub { printed() =~ /your number: \z/ });
until_true('its console is in the window', 10, sub { console_has(qr/^42m/) });
like((pane_lines(look(), 'PHYSICAL MEMORY'))[0], qr/2,048 frames/, 'and its frames');
ok(frame_has(qr/^FRAME 202\b.*chosen by the command `page`/),
    'and the frame that the lesson looks at with page');
key('c');
type('echo $((7*7))n');
key('Return');
key('F10');
key('space');
until_true('typing goes to that machine', 20, sub { console_has(qr/^49n *$/) });
syswrite $to, "8\n";
until_true('and is undone at the answer', 20,
    sub { printed() =~ /stands again.*You said 8: right\..*\[Enter\] \z/s });
until_true('in the window as well', 10, sub { !console_has(qr/^49n *$/) });
closes('in the second machine');

done_testing();
