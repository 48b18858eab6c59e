#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# A second implementation of the branch predictor, written from the sources that `--cpu
# list` names, reads the commit log of a program full of branches. It must count exactly
# the machine's branches and mispredictions; with one planted mistake it must not.
use lib 'tests/lib';
use Clockhand;

# The program sorts, interprets op codes, recurses too deep for any return stack, has more indirect
# jumps than any target buffer holds, and has loops whose end only a history can predict.
my $program = <<'END';
#include <stdint.h>
volatile uint64_t tohost __attribute__((aligned(64)));
volatile uint64_t fromhost __attribute__((aligned(64)));
asm(".section .text.init,\"ax\"\n.globl _start\n_start: .option push\n"
    ".option norelax\n la gp, __global_pointer$\n.option pop\n"
    " la sp, stack_top\n j main\n.bss\n.align 4\n.skip 65536\nstack_top:\n.text\n");
static uint64_t seed = 88172645463325252u, sum;
static uint32_t rnd(void)
{
    seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
    return (uint32_t)(seed >> 24);
}
static uint32_t a[200];
__attribute__((noinline)) static void sort(int n)
{
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && a[j - 1] > a[j]; j--) {
            uint32_t t = a[j];
            a[j] = a[j - 1], a[j - 1] = t;
        }
}
__attribute__((noinline)) static uint64_t deep(int n)
{
    uint64_t below = sum;
    if (n && rnd() & 1) {
        below = deep(n - 1);
        asm volatile("addi %0, %0, 1" : "+r"(below));
    } else if (n) {
        below = deep(n - 1);
        asm volatile("addi %0, %0, 2" : "+r"(below));
    }
    return below;
}
#define F(n) __attribute__((noinline)) static void f##n(void) { sum += n * sum; }
#define EACH(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10) F(11) F(12)
EACH(F)
#define P(n) f##n,
static void (*volatile const f[])(void) = {EACH(P)};
__attribute__((noinline)) static void interpret(int n)
{
    static void *const op[] = {&&add, &&sub, &&mul, &&skip, &&call, &&end};
    uint32_t r = rnd();
    goto *op[n > 0 ? r % 5 : 5];
#define NEXT goto *op[--n > 0 ? (r = r * 1664525 + 1013904223) >> 28 & 3 : 5]
add: sum += r; NEXT;
sub: sum -= n; NEXT;
mul: sum *= 3; NEXT;
skip: n -= n & 1; NEXT;
call: f[r % 12](); NEXT;
end: return;
}
#define J(n) asm volatile("la t1, 1f\n jr t1\n 1:" ::: "t1");
int main(void)
{
    for (int round = 0; round < 12; round++) {
        for (int i = 0; i < 60; i++)
            a[i] = round & 1 ? rnd() % 100 : (uint32_t)(60 - i);
        sort(60);
        for (int d = 1; d < 20; d += 3)
            sum += deep(d);
        interpret(300);
        for (int k = 2; k < 9; k++)
            for (int i = 0; i < 40; i++)
                if (i % k == 0)
                    asm volatile("addi %0, %0, 1" : "+r"(sum));
        for (int i = 0; i < 4; i++) {
            EACH(J)
        }
        for (int i = 0; i < 4; i++) {
            EACH(J) EACH(J)
        }
        for (int i = 0; i < 100; i++)
            f[i * i % 12]();
    }
    tohost = 1;
    for (;;)
        ;
}
END

# Returns the log's transfers of control: [pc, kind, taken (a branch) or target, link].
sub transfers {
    my $log = shift;
    my (@out, $last);
    for (split /\n/, $log) {
        my ($pc, $raw) = /^core\s+\d+:\s+\d+\s+0x([0-9a-f]+)\s+\(0x([0-9a-f]+)\)/
            or next;
        ($pc, $raw) = (hex $pc, hex $raw);
        if ($last) {
            my ($at, $kind, $size) = @$last;
            my $to = $kind eq 'branch' ? $pc != $at + $size : $pc;
            # a branch to the next instruction would count as not taken: this program has none
            push @out, [$at, $kind, $to, $at + $size];
        }
        my $kind = kind($raw);
        $last = $kind && [$pc, $kind, ($raw & 3) == 3 ? 4 : 2];
    }
    return \@out;
}

sub is_link { $_[0] == 1 || $_[0] == 5 }

# Returns an instruction's kind: branch; call (direct); jump, return, jumpcall, popcall
# (indirect); else ''.
sub kind {
    my $raw = shift;
    my ($op, $rd, $rs1) = ($raw & 0x7f, $raw >> 7 & 31, $raw >> 15 & 31);
    if (($raw & 3) == 3) {
        return 'branch' if $op == 0x63;
        return is_link($rd) ? 'call' : '' if $op == 0x6f;
        return '' if $op != 0x67;
    } elsif (($raw & 3) == 1) {
        return $raw >> 14 == 3 ? 'branch' : '';    # c.beqz, c.bnez
    } elsif (($raw & 3) == 2 && $raw >> 13 == 4 && !($raw >> 2 & 31) && $rd) {
        ($rs1, $rd) = ($rd, $raw >> 12 & 1);       # c.jr, c.jalr
    } else {
        return '';
    }
    return 'return' if is_link($rs1) && !is_link($rd);
    return 'popcall' if is_link($rs1) && $rs1 != $rd;
    return is_link($rd) ? 'jumpcall' : 'jump';
}

# Runs the second predictor over the transfers; returns the numbers of branches and of
# mispredictions. As in Rocket's BTB.scala, the newest outcome is the top bit of the history. The
# index is the fetched word's address; its top bits are xored with the history, or with a hash of it
# (221 = floor(256 sqrt(3)/2)). A two-bit counter holds the last outcome and a prediction. The next
# prediction is the majority of these two and the new outcome.
sub predict {
    my ($p, $transfers, $mistake) = @_;
    my $n     = $p->{'branch table, counters'};
    my $low   = $p->{'branch table, first address bit of the index'};
    my $word  = $p->{'branch table, bytes that share a counter'};
    my $past  = $p->{'branch history, outcomes'};
    my $bits  = $p->{'branch history, bits of the index'};
    my $two   = $p->{'branch table, bits a counter'} == 2;
    my $btb   = $p->{'target buffer entries (indirect jumps)'};
    my $depth = $p->{'return stack entries'};
    $n     *= 2 if $mistake eq 'table';
    $past   = 0 if $mistake eq 'history';
    $btb   /= 2 if $mistake eq 'buffer';
    $depth -= 1 if $mistake eq 'stack';
    my (%counter, %target, @order, @stack, $history, $branches, $wrong);
    my $index_bits = 0;
    $index_bits++ while 1 << $index_bits < $n;
    ($history, $branches, $wrong) = (0, 0, 0);
    my $top = 0;
    for (@$transfers) {
        my ($pc, $kind, $to, $link) = @$_;
        if ($kind eq 'branch') {
            my $hash = $bits == $past ? $history : (221 * $history & 255) >> 8 - $bits;
            my $i = (int($pc / $word) * $word >> $low) % $n;
            $i ^= $hash << $index_bits - $bits if $past;
            my ($last, $says) = @{ $counter{$i} // [0, 0] };
            $branches++;
            $wrong += $says != !!$to;
            $to = $to ? 1 : 0;
            $counter{$i} = [$to, $two ? ($last + $says + $to >= 2 ? 1 : 0) : $to];
            $history = $history >> 1 | $to << 7;
            next;
        }
        if ($kind eq 'return' || $kind eq 'popcall') {
            $branches++;
            $wrong += ($stack[$top] // 0) != $to;
            $top = ($top - 1) % $depth;
        } elsif ($kind ne 'call') {
            $branches++;
            $wrong += ($target{$pc} // 0) != $to;
            if (!exists $target{$pc}) {
                push @order, $pc;
                delete $target{ shift @order } if @order > $btb;
            }
            $target{$pc} = $to;
        }
        if ($kind =~ /call/) {
            $top = ($top + 1) % $depth;
            $stack[$top] = $link;
        }
    }
    return ($branches, $wrong);
}

my $elf = compile_bare('predictor.c', $program, '-fno-builtin', '-O2');
my @cpus = qw(u54 rocket u74 ideal);
for my $c (0 .. $#cpus) {
    my $stats = tmp("stats-$cpus[$c]");
    my $log   = tmp("log-$cpus[$c]");
    succeeds("$cpus[$c]: the program ends well", clockhand('--timing', 'cycle', '--cpu', $cpus[$c],
        '--ram', '64M', '--stats', $stats, '--commit-log', $log, $elf));
    my $s = json(slurp($stats))->{branch};
    my $t = transfers(slurp($log));
    my ($branches, $wrong) = predict(profile($c), $t, '');
    cmp_ok($branches, '>', 10_000, "$cpus[$c]: the program has many branches");
    is($s->{branches},    $branches, "$cpus[$c]: branches");
    is($s->{mispredicts}, $wrong,    "$cpus[$c]: mispredictions of $branches");
    for my $mistake (qw(table history buffer stack)) {
        next if $mistake eq 'history' && $cpus[$c] eq 'ideal';
        isnt((predict(profile($c), $t, $mistake))[1], $wrong,
            "$cpus[$c]: a model with a wrong $mistake miscounts");
    }
}
done_testing();
