#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# In either timing, a program ends with the same hash however it is run: whole, by
# single steps, in random pieces, saved and loaded half way; the guest, with the panel or without.
use lib 'tests/lib';
use Clockhand;

my $elf = compile_bare('mixed.c', slurp('tests/machine/mixed.c'));

sub hash_of {
    my ($what, @args) = @_;
    my ($status, $out, $err) = clockhand('--hash', '--seed', 7, @args);
    my ($hash) = $err =~ /^hash ([0-9a-f]{32})$/m;
    ok(defined $hash, "$what prints a hash") or diag("$status\n$out\n$err");
    return $hash // '';
}

sub script {
    my ($name, @lines) = @_;
    return ('-x', spew(tmp($name), join "\n", @lines, ''));
}

srand 42;
# u74 pairs instructions, rocket has neither L2 cache nor L2 TLB, ideal has no caches at all.
for my $case (['fast', 'u54'], ['cycle', 'u54'], ['cycle', 'rocket'],
    ['cycle', 'u74'], ['cycle', 'ideal'], ['fast', 'rocket'])
{
    my ($timing, $cpu) = @$case;
    my @machine = ('--timing', $timing, '--cpu', $cpu, '--ram', '16M', $elf);
    $timing .= " $cpu";
    my $whole = hash_of("$timing: a whole run", @machine);

    # Single steps to the end would take long. So there are 20 commands of 1,000
    # steps, 300 of one step, and then `continue`.
    is(hash_of("$timing: stepped", @machine,
            script('step.ch', ('stepi 1000') x 20, ('stepi') x 300,
                'continue')),
        $whole, "$timing: single steps");

    my @pieces;
    push @pieces, rand() < .5 ? 'run-for ' . int(rand(20000) + 1)
                              : 'stepi ' . int(rand(700) + 1) for 1 .. 200;
    is(hash_of("$timing: random pieces", @machine,
            script('pieces.ch', @pieces, 'continue')), $whole, "$timing: random pieces");

    my $save = tmp("half-$cpu");
    clockhand('--seed', 7, @machine, script('save.ch', 'run-for 123457', "save $save"));
    is(hash_of("$timing: saved and loaded half way", @machine, '--load', $save), $whole,
        "$timing: save and load");
    is(hash_of("$timing: with questions", @machine,
            script('look.ch', map { ("run-for 5000", 'info tlb',
                'info registers', 'json info dram', 'x/4gx 0x80000000',
                'info profile', 'walk 0x80001000') } 1 .. 30),
            ),
        hash_of("$timing: not looking", @machine,
            script('blind.ch', ('run-for 5000') x 30)), "$timing: looking changes nothing");
}

# The guest boots and runs a command, once without observers, once with events and
# statistics recorded and a picture of the panel written at the end.
my @guest = ('--run', 'ls -l / | md5sum; sleep 0.2');
my $plain = hash_of('guest', @guest);
is(hash_of('guest, watched', @guest, '--events', tmp('e.csv'), '--screenshot',
        tmp('p.png'), '--stats', tmp('s.json')),
    $plain, 'events, statistics and a picture change nothing');

SKIP: {
    skip 'no Xvfb', 1 if system('command -v xvfb-run >/dev/null');
    my (undef, $leaves) = script('leaves.ch', 'continue', 'quit'); # or the window would stay
    my ($status, $out, $err) = run_command('', 'xvfb-run', '-a', '-s',
        '-screen 0 1400x900x24', build() . '/clockhand', '--hash', '--seed',
        7, '--panel', '-x', $leaves, @guest);
    my ($hash) = "$out$err" =~ /^hash ([0-9a-f]{32})$/m;
    is($hash, $plain, 'the same hash with the panel in a window');

    # Input that comes late changes nothing: the machine waits for it.
    my @reads = ('sh', '-c', 'exec "$0" "$@"', build() . '/clockhand',
        '--hash', '--seed', 7, '--run', 'cat; sleep 0.1; ls');
    my ($s1, $o1, $e1) = run_command("ab\ncd\n", @reads);
    $reads[2] = qq((sleep 2; echo ab; sleep 1; echo cd) | exec "\$0" "\$@" --panel -x $leaves);
    my ($s2, $o2, $e2) = run_command('', 'xvfb-run', '-a', '-s', '-screen 0 1400x900x24', @reads);
    like($o1, qr/^ab\ncd\nbin\n/, 'a program of the guest reads a pipe');
    is($o2, $o1, 'the same output when the input comes late and the panel is open');
    my @hash = map { /^hash ([0-9a-f]{32})$/m } "$e1", "$o2$e2";
    is($hash[1] // 'none', $hash[0], 'and the same hash');
}

my ($s2, $o2, $e2) = clockhand('--hash', '--seed', 8, @guest);
unlike($e2, qr/\Q$plain\E/, 'another seed, another hash');

done_testing();
