#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Random programs from the instruction table itself, on Clockhand in both
# timings and under QEMU: all registers and the memory touched go into a
# running hash, which is printed once a pass. Straight-line blocks with forward
# branches, misaligned accesses, AMOs, all rounding modes, fresh corner values
# in every block. usage: random.t [SEED...]   TRACE=1: a
# hash after every block
use strict;
use warnings;
use FindBin qw($Bin);
use lib "$Bin/../lib";
use Test::More;
use Clockhand;
use RandomProgram;

my $BLOCKS = 150;
my $LENGTH = 24; # instructions a block
my $PASSES = 6;

# x26 hash, x27 scratch memory, x30 and x31 for the frame around the blocks,
# x29 loop counter
my %reserved = map { $_ => 1 } 26, 27, 29, 30, 31;

sub rows {
    my @rows;
    for (split /\n/, slurp("$Bin/../../emu/isa/insns.def")) {
        next unless /^INSN\((\w+),\s*"([^"]+)",\s*IF_(\w+),\s*(0x\w+),\s*
                     (0x\w+),\s*IC_(\w+),\s*EXT_(\w+)\)/x;
        push @rows, { id => $1, name => $2, format => $3, match => hex $4,
                      mask => hex $5, class => $6, ext => $7 };
    }
    die "no rows" unless @rows > 150;
    return @rows;
}

# The instructions that can stand anywhere in a block.
my %plain = map { $_ => 1 } qw(R R1 I SHIFT64 SHIFT32 U LOAD S AMO FLOAD
    FSTORE FR FRM FR4 F1 FCMP FX XF FMVX FMVF);
my @rows = grep { $plain{ $_->{format} } && $_->{id} !~ /^(lr|sc)_/
    && $_->{ext} ne 'ZICOND'   # QEMU 7.2 lacks it, and
    && $_->{id} ne 'ctzw' }    # counts on into the upper word (zbb.S)
    rows();

sub register {
    my $r;
    do { $r = random(32) } while $reserved{$r};
    return $r;
}

sub put { my ($word, $at, $value) = @_; return $word & ~(31 << $at) | $value << $at }

# One instruction as a .word, after the set-up that it needs.
sub instruction {
    my $r = $rows[random(scalar @rows)];
    my $word = (random(65536) << 16 | random(65536)) & ~$r->{mask} | $r->{match};
    my $f = $r->{format};
    my $before = '';
    $word = put($word, 7, register()) unless $f =~ /^(S|FSTORE)$/;
    if ($f =~ /^(LOAD|FLOAD)$/) {
        $word = put($word, 15, 27);
    } elsif ($f =~ /^(S|FSTORE)$/) {
        $word = put($word, 15, 27);
    } elsif ($f =~ /^AMO$/) {
        $before = sprintf "    addi x30, x27, %d\n", 8 * (random(256) - 128);
        $word = put($word, 15, 30);
    } elsif ($f =~ /^(XF|FMVF|I|R|R1|SHIFT\d+)$/) {
        $word = put($word, 15, register());
        # sources may be anything but the hash's own temporaries
    }
    $word = put($word, 20, register()) if $f =~ /^(R|AMO|S)$/
        && !($r->{mask} >> 20 & 31);
    if ($f =~ /^(FRM|FR4|F1|FX|XF)$/) {
        my $rm = (0, 1, 2, 3, 4, 7)[random(6)];
        $rm = 0 if $r->{name} =~ /^fcvt\.(d\.(s|w|wu|h)|s\.h)$/;
        $word = $word & ~0x7000 | $rm << 12;
    }
    return $before . sprintf "    .word 0x%08x # %s\n", $word, $r->{name};
}

my @compressed = (
    sub { sprintf "c.addi x%d, %d", some(1), random(31) - 32 || 1 },
    sub { sprintf "c.addiw x%d, %d", some(1), random(64) - 32 },
    sub { sprintf "c.li x%d, %d", some(1), random(64) - 32 },
    sub { sprintf "c.lui x%d, %d", some(3), 1 + random(31) },
    sub { sprintf "c.slli x%d, %d", some(1), 1 + random(63) },
    sub { sprintf "c.%s x%d, %d", (qw(srli srai))[random(2)], 8 + random(8),
          1 + random(63) },
    sub { sprintf "c.andi x%d, %d", 8 + random(8), random(64) - 32 },
    sub { sprintf "c.%s x%d, x%d", (qw(sub xor or and subw addw))[random(6)],
          8 + random(8), 8 + random(8) },
    sub { sprintf "c.mv x%d, x%d", some(1), some(1) },
    sub { sprintf "c.add x%d, x%d", some(1), some(1) },
);
sub some { # a register not below the argument; x2 is special to c.lui
    my $r;
    do { $r = register() } while $r < $_[0];
    return $r;
}

sub block {
    my $text = '';
    $text .= sprintf "    fsrmi %d\n", random(5);
    for (1 .. 4) {
        $text .= "    la x30, corners + " . 8 * random(240) . "\n"
               . sprintf("    fld f%d, 0(x30)\n", random(32))
               . sprintf("    fld f%d, %d(x30)\n", random(32), 8 * random(16))
               . sprintf("    ld x%d, %d(x30)\n", some(1), 8 * random(16))
               . sprintf("    flw f%d, %d(x30)\n", random(32), 4 * random(16));
    }
    for (my $n = 0; $n < $LENGTH; $n++) {
        my $kind = random(12);
        if ($kind == 0) {
            $text .= sprintf "    %s x%d, x%d, 1f\n",
                (qw(beq bne blt bge bltu bgeu))[random(6)], register(),
                register();
            $text .= instruction() for 1 .. random(3);
            $text .= "1:\n";
        } elsif ($kind == 1 && random(4) == 0) {
            my $w = (qw(w d))[random(2)];
            $text .= sprintf "    addi x30, x27, %d\n", 8 * (random(256) - 128);
            $text .= sprintf "    lr.%s x%d, (x30)\n", $w, register();
            $text .= sprintf "    sc.%s x%d, x%d, (x30)\n", $w, register(),
                register();
        } elsif ($kind < 3) {
            $text .= "    " . $compressed[random(scalar @compressed)]->() . "\n";
        } else {
            $text .= instruction();
        }
    }
    $text .= "    jal x31, mix\n";
    $text .= "    jal x31, print\n" if $ENV{TRACE};
    return $text;
}

sub program {
    my $text = <<'END' . join('', map { block() } 1 .. $BLOCKS) . <<'END2';
#include "isa_test.h"
BEGIN
    li t0, MSTATUS_FS
    csrs mstatus, t0
    fscsr zero
    li x26, 0
    la x27, scratch + 2048
    li x29, PASSES
    .irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fmv.d.x f\r, zero
    .endr
    .irp r, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28
    li x\r, 0
    .endr
again:
END
    la x30, scratch
    li x31, 512
2:  csrw mscratch, x29
    ld x29, 0(x30)
    add x26, x26, x29
    slli x29, x26, 7
    xor x26, x26, x29
    srli x29, x26, 9
    xor x26, x26, x29
    csrr x29, mscratch
    addi x30, x30, 8
    addi x31, x31, -1
    bnez x31, 2b
    jal x31, print
    addi x29, x29, -1
    beqz x29, 3f
    j again
3:  j pass

# Everything into x26.
mix:
    .macro stir
    slli x30, x26, 13
    xor x26, x26, x30
    srli x30, x26, 7
    xor x26, x26, x30
    .endm
    .irp r, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28
    add x26, x26, x\r
    stir
    .endr
    .irp r, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
    fmv.x.d x30, f\r
    add x26, x26, x30
    stir
    .endr
    frcsr x30
    add x26, x26, x30
    stir
    jr x31

END2
    $text =~ s/PASSES/$PASSES/;
    $text .= print_text() . "    .data\n    .balign 8\n";
    $text .= "corners:\n" . join '', map { corner() } 1 .. 256;
    $text .= "    .balign 4096\nscratch:\n" . join '', map { corner() } 1 .. 512;
    return $text;
}

my @seeds = @ARGV ? @ARGV : 1 .. 6;
for my $seed (@seeds) {
    seed($seed);
    compare("seed $seed", program(), $PASSES * (1 + $BLOCKS * !!$ENV{TRACE}));
}
done_testing();
