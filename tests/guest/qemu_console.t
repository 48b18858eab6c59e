#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The guest's terminal, typed at through QEMU's serial port: echo and editing,
# signals, job control, raw mode, end of file, and a burst of typed text, which
# must arrive without the loss of a byte.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use Qemu;

my $prompt = qr/# (?:\e\[6n)?/;

sub fail_with_text {
    my ($tty, $name) = @_;
    fail($name);
    diag('had: ' . $tty->seen);
}

# Sends text and expects the pattern.
sub step {
    my ($tty, $text, $pattern, $name) = @_;
    $tty->send($text);
    my $got = $tty->expect($pattern);
    return defined $got ? pass($name) : fail_with_text($tty, $name);
}

my $tty = qemu_boot();
step($tty, '', $prompt, 'a prompt');
step($tty, "echo a\$((1+2))b\r", qr/^a3b\n.*$prompt/ms, 'a command');
step($tty, "tty; test -t 0 && echo is a terminal\r",
    qr/^\/dev\/console\nis a terminal\n/m, 'the console is a terminal');
step($tty, '', $prompt, 'prompt');

# Signals from the keyboard.
step($tty, "sleep 100; echo st=\$?\r", qr/sleep 100.*\n/, 'sleep runs');
select undef, undef, undef, 0.3;
step($tty, "\x03", qr/\^C/, 'Ctrl-C echoes');
step($tty, "echo st=\$?\r", qr/^st=130\n.*$prompt/ms,
    '... and interrupts the command');
step($tty, "cat\r", qr/cat\n/, 'cat runs');
select undef, undef, undef, 0.3;
step($tty, "\x1c", qr/\^\\.*$prompt/s, 'Ctrl-\\ ends it by SIGQUIT');

# Job control.
step($tty, "sleep 100\r", qr/sleep 100\n/, 'a job');
select undef, undef, undef, 0.3;
step($tty, "\x1a", qr/Stopped +sleep 100\n.*$prompt/s, 'Ctrl-Z stops it');
step($tty, "jobs\r", qr/\[1\]\+ +Stopped +sleep 100\n.*$prompt/s, 'jobs');
step($tty, "bg\r", qr/\[1\] sleep 100\n.*$prompt/s, 'bg');
step($tty, "jobs\r", qr/\[1\]\+ +Running +sleep 100\n.*$prompt/s,
    'the job runs');
step($tty, "fg\r", qr/fg\nsleep 100\n/, 'fg');
select undef, undef, undef, 0.3;
step($tty, "\x03", $prompt, 'Ctrl-C reaches the job in the foreground');
step($tty, "jobs; echo none\r", qr/jobs; echo none\nnone\n.*$prompt/s,
    'the job is gone');
step($tty, "cat &\r", qr/$prompt/, 'a reader in the background');
select undef, undef, undef, 0.3;
step($tty, "\r", qr/Stopped \(tty input\) +cat\n.*$prompt/s, '... is stopped');
step($tty, "kill -9 %1; wait; echo ok\r", qr/^ok\n.*$prompt/ms,
    '... and killed');
step($tty, "sleep 50 | sleep 60\r", qr/sleep 60\n/, 'a pipeline');
select undef, undef, undef, 0.3;
step($tty, "\x03", $prompt, 'Ctrl-C ends all of it');
step($tty, "ps | grep -c 'sleep [56]0'\r", qr/^[01]\n.*$prompt/ms,
    'no process is left');

# Canonical mode: cat reads the edited line.
step($tty, "cat > /tmp/t\r", qr/cat > \/tmp\/t\n/, 'cat reads lines');
select undef, undef, undef, 0.3;
step($tty, "abcd\x7f\x7fX\r", qr/abcd\x08 \x08\x08 \x08X\n/, 'erase');
step($tty, "zzz\x15new\r", qr/new\n/, 'kill');
step($tty, "one two\x17three\r", qr/three\n/, 'word erase');
step($tty, "a\x16\x03b\r", qr/a\^\x08\^Cb\n/, 'the next character literally');
step($tty, "\tx\x7f\x7fy\r", qr/y\n/, 'erasing a tab');
step($tty, "no newline\x04", qr/no newline/, 'Ctrl-D in a line: the line');
step($tty, " yet\r", qr/ yet\n/, '... the line goes on');
step($tty, "\x04", $prompt, 'Ctrl-D at the start of a line: end of file');
step($tty, "od -An -c /tmp/t | tr -d ' \\n'; echo\r",
    qr/^abX\\nnew\\nonethree\\na003b\\ny\\nnonewlineyet\\n\n/m,
    'cat has read the edited lines');
step($tty, '', $prompt, 'prompt');

# Raw mode: single keys, time-outs.
step($tty, "stty -icanon -echo min 1; dd bs=1 count=3 2>/dev/null | od -An -c; "
        . "stty icanon echo; echo back\r", qr/echo back\n/, 'raw mode');
select undef, undef, undef, 0.5;
step($tty, "x\x04y", qr/x 004 +y\nback\n.*$prompt/s,
    'keys arrive one by one, Ctrl-D too');
step($tty, "stty -icanon min 0 time 5; dd bs=9 count=1 2>/dev/null | wc -c; "
        . "stty icanon min 1\r", qr/^0\n.*$prompt/ms, 'VTIME ends a read');
step($tty, "if read -t 1 x; then echo got; else echo late; fi\r",
    qr/^late\n.*$prompt/ms, 'read -t');
step($tty, "stty rows 30 cols 100; stty size\r", qr/^30 100\n.*$prompt/ms,
    'window size');
$tty->send("\x13echo stopped\r");
is($tty->expect(qr/stopped/, 0.7), undef, 'Ctrl-S holds output back');
step($tty, "\x11", qr/^stopped\n.*$prompt/ms, 'Ctrl-Q lets it go');

# Sessions: a daemon has no terminal, and cannot open it.
step($tty, "setsid sh -c '(: < /dev/tty) 2>/dev/null; echo \$?'; sleep 0.2\r",
    qr/^[12]\n.*$prompt/ms, 'a new session has no /dev/tty');
step($tty, "exit 3\r", qr/init: the shell has ended.*\n/, 'init notices that the shell ended');
step($tty, "\r", $prompt, 'another shell');
step($tty, "(sleep 0.3; echo la''te) &\r", qr/late\n/, 'background output');
$tty->send("poweroff -f\r");
is($tty->finish, 0, 'power-off');

# A burst of text, faster than the guest reads.
my $lines = 1200;
my $burst = join('', map { "echo line_$_\n" } 1 .. $lines)
    . "cat > /tmp/big\n"
    . join('', map { "$_\n" } 1 .. 20_000)
    . "\x04md5sum < /tmp/big\npoweroff -f\n";
$tty = qemu_boot(timeout => 120);
my $pid = fork // die;
if (!$pid) {
    $tty->send(substr $burst, 0, 4000, '') while length $burst;
    require POSIX;
    POSIX::_exit(0);
}
my $sum = qx{seq 1 20000 | md5sum};
my ($hex) = split ' ', $sum;
my $all = $tty->expect(qr/$hex  -\n/, 100);
ok(defined $all, '20000 lines of pasted text arrive unchanged');
$all //= $tty->seen;
# Each line appears twice: once echoed, once printed.
my %times;
$times{$1}++ while $all =~ /line_(\d+)/g;
my @lost = grep { ($times{$_} // 0) < 2 } 1 .. $lines;
is("@lost", '', "$lines commands typed ahead all ran");
waitpid $pid, 0;
$tty->finish;

done_testing();
