#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The window serves as the terminal: standard input that has ended or is silent
# changes nothing; the bytes of a pipe are typed into the guest, then the keyboard
# has its turn. Closing the window ends the run well, at any point of it.
use lib 'tests/lib';
use Clockhand;
use PanelPicture;
use Desktop;

desktop('1400x880');

sub prompt {
    my $what = shift;
    find_window();
    until_true("$what: the guest reaches its prompt", 30,
        sub { console_has(qr/^#( |$)/) });
}

# A command typed into the panel runs in the guest.
my $number = 40;
sub types {
    my $what = shift;
    my $n = ++$number;
    key('c');
    type("echo \$(($n+1000))z");
    key('Return');
    key('F10');
    my $answer = $n + 1000;
    until_true("$what: typing goes to the guest", 10, sub { console_has(qr/^${answer}z *$/) });
    ok(is_mode('RUN'), '... which runs');
}

# ---- a launcher, an IDE: standard input has ended ------------------------------
open my $null, '<', '/dev/null' or die;
start_panel($null, [], '--pace', 'max');
prompt('/dev/null');
types('/dev/null');
ok(!console_has(qr/power|halt|logout|exit/i), '... and the guest saw no end of file');
closes('/dev/null');

# ---- a pipe: silent, then with text, then ended ------------------------------------
pipe my $from, my $to or die;
start_panel($from, [$to], '--pace', 'max');
prompt('a silent pipe');
types('a silent pipe');
syswrite $to, "echo \$((6*7))y\necho \$((7*7))";
until_true('a line of the pipe is typed', 10, sub { console_has(qr/^42y *$/) });
until_true('and the rest is typed without Enter', 10,
    sub { console_has(qr/^# echo \$\(\(7\*7\)\)/) });
close $to;
until_true('... which runs when the pipe ends', 10, sub { console_has(qr/^49 *$/) });
types('after the end of the pipe');
closes('after the end of the pipe');

# ---- a file with commands: they run, then the keyboard types ------------------------
open my $file, '<', spew(scratch('commands'), "echo \$((9*9))f\necho \$((9*8))f")
    or die;
start_panel($file, [], '--pace', 'max');
prompt('a file');
until_true('the lines of a file run', 10, sub { console_has(qr/^72f *$/) });
types('after the file');
closes('after the file');

# ---- commands of the monitor from a silent pipe ------------------------------------------
pipe $from, $to or die;
start_panel($from, [$to], '--monitor');
find_window();
until_true('--monitor: the badge says that standard input is waited for', 10,
    sub { is_mode('STDIN') });
closes('--monitor on a silent pipe');
close $to;

# ---- in the middle of a story ------------------------------------------------------------
spew(scratch('story.ch'), "expect \"never comes\" 1000000s\nassert 0\n");
open $null, '<', '/dev/null' or die;
start_panel($null, [], '--pace', '1', '-x', scratch('story.ch'));
find_window();
until_true('a story runs', 10, sub { is_mode('RUN') });
closes('in the middle of expect');
is(slurp(scratch('stderr')), '', '... and says nothing');
open $null, '<', '/dev/null' or die;
spew(scratch('story.ch'), "run-for 1000000s\nassert 0\n");
start_panel($null, [], '--pace', '1', '-x', scratch('story.ch'));
find_window();
until_true('another runs', 10, sub { is_mode('RUN') });
closes('in the middle of run-for');
unlike(slurp(scratch('stderr')), qr/assert/, '... and runs no further line');

# ---- after a story's end the keyboard types ------------------------------------------
spew(scratch('story.ch'), "expect \"# \" 60s\nsend \"echo to\"\n" .
    "send \"ld\\n\"\nexpect \"told\\n\" 10s\n");
open $null, '<', '/dev/null' or die;
start_panel($null, [], '--pace', 'max', '-x', scratch('story.ch'));
find_window();
until_true('the story has run', 20, sub { console_has(qr/^told *$/) });
types('after a story');
closes('after a story');

# ---- a program reads silent standard input: the panel says so, the window can be closed -
pipe $from, $to or die;
start_panel($from, [$to], '--run', 'cat');
find_window();
until_true('--run: the badge says that the program waits', 20, sub { is_mode('STDIN') });
like(caption(look()), qr/^standard input, a pipe or file that/,
    '... and the card says for which input');
closes('--run on a silent pipe');
done_testing();
