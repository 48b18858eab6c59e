#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A signal must end a run in order. A file that cannot be written must end it with one line and
# status 2, before the machine runs if that can be known by then. A save is written whole or not at
# all; two machines cannot write to one image. SOAK=1 flips more bits of a save.
use lib 'tests/lib';
use Clockhand;
use File::Path 'make_path';
use POSIX ();
use Pty;
use Time::HiRes qw(sleep time);

my $program = build() . '/clockhand';
my %number = (TERM => 15, INT => 2, HUP => 1, QUIT => 3, PIPE => 13);

sub lines_of { my @lines = split /\n/, shift, -1; return scalar(@lines) - 1 }

# Runs a line of shell, in which $0 is the program.
sub shell {
    my $line = shift;
    return run_command('', 'bash', '-c', $line, $program, @_);
}

sub refused {
    my ($what, $pattern, $line, @arguments) = @_;
    my ($status, undef, $err) = shell($line, @arguments);
    ok($status == 2 && lines_of($err) == 1 && $err =~ /^clockhand: .*$pattern/,
        $what) or diag("status $status\n$err");
}

# Starts the program, and waits until it has printed something; returns its pid.
sub started {
    my ($ready, @arguments) = @_;
    unlink $ready;
    my $pid = fork // die;
    if (!$pid) {
        open STDIN,  '<', '/dev/null'   or die;
        open STDOUT, '>', $ready        or die;
        open STDERR, '>', tmp('stderr') or die;
        $SIG{$_} = 'DEFAULT' for keys %number;
        exec $program, @arguments or POSIX::_exit(127);
    }
    my $end = time + 60;
    sleep .02 while !-s $ready && time < $end;
    return $pid;
}

# Waits for a process; returns its status as a shell does, or -1 if it had to be killed.
sub ended {
    my $pid = shift;
    my $end = time + 60;
    while (time < $end) {
        return $? & 127 ? 128 + ($? & 127) : $? >> 8 if waitpid($pid, POSIX::WNOHANG()) == $pid;
        sleep .02;
    }
    kill 'KILL', $pid;
    waitpid $pid, 0;
    return -1;
}

# ---- signals ----------------------------------------------------------------

my ($ready, $stats, $save, $events) = map { tmp($_) } qw(ready stats save events);
my $busy = 'echo on; while :; do ls / >/dev/null; done';
for my $signal ('TERM', 'INT', 'HUP', 'QUIT') {
    unlink $stats, $save, $events;
    my $pid = started($ready, '--run', $busy, '--stats', $stats, '--save', $save,
        '--events', $events);
    kill $signal, $pid;
    is(ended($pid), 128 + $number{$signal}, "$signal: the status is 128 + the signal's number");
    ok(eval { json(slurp($stats))->{instructions} > 0 }, "$signal: --stats is written");
    my $csv = slurp($events);
    like($csv, qr/\n\z/, "$signal: --events ends with a whole line");
    is((grep { tr/,// != 6 } split /\n/, $csv), 0, "$signal: ... and each line has seven fields");
    my ($status, undef, $err) = clockhand('--run', $busy, '--load', $save,
        '--max-sim-time', '60s', '--max-instructions', 100);
    is($status, 124, "$signal: --save can be loaded") or diag($err);
}

# A signal ignored at the start stays ignored: nohup, a shell's background job.
my ($status, $out, $err) = shell('trap "" HUP; "$0" --run "echo on; sleep 3; echo end" &
    sleep .5; kill -HUP $!; wait $!');
is("$status $out", "0 on\nend\n", 'HUP that was ignored stays ignored');

# A signal ends a run that waits for input, too.
my $silent = tmp('silent');
POSIX::mkfifo($silent, 0600) or die;
for my $way ('--run cat', '--monitor', '-x /dev/stdin', '--lesson 1 --grade') {
    ($status) = shell("sleep 30 >\"\$1\" & \"\$0\" $way <\"\$1\" >/dev/null 2>&1 & p=\$!
        sleep 1.5; kill -TERM \$p
        for i in 1 2 3 4 5 6 7 8 9 10; do kill -0 \$p 2>/dev/null || break; sleep .3; done
        kill -KILL \$p %1 2>/dev/null; wait \$p", $silent);
    is($status, 143, "TERM while it waits for standard input: $way");
}

# If such a signal ends a run with --save, the saved guest still waits for input: the
# signal must not give the guest an end of file.
for my $case (
    ['a program',   ["--run", "cat; echo over"], "later\n",          "later\nover\n"],
    ['the console', [],  "echo still \$((40+2))\npoweroff -f\n", qr/still 42/]) {
    my ($what, $arguments, $typed, $want) = @$case;
    ($status, $out) = shell('sleep 30 >"$1" & s=$1 t=$2; shift 2; "$0" "$@" --save "$t" <"$s" & p=$!
        sleep 4; kill -TERM $p; wait $p; status=$?; kill %1; exit $status', $silent, $save,
        @$arguments);
    is($status, 143, "TERM while $what waits for input");
    unlike($out, qr/over|the shell has ended/, '... gives the guest no end of file');
    ($status, $out) = run_command($typed, $program, @$arguments, '--load', $save,
        '--max-sim-time', '600s');
    ref $want ? like($out, $want, '... nor does the save hold one')
        : is("$status $out", "0 $want", '... nor does the save hold one');
}

($status, undef, $err) =
    shell('"$0" --run yes --stats "$1" | head -1; echo ${PIPESTATUS[0]}', $stats);
is($err, '', 'a reader that closes the pipe: no message');
ok(slurp($stats) =~ /^\{/, '... and --stats is written all the same');

# After the guest's console, the panel or readline has changed the terminal's settings,
# they are restored.
for my $options ([], ['--panel=term'], ['--monitor']) {
    my $pty = Pty->start(40, 120, 'bash', '-c',
        'stty -a | md5sum; "$0" "$@"; echo; echo "status $?"; stty -a | md5sum', $program,
        @$options);
    my $before = $pty->expect(qr/[0-9a-f]{32}/, 20) // '';
    $pty->expect(@$options ? $options->[0] eq '--monitor' ? qr/\(clockhand\) / : qr/RUN/
        : qr/# \z/, 30);
    my ($pid) = grep { slurp("/proc/$_/comm") eq "clockhand\n" }
        split ' ', slurp("/proc/$pty->{pid}/task/$pty->{pid}/children");
    kill 'TERM', $pid;
    my $after = $pty->expect(qr/status.*[0-9a-f]{32}/s, 20) // '';
    my ($was) = $before =~ /([0-9a-f]{32})/;
    like($after, qr/\Q$was\E/, "TERM: the terminal is as it was (@$options)");
    $pty->finish(5);
}

# ---- files that cannot be written --------------------------------------------

refused("$_ into a full disk", 'standard output: No space left', "\"\$0\" $_ >/dev/full")
    for '--help', '--policy list', '--set list', '--cpu list', '--dram list',
    '--disk-model list', '--isa list', '--lesson list', '--version', '--run "ls /"',
    '--run yes';
refused("$_ with standard output closed", 'standard output: Bad file', "\"\$0\" $_ >&-")
    for '--help', '--run "ls /"';
refused("$_: a full disk", '/dev/full: .*No space left', "\"\$0\" --run true $_ /dev/full")
    for '--stats', '--save', '--events', '--counters', '--trace', '--screenshot',
    '--commit-log';
for my $option ('--stats', '--save', '--events', '--counters', '--trace', '--screenshot',
    '--commit-log') {
    my $began = time;
    refused("$option into a folder that is not there", 'nowhere.*No such file',
        "\"\$0\" --run 'sleep 40' --pace 1 $option \"\$1/nowhere/x\"", tmp());
    cmp_ok(time - $began, '<', 20, '... and is reported before the machine runs');
}
refused('a folder as --save', 'Is a directory', '"$0" --run true --save "$1"', tmp());
refused('one file for two outputs', '--stats: .* is also --save',
    '"$0" --run true --save "$1/x" --stats "$1/x"', tmp());
spew(tmp('disk.img'), "\0" x 65536);
refused('--save over a drive', 'is also a drive',
    '"$0" --run true --drive "$1" --save "$1"', tmp('disk.img'));
refused('one new file by two names', '--stats: .* is also --save',
    'ln -s new.link "$1/new.chain"; ln -s ./new "$1/new.link"
    "$0" --run true --save "$1/new.chain" --stats "$1/../${1##*/}/new"', tmp() =~ s{/$}{}r);
spew(tmp('script.ch'), "quit\n");
refused('--save over a script', 'is also a script', '"$0" -x "$1" --save "$1"', tmp('script.ch'));
refused("--stats over $_", "is also (a configuration|$_)", '"$0" $2 "$1" --stats "$1"',
    spew(tmp('input'), 'hash'), $_) for '--config', '--load', '--replay', '--symbols';
# Another installation: a program with the built guest's files beside it.
make_path(tmp('installed/guest'));
my $built = tmp('installed/clockhand');
system('cp', $program, $built) == 0 or die;
system('cp', map({ build() . "/guest/$_" } 'kernel.elf', 'root.img'), tmp('installed/guest')) == 0
    or die;
for my $file ('root.img', 'kernel.elf') {
    refused("--stats over the built $file", "--stats: .*$file is also",
        '"$1/clockhand" --run true --stats "$1/guest/$2"', tmp('installed'), $file);
}

# The file that a symbolic link leads to must be writable; its folder only if there is no file yet.
sub unprivileged {
    my $line = shift;
    # Root gives up its right to write everywhere here. Another user might not
    # be able to read the program, if it lies in a folder of root's.
    my $caps = '-dac_override,-dac_read_search';
    my @as = $> ? () : ('setpriv', "--bounding-set=$caps", "--inh-caps=$caps");
    return run_command('', @as, 'bash', '-c', $line, $program, @_);
}
chmod 0755, tmp();
make_path(tmp('closed'), tmp('open'));
chmod 0777, tmp('open');
spew(tmp('closed/mine'), 'old');
chmod 0666, tmp('closed/mine');
symlink '../open/yet', tmp('closed/link') or die;
symlink '../closed/yet', tmp('open/link') or die;
chmod 0555, tmp('closed');
for my $option ('--events', '--stats', '--save', '--screenshot') {
    unlink tmp('open/yet');
    for my $name ('mine', 'link') {
        ($status, undef, $err) = unprivileged("\"\$0\" --run true $option \"\$1\"",
            tmp("closed/$name"));
        is($status, 0, "$option: $name in a folder that cannot be written") or diag($err);
        ok(-s tmp($name eq 'mine' ? 'closed/mine' : 'open/yet') > 100, '... is written');
    }
    ($status, undef, $err) = unprivileged("\"\$0\" --run true $option \"\$1\"", tmp('open/link'));
    ok($status == 2 && $err =~ /Permission denied/,
        "$option: a link to a new file in such a folder is refused") or diag("status $status\n$err");
}
ok(-l tmp('closed/link') && -l tmp('open/link'), 'the symbolic links are still links');
is(join(' ', glob tmp('closed/mine.* open/*.new-*')), '', 'no temporary file is left');
spew(tmp('one'), 'old');
link tmp('one'), tmp('two') or die;
shell('"$0" --run true --stats "$1"', tmp('one'));
ok(slurp(tmp('two')) =~ /^\{/, 'a file with two names is rewritten under both');
refused('... and is left empty if it cannot be written whole', 'File too large',
    'ulimit -f 1; "$0" --run true --save "$1"', tmp('one'));
is(-s tmp('two'), 0, '... under both names');

($status, $out, $err) = shell('"$0" --run "echo hi" --save /dev/full --stats "$1"', $stats);
ok($status == 2 && $out eq "hi\n" && lines_of($err) == 1 && slurp($stats) =~ /^\{/,
    'a save that fails does not keep other files from being written') or diag($err);

# ---- saves ------------------------------------------------------------------

sub save_with { return shell('"$0" --run true --save "$1"' . shift, $save) }
unlink $save;
is((save_with(''))[0], 0, 'a save');
my $good = slurp($save);
refused('a limit of the file size cuts no save in half', 'save: .*File too large',
    'ulimit -f 100; "$0" --run true --save "$1"', $save);
ok(slurp($save) eq $good, '... and the previous save is unchanged');
is(join(' ', grep { /save.+/ } map { s{.*/}{}r } glob tmp('*')), '',
    'no temporary file is left beside it');
my $link = tmp('link');
symlink $save, $link or die;
chmod 0640, $save;
is((shell('"$0" --run "echo other" --save "$1"', $link))[0], 0, 'a save through a symbolic link');
ok(-l $link && slurp($save) ne $good, '... replaces the file that the link leads to');
is((stat $save)[2] & 0777, 0640, '... and keeps its mode');
$good = slurp($save);
my @load = ('--run', 'echo other', '--load', $save);
is((clockhand(@load))[0], 0, 'the undamaged save can be loaded');
my $disk = tmp('disk');
for my $save_as ([qw(--max-sim-time 240ms --save), $save], ['-x', spew(tmp('save.ch'), "run-for 240ms\nsave $save\n")]) {
    system('cp', build() . '/guest/root.img', $disk);
    clockhand('--drive', $disk, @$save_as, '--run',
        'yes abcdefg | dd of=/f bs=4096 count=200 iflag=fullblock; sync');
    is((clockhand('--load', $save, '--drive', $disk))[0], 0, "$save_as->[0]: disk writes in progress are saved");
}
my ($loaded, $said) = (0, 0);
srand 7;
my $flips = $ENV{SOAK} ? 24 : 8;
for (1 .. $flips) {
    my $bad = $good;
    my $at = int rand length $bad;
    substr($bad, $at, 1) ^= chr(1 << int rand 8);
    spew($save, $bad);
    ($status, undef, $err) = clockhand(@load);
    $loaded += $status != 2;
    $said += lines_of($err) == 1;
}
is("$loaded $said", "0 $flips", 'one flipped bit: each such save is refused, in one line');
spew($save, substr($good, 0, length($good) - 1));
refused('a byte is missing', 'save: damaged', '"$0" --run "echo other" --load "$1"', $save);
spew($save, substr($good, 0, 16) . pack('Va12', 77, "7.5\e") . substr($good, 32));
refused('another version', "save: saved by another version of clockhand: 7.5\n",
    '"$0" --run "echo other" --load "$1"', $save);
spew($save, substr($good, 0, 16) . pack('VV', 9, 0) . substr($good, 32));
refused('an older save, which states no version', "save: saved by another version of clockhand\n",
    '"$0" --run "echo other" --load "$1"', $save);
is('clockhand ' . unpack('x20 Z12', $good) . "\n", (clockhand('--version'))[1],
    'a save states the version of the program');

# ---- one machine per image ---------------------------------------------------

my $image = tmp('root.img');
system('cp', build() . '/guest/root.img', $image) == 0 or die;
my $pid = started($ready, '--drive', $image, '--run', 'echo on; sleep 100000', '--pace', 1);
refused('an image in use cannot be written', 'root.img: in use by another machine',
    '"$0" --drive "$1" --run true', $image);
refused('... nor read', 'root.img: another machine writes',
    '"$0" --drive "$1,overlay" --run true', $image);
link $image, tmp('hard.img') or die;
refused('... nor written by another name', 'hard.img: in use by another machine',
    '"$0" --drive "$1" --run true', tmp('hard.img'));
kill 'TERM', $pid;
is(ended($pid), 143, 'the machine that used it has ended');
is((guest('true', '--drive', $image))[0], 0, 'it is free again');
$pid = started($ready, '--drive', "$image,overlay", '--run', 'echo on; sleep 100000', '--pace', 1);
is((guest('true', '--drive', "$image,overlay"))[0], 0, 'two may read it');
refused('... and none may write', 'root.img: in use', '"$0" --drive "$1" --run true', $image);
kill 'TERM', $pid;
ended($pid);

symlink $image, tmp('soft.img') or die;
for my $name ('root.img', 'soft.img', 'hard.img', 'root.img,overlay') {
    refused("the same file twice: $name", 'and one of them writes',
        '"$0" --drive "$1" --drive "$2" --run true', $image, tmp($name));
}
is((guest('true', '--drive', "$image,overlay", '--drive', tmp('soft.img') . ',ro'))[0], 0,
    'the same file twice, never written, is fine');

# Data that the guest has synced is in the image, although the guest did not shut down.
$pid = started($ready, '--drive', $image, '--run',
    'echo kept >/etc/kept; sync; echo on; while :; do echo more >>/etc/more; done');
kill 'TERM', $pid;
is(ended($pid), 143, 'ended in the middle of writing');
my ($s, $kept) = guest('cat /etc/kept', '--drive', "$image,overlay");
is("$s $kept", "0 kept\n", 'the synced data is there');

# A write that the host refuses (here by ulimit -f) is reported to the guest, and to the user.
($status, undef, $err) = shell('ulimit -f 1024; "$0" --drive "$1" ' .
    '--run "dd if=/dev/zero of=/root/x bs=64k count=40; sync; true"', $image);
ok($status == 2 && $err =~ /^clockhand: .*root.img: cannot be written: File too large$/m,
    'a drive that the host cannot write') or diag("status $status\n$err");

done_testing;
