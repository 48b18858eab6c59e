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

sub assembled {
    my ($name, $source) = @_;
    my $to = tmp("$name.elf");
    system('riscv64-linux-gnu-gcc', qw(-march=rv64gc -mabi=lp64d -mcmodel=medany -static -fno-pic
        -no-pie -nostdlib -nostartfiles), '-Wl,--build-id=none', '-Wl,--no-warn-rwx-segments',
        "-Wl,-T,$Bin/link.ld", "-I$Bin", '-o', $to, spew(tmp("$name.S"), $source)) == 0 or die;
    return $to;
}

my $load = 'LOADS(PRV_S, 0x1000, page1)';
# The privileged manual (20240411), by section: 4.2.1 is SFENCE.VMA, 4.3 Sv39.
my %manual = (
    stale => '4.2.1: until an SFENCE.VMA that covers it, after the store, a hart may go on with a '
        . 'PTE that it has read: the use is stale',
    both => '4.2.1: either PTE may be used; what both grant is no fault of the program',
    grants => '4.2.1: a PTE may be made valid, or given more rights, without a fence: until there '
        . 'is one an access may fault, but reaches nothing stale',
    covers => '4.2.1: rs1 names any address of the page, rs2 its ASID, x0 all; then the new PTE holds',
    address => '4.2.1: with an address in rs1, only leaf PTEs are ordered; pointers need rs1=x0',
    asid => '4.2.1: with an ASID in rs2, entries of other ASIDs, and global ones, stay',
    order => '4.2.1: the fence orders stores before it, not those after',
    satp => '4.1.11: writing satp orders nothing; an ASID that gets another table needs a fence',
    type => '6 (Svpbmt): the memory type is part of the translation, and is ordered like it',
    napot => '5 (Svnapot): an entry for the range may serve each of its 16 pages; each page has a '
        . 'PTE of its own, which decides what the table says',
    ad => '4.3.1: A and D are set in the PTE before the access, if they are clear there',
    form => '4.3.1: reserved bits, W without R, or a misaligned superpage: the page faults',
    fencei => 'unprivileged manual, 7: FENCE.I orders instruction fetches, not translations',
    svinval => '7 (Svinval): SINVAL.VMA between SFENCE.W.INVAL and SFENCE.INVAL.IR is the fence',
);
# Each row: name, kind of the use that is caught ('': none is), the manual's paragraph, code.
# Before each case page 0x1000 is page1, RW, and was read and written.
my @cases = (
    ['leaf cleared', 'invalid', 'stale', "PTE(l0, 1, page1, 0) $load"],
    ['another frame', 'frame', 'stale', "PTE(l0, 1, page2, RW) $load"],
    ['another frame, store', 'frame', 'stale', 'PTE(l0, 1, page2, RW) STORES(PRV_S, 0x1000, page1)'],
    ['W taken, store', 'rights', 'stale', 'PTE(l0, 1, page1, RX) STORES(PRV_S, 0x1000, page1)'],
    ['W taken, atomic', 'rights', 'stale', 'PTE(l0, 1, page1, RX) li a0, 0x1000; AS(PRV_S)
        amoadd.d x0, x0, (a0); AS_M'],
    ['R taken, load', 'rights', 'stale', "PTE(l0, 1, page1, PTE_V | PTE_X | PTE_A) $load"],
    ['page given to U', 'rights', 'stale', "PTE(l0, 1, page1, RW | PTE_U) $load"],
    ['D cleared, store', 'dirty', 'ad', 'PTE(l0, 1, page1, RW & ~PTE_D) STORES(PRV_S, 0x1000, page1)'],
    ['A cleared', 'accessed', 'ad', "PTE(l0, 1, page1, RW & ~PTE_A & ~PTE_D) $load"],
    ['A cleared, fetch', 'accessed', 'ad', 'SET_PTE(l0, 2, call, RX) FETCHES(PRV_S, 0x2000)
        PTE(l0, 2, call, RX & ~PTE_A) FETCHES(PRV_S, 0x2000)'],
    ['cleared by an atomic', 'invalid', 'stale', "la t1, l0 + 8; amoand.d x0, x0, (t1); $load"],
    ['frame exchanged by an atomic', 'frame', 'stale', "la t0, page2; srli t0, t0, 12; slli t0, t0, 10;
        ori t0, t0, RW; la t1, l0 + 8; amoswap.d x0, t0, (t1); $load"],
    ['cleared by sc', 'invalid', 'stale', "la t1, l0 + 8; lr.d t0, (t1); sc.d t0, x0, (t1); $load"],
    ['cleared by cbo.zero', 'invalid', 'stale', "la t1, l0; .insn i 0x0f, 2, x0, t1, 4; $load"],
    ['cleared through a mapping', 'invalid', 'stale', "AS(PRV_S) la t1, l0 + 8; sd x0, 0(t1); AS_M $load"],
    ['cleared by four bytes', 'invalid', 'stale', "la t1, l0 + 8; sw x0, 0(t1); $load"],
    ['cleared by one byte, last PTE of a page', 'invalid', 'stale', 'SET_PTE(l0, 511, page1, RW)
        LOADS(PRV_S, 0x1ff000, page1) la t1, l0 + 4088; sb x0, 0(t1);
        LOADS(PRV_S, 0x1ff000, page1)'],
    ['X taken, fetch', 'rights', 'stale', 'SET_PTE(l0, 2, call, RX) FETCHES(PRV_S, 0x2000)
        PTE(l0, 2, call, PTE_V | PTE_R | PTE_A) FETCHES(PRV_S, 0x2000)'],
    ['X taken, fence.i', 'rights', 'fencei', 'SET_PTE(l0, 2, call, RX) FETCHES(PRV_S, 0x2000)
        PTE(l0, 2, call, PTE_V | PTE_R | PTE_A) fence.i; FETCHES(PRV_S, 0x2000)'],
    ['another frame, fetch', 'frame', 'stale', 'SET_PTE(l0, 2, call, RX) FETCHES(PRV_S, 0x2000)
        PTE(l0, 2, page1, RX) FETCHES(PRV_S, 0x2000)'],
    ['a reserved bit set', 'invalid', 'form', "PTE(l0, 1, page1, RW | 1 << 58) $load"],
    ['W without R', 'invalid', 'form', "PTE(l0, 1, page1, RW & ~PTE_R) $load"],
    ['leaf of 2 MiB cleared', 'invalid', 'stale', 'LOADS(PRV_S, MEGA, _start) PTE(l1, 1, _start, 0)
        LOADS(PRV_S, MEGA, _start)'],
    ['leaf of 2 MiB misaligned', 'invalid', 'form', 'LOADS(PRV_S, MEGA, _start) PTE(l1, 1, page1, RWX)
        LOADS(PRV_S, MEGA, _start)'],
    ['leaf of 2 MiB split', 'frame', 'stale', 'LOADS(PRV_S, MEGA, _start) PTE(l0b, 0, page2, RW)
        PTE(l1, 1, l0b, PTE_V) LOADS(PRV_S, MEGA, _start)'],
    ['leaf of 1 GiB cleared', 'invalid', 'stale', 'SET_PTE_RAW(root, 1, 0x80000000 >> 2 | RWX)
        LOADS(PRV_S, GIGA, _start) PTE(root, 1, _start, 0) LOADS(PRV_S, GIGA, _start)'],
    ['pointer cleared', 'invalid', 'stale', "PTE(l1, 0, l0, 0) $load"],
    ['pointer of the root to another table', 'frame', 'stale', "PTE(root, 0, l1b, PTE_V) $load"],
    ['pointer with D, which is reserved', 'invalid', 'form', "PTE(l1, 0, l0, PTE_V | PTE_D) $load"],
    ['pointer, fenced by address alone', 'frame', 'address', "PTE(l0b, 1, page2, RW)
        PTE(l1, 0, l0b, PTE_V) li a3, 0x1000; sfence.vma a3, zero; $load"],
    ['pointer, its old table emptied', 'table', 'address', 'PTE(l0b, 1, page2, RW) PTE(l1, 0, l0b, PTE_V)
        PTE(l0, 1, page1, 0) li a3, 0x1000; sfence.vma a3, zero; LOAD_FAULTS(PRV_S, 0x1000)'],
    ['fenced before the store', 'invalid', 'order', "sfence.vma; $load PTE(l0, 1, page1, 0) $load"],
    ['another ASID fenced', 'invalid', 'asid',
        "PTE(l0, 1, page1, 0) li a3, 0x1000; li a4, 7; sfence.vma a3, a4; $load"],
    ['another page fenced', 'invalid', 'covers', "PTE(l0, 1, page1, 0) li a3, 0; sfence.vma a3, zero; $load"],
    ['global page, fenced by ASID', 'invalid', 'asid', "SET_PTE(l0, 1, page1, RW | PTE_G) $load
        PTE(l0, 1, page1, 0) sfence.vma zero, zero; SET_PTE(l0, 1, page1, RW | PTE_G) $load
        PTE(l0, 1, page1, 0) li a4, 0; sfence.vma zero, a4; $load"],
    ['Svinval, another page', 'invalid', 'svinval', "PTE(l0, 1, page1, 0) li a3, 0; sfence.w.inval;
        sinval.vma a3, zero; sfence.inval.ir; $load"],
    ['ASID with another table', 'frame', 'satp', "la t0, root2; srli t0, t0, 12; li t1, SATP_SV39;
        or t0, t0, t1; .globl culprit; culprit: csrw satp, t0; nop; nop; $load"],
    ['memory type, main to uncached', 'type', 'type', "PTE(l0, 1, page1, RW | 1 << 61) $load"],
    ['memory type, main to I/O, store', 'type', 'type',
        'PTE(l0, 1, page1, RW | 2 << 61) STORES(PRV_S, 0x1000, page1)'],
    ['memory type, uncached to main', 'type', 'type', "SET_PTE(l0, 1, page1, RW | 1 << 61) $load
        PTE(l0, 1, page1, RW) $load"],
    ['range, another PTE cleared', 'invalid', 'napot', 'RANGE NLOAD(16) NPTE(17, 0) NLOAD(17)'],
    ['range, a PTE of the second line cleared', 'invalid', 'napot', 'RANGE NLOAD(16) NPTE(31, 0) NLOAD(31)'],
    ['range, the walked PTE cleared', 'invalid', 'napot', 'RANGE NLOAD(16) NPTE(16, 0) NLOAD(16)'],
    ['range, trusted for one page, not for another', 'invalid', 'napot',
        'RANGE NLOAD(16) NPTE(17, 0) NLOAD(16) NLOAD(17)'],
    ['range, a page of its own', 'frame', 'napot', 'RANGE NLOAD(16) PTE(l0, 18, page2, RW) NLOAD(18)'],
    ['range, another memory type', 'type', 'napot', 'RANGE NLOAD(16) NPTE(19, NAP | 1 << 61) NLOAD(19)'],
    # permitted
    ['range, a page whose PTE is unchanged', '', 'napot', 'RANGE NLOAD(16) NPTE(17, 0) NLOAD(18)'],
    ['range, written with the same value', '', 'napot', 'RANGE NLOAD(16) NPTE(17, NAP) NLOAD(17)'],
    ['range, cleared and restored', '', 'napot', 'RANGE NLOAD(16) NPTE(17, 0) NPTE(17, NAP) NLOAD(17)'],
    ['invalid to valid', '', 'grants', 'PTE(l0, 3, page1, RW) LOADS(PRV_S, 0x3000, page1)'],
    ['more rights: a fault', '', 'grants', 'SET_PTE(l0, 1, page1, PTE_V | PTE_R | PTE_A) '
        . "$load PTE(l0, 1, page1, RW) STORE_FAULTS(PRV_S, 0x1000)"],
    ['copied on write: a fault', '', 'grants', 'SET_PTE(l0, 1, page1, PTE_V | PTE_R | PTE_A) '
        . "$load PTE(l0, 1, page2, RW) STORE_FAULTS(PRV_S, 0x1000)"],
    ['W taken, load', '', 'both', "PTE(l0, 1, page1, RX) $load"],
    ['D cleared, load', '', 'both', "PTE(l0, 1, page1, RW & ~PTE_D) $load"],
    ['D set by software', '', 'grants', "SET_PTE(l0, 1, page1, RW & ~PTE_D) $load
        PTE(l0, 1, page1, RW) STORES(PRV_S, 0x1000, page1)"],
    ['A and D set by the walker', '', 'ad', "SET_PTE(l0, 1, page1, RW & ~PTE_A & ~PTE_D) $load
        STORES(PRV_S, 0x1000, page1) $load"],
    ['global no longer', '', 'both', "SET_PTE(l0, 1, page1, RW | PTE_G) $load PTE(l0, 1, page1, RW) $load"],
    ['bits for software', '', 'both', "PTE(l0, 1, page1, RW | 0x300) $load"],
    ['cleared and restored', '', 'both', "PTE(l0, 1, page1, 0) PTE(l0, 1, page1, RW) $load"],
    ['another PTE of the line', '', 'both', "PTE(l0, 2, page2, 0) $load"],
    ['global page in another space', '', 'asid', "SET_PTE(l0, 1, page1, RW | PTE_G) $load SATP(root2, 9)
        LOADS(PRV_S, 0x1000, page1)"],
    ['ASID of its own', '', 'satp', "SATP(root2, 9) LOADS(PRV_S, 0x1000, page2)"],
    ['another table, and back before any use', '', 'satp', "SATP(root2, 0) SATP(root, 0) $load"],
    ['without translation', '', 'satp', "PTE(l0, 1, page1, 0) la a0, page1; ld a1, 0(a0);"],
    # fenced
    ['by address', '', 'covers', 'PTE(l0, 1, page2, RW) li a3, 0x1ff8; sfence.vma a3, zero;
        LOADS(PRV_S, 0x1000, page2)'],
    ['by address and ASID', '', 'covers', 'PTE(l0, 1, page2, RW) li a3, 0x1000; li a4, 0;
        sfence.vma a3, a4; LOADS(PRV_S, 0x1000, page2)'],
    ['by ASID', '', 'covers', 'PTE(l0, 1, page2, RW) li a4, 0; sfence.vma zero, a4;
        LOADS(PRV_S, 0x1000, page2)'],
    ['pointer, by ASID', '', 'address', 'PTE(l0b, 1, page2, RW) PTE(l1, 0, l0b, PTE_V) li a4, 0;
        sfence.vma zero, a4; LOADS(PRV_S, 0x1000, page2)'],
    ['range, by an address of it', '', 'napot', 'RANGE NLOAD(16) PTE(l0, 18, page2, RW) li a3, 0x12000;
        sfence.vma a3, zero; LOADS(PRV_S, 0x12000, page2)'],
    ['memory type', '', 'type', "PTE(l0, 1, page1, RW | 1 << 61) sfence.vma; $load"],
    ['Svinval', '', 'svinval', 'PTE(l0, 1, page2, RW) li a3, 0x1000; sfence.w.inval; sinval.vma a3, zero;
        sfence.inval.ir; LOADS(PRV_S, 0x1000, page2)'],
    ['ASID with another table, fenced', '', 'satp', 'SATP(root2, 0) sfence.vma;
        LOADS(PRV_S, 0x1000, page2)'],
);
cmp_ok(scalar @cases, '>=', 60, 'sixty programs');
is(join(' ', grep { !$manual{ $_->[2] } } @cases), '', "each row has its paragraph of the manual");

my $text = <<'END';
#include "paging.h"
.option arch, +svinval
/* PTE is SET_PTE without its fence. (la may be two instructions of two relocations.) */
#define PTE(table, index, where, flags) la t0, where; srli t0, t0, 12; slli t0, t0, 10; \
    li t1, flags; or t0, t0, t1; la t1, table + 8 * (index); sd t0, 0(t1);
/* Pages 16 to 31 are one range; NPTE writes one of its PTEs without a fence. */
#define NAP (1 << 63 | 0x80100000 >> 2 | 8 << 10 | RW)
#define RANGE li t0, NAP; la t1, l0 + 128; addi t2, t1, 128; 1: sd t0, 0(t1); addi t1, t1, 8; \
    bne t1, t2, 1b; sfence.vma;
#define NPTE(index, value) li t0, value; la t1, l0 + 8 * (index); sd t0, 0(t1);
#define NLOAD(page) li a0, (page) << 12; AS(PRV_S) ld a1, 0(a0); AS_M
#define SATP(table, asid) la t0, table; srli t0, t0, 12; li t1, SATP_SV39 | (asid) << 44; \
    or t0, t0, t1; csrw satp, t0;
BEGIN
    PAGING
    PTE(root2, 2, _start, RWX) PTE(root2, 0, l1b, PTE_V)
END
my $n = 0;
# (gp holds the test's number, by which a stop is assigned to its case.)
$text .= sprintf "TEST(%d)\n SATP(root, 0) PTE(l0b, 1, page2, RW) PTE(l1b, 0, l0b, PTE_V)\n"
    . "PTE(root, 0, l1, PTE_V) PTE(l1, 0, l0, PTE_V) SET_PTE_RAW(l1, 1, 0x80000000 >> 2 | RWX)\n"
    . "SET_PTE(l0, 1, page1, RW) $load STORES(PRV_S, 0x1000, page1)\n%s\n", ++$n, $_->[3]
    for @cases;
$text .= "END\n.balign 4096\ncall: ecall\n.balign 4096\nPAGE_TABLES\n";
my $elf = assembled('stale', $text);

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
            like($stop->{writer}, qr/<culprit>$/, '... and who wrote satp, in M-mode')
                if $cases[$gp->{value} - 1][0] eq 'ASID with another table' && $stop->{kind};
            push @got, "$cases[$gp->{value} - 1][0]: $stop->{kind}" if $stop->{kind};
        }
        is(join(', ', @got), $want, "$timing, $engine: catch stale stops at these uses and no others");
        ok($info->{permitted_faults} >= 1, '... a permitted fault is counted') or diag($out);
        is("$status $err", join(' ', (clockhand(@run))[0, 2]), '... and no bit of the run changes');
    }
}

# The lines that hold followed PTEs stay marked, whatever empties or replaces the caches: else a
# stale use is missed, or a line that holds code as well is executed as it was before a store.
my $evict = 'la t1, big; li t2, 4096; 1: ld t0, 0(t1); addi t1, t1, 64; addi t2, t2, -1; bnez t2, 1b';
my $code = sub { my ($li, $more) = @_;
    return "li t0, $li; sh t0, 0(a6); $more; fence.i; jalr ra, a6\n" };
my ($head) = $text =~ /\A(.*?)^BEGIN/ms;
my @programs = map { my ($before, $between) = @$_; assembled('marks' . length $before, $head . <<"ASM") }
BEGIN
    PAGING
    SET_PTE(l0, 1, page1, RW)
    $load
    $before
    .globl here
here: nop
    $load
    la a6, l0 + 16
    ${\ $code->('0x4785', 'li t1, 0x8082; sh t1, 2(a6)') }
    $between
    ${\ $code->('0x4789', '') }
    TEST(7)
    CHECK(a5, 2)
    PTE(l0, 1, page2, RW)
    $load
END
PAGE_TABLES
    .bss
    .balign 4096
big: .space 262144
ASM
    ['', ''], ['', $evict], [$evict, ''];
my $save = tmp('marks.ck');
for my $way (['fast', 'timing cycle'], ['cycle', "timing fast\ntiming cycle"], ['cycle', "save $save\nload $save"],
    ['fast', "timing cycle\nrun-for 20\ngoto 100"]) {
    my ($timing, $then) = @$way;
    for my $program (@programs) {
        my (undef, $out) = clockhand('--timing', $timing, '-x', spew(tmp('marks.ch'),
                "catch stale\nbreak here\ncontinue\ndelete 2\n$then\njson continue\njson continue\n"), $program);
        my ($use, $end) = map { json($_) } grep { /^[{]/ } split /\n/, $out;
        is(join(' ', map { $_ // '' } $use->{kind}, $end->{exit_status}), 'frame 0',
            "$timing, then @{[ $then =~ tr/\n/,/r ]}: the use is caught, and the code is as written") or diag($out);
    }
}
done_testing();
