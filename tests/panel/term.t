#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Runs --panel=term on a pseudo-terminal: checks its screen, its keys, and typing into
# the guest. A panel must change nothing in the machine.
use lib 'tests/lib';
use Time::HiRes qw(sleep time);
use Clockhand;
use Pty;

my $panel;
END {
    my $status = $?;
    if ($panel) { kill KILL => $panel; waitpid $panel, 0 }
    $? = $status;
}

# ---- a terminal of 120 x 80 and the panel on it -------------------------------
open my $master, '+<', '/dev/ptmx' or die "/dev/ptmx: $!";
my $n = pack 'i', 0;
ioctl $master, 0x40045431, $n or die "unlockpt: $!"; # TIOCSPTLCK
ioctl $master, 0x80045430, $n or die "ptsname: $!";  # TIOCGPTN
open my $slave, '+<', '/dev/pts/' . unpack 'i', $n or die "slave: $!";
my ($columns, $rows) = (120, 80);
my $size = pack 'S4', $rows, $columns, 0, 0;
ioctl $slave, 0x5414, $size or die "size: $!"; # TIOCSWINSZ
$panel = fork // die;
if (!$panel) {
    open STDIN, '<&', $slave;
    open STDOUT, '>&', $slave;
    open STDERR, '>', tmp('stderr');
    close $master;
    $ENV{TERM} = 'xterm-256color';
    $ENV{COLORTERM} = 'truecolor';
    exec build() . '/clockhand', '--panel=term', '--letters', '--pace', 'max'
        or exit 127;
}
close $slave;

# Keeps a picture of the terminal: the panel moves to a line's start, writes
# the whole line, and uses no other movement.
my @line = ('') x ($rows + 1);
my ($row, $pending, $cleared) = (1, '');
sub take {
    my $bits = '';
    vec($bits, fileno $master, 1) = 1;
    my $end = time + .2; # a running machine never stops drawing
    while (time < $end && select my $ready = $bits, undef, undef, .05) {
        sysread $master, my $new, 65536 or last;
        $pending .= $new;
    }
    while ($pending =~ s/^(?:\e\[(\d+);1H)?([^\e]+|\e\[[0-9;?]*[a-zA-Z])//) {
        ($row, $line[$1]) = ($1, '') if defined $1;
        my $text = $2;
        ($cleared, @line) = (1, ('') x ($rows + 1)) if $text eq "\e[2J";
        $line[$row] .= $text unless $text =~ /^\e/;
    }
}
sub until_true {
    my ($what, $seconds, $test) = @_;
    my $end = time + $seconds;
    my $found;
    do { take() } until $found = $test->() or time > $end;
    ok($found, $what) or diag(join "\n", @line, slurp(tmp('stderr')));
}
sub type { syswrite $master, shift }
sub shows { my $re = shift; return grep { /$re/ } @line }

until_true('status, in the first line', 20, sub { $line[1] =~ /^ +RUN .* free +[\d,]+ of 4,096 / });
until_true('the legend counts frames', 20,
    sub { shows(qr/TT tables +[1-9]/) && shows(qr/kk kernel +[1-9]/) });
until_true('the map: 64 columns of letters', 20,
    sub { $line[3] =~ /^[.zKkTacfdsm]{64} / && $line[66] =~ /^[.zKkTacfdsm]{64} / });
until_true('a process', 30, sub { shows(qr/ sh +\d+ .* sleeps/) });

# The legend must have the number of each letter on the map. (This is tried again, as
# the bytes read so far may end in the middle of a picture.)
until_true('letters on the map agree with the numbers of all kinds', 30, sub {
    my (%count, @legend);
    $count{$_}++ for map { split //, substr $_, 0, 64 } @line[3 .. 66];
    push @legend, /(\S)\1 [a-z.]+ +([\d,]+)/g for @line[67 .. 71];
    my %legend = @legend;
    return @legend >= 16 && !grep { ($count{$_} // 0) != $legend{$_} =~ s/,//gr }
        keys %legend;
});

until_true('the screen says what a letter is', 10, sub { shows(qr/a letter is 1 frame /) });
until_true('... and, below, which keys lead on', 10,
    sub { $line[$rows] =~ /^ space stop .* c type to the guest .* \? all keys/ });
for my $key ('l', '+') {
    type($key);
    until_true("$key, a key of the guest or of the window: the panel says it is no key here", 10,
        sub { shows(qr/ \Q$key\E is no key here/) && shows(qr/\? lists the keys/) });
}

# The sequence of a key that the panel lacks is not taken for the keys 5, [ and D.
type("\e[15~\e[1;5D\e[[A");
type('V');
until_true('V, after unknown keys: its detail', 10, sub { shows(qr/ V Belief /) });
ok(!shows(qr/no key here|stops at|of real time/), '... which themselves did nothing');

# One read gets the start of a sequence, the next its end: 62 keys leave two bytes
# of the panel's buffer of 64.
type('V' x 62 . "\e[1;5D" . 'e');
until_true('e, after a sequence in two reads: its detail', 10, sub { shows(qr/ e Event /) });
ok(!shows(qr/no key here|stops at|of real time/), '... of which no part was a key');
$cleared = 0;
type("\cL");
until_true('Ctrl-L paints the whole screen anew', 10, sub { $cleared });

# After a lane's key the bar says what will happen; the card still shows its event.
type('6');
until_true('6: the machine will stop at disk events', 10, sub { shows(qr/ stops at disk/) });
type(' ');
until_true('space: halted, and the card still shows its event', 10,
    sub { $line[1] =~ /^ +HALT/ && $line[2] =~ /SWAP +fork / });
type('6 ');
until_true('6 again and space: it runs', 10,
    sub { $line[1] =~ /^ +RUN/ && !shows(qr/ stops at disk/) });

for (['B', qr/frames lie here, in/], ['V', qr/(?:kept, and used|no page yet)/],
    ['C', qr/ pgfault +\d+ /], ['P', qr/ pace +as fast as it goes/],
    ['E', qr/ \d+\.\d+ m?s +(?:\d+ )?.* [a-z-]+ +\w+/],
    ['e', qr/ No event of a frame is at hand| is no longer listed| [a-z-]+: /], ['W', qr/ [012] (?:0x\S+ )?[D-][A-][G-]/]) {
    my ($key, $re) = @$_;
    type($key);
    until_true("$key: its detail", 10, sub { shows($re) });
}

# Words light frames: lit frames keep their letters, the others lose them.
type('/');
until_true('/ begins a line of words', 10, sub { $line[$rows] =~ /^ .* Enter light up these frames/ });
type("page-tablx\x7fe\r");
until_true('... that light frames', 10,
    sub { join('', map { substr $_, 0, 64 } @line[3 .. 66]) =~ /^[T ]*T[T ]*$/ });
type('f');
until_true('f lights one kind', 10, sub { shows(qr/ anonymous /) && shows(qr/ now; /) });
type("\e");
until_true('Escape lights all again', 10, sub { $line[3] =~ /^[.zKkTacfdsm]{64} / });

type('c');
until_true('c says how to come back', 10, sub { $line[$rows] =~ /^ Esc back to the panel/ });
until_true('the guest\'s prompt', 30, sub { shows(qr/^# /) });
type("echo \$((6*7))x\r");
until_true('c, and typing reaches the guest', 20, sub { shows(qr/^42x/) });
type("echo x\xc3\xa9x\r");
until_true('a character of two bytes reaches it whole', 10, sub { shows(qr/^x\?x/) });
type("read -sn1 k; printf 'k%dk\\n' \"'\$k\"\r");
sleep .5;
type("\1\e");
until_true('Ctrl-A Esc is the guest\'s Esc', 10, sub { shows(qr/^k27k/) });
type("while :; do ls / >/dev/null; done\r");
sleep .5;
type("\e");
sleep .2;
type(' ');
until_true('Escape and space: halted', 10, sub { $line[1] =~ /^ +HALT/ });
sub seconds {
    my ($n, $unit) = shift =~ /^ +\w+ +([\d.]+) (m?s)/ or return 0;
    return $unit eq 's' ? $n : $n / 1000;
}
my $before = seconds($line[1]);
type("\r");
until_true('Enter: the next event, reported, and halted', 10, sub {
    $line[1] =~ /^ +HALT/ && seconds($line[1]) >= $before
        && $line[2] =~ /SWAP +[a-z -]+ *$/ && $line[$rows] =~ /^ Enter (?:to )?the next event/ });
# The clock's last digit may stay the same over one event, but not over several.
until_true('Enter by Enter, time goes on', 20, sub {
    return 0 if $line[1] !~ /^ +HALT/;
    return 1 if seconds($line[1]) > $before;
    type("\r");
    return 0 });
$before = seconds($line[1]);
type(' ');
until_true('space: it runs', 10, sub { $line[1] =~ /^ +RUN / && seconds($line[1]) > $before });
type('?');
until_true('? lists the keys', 10,
    sub { shows(qr/space +run or stop/) && shows(qr/q +leave/) && !shows(qr/wheel/) });
type('w');
until_true('and any key shows the map again', 10, sub { $line[3] =~ /^[.zKkTacfdsm]{64} / });
type('q');
my $gone;
for (1 .. 100) {
    take();
    last if $gone = waitpid($panel, 1) == $panel;
    sleep .1;
}
ok($gone, 'q ends the program');
undef $panel if $gone;

# ---- without a terminal: one screen at the end; the hash is as without a panel ----
my @run = ('--run', 'seq 1 500 | sort -rn | tail -1; ls /', '--hash');
my ($status, $out, $err) = clockhand(@run);
my ($hash) = $err =~ /^hash ([0-9a-f]+)$/m;
ok($hash, 'a run without a panel has a hash');
my ($status2, $out2, $err2) = clockhand(@run, '--panel=term');
is($status2, $status, 'the same status with a panel');
like($err2, qr/^hash \Q$hash\E$/m, 'and the same hash');
is($out2, $out, 'and the same output');
like($err2, qr/^ +OFF .* page-table /ms, 'the last screen goes to standard error');
unlike($err2, qr/[\e\r]/, 'without escape sequences and carriage returns');
my ($status3, undef, $err3) = clockhand(@run, '--screenshot', tmp('x.png'));
like($err3, qr/^hash \Q$hash\E$/m, 'and the same hash with a picture');

# ---- without --pace: a second of the machine takes a second of the host, and an
# idle guest's time goes on ----------------------------------------------------
sub term {
    my $pty = Pty->start(@_);
    $pty->{plain} = 1;
    return $pty;
}
my $pty = term(30, 100, build() . '/clockhand', '--panel=term', '--letters');
my (@then, $until);
$pty->expect(qr/ sh +\d+ /, 20);
sleep .5;
$pty->expect(qr/(?!)/, .3);
$pty->{seen} = '';
for ($until = time + 1.5; time < $until;) { $pty->expect(qr/(?!)/, .2) }
my $seen = $pty->seen;
push @then, $2 eq 's' ? $1 : $1 / 1000 while $seen =~ /RUN +([\d.]+) (m?s)  /g;
my $passed = @then ? $then[-1] - $then[0] : 0;
cmp_ok($passed, '>', .3, 'an idle guest: its time goes on') or diag("@then");
cmp_ok($passed, '<', 3, '... as the host\'s does');
$pty->send('q');
is($pty->finish, 0, 'and q ends it');

# ---- the smallest terminal: nothing is cut ------------------------------------
# The map has two forms: half blocks in colour, and letters.
for my $letters ([], ['--letters']) {
    my $what = @$letters ? 'letters' : 'half blocks';
    local $ENV{TERM} = 'xterm-256color';
    $pty = term(24, 80, build() . '/clockhand', '--panel=term', @$letters, '--pace', 'max');
    ok($pty->expect(qr/ sh .* \d+ .* sleeps/s, 20), "80 x 24, $what: sh is listed");
    $pty->{seen} = '';
    $pty->send('?');
    my $keys = $pty->expect(qr/any key closes.*space.*run or stop.*E.* Events, c Console/s, 10);
    ok($keys, '... and the keys, to the last line');
    unlike($keys // '', qr/drag|click/, '... none of them the mouse\'s');
    $pty->send(' ');
    $pty->send('q');
    is($pty->finish, 0, '... and q ends it');
}
$pty = term(24, 20000, build() . '/clockhand', '--panel=term', '--letters');
ok($pty->expect(qr/ RUN /, 20), 'a terminal of 20,000 columns');
$pty->send('q');
is($pty->finish, 0, '... and q ends it');
my (undef, undef, $last) = clockhand('--run', 'sleep .1 & sleep .2',
    '--panel=term', '--max-sim-time', '300ms');
my @line80 = split /\n/, $last;
is((grep { length($_ =~ s/\r//r) > 80 } @line80), 0, 'without a terminal no line is wider than 80');

# ---- Enter, w and a lane's key halt the machine while a script runs; the script is not ended ----
# The machine begins slowly, so that Enter comes before the first program does.
$pty = term(24, 80, build() . '/clockhand', '--panel=term', '--letters',
    '--pace', '0.02', '-x', spew(tmp('story.ch'), join "\n", 'expect "# " 60s',
        'send "ls / | cat\\n"', 'expect "usr" 60s', 'send "echo a$((1+1))b\\n"',
        'expect "a2b" 60s', 'caption "the script has ended"', ''));
ok($pty->expect(qr/ RUN /, 20), 'a script runs beside the panel');
$pty->send("\r");
ok($pty->expect(qr/ read .*init/s, 60), 'Enter: halted at the first event');
sub faster { # presses ]; each steps from the pace last displayed
    for (1 .. shift) {
        $pty->send(']');
        sleep .1;
    }
}
faster(6); # the rest need not be slow
# The pattern matches the card's heading and the line below it.
my ($forks, $end) = (undef, time + 60);
until ($forks or time > $end) {
    $pty->send("\r");
    $forks = $pty->expect(qr/ fork +\e\[3;1H.{37,44}sh \(pid/, .3);
}
ok($forks, '... and, Enter by Enter, where the script types a command');
$pty->{seen} = '';
$pty->send('w');
ok($pty->expect(qr/ WALK .*before\b.*walk/s, 10), 'w: the machine stands before a walk');
$pty->{seen} = '';
$pty->send('2 ');
ok($pty->expect(qr/ HALT .* (?:copy on write|last owner) /s, 20), 'an event of a lane halts it');
$pty->{seen} = '';
$pty->send('2');
sleep .1;
faster(3);
$pty->send(' ');
ok($pty->expect(qr/the script has ended/, 120), 'the script goes on to its end');
$pty->send('q');
is($pty->finish, 0, '... and ended well');

# ---- Enter, and space before an event comes: the wait for it is given up -----------
# The command's output is one line, which the few lines of the screen's console keep.
$pty = term(24, 80, build() . '/clockhand', '--panel=term', '--letters',
    '--pace', 'max', '-x', spew(tmp('given-up.ch'), join "\n", 'expect "# " 60s',
        'pace 1', 'run-for 1s', 'send "ls -d /us* | cat\n"', 'run-for 600s', ''));
$pty->expect(qr/ sh .* sleeps/s, 20);
$pty->send('c'); # opens the Console tab, which Escape leaves open
ok($pty->expect(qr/\e\[\d+;1H# /, 20), 'an idle shell in a script');
$pty->send("\e");
sleep .2;
$pty->{seen} = '';
$pty->send("\r");
ok($pty->expect(qr/running to the next event/, 10), 'Enter: on its way');
$pty->{seen} = '';
$pty->send(' ');
ok($pty->expect(qr/ HALT /, 10), '... space: the machine halts');
$pty->{seen} = '';
$pty->send(' ');
ok($pty->expect(qr/ RUN /, 10), '... space again: it runs');
ok($pty->expect(qr/usr/, 30), '... through the events of the next command');
unlike($pty->{seen}, qr/ HALT /, '... and does not stop at them');
$pty->send('q');
is($pty->finish, 0, '... and ended well');

# ---- Ctrl-A x leaves, as without the panel, also while the guest has the keys ----
$pty = term(30, 100, build() . '/clockhand', '--panel=term', '--letters');
$pty->expect(qr/ sh +\d+ /, 20);
$pty->send('c');
$pty->send("\1x");
is($pty->finish, 0, 'Ctrl-A x ends it while the guest has the keys');

# ---- killed by SIGTERM, the panel restores the terminal ---------------------------
$pty = term(30, 100, build() . '/clockhand', '--panel=term', '--letters');
$pty->expect(qr/ sh +\d+ /, 20);
kill TERM => $pty->{pid};
ok($pty->expect(qr/\e\[\?25h\e\[\?1049l/, 10), 'killed: the cursor and the screen are restored');
is($pty->finish, 128 + 15, '... by that signal');

# ---- --run: the panel stays after the command, and leaves its last picture ----------
$pty = term(30, 100, build() . '/clockhand', '--panel=term', '--letters',
    '--run', 'cat; echo it has ended; exit 3', '--hash');
ok($pty->expect(qr/the command has ended.*the machine is off, status 3/s, 20),
    '--run: a program that reads gets end of file, and the panel says that the command has ended');
$pty->send(',');
ok($pty->expect(qr/ PAST /, 20), '... its past can be visited');
$pty->send('q');
ok($pty->expect(qr/\e\[\?1049l.* PAST .*^it has ended\nhash [0-9a-f]{32}\n/ms, 10),
    '... the last picture stays, and the output is printed');
is($pty->finish, 3, '... with the status of the command');

done_testing();
