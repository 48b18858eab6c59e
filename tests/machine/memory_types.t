#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# In cycle timing, loads and stores of an NC or IO page (Svpbmt) bypass the caches and
# go to memory each time. In fast timing a memory type costs nothing. The stored values
# are the same in both. Catching and stepping the walks of a split access adds no cycle.
use lib 'tests/lib';
use Clockhand;

# Measures, for each of three mappings (PMA, NC, IO) of two pages, the cycles of 64 loads and
# of 64 stores at one place; then those of three NC loads, two of them across both pages.
my $elf = compile_bare('types.S', <<'S', '-Wl,-n');
.globl _start, tohost
_start:
    la t0, root
    la t1, mid; srli t1, t1, 2; ori t1, t1, 1; sd t1, 0(t0)
    li t1, 0x200000cf; sd t1, 16(t0)
    la t2, mid
    la t1, low; srli t1, t1, 2; ori t1, t1, 1; sd t1, 0(t2)
    la t2, low
    la t1, area; srli t1, t1, 2; ori t1, t1, 0xc7
    li t3, 1 << 61
    sd t1, 8(t2); addi t4, t1, 0x400; sd t4, 16(t2)       # 0x1000: PMA
    add t1, t1, t3
    sd t1, 24(t2); addi t4, t1, 0x400; sd t4, 32(t2)      # 0x3000: NC
    add t1, t1, t3
    sd t1, 40(t2); addi t4, t1, 0x400; sd t4, 48(t2)      # 0x5000: IO
    srli t0, t0, 12; li t1, 8; slli t1, t1, 60; or t0, t0, t1
    li t2, -1; csrw pmpaddr0, t2; li t2, 0x1f; csrw pmpcfg0, t2
    li t2, -1; csrw mcounteren, t2
    li t2, 0x1800; csrc mstatus, t2; li t2, 0x800; csrs mstatus, t2
    la t2, go; csrw mepc, t2
    csrw satp, t0; sfence.vma
    mret
    .macro measure insn, sum
    ld a2, (a0)
    ld a2, 8(a0)
    sd a2, (a0)
    li t0, 64
    rdcycle t1
1:  \insn a2, 16(a0)
    addi t0, t0, -1
    bnez t0, 1b
    rdcycle t2
    sub \sum, t2, t1
    .endm
go: li a0, 0x1000
    li a2, 77
    sd a2, 24(a0)
    measure ld, s2
    measure sd, s3
    li a0, 0x3000
    measure ld, s4
    measure sd, s5
    ld s8, 24(a0)
    li a2, 78
    sd a2, 32(a0)
    li a0, 0x5000
    measure ld, s6
    measure sd, s7
    ld s9, 32(a0)
    sfence.vma
    li a1, 0x4000
    rdcycle t1
    ld s10, -4(a1) # split: it needs a walk for each page
    ld a2, -4(a1)
    ld a2, -12(a1)
    rdcycle t2
    sub s11, t2, t1
    li a0, 0x1000
    ld a2, 24(a0)
    la t0, tohost; li t1, 1; sd t1, (t0)
1:  j 1b
.balign 4096
root: .zero 4096
mid: .zero 4096
low: .zero 4096
area: .zero 4092
.quad 0x1122334455667788
.zero 4092
.balign 64
tohost: .dword 0
.size tohost, 8
S

my $show = 'json print $' . join("\njson print \$", qw(s2 s3 s4 s5 s6 s7 s8 s9
    s10 s11)) . "\n";
sub sums {
    my ($timing, $isa, $commands) = @_;
    my ($out) = succeeds("$timing, $isa", clockhand('--timing', $timing, '--isa', $isa,
        '-x', spew(tmp('types.ch'), "$commands\n$show"), $elf));
    my @v = map { json($_)->{value} } grep { /"value"/ } split /\n/, $out;
    diag("@v") if $ENV{SHOW};
    return @v;
}
my $isa = 'rv64gc_zicntr_svpbmt';
my @cycle = sums('cycle', $isa, 'run-for 1000000');
my ($pma, undef, $nc, $nc_stores, $io) = @cycle;
cmp_ok($pma, '<', 64 * 6, 'the cache serves loads of an ordinary page');
cmp_ok($_, '>', 64 * 20, 'the cache does not serve loads of an NC or IO page') for $nc, $io;
cmp_ok($nc_stores, '<', 64 * 6, 'a store is posted');
is_deeply([@cycle[6 .. 8]], [77, 78, 1234605616436508552],
    'a value stored through one mapping is read through another');

my $reads = sub {
    my ($timing, $of) = @_;
    my $stats = tmp('stats');
    clockhand('--timing', $timing, '--isa', $of, '--stats', $stats, $elf);
    return json(slurp($stats))->{dram}{reads};
};
cmp_ok($reads->('cycle', $isa), '>', 128, 'memory was read each time');

my @fast = sums('fast', $isa, 'run-for 1000000');
is_deeply([@fast[2 .. 5]], [@fast[0, 1, 0, 1]], 'no difference in fast timing');
is_deeply([@fast[6 .. 8]], [@cycle[6 .. 8]], 'nor in the values read');

my @stepped = sums('cycle', $isa, "catch walk\n"
    . "run-for 1000000\nstep-walk\nstep-walk\n" x 6 . 'run-for 1000000');
is_deeply(\@stepped, \@cycle, 'with walks caught and stepped: the same cycles');
done_testing();
