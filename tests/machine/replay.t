#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# --replay repeats recorded input (typed, piped, poked) at its cycle and comes to the
# same hash. It refuses a file that is no input log of this machine.
use lib 'tests/lib';
use Clockhand;

my $b = build();
my $log = tmp('log');

sub hash_of { return $_[0] =~ /^hash (\w+)$/m ? $1 : 'none' }

# ---- a session: keys, a tunable, memory, timing ----
my $script = spew(tmp('s.ch'), <<'END');
expect "# " 60s
send "seq 1 200 | sort | tail -1; sleep 1; cat\n"
expect "99\n" 20s
run-for 50ms
set vm.swappiness 10
set u32[pa:0x80500000] = 77
timing fast
send "one\ntwo\n"
run-for 40ms
timing cycle
sysrq m
run-for 30ms
stepi 12345
END
my @ram = qw(--ram 8M);
my ($status, $said, $err) = clockhand(@ram, '--record', $log, '--hash', '-x', $script);
is($status, 0, 'a session is recorded') or diag($err);
my $hash = hash_of($err);
for my $engine ('jit', 'interp') {
    ($status, my $out, $err) = clockhand(@ram, '--engine', $engine, '--replay', $log, '--hash');
    is($status, 0, "$engine: replayed") or diag($err);
    is(hash_of($err), $hash, '... to the same hash');
    is($out, $said, '... and prints what was printed') if $engine eq 'jit';
}
($status, my $out, $err) = clockhand(@ram, '--replay', $log, '--hash', '-x', spew(tmp('r.ch'),
    "run-for 220ms\nmark a\nhash\nrun-for 100ms\nhash\ngoto a\nhash\nrun-for 100ms\nhash\n"
        . "set vm.swappiness 3\n"));
is($status, 2, 'a replayed past cannot be changed');
like($err, qr/set: this is the past/, '... says why');
my @hash = $out =~ /^hash (\w+)$/mg;
is("@hash[2, 3]", "@hash[0, 1]", 'goto back and run on: the same hashes');
($status, $out, $err) = clockhand(@ram, '--replay', $log, '--hash', '-x', spew(tmp('r.ch'),
    "run-for 220ms\ngoto -20ms\ncontinue\n"));
is(hash_of($err), $hash,
    'back from the middle, then on to the end: the same hash') or diag("$out$err");

# ---- a pipe ----
my @run = ('--run', 'while read a; do echo "<$a>"; done; cat /proc/uptime');
my $text = join '', map { "line $_\n" } 1 .. 500;
($status, $said, $err) = run_command($text, "$b/clockhand", @ram, '--record', $log, '--hash', @run);
is($status, 0, 'a pipe is recorded') or diag($err);
($status, $out, my $err2) = run_command("nothing of it\n", "$b/clockhand", @ram, '--replay', $log,
    '--hash', @run);
is($out, $said, 'replayed without the pipe\'s text: the same output');
is(hash_of($err2), hash_of($err), '... to the same hash');

# ---- a file on standard input, for a shell at the console ----
($status, $said, $err) = run_command("echo a\necho b\nexit\n", "$b/clockhand", @ram, '--record', $log,
    '--hash', '--max-sim-time', '1s');
($status, $out, $err2) = run_command('', "$b/clockhand", @ram, '--replay', $log, '--hash',
    '--max-sim-time', '1s');
is($out, $said, 'a file on standard input, replayed: the same output');
is(hash_of($err2), hash_of($err), '... to the same hash');

# ---- another machine ----
for my $other (['another RAM', qr/saved with RAM bytes/, '--ram', '16M'],
    ['another policy', qr/--policy|--append/, @ram, '--policy', 'linux24'],
    ['another seed', qr/--seed/, @ram, '--seed', 5]) {
    my ($what, $why, @options) = @$other;
    ($status, $out, $err) = clockhand(@options, '--replay', $log);
    is($status, 2, "$what: refused");
    like($err, $why, '... says what differs');
}

# ---- a damaged log, or a file that is no log ----
my $bytes = slurp($log);
for my $bad (['cut short', substr $bytes, 0, length($bytes) - 5],
    ['no log', "hello\n" x 100], ['empty', '']) {
    ($status, $out, $err) = clockhand(@ram, '--replay', spew(tmp('bad'), $bad->[1]));
    is($status, 2, "$bad->[0]: refused");
    like($err, qr/^clockhand: \S+bad: (damaged|not an input log)/, '... says why');
}
my $flipped = $bytes;
substr($flipped, length($bytes) / 2, 1) ^= "\1";
($status, $out, $err) = clockhand(@ram, '--replay', spew(tmp('bad'), $flipped));
is($status, 2, 'a bit that flipped: refused');
done_testing;
