#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# 64 KiB pages (Svnapot) and memory types (Svpbmt): walk, step-walk, info mem
# and info tlb show them, and expressions read memory through them.
use lib 'tests/lib';
use Clockhand;

# VA 0x10000: 64 KiB at `area`, in 16 PTEs; 0x20000: area, NC; 0x21000: area, IO;
# 0x22000: a reserved NAPOT size; 0x400000: a pointer to a table, with a type.
my $elf = compile_bare('pages.S', <<'S', '-Wl,-n');
.globl _start
_start:
    la t0, root
    la t1, mid; srli t1, t1, 2; ori t1, t1, 1; sd t1, 0(t0)
    li t1, 0x200000cf; sd t1, 16(t0)
    la t2, mid
    la t1, low; srli t1, t1, 2; ori t1, t1, 1; sd t1, 0(t2)
    li t3, 1 << 61; or t1, t1, t3; sd t1, 16(t2)
    la t2, low
    la t1, area; srli t1, t1, 2; ori t1, t1, 0xc7; li t3, 0x2000 | 1 << 63
    or t4, t1, t3; li t5, 16; addi t6, t2, 128
1:  sd t4, 0(t6); addi t6, t6, 8; addi t5, t5, -1; bnez t5, 1b
    li t3, 1 << 61; or t4, t1, t3; sd t4, 256(t2)
    li t3, 2 << 61; or t4, t1, t3; sd t4, 264(t2)
    li t3, 1 << 63; or t4, t1, t3; sd t4, 272(t2)
    srli t0, t0, 12; li t1, 8; slli t1, t1, 60; or t0, t0, t1
    li t2, -1; csrw pmpaddr0, t2; li t2, 0x1f; csrw pmpcfg0, t2
    li t2, 0x1800; csrc mstatus, t2; li t2, 0x800; csrs mstatus, t2
    la t2, go; csrw mepc, t2
    csrw satp, t0; sfence.vma
    mret
go: li s0, 0x13008
    li s1, 0x20000
    ld a0, (s0)
    ld a0, (s1)
stop: j stop
.balign 4096
root: .zero 4096
mid: .zero 4096
low: .zero 4096
.balign 65536
.globl area
area: .zero 0x3008
.dword 0x1122334455667788
.zero 0xcff0
S

my @isa = ('--isa', 'rv64gc_svnapot_svpbmt');
sub script {
    my ($text, @options) = @_;
    return clockhand('-v', @options, '-x', spew(tmp('s.ch'), $text), $elf);
}

my ($status, $out, $err) = script(<<'CH', @isa, qw(--tlb 32 --tlb2 128/1));
catch walk
run-for 100000
run-for 100000
step-walk
step-walk
step-walk
run-for 100000
json step-walk
json step-walk
json step-walk
run-for 100000
json walk 0x13008
json walk 0x20000
json walk 0x21000
json walk 0x22000
json walk 0x400000
walk 0x1f000
walk 0x20000
json info tlb
json info mem
info mem
print *(unsigned long *)0x13008
quit
CH
is($status, 0, 'the script ran') or diag($out, $err);
my @json = map { json($_) } grep { /^[\[{]/ } split /\n/, $out;
my ($step, @walk) = @json[2 .. 7]; # the last of three steps
my ($tlb, $mem) = @json[8, 9];

like($out, qr/^level 0 .*= 0x80000000200060c7  DA---WRV 64K  RAM/m, 'step-walk shows N');
like($out, qr/^filled: va 0x10000 -> pa 0x80010000, .* DA---WRV 64K;/m,
    'the whole range was filled');
is_deeply($step->{tlb}, { va => '0x20000', pa => '0x80010000', asid => 0,
    level => 0, page_bytes => 4096, flags => 'DA---WRV', type => 'NC' },
    'the type goes into the TLB');
is_deeply([map { [@$_{qw(verdict pa page_bytes type)}] } @walk[0 .. 2]],
    [['ok', '0x80013008', 65536, 'PMA'], ['ok', '0x80010000', 4096, 'NC'],
     ['ok', '0x80010000', 4096, 'IO']], 'walk: address, size and type');
is_deeply([map { [scalar @{ $_->{levels} }, $_->{fault}] } @walk[3, 4]],
    [[3, 'load page fault'], [2, 'load page fault']],
    'reserved: another NAPOT size, a pointer with a type');
like($out, qr/^ok: pa 0x8001f000, frame 31, a page of 64 KiB$/m,
    'walk names the 64 KiB page in words');
like($out, qr/DA---WRV NC\nok: pa 0x80010000/, '... and the type');
is_deeply([map { [@$_{qw(va page_bytes type)}] } @{ $tlb->{dtlb}{entries} }],
    [['0x10000', 65536, 'PMA'], ['0x20000', 4096, 'NC']],
    'info tlb: one entry of 64 KiB');
is(scalar @{ $tlb->{l2tlb}{entries} }, 1, 'the L2 holds small pages only');
is_deeply([map { [@$_{qw(vaddr paddr size)}] } @$mem],
    [['0x10000', '0x80010000', '0x10000'], ['0x20000', '0x80010000', '0x1000'],
     ['0x21000', '0x80010000', '0x1000'],
     ['0x80000000', '0x80000000', '0x40000000']],
    'info mem: the ranges, without the reserved ones');
like($out, qr/^0x1122334455667788$/m, 'an expression reads through a 64 KiB page');

# Without the two extensions only the program's gigapage is mapped.
($status, $out) = script("run-for 100000\njson info mem\nwalk 0x10000\n", '--isa', 'rv64gc');
is($status, 0, 'the script runs without the extensions');
is_deeply([map { $_->{vaddr} } @{ json((grep { /^\[/ } split /\n/, $out)[0]) }],
    ['0x80000000'], 'info mem: those pages are not mapped');
like($out, qr/^fault: load page fault$/m, 'walk: a page fault');

done_testing();
