#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A user types at the console through a real pty: signals from the keyboard, job control
# of busybox ash as POSIX defines it, line editing, vi, raw mode. Clockhand runs at the
# pace of real time. (qemu_console.t types at QEMU.)
use lib 'tests/lib';
use Clockhand;
use Pty;

my $tty = Pty->start(24, 80, build() . '/clockhand', '--pace', '1');

sub step { return $tty->step(@_) }

# Makes a step after some milliseconds, in which the command typed before begins to run.
sub after {
    $tty->rest(shift);
    return $tty->step(@_);
}

step('', '\P', 'a prompt');
step('tty; test -t 0 && echo is a terminal\r',
    '/dev/console\nis a terminal\n\P', 'the console is a terminal');
step('ps -o tty,args | grep "4,64 *-sh$"\r', '\n4,64 +-sh\n.*\P', 'ps shows its device number');

# ---- signals from the keyboard ----
step('sleep 100; echo st=$?\r', 'sleep 100.*\n', 'a command runs');
after(300, '\x03', '\^C\n?\P', 'Ctrl-C interrupts it, and the rest of the line');
step('echo st=$?\r', 'st=130\n\P', 'status 130');
step('cat\r', 'cat\n', 'another command');
after(300, '\x1c', '\^\\\\(Quit)?.*\P', 'Ctrl-\\ ends it by SIGQUIT');
step('echo st=$?\r', 'st=131\n\P', 'status 131');
step('half a line\x03', '\^C\n+\P', 'Ctrl-C at the prompt: a new prompt');
step("trap 'echo caught' INT; sleep 10; echo on\\r", 'sleep 10; echo on\n',
    'a shell that catches SIGINT');
after(300, '\x03', '\^C.*caught\n', '... runs its trap');
step('trap - INT; echo\r', '\n\P', 'the trap is removed');
step('(trap "" INT; exec sleep 1); echo st=$?\r', 'echo st=\S+\n',
    'a program started with SIGINT ignored');
after(200, '\x03', '\^C', '... gets Ctrl-C');
step('', 'st=0\n\P', '... exec keeps the signal ignored');
step('sh -c "kill -9 \$\$"; echo st=$?\r', 'Killed\nst=137\n\P',
    'the shell reports a killed command');

# ---- stop and continue ----
step('sleep 2; echo late\r', 'echo late\n', 'a sleep of two seconds');
after(300, '\x1a', 'Stopped +sleep 2\n.*\P', 'Ctrl-Z stops it');
step('echo st=$?\r', 'st=\d+\n\P', 'the shell goes on');
step('jobs\r', '\[1\]\+ +Stopped +sleep 2\n\P', 'jobs');
step('ps -o stat,args | grep "[s]leep 2"\r', 'T +sleep 2\n\P', 'ps says T');
step('bg\r', '\[1\] sleep 2\n\P', 'bg');
step('jobs\r', 'Running +sleep 2\n\P', 'bg: the job runs again');
step('fg\r', 'fg\nsleep 2\n\P', 'fg: the job ends on time');
step('date +%s > /tmp/a; sleep 2; date +%s > /tmp/b\r', 'tmp/b\n',
    'restart_syscall: a sleep of two seconds');
after(300, '\x1a', 'Stopped.*\P', 'stopped');
after(700, 'fg >/dev/null; date +%s > /tmp/b; echo $(( $(cat /tmp/b) - $(cat '
        . '/tmp/a) ))\r', '\n[23]\n\P', '... and continued, the sleep ends on time');
step('cat | cat\r', 'cat . cat\n', 'a pipeline');
after(300, 'one\r', 'one\none\n', 'a line passes through both');
step('\x1a', 'Stopped +cat . cat\n.*\P', 'Ctrl-Z stops both');
step('fg\r', 'cat . cat\n', 'fg');
after(200, 'two\r', 'two\ntwo\n', '... continues both');
step('\x04', '\P', 'Ctrl-D ends both');
step('sleep 50 | sleep 60\r', 'sleep 60\n', 'another pipeline');
after(300, '\x03', '\^C\n?\P', 'Ctrl-C ends all of it');
step('ps | grep -c "sleep [56]0"\r', '\n[01]\n\P', 'no process of it is left');
step('sh -c "kill -STOP \$\$; echo resumed"\r', 'Stopped \(signal\).*\P', 'a program stops itself');
step('fg\r', '\nresumed\n\P', '... and fg resumes it');
step('sh -c "trap \"echo cont\\" CONT; sleep 1; echo after"\r',
    'echo after"\n', 'a program that catches SIGCONT');
after(300, '\x1a', 'Stopped.*\P', 'stopped');
step('fg\r', '\ncont\nafter\n\P', '... runs its handler');

# ---- background ----
step('sleep 100 &\r', '\P', 'a job in the background');
step('sleep 200 &\r', '\P', 'another job');
step('jobs -p | wc -l\r', '\n2\n\P', 'two jobs');
step('fg %1\r', 'fg %1\nsleep 100\n', 'fg %1: the first comes to the foreground');
after(200, '\x1a', 'Stopped.*\P', '... and is stopped');
step('kill %1 %2; wait %2; echo st=$?\r', 'st=143\n.*\P', 'both are killed');
step('fg %1 2>/dev/null; jobs; echo gone\r', '\ngone\n.*\P',
    'the stopped job dies, too, when fg continues it');
step('cat &\r', '\P', 'a reader in the background');
after(300, '\r', 'Stopped \(tty input\) +cat\n\P', 'SIGTTIN stops it');
step('fg\r', 'fg\ncat\n', 'in the foreground');
after(200, 'now\r', 'now\nnow\n', '... it reads');
step('\x04', '\P', '... to the end of input');
step('(trap "" TTIN; cat; echo st=$?) &\r', 'st=1\n', 'a reader that ignores SIGTTIN gets EIO');
step('\r', '\P', 'prompt');
step('(sleep 0.2; echo free) &\r', 'free\n', 'a background job may write');
step('\r', 'Done.*\P', 'prompt');
step('stty tostop; (sleep 0.2; echo held) &\r', '\P', 'stty tostop');
after(600, '\r', 'Stopped \(tty output\).*\P', 'SIGTTOU stops a writer');
step('stty -tostop; fg\r', '\nheld\n\P', '... until it is in the foreground');
step('stty sane &\r', '\P', 'a background job that changes the terminal\'s settings');
after(300, '\r', 'Stopped \(tty output\) +stty sane\n\P', '... is stopped by SIGTTOU');
step('fg\r', 'stty sane\n\P', '... until it is in the foreground');
step('(trap "" TTOU; stty -tostop; echo allowed) &\r', '(?<!echo )allowed\n',
    '... but not if it ignores SIGTTOU');
step('\r', '\P', 'prompt');

# ---- orphans, sessions ----
# Without job control the shell's process group is orphaned from the start. When one process
# of the group ends, a stopped process of the group must not get SIGHUP.
my (undef, $out) = guest('sleep 99 & kill -STOP $!; ls > /dev/null; sleep 0.1; '
        . 'sed -n "s/^State:\t//p" /proc/$!/status');
like($out, qr/^T/, 'a stopped process stays stopped when others end') or diag($out);
# A stopped job whose shell ends gets SIGHUP and SIGCONT.
step('sh -m -c "sleep 300 & kill -STOP \$!; sleep 0.2"; sleep 0.3; '
        . 'ps | grep -c "sleep 30[0]"\r', '\n0\n\P',
    'a stopped job gets SIGHUP when its shell ends');
step('setsid sh -c "(: < /dev/tty) 2>/dev/null || echo none"; sleep 0.3\r',
    '\nnone\n.*\P', 'a new session has no terminal');
step('sh\r', '\P', 'an inner shell');
step('sleep 100\r', 'sleep 100\n', '... with a job');
after(300, '\x1a', 'Stopped.*\P', '... which is stopped');
step('exit\r', '(stopped jobs.*|\P)', 'exit warns');
step('exit\r', '\P', '... and leaves the second time');
step('ps | grep -c "sleep 10[0]"\r', '\n0\n\P', '... and its job has ended');

# ---- the line editor, which clears ICANON, ECHO and ISIG ----
step('echo he\x02\x02XY\x05Z\r', '\nXYheZ\n\P', 'moving in the line');
step('\e[A\r', '\nXYheZ\n\P', 'history');
step('echo abc def\x17ghi\r', '\nabc ghi\n\P', 'word erase');
step('rubbish\x15echo clean\r', '\nclean\n\P', 'line erase');
step('echo /era/linux2\t\r', '/era/linux26/\n\P', 'completion');
step('read x\r', 'read x\n', 'the terminal is cooked again for a program that reads');
after(200, 'some text\x17word\x7f\x7frm\r', 'worm|rm', '... word and character erase work');
step('echo "[$x]"\r', '\n\[some worm\]\n\P', '... and the program gets the edited line');
step('if read -t 1 x; then echo got; else echo late; fi\r', '\nlate\n\P', 'read with a time-out');
step('stty -icanon -echo; dd bs=1 count=3 2>/dev/null | od -An -c; stty sane\r',
    'sane\n', 'raw mode');
after(400, 'x\x04y', 'x 004 +y\n.*\P', '... keys arrive one by one, Ctrl-D too');
step('timeout 1 sleep 30; echo st=$?\r', 'st=143\n\P', 'timeout');

# ---- canonical mode: cat reads the edited line ----
step('cat > /tmp/t\r', 'cat > /tmp/t\n', 'cat reads lines');
after(300, 'abcd\x7f\x7fX\r', 'abcd\x08 \x08\x08 \x08X\n', 'erase');
step('zzz\x15new\r', 'new\n', 'kill');
step('one two\x17three\r', 'three\n', 'word erase');
step('a\x16\x03b\r', 'a\^\x08\^Cb\n', 'the next character literally');
step('\tx\x7f\x7fy\r', 'y\n', 'erasing a tab');
step('no newline\x04', 'no newline', 'Ctrl-D in a line gives the reader the line so far');
step(' yet\r', ' yet\n', '... the line goes on');
step('\x04', '\P', 'Ctrl-D at the start of a line: end of file');
step('od -An -c /tmp/t | tr -d " \\\\n"; echo\r',
    '\nabX\\\\nnew\\\\nonethree\\\\na003b\\\\ny\\\\nnonewlineyet\\\\n\n\P',
    'cat has read the edited lines');
step('stty -icanon min 0 time 5; dd bs=9 count=1 2>/dev/null | wc -c; stty icanon min 1\r',
    '\n0\n\P', 'VTIME ends a read');
step('stty rows 30 cols 100; stty size; stty rows 24 cols 80\r', '\n30 100\n\P', 'window size');
step('\x13', '', 'Ctrl-S');
step('echo sto""pped\r', '', '... while a command is typed');
is($tty->expect(qr/stopped/, 0.7), undef, '... holds output back');
step('\x11', 'stopped\n\P', 'Ctrl-Q lets it go');

# ---- vi ----
step('vi /tmp/v\r', '/tmp/v.*1/1', 'vi');
after(300, 'iHello, world\rsecond line\x1b', '- /tmp/v \[Modified\] 2/2', 'insert');
after(300, 'kx', ' 1/2 50%', 'move, delete');
step(':wq\r', '24C.*\P', 'write, quit');
step('cat /tmp/v\r', '\nHello, word\nsecond line\n\P', 'the file has these lines');
step('vi /tmp/v\r', 'second line', 'vi again');
after(300, '\x1a', 'Stopped.*\P', 'Ctrl-Z out of vi');
step('stty -a | grep -c " icanon"\r', '\n1\n\P', '... the shell\'s terminal settings are back');
step('fg\r', 'second line', '... fg draws the screen anew');
after(300, 'dd:wq\r', '\P', 'delete a line');
step('cat /tmp/v\r', '\nsecond line\n\P', 'the file has lost that line');

# ---- signals and stops as programs see them ----
step('/tests/all job_sleep job_sigchld job_stopped job_itimer job_cputimer job_altstack\r',
    '\n6 passed, 0 failed\n.*\P',
    'signals, timers and stops as programs see them');
step('exit 5\r', 'the shell has ended; Enter', 'init notices the end of the shell');
step('\r', '\P', '... and starts a new one');
step('poweroff -f\r', '', 'power off');

is($tty->finish, 0, '... the machine ends with status 0');

done_testing();
