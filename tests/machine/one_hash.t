#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Every way to run a program gives one hash, also if its code or its time changes while
# it runs: the walker sets A in code, a device writes into code during a store to the
# device, mtime wraps, a reset is pending. A watchpoint stops at once at the walker's write.
use lib 'tests/lib';
use Clockhand;

sub program {
    my ($name, $text, @flags) = @_;
    return compile_bare("$name.S", <<"END", @flags);
    .globl _start
    .option norvc
_start:
    la t0, trap; csrw mtvec, t0
    li t0, -1; csrw pmpaddr0, t0; li t0, 0x1f; csrw pmpcfg0, t0
$text
    .balign 4
trap: csrr a0, mcause
out: li t0, 1 << 17; csrc mstatus, t0
    slli a0, a0, 16; li t0, 0x3333; add a0, a0, t0
    li t0, 0x100000; sw a0, 0(t0)
1:  j 1b
    .balign 4096
data: .fill 4096, 1, 0
END
}

# Enters the page table `root`; then M-mode accesses memory as S-mode (MPRV).
my $paging = <<'END';
    la t1, root; srli t2, t1, 12; li t3, 8 << 60; or t2, t2, t3; csrw satp, t2
    li t0, (1 << 17) | (1 << 11); csrs mstatus, t0
    li a1, 16 << 30
END

my $scripts = 0;
sub script { return ('-x', spew(tmp($scripts++ . '.ch'), join "\n", @_, '')) }

sub run_hash { # returns the hash; in list context also the exit status (the script's, if one runs)
    my ($status, $out, $err) = clockhand('--hash', @_);
    return ($err =~ /^hash (\w+)$/m ? $1 : "$status $out$err", $status)[0 .. wantarray];
}

my $save = tmp('half.save');
my $disk = spew(tmp('disk'), "\0" x 65536);
sub one_hash {
    my ($name, $wanted, @machine) = @_;
    my ($whole, $status) = run_hash(@machine);
    is($status, $wanted, "$name: ends as it should");
    for (['--engine', 'interp'], [script('stepi 300000')], ['--commit-log', '/dev/null'],
        [script('run-for 9', 'stepi 12', "save $save", 'reverse-stepi 9', 'goto now',
            'continue')], ['--load', $save]) {
        my @lines = $$_[0] eq '-x' ? split /\n/, slurp($$_[1]) : @$_;
        is(scalar run_hash(@machine, @$_), $whole, "$name: $lines[0]");
    }
}

# A load's walk sets A in a PTE that is also the next instruction: without A the word is a
# fence, with A it is illegal.
my $walker = program('walker', <<"END");
$paging
    la a2, code; jr a2
    .balign 4096
root: .fill 124, 1, 0
code: lw a0, 0(a1)
    .dword 0x2000000f # root[16]: 1 GiB, VRWX
END
one_hash("a PTE in code, $_", 2, '--timing', $_, $walker) for qw(fast cycle);

# Each store makes the device write avail_event, into the loop's own line or the next.
my $notify = <<'END';
    li a0, 0x10001000
    .macro set reg, value
    li t0, \value
    sw t0, \reg(a0)
    .endm
    set 0x70, 0; set 0x70, 3; set 0x20, 1 << 29; set 0x24, 1; set 0x20, 1
    set 0x70, 0xb; set 0x38, 1
    la t0, data; sw t0, 0x80(a0); addi t0, t0, 64; sw t0, 0x90(a0)
    la t0, used; sw t0, 0xa0(a0)
    set 0x44, 1; set 0x70, 0xf
    li s0, 300; j loop
    .balign 64
loop: sw zero, 0x50(a0)
    addi s0, s0, -1
    .fill NOPS, 4, 0x13
    bnez s0, loop
    li a0, 1; j out
    .balign 4
used: .fill 16, 1, 0
END
one_hash("a ring in the code of a loop, $_ nops", 1, '--timing', 'cycle', '--drive',
    "$disk,overlay", program("notify$_", $notify, "-Wa,--defsym,NOPS=$_")) for 0, 15;

# A deadline that mtime has passed lies ahead again once mtime wraps, and comes a second time.
my $wrap = <<'END';
    li t0, 1 << 63; csrs menvcfg, t0
    li t0, 0x200bff8; li t1, -20; sd t1, 0(t0)
    li t1, 100; csrw stimecmp, t1; li t0, 0x2004000; sd t1, 0(t0)
    li t0, 1 << IRQ; csrs mie, t0
1:  csrr t0, time; bltz t0, 1b
    csrr t0, mip; andi t0, t0, 1 << IRQ
    li a0, 99; bnez t0, out
    csrsi mstatus, 8
    li s0, 20000
2:  addi s0, s0, -1; bnez s0, 2b
    li a0, 0; j out
END
one_hash("interrupt $_ after a wrap of mtime", $_, '--timing', 'fast',
    program("wrap$_", $wrap, "-Wa,--defsym,IRQ=$_")) for 5, 7;

# A message to the host (tohost) acts at once, even if a disk has written it.
spew($disk, pack('Q<', 11) . "\0" x 65528);
one_hash('a disk reads into tohost', 5, '--timing', 'fast', '--disk-model', 'ssd', '--drive',
    "$disk,overlay", program('tohost', <<'END'));
    li a0, 0x10001000
    .macro set reg, value
    li t0, \value
    sw t0, \reg(a0)
    .endm
    set 0x70, 0; set 0x70, 3; set 0x24, 1; set 0x20, 1; set 0x70, 0xb; set 0x38, 4
    la t0, desc; sw t0, 0x80(a0); la t0, avail; sw t0, 0x90(a0)
    la t0, used; sw t0, 0xa0(a0)
    set 0x44, 1; set 0x70, 0xf; set 0x50, 0
    li s0, 200000
1:  addi s0, s0, -1; bnez s0, 1b
    li a0, 9; j out
    .balign 64
desc: .dword zeros; .word 16; .half 1, 1
    .dword tohost; .word 512; .half 3, 2
    .dword used + 60; .word 1; .half 2, 0
avail: .half 0, 1, 0, 0
    .balign 64
used: .fill 16, 4, 0
zeros: .fill 2, 8, 0
    .balign 64
    .globl tohost
tohost: .fill 64, 8, 0
END

my $early = program('early', '1: j 1b; .balign 64; .globl tohost; tohost: .dword 11; .fill 15, 8, 0');
is(scalar run_hash($early, script(@$_)), scalar run_hash($early), 'one hash if the ELF itself holds a message')
    for ['run-for 9'], ["save $save", "load $save", 'continue'];

# --max-instructions is exact also in a machine that only traps.
one_hash('endless traps', 124, '--max-instructions', 10000, program('traps', <<'END'));
    la t0, 1f; csrw mtvec, t0
    .balign 4
1:  .word 0
END

# In a machine that nothing will wake, time passes the same in one piece and in many.
my $hung = program('hung', "wfi\n");
my @change = ('set u32[pa:0x80001000] = 5', 'run-for 100ms');
my $rest = run_hash($hung, script('run-for 300ms', @change));
is(scalar run_hash($hung, script(@$_)), $rest, "a machine that waits for ever: $$_[-1]")
    for ['run-for 60ms', 'run-for 240ms', @change],
        ['run-for 300ms', @change, 'goto 350000000', 'goto 70000000', 'goto now'],
        ['run-for 300ms', @change, 'goto 170000000', 'run-for 230ms'];

# A hart in wrs wakes when its time is up, without an event. A step back ends before the wrs.
my $wrs = program('wrs', 'la t0, data; 1: lr.w t1, (t0); .word 0x01d00073; j 1b');
is(scalar run_hash($wrs, script('run-for 1ms', 'reverse-stepi', 'goto now')),
    scalar run_hash($wrs, script('run-for 1ms')), 'a step back from wrs');

# A recording with input from after the machine went off is replayed to its end.
my @off = (program('off', 'li a0, 3; j out'));
my $last = run_hash(@off, '--record', tmp('off.log'),
    script('continue', 'set u32[pa:0x80001000] = 5', 'timing cycle'));
is(scalar run_hash(@off, '--replay', tmp('off.log')), $last, 'input for a machine that is off');

# A requested reset still comes after a save, a load or a step back.
my $reset = program('reset', <<'END');
    csrr t0, mcycle; li t1, 100; bgtu t0, t1, 1f
    li t0, 0x100000; li t1, 0x7777; sw t1, 0(t0)
    nop
    li a0, 77; j out
1:  li a0, 9; j out
END
my ($through, $end) = run_hash($reset);
is($end, 9, 'a reset');
for (["save $save"], ['reverse-stepi 3', 'goto now']) {
    is(scalar run_hash($reset, script('awatch u32[0x100000]', 'continue', 'delete all', @$_,
        'continue')), $through, "a pending reset: $$_[0]");
}
is(scalar run_hash($reset, '--load', $save), $through, 'a pending reset: loaded');

# Input typed after a mark comes after it, though no time has passed between.
my @h = (clockhand(program('marked', '1: j 1b'), script('run-for 100', 'mark a', 'hash',
    'send "abc"', 'mark b', 'hash', 'set u8[pa:0x80001000] = 7', 'hash', 'run-for 1000',
    'goto a', 'hash', 'goto b', 'hash', 'run-for 5', 'goto 100', 'hash')))[1] =~ /(\w{32})/g;
is("@h[3 .. 5]", "@h[0 .. 2]", 'marks before, between and after what is typed');

# A watchpoint stops at once at the walker's write of A.
my ($status, $out) = clockhand('--timing', 'fast', program('watched', <<"END"), script(
$paging
    lw a0, 0(a1)
    li s0, 3000
1:  addi s0, s0, -1; bnez s0, 1b
    li a0, 1; j out
    .balign 4096
root: .fill 128, 1, 0
    .dword 0x2000000f
    .balign 4096
END
    'watch u32[pa:0x80001080]', 'continue -v', 'print cycle', 'delete all', 'run-for 2000',
    'last-write pa:0x80001080', 'print cycle'));
my @cycle = $out =~ /^(\d+)$/mg;
cmp_ok($cycle[0] // 999, '<', 100, "a watchpoint sees the walker's write at once") or diag($out);
is($cycle[1], $cycle[0], '... and so does last-write');
done_testing();
