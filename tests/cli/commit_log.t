#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# --commit-log writes every form of a line as Spike does; a long run's log agrees with single steps
# by gdb's protocol; each instruction has one line, in both timings and in the guest; the hash is
# the same with the log and without. SOAK=1 steps further, and in fast timing, too.
use lib 'tests/lib';
use Clockhand;
no warnings qw(portable); # addresses have 64 bits
use Gdb;

my $log = tmp('log');

# Gives each line of the log to `each`, if defined; returns the number of lines.
sub lines {
    my $each = shift;
    open my $f, '<', $log or return 0;
    while (<$f>) {
        $each->($_) if $each;
    }
    return $.;
}

sub logged {
    my ($name, @options) = @_;
    unlink $log;
    my ($status, $out, $err) = clockhand('--commit-log', $log, '--stats', tmp('stats'), @options);
    is("$status $err", '0 ', "$name: runs") or diag($out);
    is(lines(), json(slurp(tmp('stats')))->{instructions}, "$name: one line per instruction");
}

# ---- forms ----

# Spike (riscv-isa-sim of 2026, --log-commits --isa=rv64gc_zicclsm) writes
# these lines from the end of its reset ROM to the store to tohost. It also
# names c777_mvip whenever mip or sip is written; c777_mvip is left out here.
my $forms = compile_bare('forms.S', <<'ASM', '-Wl,-n');
    .option norvc
    .option norelax
    .globl _start
_start:
    auipc t0, 0
    lui a0, 0x12345
    addi zero, a0, 1
    .option rvc
    c.addi a0, 1
    c.nop
    .option norvc
    lui t1, 0x2004
    li t2, -1
    sd t2, 0(t1)                /* mtimecmp */
    lla s0, data
    sb a0, 0(s0)
    sh a0, 2(s0)
    sw a0, 4(s0)
    sd a0, 8(s0)
    lb a1, 0(s0)
    lbu zero, 1(s0)
    lhu a1, 2(s0)
    lw a1, 4(s0)
    ld a1, 8(s0)
    lw a1, 5(s0)
    sd t2, 61(s0)
    lr.w a2, (s0)
    sc.w a3, a0, (s0)
    sc.w a3, a0, (s0)
    addi s1, s0, 8
    amoadd.d a4, a0, (s1)
    amoswap.w zero, a0, (s1)
    csrw mscratch, a0
    csrr a1, mscratch
    csrrwi a1, mscratch, 3
    csrrsi a1, mscratch, 0
    csrsi mscratch, 4
    li a1, 0x2000
    csrw mstatus, a1
    flw fa0, 16(s0)
    flw fa1, 20(s0)
    fdiv.s fa2, fa0, fa1
    fdiv.s f1, fa0, fa1
    fld fa3, 24(s0)
    feq.d a1, fa3, fa3
    feq.d ra, fa3, fa3
    fcvt.w.s a1, fa0
    fsw fa2, 32(s0)
    fsd fa3, 40(s0)
    frflags a1
    fsflags zero
    fscsr a1, a0
    fsrmi 0
    lla a1, handler
    csrw mtvec, a1
    ecall
    csrsi mie, 2
    csrsi mip, 2
    csrsi mstatus, 8
    csrci mstatus, 8
    csrsi mip, 2
    wfi
    csrci mip, 2
    li a1, -1
    csrw pmpaddr0, a1
    li a1, 0x1f
    csrw pmpcfg0, a1
    li a1, 0x80
    slli a1, a1, 8
    csrs pmpcfg0, a1
    csrw pmpaddr1, a1
    csrsi sstatus, 2
    csrw mideleg, 2
    csrw sie, zero
    csrw sip, zero
    lla a1, user
    csrw mepc, a1
    mret
user:
    addi a0, zero, 1
    ecall
    .balign 4
handler:
    csrr t3, mcause
    bltz t3, 1f
    csrr t4, mstatus
    li t5, 0x1800
    and t4, t4, t5
    beqz t4, done
    csrr t3, mepc
    addi t3, t3, 4
    csrw mepc, t3
    mret
1:  csrci mip, 2
    mret
done:
    lla t0, tohost
    sd a0, 0(t0)
2:  j 2b
    .balign 64
data:
    .dword 0, 0
    .float 1, 3
    .dword 0x7ff0000000000001
    .skip 64
ASM
my $expected = <<'LOG';
3 0x0000000080000000 (0x00000297) x5  0x0000000080000000
3 0x0000000080000004 (0x12345537) x10 0x0000000012345000
3 0x0000000080000008 (0x00150013)
3 0x000000008000000c (0x0505) x10 0x0000000012345001
3 0x000000008000000e (0x0001)
3 0x0000000080000010 (0x02004337) x6  0x0000000002004000
3 0x0000000080000014 (0xfff00393) x7  0xffffffffffffffff
3 0x0000000080000018 (0x00733023) mem 0x0000000002004000 0xffffffffffffffff
3 0x000000008000001c (0x00000417) x8  0x000000008000001c
3 0x0000000080000020 (0x16440413) x8  0x0000000080000180
3 0x0000000080000024 (0x00a40023) mem 0x0000000080000180 0x01
3 0x0000000080000028 (0x00a41123) mem 0x0000000080000182 0x5001
3 0x000000008000002c (0x00a42223) mem 0x0000000080000184 0x12345001
3 0x0000000080000030 (0x00a43423) mem 0x0000000080000188 0x0000000012345001
3 0x0000000080000034 (0x00040583) x11 0x0000000000000001 mem 0x0000000080000180
3 0x0000000080000038 (0x00144003) mem 0x0000000080000181
3 0x000000008000003c (0x00245583) x11 0x0000000000005001 mem 0x0000000080000182
3 0x0000000080000040 (0x00442583) x11 0x0000000012345001 mem 0x0000000080000184
3 0x0000000080000044 (0x00843583) x11 0x0000000012345001 mem 0x0000000080000188
3 0x0000000080000048 (0x00542583) x11 0x0000000001123450 mem 0x0000000080000185
3 0x000000008000004c (0x02743ea3) mem 0x00000000800001bd 0xffffffffffffffff
3 0x0000000080000050 (0x1004262f) x12 0x0000000050010001 mem 0x0000000080000180
3 0x0000000080000054 (0x18a426af) x13 0x0000000000000000 mem 0x0000000080000180 0x12345001
3 0x0000000080000058 (0x18a426af) x13 0x0000000000000001
3 0x000000008000005c (0x00840493) x9  0x0000000080000188
3 0x0000000080000060 (0x00a4b72f) x14 0x0000000012345001 mem 0x0000000080000188 mem 0x0000000080000188 0x000000002468a002
3 0x0000000080000064 (0x08a4a02f) mem 0x0000000080000188 mem 0x0000000080000188 0x12345001
3 0x0000000080000068 (0x34051073) c832_mscratch 0x0000000012345001
3 0x000000008000006c (0x340025f3) x11 0x0000000012345001
3 0x0000000080000070 (0x3401d5f3) x11 0x0000000012345001 c832_mscratch 0x0000000000000003
3 0x0000000080000074 (0x340065f3) x11 0x0000000000000003
3 0x0000000080000078 (0x34026073) c832_mscratch 0x0000000000000007
3 0x000000008000007c (0x000025b7) x11 0x0000000000002000
3 0x0000000080000080 (0x30059073) c768_mstatus 0x0000000a00002000
3 0x0000000080000084 (0x01042507) f10 0xffffffff3f800000 c768_mstatus 0x8000000a00006000 mem 0x0000000080000190
3 0x0000000080000088 (0x01442587) f11 0xffffffff40400000 mem 0x0000000080000194
3 0x000000008000008c (0x18b57653) c1_fflags 0x0000000000000001 f12 0xffffffff3eaaaaab
3 0x0000000080000090 (0x18b570d3) f1  0xffffffff3eaaaaab c1_fflags 0x0000000000000001
3 0x0000000080000094 (0x01843687) f13 0x7ff0000000000001 mem 0x0000000080000198
3 0x0000000080000098 (0xa2d6a5d3) c1_fflags 0x0000000000000011 x11 0x0000000000000000
3 0x000000008000009c (0xa2d6a0d3) x1  0x0000000000000000 c1_fflags 0x0000000000000011
3 0x00000000800000a0 (0xc00575d3) x11 0x0000000000000001
3 0x00000000800000a4 (0x02c42027) mem 0x00000000800001a0 0x3eaaaaab
3 0x00000000800000a8 (0x02d43427) mem 0x00000000800001a8 0x7ff0000000000001
3 0x00000000800000ac (0x001025f3) x11 0x0000000000000011
3 0x00000000800000b0 (0x00101073) c1_fflags 0x0000000000000000
3 0x00000000800000b4 (0x003515f3) c1_fflags 0x0000000000000001 c2_frm 0x0000000000000000 x11 0x0000000000000000
3 0x00000000800000b8 (0x00205073) c2_frm 0x0000000000000000
3 0x00000000800000bc (0x00000597) x11 0x00000000800000bc
3 0x00000000800000c0 (0x07458593) x11 0x0000000080000130
3 0x00000000800000c4 (0x30559073) c773_mtvec 0x0000000080000130
3 0x0000000080000130 (0x34202e73) x28 0x000000000000000b
3 0x0000000080000134 (0x020e4463)
3 0x0000000080000138 (0x30002ef3) x29 0x8000000a00007800
3 0x000000008000013c (0x00002f37) x30 0x0000000000002000
3 0x0000000080000140 (0x800f0f1b) x30 0x0000000000001800
3 0x0000000080000144 (0x01eefeb3) x29 0x0000000000001800
3 0x0000000080000148 (0x000e8e63)
3 0x000000008000014c (0x34102e73) x28 0x00000000800000c8
3 0x0000000080000150 (0x004e0e13) x28 0x00000000800000cc
3 0x0000000080000154 (0x341e1073) c833_mepc 0x00000000800000cc
3 0x0000000080000158 (0x30200073) c768_mstatus 0x8000000a00006080
3 0x00000000800000cc (0x30416073) c772_mie 0x0000000000000002
3 0x00000000800000d0 (0x34416073) c836_mip 0x0000000000000002
3 0x00000000800000d4 (0x30046073) c768_mstatus 0x8000000a00006088
3 0x0000000080000130 (0x34202e73) x28 0x8000000000000001
3 0x0000000080000134 (0x020e4463)
3 0x000000008000015c (0x34417073) c836_mip 0x0000000000000000
3 0x0000000080000160 (0x30200073) c768_mstatus 0x8000000a00006088
3 0x00000000800000d8 (0x30047073) c768_mstatus 0x8000000a00006080
3 0x00000000800000dc (0x34416073) c836_mip 0x0000000000000002
3 0x00000000800000e0 (0x10500073)
3 0x00000000800000e4 (0x34417073) c836_mip 0x0000000000000000
3 0x00000000800000e8 (0xfff00593) x11 0xffffffffffffffff
3 0x00000000800000ec (0x3b059073) c944_pmpaddr0 0x003fffffffffffff
3 0x00000000800000f0 (0x01f00593) x11 0x000000000000001f
3 0x00000000800000f4 (0x3a059073) c928_pmpcfg0 0x000000000000001f
3 0x00000000800000f8 (0x08000593) x11 0x0000000000000080
3 0x00000000800000fc (0x00859593) x11 0x0000000000008000
3 0x0000000080000100 (0x3a05a073) c928_pmpcfg0 0x000000000000801f
3 0x0000000080000104 (0x3b159073)
3 0x0000000080000108 (0x10016073) c768_mstatus 0x8000000a00006082
3 0x000000008000010c (0x30315073) c771_mideleg 0x0000000000000002
3 0x0000000080000110 (0x10401073) c260_sie 0x0000000000000000 c772_mie 0x0000000000000000
3 0x0000000080000114 (0x14401073) c836_mip 0x0000000000000000
3 0x0000000080000118 (0x00000597) x11 0x0000000080000118
3 0x000000008000011c (0x01058593) x11 0x0000000080000128
3 0x0000000080000120 (0x34159073) c833_mepc 0x0000000080000128
3 0x0000000080000124 (0x30200073) c768_mstatus 0x8000000a0000608a
0 0x0000000080000128 (0x00100513) x10 0x0000000000000001
3 0x0000000080000130 (0x34202e73) x28 0x0000000000000008
3 0x0000000080000134 (0x020e4463)
3 0x0000000080000138 (0x30002ef3) x29 0x8000000a00006082
3 0x000000008000013c (0x00002f37) x30 0x0000000000002000
3 0x0000000080000140 (0x800f0f1b) x30 0x0000000000001800
3 0x0000000080000144 (0x01eefeb3) x29 0x0000000000000000
3 0x0000000080000148 (0x000e8e63)
3 0x0000000080000164 (0x00000297) x5  0x0000000080000164
3 0x0000000080000168 (0x09c28293) x5  0x0000000080000200
3 0x000000008000016c (0x00a2b023) mem 0x0000000080000200 0x0000000000000001
LOG
$expected =~ s/^/core   0: /mg;
for my $timing (qw(fast cycle)) {
    logged("forms, $timing", '--timing', $timing, $forms);
    my @got = split /\n/, slurp($log);
    my @want = split /\n/, $expected;
    my ($at) = grep { ($got[$_] // '') ne ($want[$_] // '') }
        0 .. (@got > @want ? $#got : $#want);
    ok(!defined $at, "forms, $timing: line by line")
        or diag("line ", $at + 1, "\n     got ", $got[$at] // 'nothing',
        "\nexpected ", $want[$at] // 'nothing');
}

# cbo.zero stores 64 bytes.
my $zero = compile_bare('zero.S', <<'ASM');
    .globl _start
_start:
    li t0, 0x90
    csrw menvcfg, t0
    lla a0, block + 5
    .insn i 0x0f, 2, x0, a0, 4
    li a0, 1
    lla t0, tohost
    sd a0, 0(t0)
1:  j 1b
    .balign 64
block:
    .fill 64, 1, 7
ASM
logged('cbo.zero', '--isa', 'rv64gc_zicboz', $zero);
my ($line) = grep { /\(0x0045200f\)/ } split /\n/, slurp($log);
is($line =~ s/.*?\)//r, join('', map { sprintf ' mem 0x%016x 0x00',
        0x80000040 + $_ } 0 .. 63), 'cbo.zero: 64 bytes from the start of the block');

# ---- a long run, compared with single steps ----

my $mixed = compile_bare('mixed.c', slurp('tests/machine/mixed.c'));
my @machine = ('--ram', '16M', '--hash', $mixed);
my @regions = map { 0x80400000 + 0x8000 * $_ } 0 .. 31;

sub registers { return unpack 'Q33', pack 'H*', ask(shift, 'g') }

# Returns the number in n bytes of memory, in hex; undef where there is no memory.
sub memory {
    my ($socket, $at, $n) = @_;
    my $bytes = pack 'H*', ask($socket, "m$at,$n");
    return length $bytes == $n ? unpack 'H*', reverse $bytes : undef;
}

# Steps a machine by gdb's protocol, once for each of these lines. A line must have the step's pc
# and bits, the value of every changed x register, and the bytes in RAM: all of a store, the lowest of a load.
# Returns the wrong lines, and the number of traps. An instruction that traps changes no register
# and has no line; a step over an interrupt also steps over its handler.
sub steps {
    my ($timing, @lines) = @_;
    my $machine = start('--timing', $timing, @machine);
    my $socket = connect_raw($machine);
    my ($traps, $handler, @wrong) = 0;
    my (@now, @before) = registers($socket);
    for (@lines) {
        my ($pc, $bits, $rest) = /^core   0: [013] 0x(\w{16}) \(0x(\w{4}|\w{8})\)(.*)/;
        my $right = 1;
        if (!$handler) {
            @before = @now;
            ask($socket, 's');
            @now = registers($socket);
        }
        if ($before[32] != hex $pc) {
            $traps += !$handler;
            if ($handler || $now[32] != hex $pc) {
                $handler = 1;
                next;
            }
            $right = "@now[1 .. 31]" eq "@before[1 .. 31]";
            ask($socket, 's');
            @now = registers($socket);
        }
        $handler = 0;
        $right &&= memory($socket, $pc, length($bits) / 2) eq $bits;
        my %said = $rest =~ / x(\d+) +0x(\w{16})/g;
        $right &&= $now[$_] == (defined $said{$_} ? hex $said{$_} : $before[$_]) for 1 .. 31;
        my ($loaded) = $rest =~ /^ [xf]\d+ +0x\w+(\w\w) .*mem \w+$/;
        while ($rest =~ / mem 0x(\w{16})(?: 0x(\w+))?/g) {
            my $is = $2 // $loaded // next;
            $right &&= memory($socket, $1, length($is) / 2) eq $is if hex $1 >= 0x80000000;
        }
        push @wrong, $_ if !$right;
    }
    push @wrong, 'a handler without an end' if $handler;
    ask($socket, 'k', 1);
    finish_machine($machine);
    return (\@wrong, $traps);
}

my @x = qw(zero ra sp gp tp t0 t1 t2 s0 s1 a0 a1 a2 a3 a4 a5 a6 a7 s2 s3 s4
    s5 s6 s7 s8 s9 s10 s11 t3 t4 t5 t6);
my @first; # lines of the log in cycle timing
for my $timing (qw(fast cycle)) {
    my $name = "long run, $timing";
    my (undef, undef, $plain) = clockhand('--timing', $timing, @machine);
    my $script = spew(tmp('look.ch'), join "\n", 'continue',
        'json info registers', (map { sprintf 'json x/8gx 0x%x', $_ } @regions), '');
    unlink $log;
    my ($out, $err) = succeeds("$name: runs", clockhand('--commit-log', $log, '-x', $script,
        '--timing', $timing, '--stats', tmp('stats'), @machine));
    is($err, $plain, "$name: the same hash as without a log");
    my (%x, %byte);
    my $lines = lines(sub {
        my $line = shift;
        $x{$1} = hex $2 while $line =~ / x(\d+) +0x(\w{16})/g;
        while ($line =~ / mem 0x(\w{16}) 0x(\w+)/g) {
            my ($at, @bytes) = (hex $1, reverse unpack 'C*', pack 'H*', $2);
            @byte{ $at .. $at + $#bytes } = @bytes;
        }
    });
    is($lines, json(slurp(tmp('stats')))->{instructions}, "$name: one line per instruction");
    my ($registers, @memory) = map { json($_) } $out =~ /^(\{.*\})$/mg;
    is(join(' ', map { $x{$_} // 0 } 1 .. 31),
        join(' ', map { hex $registers->{$_} } @x[1 .. 31]),
        "$name: the last values of x registers are the machine's");
    is_deeply([map { map { hex } @{ $_->{values} } } @memory],
        [map { my $at = $_; map { unpack 'Q', pack 'C8',
            map { $byte{$_} // 0 } $at + 8 * $_ .. $at + 8 * $_ + 7 } 0 .. 7 } @regions],
        "$name: ... and of memory, in the regions that were read");
    next if $timing eq 'fast' && !$ENV{SOAK};
    open my $f, '<', $log or die;
    @first = map { scalar <$f> } 1 .. ($ENV{SOAK} ? 20_000 : 9_000);
    my ($wrong, $traps) = steps($timing, @first);
    is_deeply($wrong, [], "$name: each line is what a single step did");
    cmp_ok($traps, '>', 1, "$name: ... and some trapped");
}

# steps() finds faults that are planted in a log.
for (['a wrong register', qr/ x15 0x.\K./], ['a wrong store', qr/\) mem 0x\S+ 0x\K./],
    ['a wrong bit', qr/\(0x\K./], ['a missing line', qr/^.*\(0x.{8}\) x10.*\n/]) {
    my ($what, $where) = @$_;
    my ($to, @copy) = (600, @first[0 .. 4999]);
    for (@copy[400 .. 4999]) {
        last if $to++ && s/$where/$& eq '0' ? 1 : length $& > 1 ? '' : 0/e;
    }
    my ($wrong) = steps('cycle', grep { length } @copy[0 .. $to]);
    ok(scalar @$wrong, "the steps find $what");
}

# ---- the guest ----

logged('the guest', '--run', 'true');
my ($first, %privilege);
lines(sub {
    my $line = shift;
    $first //= $line;
    $privilege{ substr $line, 10, 1 }++;
});
is($first, 'core   0: 3 0x0000000000001000 (0x00000297) x5  '
        . "0x0000000000001000\n", 'the guest: from the reset ROM on');
is_deeply([sort keys %privilege], [0, 1, 3], 'the guest: in M, S and U');
my ($status, $out, $err) = clockhand('--commit-log', '-', '--max-instructions', 1000, $mixed);
is($status, 124, 'on standard output: stopped by the limit');
is(scalar(() = $out =~ /^core   0: .*\n/mg), 1000, 'and 1,000 lines');

# ---- files that cannot be written ----

($status, $out, $err) = clockhand('--commit-log', tmp('no/such'), $forms);
is($status, 2, 'no such folder: status 2');
like($err, qr/\Aclockhand: \S+no\/such: cannot be written: .*\n\z/, 'no such folder: one line');
SKIP: {
    skip 'no /dev/full', 1 unless -c '/dev/full';
    ($status, undef, $err) = clockhand('--commit-log', '/dev/full', $forms);
    is("$status $err", "2 clockhand: /dev/full: cannot be written: No space left on device\n",
        'a full disk: one line');
}

done_testing();
