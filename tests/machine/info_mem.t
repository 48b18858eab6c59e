#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# `info mem` prints the same lines as QEMU's monitor, for one bare program with
# page-table entries of many kinds. Other tools parse these columns.
use lib 'tests/lib';
use Clockhand;

system('command -v qemu-system-riscv64 >/dev/null') == 0
    or plan skip_all => 'qemu-system-riscv64 is not installed';

# The root table has three leaves of 1 GiB (one low; two high, one of them global) and a middle table. That has
# leaves of 2 MiB with several rights, and a table of 4 KiB pages: a run, a hole, A and D set, a gap between frames.
my $elf = compile_bare('tables.S', <<'S');
.globl _start
_start:
    la t0, root
    la t1, mid; srli t1, t1, 2; ori t1, t1, 1; sd t1, 0(t0)
    li t1, 0x200000cf; sd t1, 16(t0)            # 0x80000000, 1 GiB, rwx a d
    addi t2, t0, 2040; li t1, 0x200000ef; sd t1, 8(t2) # entry 256: global
    li t1, 0x200000c3; sd t1, 2040 - 2040 + 248(t2)
    la t2, mid
    la t1, low; srli t1, t1, 2; ori t1, t1, 1; sd t1, 0(t2)
    li t1, 0x200800c7; sd t1, 8(t2)             # 2 MiB rw
    li t1, 0x201000c7; sd t1, 16(t2)            # the next, adjacent
    li t1, 0x201800db; sd t1, 24(t2)            # r-xu
    li t1, 0x2028005f; sd t1, 40(t2)            # rwxu, not dirty
    la t2, low
    li t3, 0x20000017; li t4, 0x400; li t5, 9   # nine pages in a row
1:  sd t3, 0(t2); add t3, t3, t4; addi t2, t2, 8; addi t5, t5, -1; bnez t5, 1b
    sd t3, 8(t2)                                # a page behind a hole
    add t3, t3, t4; ori t3, t3, 0xc0; sd t3, 16(t2)
    add t3, t3, t4; add t3, t3, t4; sd t3, 24(t2) # va goes on, pa does not
    srli t0, t0, 12; li t1, 8; slli t1, t1, 60; or t0, t0, t1
    li t2, -1; csrw pmpaddr0, t2; li t2, 0x1f; csrw pmpcfg0, t2
    li t2, 0x1800; csrc mstatus, t2; li t2, 0x800; csrs mstatus, t2
    la t2, stop; csrw mepc, t2
    csrw satp, t0; sfence.vma
    mret
stop: j stop
.balign 4096
root: .zero 4096
mid: .zero 4096
low: .zero 4096
S

sub columns {
    my $text = shift;
    $text =~ s/\e\[[0-9;?]*[A-Za-z]//g;
    $text =~ s/\r//g;
    my ($part) = $text =~ /^(vaddr .*\n-[- ]+\n(?:[0-9a-f]{16} .*\n)*)/m;
    return $part // $text;
}

my $commands = spew(tmp('commands'), "info mem\nquit\n");
my $qemu = `(sleep 1; cat $commands; sleep 1) | timeout 20 qemu-system-riscv64 \\
    -M virt -bios none -kernel $elf -m 64M -display none -serial null \\
    -monitor stdio 2>/dev/null`;
my ($status, $out, $err) = clockhand('--ram', '64M', '-x',
    spew(tmp('mem.ch'), "run-for 100000\ninfo mem\n"), $elf);
is($status, 0, 'info mem') or diag($err);
my ($ours, $theirs) = (columns($out), columns($qemu));
like($theirs, qr/^vaddr/, "QEMU's answer was understood");
cmp_ok(scalar(() = $theirs =~ /\n/g), '>', 9, '... and has rows');
is($ours, $theirs, 'info mem is QEMU\'s, letter for letter');

($status, $out) = clockhand('-x', spew(tmp('bare.ch'), "info mem\n"), $elf);
is($out, "No translation or protection\n", 'in Bare mode, the words of QEMU');

done_testing();
