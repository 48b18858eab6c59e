#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A lesson beside the panel: the questions are asked in the terminal, the window
# shows the machine meanwhile and obeys; what it does to the machine is undone;
# closing it ends the lesson.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Clockhand;
use PanelPicture;
use Desktop;

desktop('1400x900');

sub said { return slurp(scratch('stdout')) }

sub lesson_begins {
    my $what = shift;
    pipe my $from, my $to or die;
    start_panel($from, [$to], '--lesson', 1);
    find_window();
    until_true("$what: the lesson is in the terminal", 20,
        sub { said() =~ /^Lesson 1\. A page fault.*\[Enter\] \z/s });
    return $to;
}

my $to = lesson_begins('begin');
until_true('the machine has not begun', 10, sub { mode() eq 'HALT' });
syswrite $to, "\n";
until_true('a question is asked', 20, sub { said() =~ /your answer: \z/ });
until_true('the caption says so', 10,
    sub { read_text(CAPTION, 27) eq 'Lesson 1: a question waits ' });

# ---- while it waits, the window works -------------------------------------------
key('question');
until_true('? lists the keys', 10, sub {
    my $p = look();
    grep { text_at($p, 406 + 4, $_, 4) eq 'KEYS' } 150 .. 330;
});
key('question');
key('space');
until_true('space runs the machine', 60, sub { console_has(qr/^# /) });
key('space') if mode() eq 'RUN';
until_true('and halts it', 10, sub { mode() eq 'HALT' });
like(said(), qr/your answer: \z/, 'the terminal still waits');

# ---- the answer: the machine goes back, the block runs ---------------------------
syswrite $to, "c\n";
until_true('an answer is compared', 60,
    sub { said() =~ /You said c, and right.*\[Enter\] \z/s });
like(said(), qr/\(The machine stands again where it stood/, 'from where it was asked');
until_true('the window shows where it stopped', 10,
    sub { mode() eq 'HALT' && read_text(CAPTION, 12) eq 'breakpoint 1' });
until_true('and the console of now', 10, sub { console_has(qr/^# hog 64K 0/) });
syswrite $to, "q\n";
is(panel_gone(20), 0, 'q ends lesson and window');
like(said(), qr/^The lesson is left/m, 'and says so');

# ---- the window is closed ---------------------------------------------------------
$to = lesson_begins('closing');
syswrite $to, "\n";
until_true('a question', 20, sub { said() =~ /your answer: \z/ });
closes('while a question waits');

done_testing();
