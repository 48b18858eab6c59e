#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Bare-metal microbenchmarks of the times in the core profiles (not cpop's), under each --cpu: the
# cycles that the program measures are compared with those that `--cpu list` states or implies.
# Prints a table; a row outside its tolerance (0 by default) fails.
#
# A row is a piece of assembly repeated n and 2n times in two functions; the
# difference of their times, divided by n, is the cost of one piece, without the
# cost of measuring. Memory rows (micro_memory.c) are C loops so long that this cost hardly counts.
use lib 'tests/lib';
use Clockhand;

my @cpus = qw(u54 rocket u74 ideal);

sub most { my $m = shift; $_ > $m and $m = $_ for @_; return $m }

# Returns rows: [name, setup, piece, expected from the profile, ...options]
# Options: n; rounds (the last is measured, with a0 = 1; those before it, with a0 = 0,
# train the predictor); tolerance in cycles. `$dual`: two instructions issue in a cycle.
sub rows {
    my $p    = shift;
    my $dual = $p->{'instructions a cycle'} > 1;
    my $late = $p->{'late ALU, stages behind'};
    my $l    = sub { $p->{ $_[0] } // die "--cpu list: no $_[0]" };
    my $pair = sub { $dual ? $_[0] : $_[1] };
    my $load = $l->('load to use');
    my ($byte, $fload, $misc) = map { $l->($_) } 'load byte or half to use',
        'FP load to use', 'FP compare, convert, move';
    my $hit   = $l->('load that hits a store in the pipeline');
    my $flush = $l->('CSR write, fence.i, sfence.vma, xRET: flush');
    my ($wrong, $bubble) = map { $l->($_) } 'mispredicted branch', 'taken branch, predicted';
    my $quiet = "bnez x0, 1f\n" x 13 . '1:';
    my $fp = "li t0, 0x3ff\nslli t0, t0, 52\nfmv.d.x fa0, t0\nfmv.d fa1, fa0\n"
        . "li t0, 0x3f800000\nfmv.w.x fa2, t0\nfmv.s fa3, fa2";
    my $at = 'la a0, word';
    my @fp = (
        ['add',          'S', 'fadd.s fa2, fa2, fa3'],
        ['add',          'D', 'fadd.d fa0, fa0, fa1'],
        ['multiply',     'S', 'fmul.s fa2, fa2, fa3'],
        ['multiply',     'D', 'fmul.d fa0, fa0, fa1'],
        ['multiply-add', 'S', 'fmadd.s fa2, fa2, fa3, fa3'],
        ['multiply-add', 'D', 'fmadd.d fa0, fa0, fa1, fa1'],
        ['divide',       'S', 'fdiv.s fa2, fa2, fa3'],
        ['divide',       'D', 'fdiv.d fa0, fa0, fa1'],
        ['square root',  'S', 'fsqrt.s fa2, fa2'],
        ['square root',  'D', 'fsqrt.d fa0, fa0']);
    my ($min, $max) = map { $l->($_) } 'divide, least', 'divide, most';
    my $rule = $l->('divide: 0 fixed, 1 .w longer, 2 by quotient bits');

    return (
        # 13 branches of one outcome come before the measured one, so that the history is the same
        # in each round. These rows come before all others, while no counter has been trained yet.
        # (predictor.t judges which counter serves a branch.)
        ['branch taken, mispredicted', 'mv a1, a0',
            "$quiet\nbnez a1, 1f; 1:", 14 + $wrong, n => 1],
        ['branch not taken, mispredicted', 'seqz a1, a0',
            "$quiet\nbnez a1, 1f; 1:", 14 + $wrong, n => 1],
        ['ALU to use', 'li a1, 1', 'add a1, a1, a1', $l->('ALU to use')],
        ['load to use: ld', $at, 'ld a0, 0(a0)', $load],
        ['load to use: lw, then add', $at,
            "lw a1, 16(a0)\nadd a0, a0, a1", $load + 1],
        ['load to use: lbu, then add', $at,
            "lbu a1, 16(a0)\nadd a0, a0, a1", $byte + 1],
        ['load to use: lh, then add', $at,
            "lh a1, 16(a0)\nadd a0, a0, a1", $byte + 1],
        ['load into the late ALU', $at, "ld a1, 0(a0)\naddi a2, a1, 1",
            $late ? most(1, $load - $late) : $load + 1],
        ['late ALU into an address', $at,
            "ld a1, 16(a0)\nadd a0, a0, a1", $load + 1],
        ['load of a word still in the store pipeline', $at,
            "sd x0, 32(a0)\nlw a1, 36(a0)", 2 + $hit],
        ['load of a word stored 2 cycles before', $at,
            "sd x0, 32(a0)\nadd a4, a2, a3\nlw a1, 36(a0)",
            $pair->(2, 3 + $hit)],
        ['load of a word stored 3 cycles before', $at,
            "sd x0, 32(a0)\nadd a4, a2, a3\nadd a4, a2, a3\nlw a1, 36(a0)",
            $pair->(2, 4)],
        ['load beside the stored word', $at, "sd x0, 32(a0)\nlw a1, 40(a0)", 2],
        ['multiply', 'li a1, 3', 'mul a1, a1, a1', $l->('multiply to use')],
        ['divide, quotient 0', 'li a1, 0', 'divu a1, a1, a0', $min],
        ['divide, quotient 2^64 - 1', "li a1, -1\nli a2, 1",
            'divu a1, a1, a2', $rule == 1 ? $min : $max],
        ['divide, quotient of 20 bits', "li a1, 0xfffff\nli a2, 1",
            'divu a1, a1, a2', $rule == 2 ? $min + 20 : $min],
        ['divide .w', "li a1, -1\nli a2, 1", 'divuw a1, a1, a2',
            $rule == 1 ? $max : $rule == 2 ? $min + 32 : $max],
        ['amo to use', "$at\naddi a0, a0, 16\nli a1, 0", 'amoadd.d a1, a1, (a0)',
            $l->('lr, sc, amo to use')],
        ['lr to use', $at, 'lr.d a0, (a0)', $l->('lr, sc, amo to use')],

        ['branch not taken', '', 'bnez x0, 1f; 1:', 1],
        ['branch taken, predicted', 'li a1, 1', 'bnez a1, 1f; 1:', 1 + $bubble],
        ['jump', '', 'j 1f; 1:', 1],
        ['jump by register, target known', '', "auipc a1, 0\njr 8(a1)", 2, n => 4],
        ['target buffer too small', '', "auipc a1, 0\njr 8(a1)", 2 + $wrong,
            n => 64],

        ['CSR to use', '', "csrr a1, mscratch\nadd a1, a1, a1",
            $l->('CSR to use') + 1],
        ['CSR write', '', 'csrw mscratch, x0', 1 + $flush],
        ['CSR set, nothing to set', '', 'csrs mscratch, x0', 1],
        ['fence.i', '', 'fence.i', 1 + $flush],
        ['sfence.vma', '', 'sfence.vma', 1 + $flush],
        # The ecall traps to: csrr, addi, csrw mepc, mret.
        ['ecall and mret', '', 'ecall',
            1 + $l->('trap entry') + $l->('CSR to use') + 1 + 2 * (1 + $flush)],

        (map {
            my ($what, $size, $insn) = @$_;
            ["FP $what $size", $fp, $insn, $l->("FP $what $size")]
        } @fp),
        ['FP compare, convert, move', $fp, 'fsgnj.d fa0, fa0, fa0', $misc],
        ['FP load to use', "$at\n$fp",
            "fld fa0, 0(a0)\nfmv.x.d a0, fa0", $fload + $misc],
        ['FP adds in a row', $fp, "fadd.d fa4, fa0, fa1\nfadd.d fa5, fa0, fa1", 2],
        ['FP divides in a row', $fp,
            "fdiv.d fa4, fa0, fa1\nfdiv.d fa5, fa0, fa1", 2 * $l->('FP divide D')],

        ['pair: add, add', '', "add a1, a2, a3\nadd a4, a2, a3", $pair->(1, 2)],
        ['pair: add, add dependent', 'li a1, 0',
            "add a1, a1, a2\nadd a1, a1, a3", 2],
        ['pair: ld, add', $at, "ld a1, 0(a0)\nadd a4, a2, a3", $pair->(1, 2)],
        ['pair: ld, ld', $at, "ld a1, 0(a0)\nld a2, 0(a0)", 2],
        ['pair: ld, sd', $at, "ld a1, 0(a0)\nsd a3, 64(a0)", 2],
        ['pair: mul, add', '', "mul a1, a2, a3\nadd a4, a2, a3", $pair->(1, 2)],
        ['pair: mul, mul', '', "mul a1, a2, a3\nmul a4, a2, a3", 2],
        ['pair: fadd, ld', "$at\n$fp", "fadd.d fa4, fa0, fa1\nld a1, 0(a0)",
            $pair->(1, 2)],
        ['pair: add, branch', '', "add a1, a2, a3\nbnez x0, 1f; 1:", $pair->(1, 2)],
        ['pair: branch, add', '', "bnez x0, 1f; 1:\nadd a1, a2, a3",
            $pair->(1, 2)],
    );
}

my %default = (n => 16, rounds => 6);

# Returns the text of a row's two functions, which return the cycles of n and 2n pieces.
sub functions {
    my ($k, $row) = @_;
    my ($name, $setup, $piece, undef, %o) = (@$row);
    %o = (%default, %o);
    my $text = '';
    for my $f (0, 1) {
        my $n = $o{n} << $f;
        $text .= ".balign 64\nrow_${k}_$f:\n$setup\nj 9f\n.balign 512\n"
            . "9: csrr t5, mcycle\n"
            . ".rept $n\n$piece\n.endr\n"
            . "csrr t6, mcycle\nsub a0, t6, t5\nret\n";
    }
    return $text;
}

# Returns the text of calls nested `depth` deep, whose return addresses all differ.
sub nest {
    my ($label, $depth) = @_;
    my @keep = (map({ "s$_" } 0 .. 11), map { "a$_" } 1 .. 7);
    my $text = ".balign 64\n$label:\nmv t4, ra\ncsrr t5, mcycle\n"
        . "jal ${label}_1\ncsrr t6, mcycle\nmv ra, t4\nsub a0, t6, t5\nret\n";
    for my $d (1 .. $depth) {
        $text .= "${label}_$d:\n";
        $text .= "mv $keep[$d - 1], ra\njal ${label}_" . ($d + 1)
            . "\nmv ra, $keep[$d - 1]\n" if $d < $depth;
        $text .= "ret\n";
    }
    return $text;
}

# Returns the whole program: rows, nests of calls, and the C part that runs them.
sub program {
    my ($ras, @rows) = @_;
    my ($asm, $table) = ('', '');
    for my $k (0 .. $#rows) {
        my %o = (%default, @{ $rows[$k] }[4 .. $#{ $rows[$k] }]);
        $asm .= functions($k, $rows[$k]);
        $table .= "\tEACH(row_${k}_0, row_${k}_1, $o{rounds})\n";
    }
    for my $d ($ras - 4, $ras, $ras + 4) {
        $asm .= nest("nest_$d", $d);
        $table .= "\tEACH(nothing, nest_$d, 6)\n";
    }
    $asm =~ s/\n/\\n"\n"/g;
    my $c = slurp('tests/machine/micro.c');
    $c =~ s{/\* rows \*/}{$table} or die;
    $c =~ s{/\* functions \*/}{$asm} or die;
    return $c;
}

sub judge {
    my ($cpu, $name, $measured, $expected, $tolerance) = @_;
    my $ok = defined $measured && abs($measured - $expected) <= $tolerance;
    ok($ok, sprintf '%-6s %-36s %9.2f expected %9.2f +-%s', $cpu, $name,
        $measured // -1, $expected, $tolerance);
}

# Returns the memory rows: [key, words, expected, tolerance].
sub memory_rows {
    my $p  = shift;
    my $ns = 1e9 / $p->{'core clock, Hz'};
    my ($load, $l1, $l2, $base) = map { $p->{$_} } 'load to use', 'L1D bytes',
        'L2: added to an L1 miss', 'core to DRAM controller and back';
    my $dual  = $p->{'instructions a cycle'} > 1;
    my $posts = $p->{'stores that miss: posted, at most'};
    my ($pte, $pwc, $l2tlb, $hit) = map { $p->{$_} } 'walker: a PTE in L1D',
        'walker cache hit, a level', 'L2 TLB entries', 'L2 TLB hit';
    my $walk  = 2 * $pwc + $pte;
    my $clock = 1 / 1.2 / $ns;    # a clock of DDR4-2400R, in the core's cycles
    my $round = $clock == 1 ? 0 : .5;    # a read's end is rounded up to a cycle: .5 on average
    # Two independent simulators give 22.18 clocks for reads in order, one at a time,
    # back to back. A row hit takes 21 clocks; a closed row, met once in 128 reads,
    # takes 37. The remainder is refresh, which takes the same share of the time if
    # the core does something else for $other cycles between two reads.
    my $hit_row = 21 + 16 / 128;
    my $refresh = (22.18 - $hit_row) / 22.18;
    my $row     = sub {
        my $other = shift;
        return 0 if !$l1;
        return $base + $round + $clock
            * ($hit_row + $refresh * ($other + $base) / $clock) / (1 - $refresh);
    };
    my $step   = $load + 5;    # cycles of the loop around a walk
    my $random = $l1 ? $base + 54.2 * $clock + $round : 0;
    # the level that serves 256 KiB
    my $below = sub { $p->{'L2 bytes'} ? $l2 : $row->($_[0]) };
    my $near  = $p->{'L2 bytes'} ? .02 : .5;
    # Every 64th walk needs another table, which is in none of the walker cache's 8 entries.
    my $table = $p->{'L2 bytes'} ? ($pte - $pwc) / 64 : 0;
    return (
        ['l1d',       'load to use: chase in L1D', $load, .05],
        ['l2',        'chase over 256 KiB',   $load + $below->($load), $near + .05],
        ['dram-row',  'chase over 8 MiB, in order',
            $load + $l2 + $row->($load + $l2), .5],
        ['dram',      'chase over 8 MiB, at random', $load + $l2 + $random,
            int(3 * ($load + $l2 + $random)) / 100 + .05],
        ['store-l1d', 'stores in L1D', 1, .3],
        ($p->{'L2 bytes'} ? (
            ['store-l2', 'stores over 256 KiB', $posts ? $l2 : 1 + $l2, .3],
            ['store-work', 'stores over 256 KiB, 40 adds after each',
                ($dual ? 40 : 41) + ($posts ? 0 : $l2), .5],
            # a posted store's line is on its way while the store issues
            ['store-fence', 'stores over 256 KiB, a fence after each',
                ($posts ? 1 : 2) + $l2, .3]) : ()),
        ['l1i',       'jumps in L1I', 1, .3],
        ['l1i-l2',    'jumps over 256 KiB', 1 + $below->(1), $near + .05],
        ['dtlb',      'L1 D-TLB hit', 0, .1],
        ['l2tlb',     'over 96 pages: L2 TLB hit, or a walk',
            $l2tlb ? $hit : $walk, .2],
        ['walk-warm', 'walk, PTEs in L1D', $walk, .2],
        ['walk-l2',   'walk, PTEs not in L1D',
            $walk + $below->($walk + $step) + $table, $near + .4],
        ['walk-dram', 'walk, PTEs in DRAM',
            $walk + $l2 + $row->($walk + $l2 + $step) + $table, 1],
    );
}

# emu/time/accuracy.md prints these rows, measured and expected, for three cores.
my @printed = qw(l1d l2 dram-row dram l1i-l2 l2tlb walk-warm walk-l2 store-l2 store-work
    store-fence walk-dram);
my ($table) = slurp('emu/time/accuracy.md') =~ /^\| cycles \| u54 .*\n.*\n((?:\|.*\n)+)/m;
my %printed;
@printed{@printed} = map { [ (split / *\| */)[2 .. 7] ] } split /\n/, $table;

sub memory {
    my ($cpu, $p) = @_;
    my $elf = compile_bare("memory-$cpu.c", slurp('tests/machine/micro_memory.c'),
        '-Itests/machine');
    my ($status, $out, $err) = clockhand('--timing', 'cycle', '--cpu', $cpu, '--ram', '64M', $elf);
    is($status, 0, "$cpu: the memory program ends well") or diag($err);
    my %n = $out =~ /^(\S+)=(\d+)$/mg;
    for (memory_rows($p)) {
        my ($key, $words, @expected) = @$_;
        judge($cpu, $words, defined $n{$key} ? $n{$key} / 1000 : undef, @expected);
        my $c = index('u54 rocket u74', $cpu);
        my @doc = @{ $printed{$key} // [] }[ $c < 0 ? () : $c > 9 ? (4, 5) : $c ? (2, 3) : (0, 1) ];
        is(sprintf('%.1f %s', $n{$key} / 1000, sprintf('%.1f', $expected[0]) =~ s/\.0$//r),
            "@doc", "$cpu, $words: accuracy.md") if length($doc[0] // '');
    }
    return \%n;
}

# Repeats numbers of profile.def, most of them published: whoever changes one there must change it
# here, too, and say why. Sources: FU540 manual 4.1-4.7 (U54); Rocket's RTL and LLVM's
# schedule of it; GCC's schedule of the U74 and the FU740 manual, but the U74's memory was
# measured on boards (emu/time/accuracy.md, Plateaus).
my %published = (
    'instructions a cycle'                   => [1,     1,     2],
    'ALU to use'                             => [1,     1,     1],
    'CSR to use'                             => [3,     undef, undef],
    'FP load to use'                         => [undef, 2,     undef],
    'cpop to use'                            => [undef, undef, 3],
    'load to use'                            => [2,     2,     3],
    'load byte or half to use'               => [3,     3,     3],
    'late ALU, stages behind'                => [0,     0,     2],
    'multiply to use'                        => [5,     4,     3],
    'divide, least'                          => [2,     33,    16],
    'divide, most'                           => [65,    34,    16],
    'mispredicted branch'                    => [3,     3,     3],
    'load that hits a store in the pipeline' => [5,     undef, undef],
    'CSR write, fence.i, sfence.vma, xRET: flush' => [4, undef, undef],
    'FP add S'                               => [undef, 4,     5],
    'FP add D'                               => [undef, 6,     7],
    'FP multiply S'                          => [undef, 5,     5],
    'FP multiply D'                          => [undef, 7,     7],
    'FP divide S'                            => [undef, 20,    27],
    'FP divide D'                            => [undef, 20,    56],
    'L1I bytes'                              => [32768, 16384, 32768],
    'L1I ways'                               => [8,     4,     4],
    'L1D bytes'                              => [32768, 16384, 32768],
    'L1D ways'                               => [8,     4,     8],
    'L1I replacement: 0 FIFO, 1 random'      => [undef, 1,     undef],
    'L1D replacement: 0 FIFO, 1 random'      => [undef, 1,     undef],
    'L1 D-TLB entries'                       => [32,    32,    40],
    'L2 TLB entries'                         => [128,   0,     512],
    'L2 bytes'                               => [2097152, 0,   2097152],
    'L2 ways'                                => [16,    0,     16],
    'walker: a PTE in L1D'                   => [undef, 4,     16],
    'walker cache hit, a level'              => [undef, 1,     12],
    'L2: added to an L1 miss'                => [undef, 0,     17],
    'L2 TLB hit'                             => [undef, 0,     8],
    'branch table, counters'                 => [256,   512,   undef],
    'return stack entries'                   => [6,     6,     12],
);
my %latency = slurp('emu/time/core/profile.def') =~ /^FIELD\(pipe\.latency\[\w+\], "([^"]+)",(.*?)\)/gms;
my ($here) = slurp('tests/machine/micro.t') =~ /(.*)^my %published/ms;
for my $words (sort keys %latency) {
    my $short = $words =~ s/^FP | [SD]$//gr;
    ok($here =~ /['"](?:FP )?\Q$short\E/, "$words: a row measures it") if $words ne 'cpop to use';
    my @mark = $latency{$words} =~ /, ([VCMO])/g;
    is("@{[ grep { $mark[$_] eq 'V' && !defined $published{$words}[$_] } 0 .. 2 ]}", '',
        "$words: published (V), so \%published has it");
}
for my $c (0 .. 2) {
    my $p = profile($c);
    for my $words (sort grep { defined $published{$_}[$c] } keys %published) {
        is($p->{$words}, $published{$words}[$c], "$cpus[$c], published: $words");
    }
}

for my $c (0 .. $#cpus) {
    my $cpu  = $cpus[$c];
    my $p    = profile($c);
    my @rows = grep { defined $_->[3] } rows($p);
    my $ras  = $p->{'return stack entries'} // die '--cpu list: return stack?';
    my $elf  = compile_bare("micro-$cpu.c", program($ras, @rows),
        '-fno-builtin', '-Itests/machine');
    my ($status, $out, $err) = clockhand('--timing', 'cycle', '--cpu', $cpu, '--ram', '64M', $elf);
    is($status, 0, "$cpu: the program ends well") or diag($err);
    my @n = split /\s+/, $out;
    for my $k (0 .. $#rows) {
        my ($name, undef, undef, $expected, %o) = @{ $rows[$k] };
        my $n = $o{n} // $default{n};
        judge($cpu, $name, defined $n[$k] ? $n[$k] / $n : undef, $expected, $o{tolerance} // 0);
    }
    my ($less, $fits, $more) = @n[ @rows .. @rows + 2 ];
    judge($cpu, "return stack of $ras: 4 too deep",
        (($more - $fits) - ($fits - $less)) / 4, $p->{'mispredicted branch'}, 0);
    memory($cpu, $p);
}
done_testing();
