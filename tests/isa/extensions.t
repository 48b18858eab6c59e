#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Instructions of an extension that is off must trap, and no others. One program has each row of
# insns.def and rvc.def. It runs on machines with every extension, with none, with all but one, and
# with random sets. For each row it prints whether the instruction raised an illegal-instruction
# exception with its own bits in mtval. The test computes from exts.def which rows must do so. misa
# and the device tree must name the same extensions as the ISA string. usage: extensions.t [SEED...]
use FindBin qw($Bin);
use lib "$Bin/../lib";
use List::Util qw(shuffle);
use Clockhand;

my $SETS = 24; # random sets
my $isa  = "$Bin/../../emu/isa";

# ---- the tables --------------------------------------------------------------

my (@names, %name, %implies, %made_of, %class);
my $exts = slurp("$isa/exts.def");
my $set  = qr/0|EXT_BIT\(\w+\)(?:\s*\|\s*EXT_BIT\(\w+\))*/;
while ($exts =~ /^EXT\((\w+), "(\w*)", (\w+), \d,\s*($set),\s*($set),\s*"/mg) {
    my ($id, $name, $class, $with, $parts) = ($1, $2, $3, $4, $5);
    $name{$id}    = $name;
    $class{$id}   = $class;
    $implies{$id} = [$with =~ /EXT_BIT\((\w+)\)/g];
    $made_of{$id} = [$parts =~ /EXT_BIT\((\w+)\)/g];
    push @names, $id if $name ne '' && $class ne 'EC_BASE';
}
is(scalar keys %name, (() = $exts =~ /^EXT\(/mg), 'exts.def is understood');

# Other tests must judge the values that instructions compute: this one, test_isa_objdump
# and test_engine_uses do not. (B stands for Zba, Zbb and Zbs; Zaamo and Zalrsc are the parts of A.)
my $judged = join '', map { slurp($_) } "$Bin/../../tools/difftest/qemu.c", glob "$Bin/*.S";
is(join(' ', grep { $class{$_} eq 'EC_HART' && !-e "$Bin/$name{$_}.S" && $judged !~ /EXT_BIT\($_\)|"$name{$_}"|[+_]$name{$_}\b/i } @names), 'B ZAAMO ZALRSC',
    'values of each extension are judged by QEMU (tools/difftest/qemu.c) or by a program of tests/isa');

my @rows; # { id, name, match, mask, word, half: 16 bits, ext: ids of the extensions needed }
for (split /\n/, slurp("$isa/insns.def")) {
    next unless /^INSN\((\w+),\s*"([^"]+)",\s*IF_(\w+),\s*(0x\w+),\s*(0x\w+),
                 \s*IC_(\w+),\s*EXT_(\w+)\)/x;
    push @rows, { id => $1, name => $2, format => $3, match => hex $4,
                  mask => hex $5, class => $6, ext => [$7] };
}
my %ext_of = map { $_->{id} => $_->{ext}[0] } @rows;
my @wide = @rows;
for (split /\n/, slurp("$isa/rvc.def")) {
    next unless /^RVC\((\w+), "([^"]+)", (\w+), (0x\w+), (0x\w+), ([^,]+), (\w+),/;
    push @rows, { id => "c_$1", name => $2, match => hex $4, mask => hex $5,
                  half => 1, ext => [$3, $ext_of{$7}] };
}
cmp_ok(scalar @rows, '>', 290, 'insns.def and rvc.def are understood');

# Drops instructions after which the program could not go on. Every machine has them.
@rows = grep { $_->{id} !~ /^(mret|sret|wfi)$/ } @rows;

# Returns a row's instruction with harmless operands: rd is a0, rs1 is a1 (the address of scratch
# memory), rs2 is a2. A jump goes to the next instruction, or to s11, the address of the code that follows.
sub word {
    my $r = shift;
    my ($w, $f) = ($r->{match}, $r->{format} // '');
    if ($r->{half}) {
        return $w | 8 if $r->{id} =~ /^c_(j|beqz|bnez)$/;
        return $w | 27 << 7 if $r->{id} =~ /^c_(jr|jalr)$/;
        return $w if $r->{mask} == 0xffff;
        # rd and rs1 are a1 or a0; no immediate is 0 where 0 is reserved
        return $w | 4 << 2 if $r->{id} eq 'c_addi16sp';
        return $w | 11 << 7 | 4 << 2
            if ($w & 3) == 2 || (($w & 3) == 1 && $w < 0x8000);
        return $w | 3 << 7 | (2 << 2 & ~$r->{mask});
    }
    return $w | 1 << 22 if $r->{id} eq 'jal';
    return $w | 27 << 15 if $r->{id} eq 'jalr';
    return $w | 2 << 8 if $r->{class} eq 'BRANCH';
    $w |= 10 << 7  unless $r->{mask} & 31 << 7 || $f =~ /^(S|FSTORE)$/;
    $w |= 11 << 15 unless $r->{mask} & 31 << 15;
    $w |= 12 << 20 unless $r->{mask} & 31 << 20
        || $f =~ /^(I|LOAD|FLOAD|PREFETCH|SHIFT\d+)$/;
    return $w & 0xfffff | 0x340 << 20 if $f =~ /^CSR/; # mscratch
    return $w;
}
$_->{word} = word($_) & ~$_->{mask} | $_->{match} for @rows; # operands change no fixed bit

# ---- the program -------------------------------------------------------------

sub program {
    my $text = <<'END';
    .section .text.start, "ax"
    .globl _start
_start:
    la t0, on_trap
    csrw mtvec, t0
    li t0, 3 << 13
    csrs mstatus, t0
    la s0, results
END
    for my $r (@rows) {
        $text .= "    la a1, scratch\n    la s11, 1f\n    li s10, 0\n"
            . "    li s9, $r->{word}\n    .balign 4\n"
            . ($r->{half} ? "    .half $r->{word}, 0x0001\n"
                          : "    .word $r->{word}\n")
            . "1:  sb s10, 0(s0)\n    addi s0, s0, 1\n";
    }
    return $text . <<'END';
    sb zero, 0(s0)
    la s0, results
2:  lbu a0, 0(s0)
    beqz a0, 3f
    addi a0, a0, '0' - 1
    jal s1, putc
    addi s0, s0, 1
    j 2b
3:  li a0, ' '
    jal s1, putc
    csrr s2, misa
    li s3, 64
4:  addi s3, s3, -4
    srl a0, s2, s3
    andi a0, a0, 15
    la a1, digits
    add a0, a0, a1
    lbu a0, 0(a0)
    jal s1, putc
    bnez s3, 4b
    li a0, 1
    j finish
putc:
    li a1, 0x0101 << 48
    or a0, a0, a1
    la a1, tohost
    sd a0, 0(a1)
5:  ld a0, 0(a1)
    bnez a0, 5b
    la a1, fromhost
    sd zero, 0(a1)
    jr s1
finish:
    la a1, tohost
    sd a0, 0(a1)
    j finish

# s10: 1 if illegal with its bits in mtval, 2 if illegal with other bits there, else 0
    .balign 4
on_trap:
    csrr t0, mcause
    li t1, 2
    li s10, 0
    bne t0, t1, 6f
    csrr t0, mtval
    li s10, 1
    beq t0, s9, 6f
    li s10, 2
6:  jr s11

    .section .tohost, "aw"
    .balign 64
    .globl tohost, fromhost
    .type tohost, @object
    .type fromhost, @object
    .size tohost, 8
    .size fromhost, 8
tohost: .dword 0
    .balign 64
fromhost: .dword 0
    .data
digits: .ascii "0123456789abcdef"
    .balign 64
scratch: .space 256
results: .space 1024
END
}

my $source = program();
# The results end at a byte of 0, so each result is stored plus one.
$source =~ s/^1:  sb s10/1:  addi s10, s10, 1\n    sb s10/mg;
my $elf = tmp('extensions.elf');
system('riscv64-linux-gnu-gcc', '-march=rv64i_zicsr', '-mabi=lp64',
    '-mcmodel=medany', '-static', '-fno-pic', '-no-pie', '-nostdlib', '-nostartfiles',
    '-Wl,--build-id=none', '-Wl,--no-warn-rwx-segments',
    "-Wl,-T,$Bin/link.ld", '-o', $elf, spew(tmp('extensions.S'), $source)) == 0
    or die 'cannot compile';

# ---- machines ----------------------------------------------------------------

# Returns I, S and these ids, with all that they imply and all whose parts are in the set.
sub closed {
    my %on = map { $_ => 1 } 'I', 'S', @_;
    my $before;
    do {
        $before = keys %on;
        for my $id (keys %name) {
            my @parts = @{ $made_of{$id} };
            $on{$id} = 1 if @parts && @parts == grep { $on{$_} } @parts;
            $on{$_} = 1 for $on{$id} ? @{ $implies{$id} } : ();
        }
    } while keys %on > $before;
    return \%on;
}

# Returns the ISA string of some ids: letters in any order, then names in any order.
sub string {
    my (@letters, @names);
    push @{ length $name{$_} > 1 ? \@names : \@letters }, $name{$_} for @_;
    return join '_', 'rv64i' . join('', reverse @letters), shuffle @names;
}

sub expected {
    my $on = shift;
    return join '', map {
        my $r = $_;
        # A hint is legal if any instruction with the same encoding is legal.
        my @likely = $r->{half} ? $r :
            grep { ($r->{word} & $_->{mask}) == $_->{match} } @wide;
        (grep { !grep { !$on->{$_} } @{ $_->{ext} } } @likely) ? 0 : 1;
    } @rows;
}

# Returns misa by the manual's table 3.2: MXL 2, and one bit for each letter.
sub misa {
    my $on = shift;
    my $letters = 0;
    $letters |= 1 << ord($_) - ord 'a'
        for 's', 'u', grep { length == 1 } map { $name{$_} } keys %$on;
    return sprintf '80000000%08x', $letters;
}

sub check {
    my ($what, $timing, @ids) = @_;
    my ($on, $string) = (closed(@ids), string(@ids));
    my ($status, $out, $err) = clockhand('--isa', $string, '--timing', $timing,
        '--max-instructions', 1_000_000, $elf);
    my ($got, $misa) = split / /, $out . ' -';
    my $want = expected($on);
    $got = '-' x length $want if length $got != length $want;
    ok($status == 0 && $got eq $want, "$what: instructions of an extension that is off trap, and no others") or do {
        diag("--isa $string: status $status, $err");
        diag(sprintf "%s 0x%x: %s, not %s", $rows[$_]{name}, $rows[$_]{word},
            substr($got, $_, 1), substr($want, $_, 1))
            for grep { substr($got, $_, 1) ne substr($want, $_, 1) }
                0 .. length($want) - 1;
    };
    is($misa, misa($on), "$what: misa");
    tree($what, $on, $string);
}

# Checks the device tree's properties that name the extensions, and the block sizes.
sub tree {
    my ($what, $on, $string) = @_;
    my $dtb = tmp('isa.dtb');
    unlink $dtb;
    clockhand('--isa', $string, '--dump-dtb', $dtb);
    my $get = sub {
        my (undef, $text) = run_command('', 'fdtget', @_[1 .. $#_], $dtb,
            '/cpus/cpu@0', $_[0]);
        chomp $text;
        return $text;
    };
    my @want = grep { $on->{$_} && $name{$_} ne '' } sort keys %name;
    my $list = $get->('riscv,isa-extensions');
    is(join(' ', sort split / /, $list), join(' ', sort map { $name{$_} } @want),
        "$what: riscv,isa-extensions");
    my $old = 'rv64' . join '', map { length > 1 ? "_$_" : $_ } split / /, $list;
    is($get->('riscv,isa') . ' ' . $get->('riscv,isa-base'), "$old rv64i",
        "$what: riscv,isa, riscv,isa-base");
    for my $c (['ZICBOM', 'cbom'], ['ZICBOP', 'cbop'], ['ZICBOZ', 'cboz']) {
        next if ($get->("riscv,$c->[1]-block-size") eq '64') == !!$on->{$c->[0]};
        fail("$what: riscv,$c->[1]-block-size");
    }
}

srand 4;
check('everything', 'fast', @names);
check('the base alone', 'cycle');
my $turn = 0;
for my $off (@names) {
    my @ids = grep { !closed($_)->{$off} } @names;
    # to remove an extension made of parts, remove one of its parts
    if (closed(@ids)->{$off}) {
        my ($part) = @{ $made_of{$off} };
        @ids = grep { !closed($_)->{$part} } @ids;
    }
    next if closed(@ids)->{$off}; # S, which is always on, implies zicsr
    check("without $name{$off}", (qw(fast cycle))[$turn++ % 2], @ids);
}
for my $seed (@ARGV ? @ARGV : 1 .. $SETS) {
    srand $seed;
    my $many = 1 + int rand 4;
    check("set $seed", (qw(fast cycle))[$seed % 2],
        grep { int rand 5 < $many } @names);
}

# --cpu NAME chooses the core's own set (u54, the default core, and ideal have the default set);
# --isa overrides it. The default set lacks Svadu, which --ad decides, and Zbkb, Zbkx (cryptography).
my %core = (
    rocket => 'rv64imafdc_zicntr_zicsr_zifencei_zihpm_zaamo_zalrsc_sstc',
    u74 => 'rv64imafdc_zicntr_zicsr_zifencei_zihpm_zaamo_zalrsc_zba_zbb_sstc',
);
sub said {
    my $dtb = tmp('said.dtb');
    unlink $dtb;
    clockhand(@_, '--dump-dtb', $dtb);
    my (undef, $text) = run_command('', 'fdtget', $dtb, '/cpus/cpu@0',
        'riscv,isa');
    return $text =~ s/\n//r;
}
is(said('--cpu', $_), $core{$_}, "--cpu $_") for sort keys %core;
is(said('--cpu', 'u74', '--isa', 'rv64gc'),
    'rv64imafdc_zicsr_zifencei_zaamo_zalrsc', '--isa beside --cpu');
my $default = said();
is(said('--cpu', $_), $default, "--cpu $_ has the default set")
    for qw(u54 ideal);
my ($listed) = (clockhand('--isa', 'list'))[1] =~ /^default: (\S+)$/m;
is($listed, $default, '--isa list says the default');
my @absent = grep { $default !~ /_$name{$_}(_|$)/ && length $name{$_} > 1 } @names;
is("@{[sort @absent]}", 'SVADU ZBKB ZBKX', 'the default leaves these out');
done_testing();
