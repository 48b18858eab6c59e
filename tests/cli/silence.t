#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# If the machine can make no more progress, a message says so once, and how to leave; if a guest
# waits for a key, there is no message. A file of the wrong kind ends the program with one line.
use lib 'tests/lib';
use Clockhand;
use Planted;
use Pty;
use Time::HiRes qw(sleep time);

my $program = build() . '/clockhand';

# This is the same program with a host clock that runs sixteen times as fast: it takes only a
# thirty-second of a second from one look at the machine to the next, not half a second.
my $hasty = planted_program('host_now', <<'C') // die 'it does not build';
double __real_host_now(void);
double __wrap_host_now(void);
double __wrap_host_now(void)
{
    return 16 * __real_host_now();
}
C
my $while = .3; # seconds; the first message is due after a quarter of that

# Runs a command until it prints something, if that is expected, and for $while
# longer; then sends Ctrl-C. Returns all that the command printed.
sub watched {
    my ($expected, @command) = @_;
    my $said = spew(tmp('said'), '');
    my $pid  = fork // die "fork: $!";
    if (!$pid) {
        $SIG{INT} = 'DEFAULT'; # a shell's background jobs ignore it
        open STDIN,  '<',  '/dev/null' or die;
        open STDOUT, '>',  $said       or die;
        open STDERR, '>&', \*STDOUT    or die;
        # timeout passes our SIGINT on; if this test is killed, it ends the machine within 60 s.
        exec 'timeout', '-k', '5', 60, @command or die "exec: $!";
    }
    my $limit = time + 20;
    sleep .02 while $expected && slurp($said) eq '' && time < $limit;
    sleep $while;
    kill INT => $pid;
    waitpid $pid, 0;
    return slurp($said);
}

sub told_once {
    my ($what, $pattern, @command) = @_;
    my $said = watched(1, @command);
    my @told = $said =~ /^clockhand: .*$/mg;
    ok(@told == 1 && $told[0] =~ /$pattern.*; Ctrl-C ends it$/, $what) or diag($said);
}

# ---- a machine that gets no further -------------------------------------------

srand 1;
my $data = spew(tmp('data'), join '', map { chr rand 256 } 1 .. 100_000);
told_once('random bytes as a kernel', 'no progress: the instruction at pc 0x0 traps \(.*fault\)',
    $program, '--kernel', $data);
told_once('... in cycle timing', 'no progress: the instruction at pc 0x0 traps',
    $hasty, '--timing', 'cycle', '--kernel', $data);
my $start = ".globl _start\n_start:\n";
sub bare { return compile_bare(shift() . '.S', $start . shift) }
my $spin = bare('spin', "1: j 1b\n");
told_once('a program that jumps to itself', 'at pc 0x80000000 it jumps to itself', $hasty, $spin);
told_once('... long, not compressed', 'it jumps to itself',
    $hasty, bare('long', ".option norvc\n1: j 1b\n"));
told_once('a trap without a handler', 'pc 0x0 traps \(instruction access fault\)',
    $hasty, bare('trap', ".word 0\n"));

# Nothing is said of a program that may still make progress.
for (['a loop that counts', "1: addi a0, a0, 1\n j 1b\n"],
    ['a jump to itself that a timer may end', "li t0, 1 << 7\n csrw mie, t0\n csrsi mstatus, 8\n1: j 1b\n"],
    ['a program whose traps are handled', "la t0, 2f\n csrw mtvec, t0\n1: .word 0\n j 1b\n.balign 4\n" .
        "2: csrr t0, mepc\n addi t0, t0, 4\n csrw mepc, t0\n mret\n"]) {
    my ($what, $text) = @$_;
    is(watched(0, $hasty, bare('runs', $text)), '', "$what: not a word");
}
is(watched(0, $hasty, '--run', 'while :; do :; done'), '', 'a shell that loops: not a word');
my ($status, $out, $err) = run_command('', $hasty, '--max-instructions', '400000000', $spin);
is("$status $out$err", '124 ', 'a run with a limit of its own: not a word');

# A script's run has an end of its own; at this end it says the same, with the first trap.
my $denied = bare('denied', "la t0, 1f\n csrw mepc, t0\n li t0, 1 << 11\n csrw mstatus, t0\n mret\n1: j 1b\n");
my $loop = qr/no progress: the instruction at pc 0x0 traps \(instruction access fault\), and .*; the first trap was at pc/;
my $pmp = qr/0x800000\w\w in S-mode \(instruction access fault: no PMP entry is on, /;
for (['expect', 'expect "$ " 2ms', $denied, 1, qr/did not come \(the hart makes $loop $pmp.*last: nothing$/],
    ['run-for', 'run-for 2ms', $denied, 0, qr/^the hart makes $loop $pmp/],
    ['an illegal instruction', 'run-for 2ms', bare('trap', ".word 0\n"), 0,
        qr/$loop 0x80000000 in M-mode \(illegal instruction\)$/m]) {
    my ($what, $line, $elf, $ends, $says) = @$_;
    ($status, $out, $err) = clockhand(qw(--bios none -x), spew(tmp('loop.ch'), "$line\n"), $elf);
    is($status, $ends, "a trap loop in a script, $what: the status");
    like("$out$err", $says, '... and the first trap');
}

# Runs the hasty program at a terminal, where a key might help. Returns the output until $expected
# (at most $seconds), and that of half a second more.
sub at_terminal {
    my ($expected, $seconds, @arguments) = @_;
    my $pty = Pty->start(24, 200, $hasty, @arguments);
    my $said = $pty->expect($expected, $seconds) // '';
    $pty->expect(qr/(?!)/, .5);
    $said .= $pty->seen;
    $pty->send("\001x");
    is($pty->finish(20), 0, 'Ctrl-A x leaves');
    return $said;
}
my $wfi = bare('wfi', "1: wfi\n j 1b\n");
for my $pace ('max', 1) {
    my $said = at_terminal(qr/^clockhand: .*\n/m, 20, '--pace', $pace, $wfi);
    my @told = $said =~ /^clockhand: .*$/mg;
    ok(@told == 1 && $told[0] =~ /waits at pc 0x8000000[04] for an interrupt that cannot come: .*no key reaches it; Ctrl-A c looks at it, Ctrl-A x leaves/,
        "asleep for ever, pace $pace: a sentence") or diag($said);
    unlike(at_terminal(qr/# \z/, 20, '--pace', $pace), qr/^clockhand: /m,
        "a guest that waits for a key, pace $pace: not a word");
}
($status, $out, $err) = clockhand($wfi);
is($status, 1, 'asleep for ever without a terminal: the run ends');
like($err, qr/^clockhand: halted: the hart waits at pc 0x8000000[04] for an interrupt that cannot come\n\z/,
    '... and says why');
(undef, $out) = run_command("stepi 9\nstepi\nreverse-stepi\n", $program, '--monitor', $wfi);
is(() = $out =~ /^the hart waits for an interrupt that cannot come$/mg, 2,
    '... and stepi says why it does nothing') or diag($out);

# ---- wrong files: one line ---------------------------------------------------

sub refused {
    my ($what, $pattern, @arguments) = @_;
    my $began = time;
    my ($status, $out, $err) = run_command('', 'timeout', 20, $program, @arguments);
    my $lines = () = $err =~ /\n/g;
    ok($status == 2 && $lines == 1 && $err =~ /^clockhand: .*$pattern/ && time - $began < 15,
        $what) or diag("status $status\nout: $out\nerr: $err");
}

refused('the guest without firmware', '--bios: none: the built guest needs', '--bios',
    'none', '--run', 'true');

# Makes an ELF file of these segments: (name, entry, [address, bytes], ...).
sub elf {
    my ($name, $entry, @segments) = @_;
    my $at = 64 + 56 * @segments;
    my $elf = pack('a4C12S2LQ3LS6', "\x7fELF", 2, 1, 1, (0) x 9, 2, 243, 1, $entry, 64, 0,
        0, 64, 56, scalar(@segments), 0, 0, 0);
    my $code = pack('S', 0xa001) x 2048; # j .
    for (@segments) {
        $elf .= pack('L2Q6', 1, 7, $at, $_->[0], $_->[0], $_->[1], $_->[1], 1);
        $at += $_->[1];
    }
    return spew(tmp($name), $elf . join '', map { substr $code, 0, $_->[1] } @segments);
}
my $base = 0x80000000;
refused('an odd entry point', 'odd.*its entry point is odd', elf('odd', $base + 1, [$base, 64]));
refused('an entry at a half-word, without extension c', 'half.*no multiple of 4', '--isa', 'rv64g',
    elf('half', $base + 2, [$base, 64]));
refused('overlapping segments', 'twice.*two of its segments overlap',
    elf('twice', $base, [$base, 128], [$base + 64, 128]));
refused('... the other way round', 'overlap', elf('twice', $base, [$base + 64, 128], [$base, 128]));
is((clockhand('--max-instructions', 100, elf('apart', $base, [$base, 64], [$base + 64, 64])))[0],
    124, 'side by side they are fine');

refused('a folder as configuration', 'Is a directory', '--config', tmp());
refused('a configuration that includes itself', 'include each other',
    '--config', spew(tmp('self.cfg'), 'config = ' . tmp('self.cfg') . "\n"));
spew(tmp('a.cfg'), 'config = ' . tmp('b.cfg') . "\n");
refused('two that include each other', 'include each other', '--config',
    spew(tmp('b.cfg'), 'config = ' . tmp('a.cfg') . "\n"));
spew(tmp('ram.cfg'), "ram = 24M\n");
is((clockhand('--config', spew(tmp('outer.cfg'), 'config = ' . tmp('ram.cfg') . "\n"),
    '--max-instructions', 10))[0], 124, 'one that includes another is fine');
refused('a configuration without end', 'line 1: a NUL byte', '--config', '/dev/zero');

refused("$_ ''", 'the name of a file is missing', $_, '')
    for '--drive', '--kernel', '--initrd', '--bios', '--dtb', '--save', '--load', '--stats',
    '--events', '--screenshot', '--config', '-x';
refused("--drive ',ro'", 'the name of a file is missing', '--drive', ',ro');
refused("'' as a program", 'the name of a file is missing', '');

refused('a NUL in a script', 'nul.ch:2: a NUL byte', '-x',
    spew(tmp('nul.ch'), "echo\nprint 1\0 garbage\n"));
refused('... at its end', 'nul.ch:2: a NUL byte', '-x', spew(tmp('nul.ch'), "echo\nprint 1\0"));
refused('... in its options', 'nul.ch:1: a NUL byte', '-x',
    spew(tmp('nul.ch'), "# options: --ram 8M\0\nprint 1\n"));
refused('... in the second of two joined lines', 'nul.ch:3: a NUL byte', '-x',
    spew(tmp('nul.ch'), "echo\nprint 1 + \\\n1\0\n"));
refused('lines joined without end: the error names the last one', 'joined.ch:13: lines joined',
    '-x', spew(tmp('joined.ch'), "echo\necho\n" . ('x' x 99_999 . "\\\n") x 20));
refused('a script without end', '/dev/zero:1: a NUL byte', '-x', '/dev/zero');
refused('a lesson without end', '/dev/zero:1: a NUL byte', '--lesson', '/dev/zero');
for (['a line', 'yes x | tr -d "\n"', 'a line that does not end'],
    ['joined lines', "yes '@{[ 'x' x 999 ]}\\'", 'joined without end'],
    ['blocks', 'yes repeat 2', 'the end of the block is missing']) {
    my ($what, $endless, $pattern) = @$_;
    my ($status, $out, $err) = run_command('', 'bash', '-c',
        "$endless 2>/dev/null | timeout 60 \"\$0\" -x /dev/stdin", $program);
    my $lines = () = $err =~ /\n/g;
    ok($status == 2 && $lines == 1 && $err =~ /$pattern/, "$what without end")
        or diag("status $status\n$err");
}
done_testing;
