#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests the prompt as a newcomer meets it: when the guest gets the terminal, a line says
# how to come back; lines begin at the left; a terminal's report of its cursor never
# becomes the guest's input. (tests/guest/prompt.t: completion, history.)
use lib 'tests/lib';
use Clockhand;
use POSIX ();
use Pty;

my $prompt = qr/\(clockhand\) \z/;
my $hint = qr/^(?:\e\[\?2004l)?the guest has the keys: Ctrl-A c comes back here, Ctrl-A x quits\n/m;
my @program = (build() . '/clockhand', '--pace', 'max');

my $pty = Pty->start(24, 100, @program, '--monitor');
like($pty->expect($prompt, 20) // '', qr/^The machine stands; .*help lists the verbs, Ctrl-A x leaves/m,
    'the prompt, and how to begin');
$pty->send("run-for 300\n");
like($pty->expect($prompt, 20) // '', qr/\(300 cycles; with a unit it is time: run-for 300ms\)/,
    'run-for without a unit: cycles');
$pty->send("continue\n");
like($pty->expect(qr/# \z/, 20) // '', $hint, 'continue says how to come back');
$pty->send("\001c");
ok($pty->expect($prompt, 10), '... and the prompt is there');
$pty->send("info fra\001c");
my $back = $pty->expect(qr/quits\n/, 10) // '';
like($back, $hint, 'Ctrl-A c says how to come back, too');
unlike($back, qr/pace max/, '--pace max needs no word about pace');
$pty->send("echo a\$((1+1))\n");
my $shell = $pty->expect(qr/a2\n# \z/, 10) // '';
unlike($shell, qr/\e\[\d*C/, '... and the guest begins at the left');
unlike($shell, qr/fra/, 'a line that was not entered is gone');
$pty->send("\001c");
$pty->expect($prompt, 10);
$pty->send("Info FRAMES\n");
like($pty->expect($prompt, 10) // '', qr/all +4096/, 'a verb in capital letters is understood');
$pty->send("catch evcit\n");
like($pty->expect($prompt, 10) // '', qr/did you mean evict\?/, 'a mistyped event');
$pty->send("ps\n");
like($pty->expect($prompt, 10) // '', qr/PID +PPID/, 'ps is understood');
$pty->send("quietly catch evcit\n");
like($pty->expect($prompt, 10) // '', qr/did you mean evict\?/, 'quietly hides no refusal');
$pty->send("quietly print 6 * 7\n");
unlike($pty->expect($prompt, 10) // '42', qr/42/, '... but what the verb prints');
$pty->send("catch fault\n");
$pty->expect($prompt, 10);
$pty->send("delete\n");
like($pty->expect($prompt, 10) // "", qr/1 deleted$/m, "delete alone: how many");
$pty->send("q\n");
is($pty->finish, 0, 'q quits');

# sysrq after a catch: the machine runs on, and the stop at the catch is not reported
# again (session_run_begin() has cleared s->stopper).
my $key = Pty->start(24, 100, @program, '--monitor');
$key->expect($prompt, 20);
for my $line ('run-for 300ms', 'send "hog 2x 0\\n"', 'catch swap-out', 'continue') {
    $key->send("$line\n");
    $key->expect($prompt, 20);
}
$key->send("sysrq m\n");
like($key->expect($prompt, 20) // '', qr/^4096 pages of RAM$/m, "sysrq m at a catch: the report");
$key->send("q\n");
is($key->finish, 0, '... and the prompt is there');

# Ctrl-A c gives the terminal to the guest, whichever verb ran before.
my $fresh = Pty->start(24, 100, @program, '--monitor');
$fresh->expect($prompt, 20);
$fresh->send("run-for 3ms\n");
like($fresh->expect($prompt, 20) // '',
    qr/the guest has the keys until the machine stops: Ctrl-A c stops it/,
    'run-for says how to stop');
$fresh->send("run-for 3ms\n");
unlike($fresh->expect($prompt, 20) // '', qr/has the keys/, '... once');
$fresh->send("\001c");
like($fresh->expect(qr/# \z/, 20) // '', $hint,
    'Ctrl-A c after run-for: the machine runs on, to the shell');
$fresh->send("\001c");
$fresh->expect($prompt, 10);
$fresh->send("run-for 20ms\n");
$fresh->expect($prompt, 20);
$fresh->send("\001c");
$fresh->expect($hint, 10);
$fresh->send("echo b\$((2+3))\n");
ok($fresh->expect(qr/b5\n# \z/, 20), 'the end of an earlier run-for is forgotten');
$fresh->send("\001c");
$fresh->expect($prompt, 10);
$fresh->send("run-until 0\n");
$fresh->send("\001c");
ok($fresh->expect($prompt, 10), 'Ctrl-A c stops a run-until');
$fresh->send("console\n");
like($fresh->expect($prompt, 10) // '', qr/keys with continue, or Ctrl-A c/,
    'console says how to give the keys to the guest');
$fresh->send("expect \"ms\" 5s\n");
like($fresh->expect($prompt, 10) // '', qr/only in a file .* here: run-for TIME/,
    'expect at the prompt: the message says what to type');
# A catch of faults says how to stop before the fault is served; verbs that change
# the machine confirm it.
$fresh->send("catch fault\n");
like($fresh->expect($prompt, 10) // '', qr/told when it has been served; break page_fault stops/,
    'catch fault: when it stops');
$fresh->send("delete all\n");
$fresh->expect($prompt, 10);
$fresh->send("set vm.swappiness 10\n");
like($fresh->expect($prompt, 10) // '', qr/vm\.swappiness 10 \(was \d+\)$/m, 'set confirms');
my $kept = tmp('kept');
$fresh->send("save $kept\n");
like($fresh->expect($prompt, 20) // '', qr/saved at cycle \d+$/m, 'save confirms');
$fresh->send("next-event oom\n");
like($fresh->expect(qr/stops it\n/, 10) // '', qr/Ctrl-A c stops it/,
    'next-event says each time how to come back');
$fresh->send("\001c");
$fresh->expect($prompt, 10);
$fresh->send("send \"poweroff -f\\n\"\n");
$fresh->expect($prompt, 10);
$fresh->send("continue\n");
like($fresh->expect($prompt, 20) // '', qr/the machine is off/, 'the machine switches itself off');
$fresh->send("continue\n");
like($fresh->expect($prompt, 10) // '', qr/is off: quit and start clockhand again, or load FILE/,
    '... and how to go on then');
$fresh->send("load $kept\n");
like($fresh->expect($prompt, 20) // '', qr/the machine stands at cycle \d+$/m, 'load confirms');
$fresh->send("q\n");
$fresh->finish;

my $paced = Pty->start(24, 100, build() . '/clockhand', '--monitor');
$paced->expect($prompt, 20);
$paced->send("run-for 1ms\n");
like($paced->expect($prompt, 20) // '', qr/pace max: as fast as it goes/, 'run-for says how to run without a pace');
$paced->send("run-for 1ms\n");
unlike($paced->expect($prompt, 20) // '', qr/pace max/, '... once');
$paced->send("q\n");
$paced->finish;

# Lines are folded between words, to the width of the terminal; JSON and output into a pipe are not.
my $narrow = Pty->start(200, 60, @program, '--monitor');
$narrow->expect($prompt, 20);
$narrow->send("help\n");
my $help = $narrow->expect($prompt, 10) // '';
my @lines = split /\n/, $help;
s/^\e\[\?2004[lh]// for @lines;
is(join("\n", grep { length > 60 } @lines), '', 'help: no line beyond the terminal');
like($help, qr/^halt +stop at the next instruction$/m, '... a line is cut between two words');
like($help, qr/^ {28}boundary$/m, '... and goes on below its column');
$narrow->send("help why\n");
unlike($narrow->expect($prompt, 10) // '', qr/^ {29}/m, 'help why: no line begins farther in');
$narrow->send("json help continue\n");
like($narrow->expect($prompt, 10) // '', qr/\{.{100,}\}$/m, 'JSON stays one line');
$narrow->send("printf \"%d\", 3\n");
like($narrow->expect($prompt, 10) // '', qr/(?:l|^)3(?!\d)/m, 'output without a newline at its end is shown');
$narrow->send("q\n");
$narrow->finish;
my (undef, $piped) = clockhand('-x', spew(tmp('h.ch'), "help\n"));
ok((grep { length > 100 } split /\n/, $piped), 'a pipe gets whole lines');

# A long answer comes a screen at a time; the screens together are the whole answer.
my ($tall, $low) = map { Pty->start($_, 100, @program, '--monitor') } 500, 24;
my @answers = map {
    $_->expect($prompt, 20);
    $_->send("run-for 300ms\n");
    $_->expect($prompt, 20);
    $_->send("info tlb\n");
    $_->expect($prompt, 20) // '';
} $tall, $low;
s/^\e\[\?2004[lh]|^info tlb\n|\(clockhand\) \z//gm for @answers;
my ($whole, $part) = @answers;
my @pieces = ($part);
while (@pieces < 20 && $pieces[-1] =~ s/^(\d+) more lines: Enter shows the next\n\z//m) {
    is(($pieces[-1] =~ tr/\n//), 21, 'a screen of 24 lines is full') if @pieces < 3;
    $low->send("\n");
    push @pieces, ($low->expect($prompt, 10) // '') =~ s/^\e\[\?2004[lh]|^\n|\(clockhand\) \z//gmr;
}
is(join('', @pieces), $whole, 'Enter shows the rest, piece by piece');
cmp_ok(scalar @pieces, '>', 5, '... of a long answer');
$low->send("info tlb\n");
$low->expect(qr/shows the next\n.*$prompt/s, 10);
$low->send("print 41+1\n");
$low->expect(qr/42\n.*$prompt/s, 10);
$low->send("\n");
is(($low->expect(qr/\n.*$prompt/s, 10) // '') =~ s/\e\[\?2004[lh]//gr, "\n(clockhand) ",
    'another verb: the rest is forgotten');
$low->send("\e[200~info tlb\rprint 41+1\e[201~\r");
my $pasted = $low->expect(qr/42\n.*$prompt/s, 10) // '';
cmp_ok(($pasted =~ tr/\n//), '>', 100, 'pasted lines: the answers before the last one are whole');
# Lines pasted without bracketed paste wait for the machine, too; the last has no newline yet.
$low->send("run-for 3ms\rprint 41+2\rrun-for 3ms\rprint 41+3\rprint 40");
like($low->expect(qr/print 40\z/, 10) // '', qr/\) print 41\+2\n.*43\n.*run-for.*\) print 41\+3\n.*44\n.*\) print 40/s,
    'pasted without brackets: no line is lost');
$low->send("+5\n");
like($low->expect($prompt, 10) // '', qr/45\n/, '... and the last one can be finished');
$_->send("q\n"), is($_->finish, 0, '... and it ends well') for $tall, $low;

# Two sessions, one at a terminal that reports its cursor's position, have the same
# hash; and the guest asks for no report.
my %hash;
for my $reports (0, 1) {
    my $p = Pty->start(24, 80, @program, '--monitor');
    $p->expect($prompt, 20);
    $p->send("run-for 150ms\n");
    $p->send("\e[24;3R") if $reports;
    $p->expect($prompt, 20);
    $p->send("run-for 150ms\n");
    $p->send("\e[5;17R\e[1;1R") if $reports;
    $p->expect($prompt, 20);
    $p->send("hash\n");
    ($hash{$reports}) = ($p->expect($prompt, 20) // '') =~ /([0-9a-f]{32})/;
    $p->send("q\n");
    $p->finish;
}
ok($hash{0}, 'a hash') or diag(explain(\%hash));
is($hash{1}, $hash{0}, 'a terminal\'s report changes nothing');

my $raw = Pty->start(24, 80, @program);
my ($seen, $end) = ('', time + 20);
while (time < $end && $seen !~ /# .*# /s) {
    sysread $raw->{master}, my $bytes, 4096 or last;
    $seen .= $bytes;
    $raw->send("\n") if $bytes =~ /# /;
}
like($seen, qr/# .*# /s, 'the guest\'s own console');
like($seen, qr/^Ctrl-A c: the monitor, .*Ctrl-A x leaves/m, '... says how to leave it');
unlike($seen, qr/\e\[6n/, 'asks the terminal nothing');
$raw->send("\001x");
is($raw->finish, 0, 'Ctrl-A x quits');

# Keys whose bytes look like such a report reach the guest: F3, an arrow, Ctrl with an arrow.
my $keys = Pty->start(24, 80, @program);
$keys->expect(qr/# \z/, 20);
$keys->send("cat -v\n");
$keys->expect(qr/cat -v\n/, 10);
for (1 .. 10) { # until cat has the terminal: the shell drops what comes early
    $keys->send("here\n");
    last if $keys->expect(qr/here\nhere\n/, 1);
}
$keys->send("\e[A|\e[1;5C|\eOR|\e[R|\e[24;3R|\n");
like($keys->expect(qr/\|\n\S*\|\n/, 10) // '', qr/\^\[\[A\|\^\[\[1;5C\|\^\[OR\|\^\[\[R\|\|\n/,
    'keys reach the guest, reports do not');
$keys->send("\001x");
$keys->finish;

# ---- Ctrl-C ends the prompt's verb, however often it is typed ----
spew(tmp('loop.ch'),  "while 1\nlet x 1\nend\n");
spew(tmp('empty.ch'), "while 1\nend\n");
spew(tmp('long.ch'),  "run-for 100000s\necho not \\\nreached\n");
POSIX::mkfifo(tmp('silent.ch'), 0600) or die;
my $patient = Pty->start(24, 100, build() . '/clockhand', '--monitor', '--pace', '1');
$patient->expect($prompt, 20);
for my $file ('loop', 'empty', 'long', 'silent') {
    $patient->send('source ' . tmp("$file.ch") . "\n");
    $patient->expect(qr/\.ch\n/, 10);
    for (1 .. 3) {
        select undef, undef, undef, .1;
        $patient->send("\003");
    }
    like($patient->expect(qr/interrupted\n.*\(clockhand\) \z/s, 10) // 'not reached',
        qr/\A(?!.*not reached)/s, "Ctrl-C three times: $file.ch ends, the prompt is back");
}
for (1 .. 300) {
    kill 'INT', $patient->{pid};
    select undef, undef, undef, .0003;
}
$patient->send("print 41+1\n");
ok($patient->expect(qr/42.*\(clockhand\) \z/s, 20), '... and 300 times at the prompt itself');
# A TERM that comes while an INT is pending ends the program in order, not at once.
my $kept_at = tmp('kept at the end');
my $both = Pty->start(24, 100, 'env', 'TERM=xterm', 'bash', '-c', 'stty -a | md5sum; "$0" --monitor --save "$1"
    echo "status $?"; stty -a | md5sum', build() . '/clockhand', $kept_at);
my ($was) = ($both->expect($prompt, 20) // '') =~ /([0-9a-f]{32})/;
my ($child) = grep { slurp("/proc/$_/comm") eq "clockhand\n" }
    split ' ', slurp("/proc/$both->{pid}/task/$both->{pid}/children");
kill 'STOP', $child;
kill 'INT',  $child;
kill 'TERM', $child;
kill 'CONT', $child;
my $last = $both->expect(qr/status.*[0-9a-f]{32}/s, 20) // '';
like($last, qr/status 143\n.*$was/s, 'INT and TERM: an end in order, the terminal as it was');
like($last, qr/\e\[\?2004l(?!.*\e\[\?2004h)/s, '... without bracketed paste');
ok(-s $kept_at, '... and the save is made');
$both->finish(5);
$patient->send("q\n");
is($patient->finish(5), 0, 'q quits after all that');

# ---- after a file, when a panel was asked for and there is no window ----
delete local @ENV{qw(DISPLAY WAYLAND_DISPLAY)};
my $stay = Pty->start(24, 100, @program, '--panel', '-x', spew(tmp('stay.ch'), "expect \"# \" 60s\n"));
like($stay->expect(qr/leaves\r?\n/, 30) // '', qr/^The guest's shell waits .*Ctrl-A c: the monitor; Ctrl-A x leaves/m,
    'the message after a file says where keys go');
$stay->send("\n");
ok($stay->expect(qr/# \z/, 10), '... and Enter is answered');
$stay->send("\001x");
$stay->finish(10);
# A machine that is off can be looked at: here, one that was saved at the end of a --run.
my $over = tmp('over');
clockhand('--run', 'true', '--save', $over);
my $off = Pty->start(24, 100, @program, '--load', $over, '--monitor');
like($off->expect($prompt, 20) // '', qr/^The machine is off, and can be looked at; help/m,
    'a machine that has ended: the prompt says so');
$off->send("info frames\n");
like($off->expect($prompt, 10) // '', qr/all +4096/, '... and answers');
$off->send("q\n");
is($off->finish, 0, '... and ends well');

done_testing();
