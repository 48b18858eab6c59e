#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A guest's sleep must cost the host next to nothing: bare-metal programs sleep for
# ten simulated days. (`make bench` measures a guest's `sleep 3600`.) A run that is
# stopped and resumed during a sleep must have the same hash as one without stops.
use lib 'tests/lib';
use Clockhand;

# Compiles a program that sets a timer (of the CLINT or, if $sstc, stimecmp), which fires after
# `ticks` of 100 ns, and then runs the assembly `until`. Its handler stores 1 to (a2).
sub program {
    my ($name, $ticks, $sstc, $until) = @_;
    my $timer = $sstc
        ? 'li t0, 1; slli t0, t0, 63; csrs menvcfg, t0; csrw stimecmp, t1; '
        . 'li t0, 0x20'
        : 'li t0, 0x2004000; sd t1, 0(t0); li t0, 0x80';
    my @lines = split /;\s*/, '.option norelax; la t0, handler; '
        . "csrw mtvec, t0; csrr t1, time; li t2, $ticks; add t1, t1, t2; $timer; csrw mie, t0; la a2, flag; "
        . "li a0, 0; $until; .balign 4; "
        . 'handler: li t0, 1; sd t0, 0(a2); csrw mie, x0; mret; '
        . 'done: la t1, tohost; li t0, 1; sd t0, 0(t1); 9: j 9b';
    my $text = join '', map { "\"$_\\n\"\n" } @lines;
    return compile_bare("$name.c", <<"C", '-march=rv64gc_zicsr');
unsigned long tohost __attribute__((aligned(64))), fromhost, flag;
__asm__(".globl _start\\n_start:\\n"
$text);
C
}

# Runs the program; returns the host's CPU seconds, the --stats and the hash.
sub run {
    my ($elf, @options) = @_;
    my @before = times;
    my ($status, $out, $err) = clockhand('--ram', '16M', '--stats', '-', '--hash', @options, $elf);
    my @after = times;
    my ($hash) = $err =~ /^hash (\w+)/m;
    is($status, 0, "@options: ends") or diag($err);
    return ($after[2] + $after[3] - $before[2] - $before[3], json($out), $hash);
}

my $days = 10 * 86400;
my $spin = 'csrsi mstatus, 8;';
my %wait = (
    'wfi, by the CLINT' => [$days, 0, 'wfi; j done'],
    'wfi, by Sstc'      => [$days, 1, 'wfi; j done'],
    'wfi in a loop'     => [$days, 0, "$spin 1: wfi; ld t0, 0(a2); beqz t0, 1b; j done"],
);
# Sanitizers take five times as long.
my $most = $ENV{SAN} ? 30 : 6;
for my $what (sort keys %wait) {
    my ($seconds, @rest) = @{ $wait{$what} };
    my $elf = program('wait', $seconds * 10_000_000, @rest);
    for my $timing (qw(fast cycle)) {
        my ($cpu, $s) = run($elf, '--timing', $timing);
        cmp_ok($s->{simulated_seconds}, '>=', $seconds, "$what, $timing: slept ten days");
        cmp_ok($s->{simulated_seconds}, '<', $seconds + 1, 'not longer');
        cmp_ok($cpu, '<', $most, sprintf '%s: %.2f s of the host', $what, $cpu);
    }
}

# A sleep that is run whole or in pieces, up to the same cycle, gives one hash.
my $elf = program('pieces', 50_000_000, 1, "$spin 1: wfi; ld t0, 0(a2); beqz t0, 1b;"
    . ' li t1, 3000000; 2: addi t1, t1, -1; bnez t1, 2b; j done');
for my $at (1234567, 4_999_999_000, 5_000_000_300, 5_001_000_000) {
    my @cut = sort { $a <=> $b } map { int($at * $_ / 7) } 1 .. 6;
    my %hash;
    for my $pieces ([$at], [@cut, $at], [$at - 1, $at]) {
        my ($now, $text) = (0, '');
        $text .= 'run-for ' . ($_ - $now) . "\n", $now = $_ for @$pieces;
        my ($status, $out, $err) = clockhand('--timing', 'cycle', '--ram', '16M',
            '-x', spew(tmp('pieces.ch'), "${text}hash\n"), $elf);
        my ($h) = $out =~ /^hash (\w+)/m;
        $hash{ $h // "none: $out$err" }++;
    }
    is(scalar keys %hash, 1, "at $at: one hash, whole and in pieces") or diag(explain(\%hash));
}
done_testing();
