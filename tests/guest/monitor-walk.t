#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# step-walk takes the hardware's page walk one level at a time. Each PTE that it shows must be the
# one in RAM, and the cycles must be the walker's. A repeated walk must be served from a nearer
# cache; the walk for a missing page must end in the fault that the guest then takes. A stepped run
# must end in the same state as a run that is not stepped.
use lib 'tests/lib';
use Clockhand;
no warnings "portable"; # 64-bit numbers in hex

# Runs commands; returns the hash, and the output of `json`.
sub session {
    my ($what, $commands, @options) = @_;
    my $file = spew(tmp('walk.ch'), join "\n", @$commands, '');
    my ($out, $err) = succeeds($what, clockhand('--hash', '-x', $file, @options));
    my ($hash) = $err =~ /^hash (\w+)/m;
    return ($hash, map { json($_) } grep { /^[{\[]/ } split /\n/, $out);
}

# ---- in the guest: find a load that walks -------------------------------------
my @boot = ('expect "# " 5s', 'send "ls /\n"');
my $many = 100;
my (undef, @stops) = session('stops before walks',
    [@boot, 'catch walk', ('json continue') x $many]);
is(scalar(grep { $_->{stop} eq 'walk' } @stops), $many, "$many walks caught");
my ($n) = grep { $stops[$_]{text} =~ /of a load/ && hex $stops[$_]{va} < 2**38 }
    0 .. $#stops;
ok(defined $n, 'one walk is for a load of a program') or die('no load');

# `walk` predicts the levels; `x` reads RAM; `step-walk` takes a step.
my @to_it = (@boot, 'catch walk', ('continue') x ($n + 1));
my (undef, $told) = session('walk is asked first', [@to_it, 'json walk walk.va']);
my @level = @{ $told->{levels} };
is(scalar @level, 3, 'three levels');
is($told->{verdict}, 'ok', 'the walk will succeed');
is($told->{va}, $stops[$n]{va}, 'its address is the one caught');

my (undef, @o) = session('the walk is stepped', [
        @to_it,
        'json print walker.cycles', 'json print walker.walks',
        'json print cycle',
        (map { ('json step-walk', 'json x/1gx pa:walk.pte_pa',
            'json print cycle') } @level),
        'json print walk.stepping', 'json info tlb',
        'delete', 'json stepi',
        'json print walker.cycles', 'json print walker.walks',
        'json info profile']);
my ($cycles0, $walks0, $now) = map { $_->{value} } splice @o, 0, 3;
my $sum = 0;
my @step;
for my $l (@level) {
    my ($s, $x, $cycle) = splice @o, 0, 3;
    push @step, $s;
    my $name = "level $l->{level}";
    is($s->{level}, $l->{level}, "$name comes in its turn");
    is($s->{pte_pa}, $l->{pte_pa}, "$name: the PTE's address is the predicted one");
    is($s->{pte}, $l->{pte}, "$name: the PTE is the predicted one");
    is(hex $s->{pte}, hex $x->{values}[0], "$name: the PTE is the one in RAM");
    like($s->{where}, qr/^(walker cache|L1|L2|DRAM .*)$/, "$name: served by $s->{where}");
    cmp_ok($s->{cycles}, '>', 0, "$name: $s->{cycles} cycles");
    $sum += $s->{cycles};
    is($cycle->{value}, $now + $sum, "$name: the machine's time advances by them");
}
my ($stepping, $tlb, $stop, $cycles1, $walks1, $profile) = @o;
is($stepping->{value}, 0, 'the walk is over');
ok($step[-1]{last} && !$step[0]{last}, 'the last step says so');
is($step[-1]{walk_cycles}, $sum, 'the walk takes the sum of its steps');
is($step[-1]{kind}, 'filled', 'it fills a TLB entry');
my $entry = $step[-1]{tlb};
ok((grep { $_->{va} eq $entry->{va} && $_->{pa} eq $entry->{pa} }
        @{ $tlb->{dtlb}{entries} }), 'the D-TLB holds the translation');
is(hex($told->{pa}) - hex($entry->{pa}), hex($told->{va}) - hex($entry->{va}),
    '... which translates as predicted');
is($walks1->{value} - $walks0, 1, 'one walk is counted');
is($cycles1->{value} - $cycles0, $sum, "its cycles are the walker's");
cmp_ok($profile->{walk}, '>=', $cycles1->{value},
    'the cause "walk" has these cycles, and those of hits of the L2 TLB');

# ---- stepping changes nothing -----------------------------------------------------
my $end = $stop->{cycle} + 3_000_000;
my ($h1) = session('stepped', [@to_it, ('step-walk') x @level, 'delete',
        "run-until cycle >= $end"]);
my ($h2) = session('unstepped', [@boot, "run-until cycle >= $end"]);
is($h1, $h2, 'a stepped walk leaves the machine in the same state as an unstepped one');

# ---- a bare program of known addresses -----------------------------------------------
# The program sets up Sv39, loads, does sfence.vma, loads again, then misses a page.
my $elf = compile_bare('walk.S', <<'S');
.globl _start, first, second, missing, handler, tohost, fromhost
_start:
    la t0, handler; csrw stvec, t0
    la t1, l1; la t0, root + 8; call link
    la t1, l0; la t0, l1; call link
    la t1, page; la t0, l0 + 0x123 * 8; call link
    ld t1, 0(t0); ori t1, t1, 0x46; sd t1, 0(t0)      # R W A of the page
    li t1, 0x200000cf; la t0, root; sd t1, 16(t0)     # 1 GiB: this program
    srli t1, t0, 12; li t2, 8; slli t2, t2, 60; or t1, t1, t2
    li t2, -1; csrw pmpaddr0, t2; csrw medeleg, t2
    li t2, 0x1f; csrw pmpcfg0, t2
    li t2, 0x1800; csrc mstatus, t2; li t2, 0x800; csrs mstatus, t2
    la t2, super; csrw mepc, t2
    csrw satp, t1; sfence.vma; mret
link: srli t1, t1, 2; ori t1, t1, 1; sd t1, 0(t0); ret # *t0 = PTE of t1
super:
    li s0, 0x40123000; li s1, 0x40125000
first:   ld a0, 0x18(s0)
    sfence.vma
    nop
second:  ld a1, 0x18(s0)
    nop
missing: ld a2, 0(s1)
fail: la t0, tohost; li t1, 3; sd t1, 0(t0); j fail
.balign 4
handler: la t0, tohost; li t1, 1; sd t1, 0(t0)
1:  j 1b
.balign 64
tohost: .dword 0
.balign 64
fromhost: .dword 0
.balign 4096
root: .zero 4096
l1: .zero 4096
l0: .zero 4096
page: .zero 24
    .dword 0x1122334455667788
S

# Switching the timing empties caches and TLBs: the code's page is walked first, then the load's page.
# Its PTEs come from DRAM, except the root's: the code's walk has brought that line to the L1 cache.
my @commands = ('tbreak first', 'continue', 'timing fast', 'timing cycle',
    'catch walk', 'stepi', 'step-walk');
# Returns the commands that stop at an instruction's walk and step it to its end.
sub stepped {
    my ($levels) = @_;
    return ('json stepi', ('json step-walk') x $levels);
}
my (undef, $stop1, @p) = session('a bare program', [
        @commands, stepped(3), 'json stepi', 'json print/x $a0',
        'tbreak second', 'json continue', 'json step-walk', 'json continue',
        stepped(3), 'json stepi', 'json print/x $a1', 'stepi', stepped(3),
        'tbreak handler', 'json continue', 'json print $scause',
        'json print/x $stval',
        'delete', 'json continue'], '--timing', 'cycle', '--ram', '16M', $elf);
is($stop1->{va}, '0x40123018', 'the first load walks');
my @cold = splice @p, 0, 3;
is_deeply([map { $_->{level} } @cold], [2, 1, 0], 'level by level');
like($_->{where}, qr/^(L1|DRAM)/, "level $_->{level}: from $_->{where}") for @cold;
like($cold[2]{where}, qr/^DRAM/, 'the leaf comes from memory');
is($cold[2]{tlb}{va}, '0x40123000', 'the entry is for the load\'s page');
shift @p;
is((shift @p)->{hex}, '0x1122334455667788', 'the load gets its value');
# sfence.vma has emptied TLBs and walker cache. So the code's own gigabyte is walked
# (one level), then the load's page again, whose PTEs are in the L1 cache now.
my ($fetch, $f1, $at_second, $stop2) = splice @p, 0, 4;
is($fetch->{stop}, 'walk', 'after sfence.vma there is a walk for the code');
is($f1->{tlb}{level}, 2, '... for a gigabyte, in one step');
my @warm = splice @p, 0, 3;
is($stop2->{va}, '0x40123018', 'the same load walks again');
is($_->{where}, 'L1', "level $_->{level} is served nearer: L1") for @warm;
cmp_ok($warm[2]{walk_cycles}, '<', $cold[2]{walk_cycles},
    "$warm[2]{walk_cycles} cycles after $cold[2]{walk_cycles}");
shift @p;
is((shift @p)->{hex}, '0x1122334455667788', '... with the same value');
my ($stop3, @fault) = splice @p, 0, 4;
is($stop3->{va}, '0x40125000', 'there is a walk for the missing page');
is($fault[2]{kind}, 'fault', '... which ends in a fault');
is($fault[2]{cause}, 13, '... a load page fault');
my ($at_handler, $scause, $stval, $off) = @p;
is($at_handler->{stop}, 'breakpoint', 'the program then takes the trap');
is($scause->{value}, 13, '... with that cause');
is($stval->{hex}, '0x40125000', '... and that address');
is($off->{exit_status}, 0, '... and runs to its end');

# Without a lens `catch fault` stops at the trap itself.
my (undef, $caught) = session('catch fault', ['catch fault', 'json continue'],
    '--timing', 'cycle', '--ram', '16M', $elf);
like($caught->{text}, qr/^catch 1: trap: load page fault .*tval 0x40125000$/,
    'catch fault stops in a bare program, too');

# With V clear the other bits are no flags: those of a swap entry must not be shown as R, W, ...
my (undef, $entry0) = session('an entry of the kernel\'s own', ['tbreak first', 'continue',
        'set u64[pa:l0 + 0x125 * 8] = 0x2802', 'json walk 0x40125000'],
    '--timing', 'cycle', '--ram', '16M', $elf);
is($entry0->{levels}[2]{pte}, '0x2802', 'V is clear, other bits are set');
is($entry0->{levels}[2]{flags}, 'V clear', '... and are not shown as flags');

my (undef, $copy) = session('a copy on write', ['expect "# " 60s', 'catch cow-copy',
        'send "(true)\n"', 'quietly continue', 'json walk event.va w'], '--timing', 'fast');
like($copy->{why}, qr/W is clear: .*copy-on-write.* the fault copies it$/,
    'walk says that the fault copies it');

# If catch walk stops twice at the same place, the second stop must say that the first
# walk ended in a page fault if, and only if, the kernel counted one between them.
my (undef, @twice) = session('walks of a command', ['expect "# " 60s', 'catch walk',
        'send "ls /\n"', map({ ('json continue', 'json print pgfault', 'json print $pc') } 1 .. 150)]);
my ($again, $once, $wrong) = (0, 0, 0);
for my $i (1 .. 149) {
    my ($before, $faults) = @twice[ 3 * $i - 3, 3 * $i - 2 ];
    my ($stop, $now) = @twice[ 3 * $i, 3 * $i + 1 ];
    my $same = $before->{va} eq $stop->{va} && $before->{pc} eq $stop->{pc};
    my $said = $stop->{text} =~ /, again: the walk before ended in a page fault, which has been served$/;
    $again += $said;
    $once += !$said;
    $wrong++ if $said != ($same && $now->{value} > $faults->{value});
}
cmp_ok($again, '>', 3, 'some repeated walks say that a page fault came between');
cmp_ok($once, '>', 50, 'other walks do not');
is($wrong, 0, '... and each is right');

# README's session, word for word: the shell in it must be at work, since a
# shell that sleeps at its prompt never walks.
my ($shown) = slurp('README.md') =~ /`build\/clockhand --monitor`.*?^```\n(.*?)^```/ms;
like($shown, qr/^step-walk$/m, 'README shows step-walk');
my ($status, $said) = clockhand('-v', '-x', spew(tmp('readme.ch'), $shown));
is($status, 0, "README's session of step-walk");
my @levels = $said =~ /^level \d .* pte at 0x.* cycles?$/mg;
is(scalar(@levels), scalar(() = $shown =~ /step-walk/g),
    '... each step-walk shows a level') or diag($said);

done_testing();
