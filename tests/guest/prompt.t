#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests the prompt on a terminal (a pty, typed at by expect): completion, history, the
# Ctrl-A keys, and Ctrl-C for the guest.
use lib 'tests/lib';
use Clockhand;

# Runs an expect script body; it prints "ok WORDS" and "not ok WORDS".
sub dialogue {
    my ($options, $body) = @_;
    my $file = spew(tmp('dialogue.exp'), <<"HEAD" . $body . <<'TAIL');
set timeout 60
log_user 0
set env(TERM) vt100
set env(INPUTRC) /dev/null
set stty_init "rows 40 columns 120"
proc say {what good} {
    puts [expr {\$good ? "ok \$what" : "not ok \$what"}]
    flush stdout
}
proc see {text what} {
    expect {
        -ex \$text { say \$what 1 }
        timeout { say "\$what (timeout)" 0 }
        eof { say "\$what (ended)" 0 }
    }
}
proc ask {line text what} {
    send "\$line\\r"
    see \$text \$what
    expect -ex "(clockhand) "
}
spawn @{[build()]}/clockhand $options
HEAD
TAIL
    my ($status, $out, $err) = run_command('', 'expect', $file);
    for (split /\n/, $out) {
        next unless /^(not )?ok (.*)/;
        ok(!$1, $2);
    }
    is($status, 0, 'the dialogue ends') or diag($out . $err);
}

dialogue('--monitor --pace max', <<'EXP');
see "(clockhand) " "the prompt comes up, halted at reset"
ask "print cycle" "0" "at cycle 0"

# Verbs.
send "aud\t"
see "audit " "Tab completes a verb"
send "\r"
see "no lens" "... and the verb runs"
expect -ex "(clockhand) "
send "st\t"
see "step-walk" "Tab lists the possible verbs"
send "\x15\r"
expect -ex "(clockhand) "

# Into the guest and back.
send "continue\r"
see "# " "continue gives the terminal to the guest"
send "echo a\$((5*5))b\r"
see "a25b" "keys go to the guest"
send "sleep 1000\r"
see "sleep 1000" "a program that waits"
after 300
send "\x03"
see "# " "Ctrl-C goes to the guest"
send "echo st\$?\r"
see "st130" "... and ends the program there, not clockhand"
send "\x01h"
see "Ctrl-A x" "Ctrl-A h helps"
after 300
send "\x01c"
see "(clockhand) " "Ctrl-A c gives the prompt"

# Symbols, processes, counters, info, events, files.
send "break sys_wri\t"
see "sys_write" "Tab completes symbols"
send "\x15\r"
expect -ex "(clockhand) "
send "pmap in\t"
see "pmap init" "and processes"
send "\r"
see "/sbin/init" "... whose mappings are listed"
expect -ex "(clockhand) "
send "print pgmaj\t"
see "pgmajfault" "and counters"
send "\x15info prof\t"
see "info profile" "and the topics of info"
send "\x15catch cow-r\t"
see "catch cow-reuse" "and events"
send "\x15source /etc/pass\t"
see "source /etc/passwd" "and files"
send "\x15json walk \$s\x15\r"
expect -ex "(clockhand) "

# History.
ask "print 1000 + 1" "1001" "a first line runs"
ask "print 2000 + 2" "2002" "... and a second"
send "\x1b\[A\x1b\[A\r"
see "1001" "the arrow brings back the first line"
expect -ex "(clockhand) "
send "\x12"
send "2000\r"
see "2002" "Ctrl-R finds the second line"
expect -ex "(clockhand) "

# Ctrl-C drops the line.
send "print 123456"
after 200
send "\x03"
expect -ex "(clockhand) "
ask "print 7 * 6" "42" "Ctrl-C drops the line and nothing else"

# After a mistake the prompt comes back.
ask "frobnicate" "unknown verb" "an unknown verb is an error"
ask "print u8\[1\]" "no memory at 0x1" "a bad address, too"

# Ctrl-A c at the prompt: the guest goes on where it was.
send "\x01c"
after 200
send "echo back\$((1+1))\r"
see "back2" "Ctrl-A c returns to the console"
send "\x01c"
see "(clockhand) " "... and again to the prompt"
ask "stepi" "cycle" "stepi stops by itself"
ask "catch fork" "catch 1" "a catch is set"
send "continue\r"
after 200
send "/bin/true\r"
see "catch 1: fork" "... stops when the guest forks, and the prompt is back"
expect -ex "(clockhand) "
send "quit 9\r"
expect eof
say "no further prompt" [expr {[string first "(clockhand)" $expect_out(buffer)] < 0}]
say "quit ends with its status" [expr {[lindex [wait] 3] == 9}]
EXP

# Without --monitor the console has the terminal at once, and the pace is 1.
dialogue('', <<'EXP');
see "# " "the guest's shell has the terminal"
send "echo x\$((2+3))\r"
see "x5" "... and answers"
send "\x01c"
see "(clockhand) " "Ctrl-A c gives a prompt here, too"
send "\x01x"
expect eof
say "Ctrl-A x quits" [expr {[lindex [wait] 3] == 0}]
EXP

done_testing();
