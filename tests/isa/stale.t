#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Checks `catch stale` against the privileged manual (4.2.1 sfence.vma, 4.3.1 A and D,
# 4.3.2). If a program changes a PTE without the right fence, the first use of the old
# translation must be caught, with its kind; a use that the manual permits, or one after
# the right fence, must not. All cases are in one program, which runs in both timings and
# engines. (tests/guest/stale.t tests windows: stale uses that a kernel's flush may still end.)
use FindBin qw($Bin);
use lib "$Bin/../lib";
use Clockhand;

my $load = 'LOADS(PRV_S, 0x1000, page1)';
# Each row: name, kind of the use that is caught ('': none is), code. Before each case
# page 0x1000 is page1, RW, and was read and written.
my @cases = (
    ['leaf cleared', 'invalid', "PTE(l0, 1, page1, 0) $load"],
    ['another frame', 'frame', "PTE(l0, 1, page2, RW) $load"],
    ['W taken, store', 'rights', 'PTE(l0, 1, page1, RX) STORES(PRV_S, 0x1000, page1)'],
    ['R taken, load', 'rights', "PTE(l0, 1, page1, PTE_V | PTE_X | PTE_A) $load"],
    ['page given to U', 'rights', "PTE(l0, 1, page1, RW | PTE_U) $load"],
    ['D cleared, store', 'dirty', 'PTE(l0, 1, page1, RW & ~PTE_D) STORES(PRV_S, 0x1000, page1)'],
    ['A cleared', 'accessed', "PTE(l0, 1, page1, RW & ~PTE_A & ~PTE_D) $load"],
    ['cleared by an atomic', 'invalid', "la t1, l0 + 8; amoand.d x0, x0, (t1); $load"],
    ['cleared by four bytes', 'invalid', "la t1, l0 + 8; sw x0, 0(t1); $load"],
    ['cleared by one byte, last PTE of a page', 'invalid', 'SET_PTE(l0, 511, page1, RW)
        LOADS(PRV_S, 0x1ff000, page1) la t1, l0 + 4088; sb x0, 0(t1);
        LOADS(PRV_S, 0x1ff000, page1)'],
    ['X taken, fetch', 'rights', 'SET_PTE(l0, 2, call, RX) FETCHES(PRV_S, 0x2000)
        PTE(l0, 2, call, PTE_V | PTE_R | PTE_A) FETCHES(PRV_S, 0x2000)'],
    ['leaf of 2 MiB cleared', 'invalid', 'LOADS(PRV_S, MEGA, _start) PTE(l1, 1, _start, 0)
        LOADS(PRV_S, MEGA, _start)'],
    ['leaf of 2 MiB split', 'frame', 'LOADS(PRV_S, MEGA, _start) PTE(l0b, 0, page2, RW)
        PTE(l1, 1, l0b, PTE_V) LOADS(PRV_S, MEGA, _start)'],
    ['pointer, fenced by address alone', 'frame', "PTE(l0b, 1, page2, RW)
        PTE(l1, 0, l0b, PTE_V) li a3, 0x1000; sfence.vma a3, zero; $load"],
    ['pointer, its old table emptied', 'table', 'PTE(l0b, 1, page2, RW) PTE(l1, 0, l0b, PTE_V)
        PTE(l0, 1, page1, 0) li a3, 0x1000; sfence.vma a3, zero; LOAD_FAULTS(PRV_S, 0x1000)'],
    ['another ASID fenced', 'invalid',
        "PTE(l0, 1, page1, 0) li a3, 0x1000; li a4, 7; sfence.vma a3, a4; $load"],
    ['another page fenced', 'invalid', "PTE(l0, 1, page1, 0) li a3, 0; sfence.vma a3, zero; $load"],
    ['global page, fenced by ASID', 'invalid', "SET_PTE(l0, 1, page1, RW | PTE_G) $load
        PTE(l0, 1, page1, 0) sfence.vma zero, zero; SET_PTE(l0, 1, page1, RW | PTE_G) $load
        PTE(l0, 1, page1, 0) li a4, 0; sfence.vma zero, a4; $load"],
    ['ASID with another table', 'frame', "SATP(root2, 0) $load"],
    # permitted
    ['invalid to valid', '', 'PTE(l0, 3, page1, RW) LOADS(PRV_S, 0x3000, page1)'],
    ['more rights: a fault', '', 'SET_PTE(l0, 1, page1, PTE_V | PTE_R | PTE_A) '
        . "$load PTE(l0, 1, page1, RW) STORE_FAULTS(PRV_S, 0x1000)"],
    ['W taken, load', '', "PTE(l0, 1, page1, RX) $load"],
    ['D cleared, load', '', "PTE(l0, 1, page1, RW & ~PTE_D) $load"],
    ['D set by software', '', "SET_PTE(l0, 1, page1, RW & ~PTE_D) $load
        PTE(l0, 1, page1, RW) STORES(PRV_S, 0x1000, page1)"],
    ['bits for software', '', "PTE(l0, 1, page1, RW | 0x300) $load"],
    ['cleared and restored', '', "PTE(l0, 1, page1, 0) PTE(l0, 1, page1, RW) $load"],
    ['another PTE of the line', '', "PTE(l0, 2, page2, 0) $load"],
    ['global page in another space', '', "SET_PTE(l0, 1, page1, RW | PTE_G) $load SATP(root2, 9)
        LOADS(PRV_S, 0x1000, page1)"],
    ['ASID of its own', '', "SATP(root2, 9) LOADS(PRV_S, 0x1000, page2)"],
    # fenced
    ['by address', '', 'PTE(l0, 1, page2, RW) li a3, 0x1ff8; sfence.vma a3, zero;
        LOADS(PRV_S, 0x1000, page2)'],
    ['by address and ASID', '', 'PTE(l0, 1, page2, RW) li a3, 0x1000; li a4, 0;
        sfence.vma a3, a4; LOADS(PRV_S, 0x1000, page2)'],
    ['by ASID', '', 'PTE(l0, 1, page2, RW) li a4, 0; sfence.vma zero, a4;
        LOADS(PRV_S, 0x1000, page2)'],
    ['pointer, by ASID', '', 'PTE(l0b, 1, page2, RW) PTE(l1, 0, l0b, PTE_V) li a4, 0;
        sfence.vma zero, a4; LOADS(PRV_S, 0x1000, page2)'],
    ['Svinval', '', 'PTE(l0, 1, page2, RW) li a3, 0x1000; sfence.w.inval; sinval.vma a3, zero;
        sfence.inval.ir; LOADS(PRV_S, 0x1000, page2)'],
    ['ASID with another table, fenced', '', 'SATP(root2, 0) sfence.vma;
        LOADS(PRV_S, 0x1000, page2)'],
);

my $text = <<'END';
#include "paging.h"
.option arch, +svinval
/* PTE is SET_PTE without its fence. (la may be two instructions of two relocations.) */
#define PTE(table, index, where, flags) la t0, where; srli t0, t0, 12; slli t0, t0, 10; \
    li t1, flags; or t0, t0, t1; la t1, table + 8 * (index); sd t0, 0(t1);
#define SATP(table, asid) la t0, table; srli t0, t0, 12; li t1, SATP_SV39 | (asid) << 44; \
    or t0, t0, t1; csrw satp, t0;
BEGIN
    PAGING
    PTE(root2, 2, _start, RWX) PTE(root2, 0, l1b, PTE_V)
END
my $n = 0;
# (gp holds the test's number, by which a stop is assigned to its case.)
$text .= sprintf "TEST(%d)\n SATP(root, 0) PTE(l0b, 1, page2, RW) PTE(l1b, 0, l0b, PTE_V)\n"
    . "PTE(l1, 0, l0, PTE_V) SET_PTE_RAW(l1, 1, 0x80000000 >> 2 | RWX)\n"
    . "SET_PTE(l0, 1, page1, RW) $load STORES(PRV_S, 0x1000, page1)\n%s\n", ++$n, $_->[2]
    for @cases;
$text .= "END\n.balign 4096\ncall: ecall\n.balign 4096\nPAGE_TABLES\n";
my $elf = tmp('stale.elf');
system('riscv64-linux-gnu-gcc', qw(-march=rv64gc -mabi=lp64d -mcmodel=medany -static -fno-pic
    -no-pie -nostdlib -nostartfiles), '-Wl,--build-id=none', '-Wl,--no-warn-rwx-segments', "-Wl,-T,$Bin/link.ld", "-I$Bin", '-o', $elf, spew(tmp('stale.S'), $text)) == 0 or die;

my $want = join ', ', map { $_->[1] ? "$_->[0]: $_->[1]" : () } @cases;
my $script = spew(tmp('stale.ch'), "catch stale\n"
    . "json continue\njson print \$gp\n" x (1 + grep { $_->[1] } @cases) . "json info stale\n");
for my $timing (qw(fast cycle)) {
    for my $engine (qw(interp eager)) {
        my @run = ('--timing', $timing, '--engine', $engine, '--hash', $elf);
        my ($status, $out, $err) = clockhand('-x', $script, @run);
        my @line = map { json($_) } grep { /^[{]/ } split /\n/, $out;
        my $info = pop @line;
        my @got;
        while (my ($stop, $gp) = splice @line, 0, 2) {
            push @got, "$cases[$gp->{value} - 1][0]: $stop->{kind}" if $stop->{kind};
        }
        is(join(', ', @got), $want, "$timing, $engine: catch stale stops at these uses and no others");
        ok($info->{permitted_faults} >= 1, '... a permitted fault is counted') or diag($out);
        is("$status $err", join(' ', (clockhand(@run))[0, 2]), '... and no bit of the run changes');
    }
}
done_testing();
