#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Random page tables, on Clockhand in both timings and under QEMU: PTEs of
# every kind (any flags, reserved bits, superpages aligned and not, pointers
# where leaves belong), loads, stores and fetches as S and as U with SUM and
# MXR on and off, addresses that are not canonical. Values read, causes, tval,
# epc and at the end the tables with their A and D bits go into a hash.
# Left out, as QEMU 7.2 differs (tests/isa/*.S have them): AMOs that fault,
# data across two pages of which one faults, tables where there is no memory.
# usage: random_paged.t [SEED...]   TRACE=1: a hash after every block
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/../lib";
use Test::More;
use Clockhand;
use RandomProgram;

my $BLOCKS = 250;
my $PASSES = 4;

# Odd seeds: all accesses aligned, and pages where there is no memory. (QEMU
# splits misaligned accesses there, and reports the first half's address.)
my $aligned;

# Every third seed: Svnapot and Svpbmt. QEMU 7.2 then does not check the other
# upper bits, nor type 3, so PTEs have neither; and it sets A and D in each PTE of
# a range that it meets, so all PTEs of a range have both.
my $extended;

my @loads = (['lb', 1], ['lbu', 1], ['lh', 2], ['lhu', 2], ['lw', 4],
    ['lwu', 4], ['ld', 8]);
my @stores = (['sb', 1], ['sh', 2], ['sw', 4], ['sd', 8]);

# x26 hash; x25 bits set in mstatus for data accesses; x24 return address of
# fetches; x28 address; x29 to x31 temporary; x5 to x20 data.
sub reg { return 'x' . (5 + random(16)) }

sub flags {
    my $f = random(256);
    $f |= 1 if random(8);
    $f |= 0x2 if random(2);
    return $f;
}

sub leaf { # never a pointer: the walker would take the program for a table
    my $f = flags();
    return $f & 0xe ? $f : $f | 2;
}

# A PTE into x30.
sub pte {
    my ($target, $flags) = @_;
    my $high = random(12) ? 0 : 1 << random(10);
    # (a PTE with N alone could be valid by chance, and would stand for 16 pages)
    $high = random(3) ? 0 : 1 << 7 + random($target =~ /^[dc]/ ? 2 : 3)
        if $extended;
    return sprintf("    li x30, 0x%x\n", $flags)
        . ($high ? sprintf("    li x31, 0x%x << 54\n    or x30, x30, x31\n", $high) : '')
        . ($target =~ /^0x/ ? "    li x31, $target >> 2\n"
                            : "    la x31, $target\n    srli x31, x31, 2\n")
        . "    or x30, x30, x31\n";
}

# 16 PTEs for one 64 KiB page at VA 0x20000; one time in eight any size.
sub range {
    my $flags = leaf() | 0xc0;
    my $type = (0, 0, 1, 2)[random(4)];
    my $size = random(8) ? 8 : random(16);
    return sprintf(<<'END', $flags, $type, $size);
    li x30, 0x%x
    li x31, 1 << 63 | %d << 61
    or x30, x30, x31
    la x31, range + (%d << 12)
    srli x31, x31, 2
    or x30, x30, x31
    la x31, l0 + 8 * 32
    li x29, 16
6:  sd x30, 0(x31)
    addi x31, x31, 8
    addi x29, x29, -1
    bnez x29, 6b
    sfence.vma
END
}

sub change {
    return range() if $extended && !random(5);
    my $kind = random(10);
    my ($text, $slot, $va);
    if ($kind < 6) { # a small page of data
        my $i = random(8);
        my $where = random(10) || !$aligned ? 'data' . random(8)
                                            : '0x40000000';
        ($text, $slot, $va) = (pte($where, flags()), "l0 + 8 * $i", $i << 12);
    } elsif ($kind < 8) { # of code
        my $i = 16 + random(4);
        ($text, $slot, $va) = (pte('code', flags() | (random(3) ? 8 : 0)),
            "l0 + 8 * $i", $i << 12);
    } else { # a superpage, a misaligned one, or a pointer
        my ($table, $step) = random(2) ? ('l1', 0x200000) : ('root', 0x40000000);
        my $k = random(4);
        $text = $k == 0 ? pte($table eq 'l1' ? 'l0' : 'l1', 1)
              : $k == 1 ? pte('0x80001000', leaf())
              :           pte('0x80000000', leaf());
        ($slot, $va) = ("$table + 8", $step);
    }
    my $fence = ("    sfence.vma\n",
        "    li x30, $va\n    sfence.vma x30, zero\n",
        "    sfence.vma zero, zero\n")[$kind < 8 ? random(3) : 0];
    return $text . "    la x31, $slot\n    sd x30, 0(x31)\n" . $fence;
}

# An address for $size bytes that stays within its page.
sub address {
    my $size = shift;
    my $off = $aligned || random(3) ? $size * random(4096 / $size) : random(4097 - $size);
    my $kind = random(12);
    return sprintf "    li x28, 0x%x\n", 0x20000 | random(16) << 12 | $off
        if $extended && $kind < 4;
    return sprintf "    li x28, 0x%x\n", random(8) << 12 | $off if $kind < 8;
    if ($kind < 11) { # the data pages again, through a superpage
        my $base = random(2) ? 0x200000 : 0x40000000;
        return sprintf("    la x28, data%d\n    li x31, 0x%x - 0x80000000\n"
            . "    add x28, x28, x31\n", random(8), $base + $off);
    }
    return sprintf "    li x28, 1 << %d | 0x%x\n", 39 + random(25),
        random(8) << 12 | $off;
}

sub data_access {
    my $store = random(2);
    my ($name, $size) = @{ $store ? $stores[random(scalar @stores)]
                                  : $loads[random(scalar @loads)] };
    my $r = reg();
    my $text = address($size) . "    $name $r, 0(x28)\n";
    $text .= "    add x26, x26, $r\n    stir\n" unless $store;
    return $text;
}

sub fetch {
    my $va = (16 + random(4) << 12) + (random(4) ? 4 * random(1024)
                                     : random(2) ? 0xffe : 2 * random(2048));
    return sprintf(<<'END', $va, random(2) << 11);
    la x24, 1f
    li x30, 0x%x
    csrw mepc, x30
    li x30, MSTATUS_MPP
    csrc mstatus, x30
    li x30, 0x%x
    csrs mstatus, x30
    mret
1:
END
}

sub block {
    my $text = join '', map { change() } 0 .. random(3);
    $text .= sprintf <<'END', random(4) << 18, random(2) << 11;
    li x30, MSTATUS_MPP | MSTATUS_SUM | MSTATUS_MXR
    csrc mstatus, x30
    li x30, 0x%x
    csrs mstatus, x30
    li x25, 0x%x | MSTATUS_MPRV
    csrs mstatus, x25
END
    $text .= data_access() for 1 .. 10;
    $text .= "    li x30, MSTATUS_MPRV\n    csrc mstatus, x30\n";
    $text .= fetch() for 1 .. random(3);
    $text .= "    jal x31, print\n" if $ENV{TRACE};
    return $text;
}

sub program {
    my $text = <<'END' . join('', map { block() } 1 .. $BLOCKS) . <<'END2';
#include "paging.h"
    .macro stir
    slli x30, x26, 13
    xor x26, x26, x30
    srli x30, x26, 7
    xor x26, x26, x30
    .endm
BEGIN
    PAGING
    la x30, handler
    csrw mtvec, x30
    li x26, 0
    .irp r, 5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20
    li x\r, \r * 0x123456789
    .endr
    li x30, PASSES
    csrw mscratch, x30
again:
END
    la x28, root
    li x29, 4096 * (3 + 8) / 8
2:  ld x31, 0(x28)
    add x26, x26, x31
    stir
    addi x28, x28, 8
    addi x29, x29, -1
    bnez x29, 2b
    jal x31, print
    csrr x30, mscratch
    addi x30, x30, -1
    csrw mscratch, x30
    beqz x30, 3f
    j again
3:  j pass

# Everything about the trap goes into the hash. Data accesses go on behind the
# instruction, fetches at x24.
    .balign 4
handler:
    csrr x31, mcause
    add x26, x26, x31
    stir
    csrr x30, mtval
    add x26, x26, x30
    stir
    csrr x29, mepc
    li x30, 0x80000000
    bltu x29, x30, 4f
    lhu x30, 0(x29)
    andi x30, x30, 3
    addi x30, x30, -3
    addi x29, x29, 4
    beqz x30, 5f
    addi x29, x29, -2
5:  li x30, MSTATUS_MPP
    csrc mstatus, x30
    csrs mstatus, x25
    jr x29
4:  add x26, x26, x29
    stir
    jr x24
END2
    $text =~ s/PASSES/$PASSES/;
    $text .= print_text() . <<'END';
    .data
    .balign 4096
root: .space 4096
l1: .space 4096
l0: .space 4096
END
    for my $i (0 .. 7) {
        $text .= "data$i:\n" . join '', map { corner() } 1 .. 512;
    }
    $text .= "code: .fill 1024, 4, 0x00000073\n";
    $text .= "    .balign 65536\nrange: .fill 8192, 8, 0x123456789abcdef\n"
        if $extended;
    return $text;
}

my @seeds = @ARGV ? @ARGV : 1 .. 6;
for my $seed (@seeds) {
    seed($seed + 1000);
    $aligned = $seed % 2;
    $extended = $seed % 3 == 0;
    local $RandomProgram::ISA = 'rv64gc_svnapot_svpbmt' if $extended;
    local $RandomProgram::QEMU_CPU = "$RandomProgram::QEMU_CPU,"
        . 'svnapot=true,svpbmt=true' if $extended;
    compare("seed $seed", program(), $PASSES * (1 + $BLOCKS * !!$ENV{TRACE}));
}
done_testing();
