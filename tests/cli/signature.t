#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# --signature writes memory between two symbols in Spike's form; `make suites` compares
# it with the signature files beside the programs.
use lib 'tests/lib';
use File::Copy qw(copy);
use Clockhand;

# Makes a program that ends with the number $a0 (0 passes) and whose signature is $data, of any
# length, except that the program sets the signature's second byte to 0x3c.
sub program {
    my ($name, $a0, $data, $begin, $end) = @_;
    $begin //= "begin_signature:\n";
    $end   //= "end_signature:\n";
    return compile_bare("$name.S", <<"ASM", '-Wl,-n');
    .globl _start, begin_signature, end_signature
_start:
    lla t0, begin_signature
    li t1, 0x3c
    sb t1, 1(t0)
    li a0, $a0
    slli a0, a0, 1
    ori a0, a0, 1
    lla t0, tohost
    sd a0, 0(t0)
1:  j 1b
    .balign 64
$begin
$data
$end
ASM
}

my $sig = tmp('sig');
my $abc = program('abc', 0, '.byte 1,2,3,4,5,6,7,8,9,10,0xff,0xfe,0xfd,0xfc,0xfb,0xfa,0xab,0xcd');

# Written by hand from the definition: each line is one little-endian number; the last
# line is filled with zeros.
my %expected = (
    1  => join("\n", qw(01 3c 03 04 05 06 07 08 09 0a ff fe fd fc fb fa ab cd)),
    2  => join("\n", qw(3c01 0403 0605 0807 0a09 feff fcfd fafb cdab)),
    3  => join("\n", qw(033c01 060504 090807 feff0a fbfcfd cdabfa)),
    4  => join("\n", qw(04033c01 08070605 feff0a09 fafbfcfd 0000cdab)),
    8  => join("\n", qw(0807060504033c01 fafbfcfdfeff0a09 000000000000cdab)),
    16 => join("\n", 'fafbfcfdfeff0a090807060504033c01',
        '0000000000000000000000000000cdab'),
    20 => '0000cdabfafbfcfdfeff0a090807060504033c01',
);
for my $n (sort { $a <=> $b } keys %expected) {
    unlink $sig;
    my ($status, $out, $err) = clockhand('--signature', $sig, '--signature-granularity', $n, $abc);
    is("$status $err", '0 ', "$n bytes a line: runs");
    is(slurp($sig), "$expected{$n}\n", "$n bytes a line");
}
clockhand('--signature', $sig, '--timing', 'cycle', $abc);
is(slurp($sig), "$expected{4}\n", 'four bytes a line without --signature-granularity');
my ($status, $out, $err) = clockhand('--signature', '-', $abc);
is($out, "$expected{4}\n", 'on standard output');

my $seven = program('seven', 7, '.word 0, 0x89abcdef');
($status, $out, $err) = clockhand('--signature', $sig, $seven);
is($status, 7, 'a program that fails');
is(slurp($sig), "00003c00\n89abcdef\n", 'leaves its signature, too');
unlink $sig;
($status) = clockhand('--signature', $sig, '--max-instructions', 3, $seven);
is($status, 124, 'a program that is stopped');
is(slurp($sig), "00000000\n89abcdef\n", '... leaves its signature as it was by then');
my $empty = program('empty', 0, '.word 9', '', "begin_signature:\nend_signature:");
($status) = clockhand('--signature', $sig, $empty);
is("$status " . slurp($sig), '0 ', 'an empty region is an empty file');

# ---- mistakes ----

sub mistake {
    my ($name, $message, @options) = @_;
    my ($status, $out, $err) = clockhand(@options);
    is($status, 2, "$name: status 2");
    like($err, qr/\Aclockhand: $message\n\z/, "$name: one line");
}

my $none = compile_bare('none.S', "    .globl _start\n_start: j _start\n");
mistake('no symbols', '\S+sig: no signature: .* no symbol begin_signature',
    '--signature', $sig, $none);
my $backwards = program('backwards', 0, '.word 0', 'end_signature:', 'begin_signature:');
mistake('end before begin', '\S+sig: no signature: end_signature is before .*',
    '--signature', $sig, $backwards);
my $far = program('far', 0, '.word 0', '.set begin_signature, 0x1000',
    '.set end_signature, 0x1010');
mistake('not in RAM', '\S+sig: no signature: .* not in RAM', '--signature', $sig, $far);
mistake('no folder', '\S+such: cannot be written: .*', '--signature', tmp('no/such'), $abc);
mistake("granularity $_", '--signature-granularity: .* 1 to 4096',
    '--signature', $sig, '--signature-granularity', $_, $abc) for qw(0 -1 5000 x);

# ---- make suites ----

my $dir = tmp('suite');
mkdir $_ for $dir, "$dir/deeper";
sub suites {
    return run_command('', 'tests/suites', build(), @_);
}
copy($abc, "$dir/plain");
($status, $out) = suites($dir);
is("$status $out", "0 1 passed, 0 failed\n", 'suites: one that passes');

my $alone = tmp('alone'); # nothing but the program has been built
mkdir $alone;
copy(build() . '/clockhand', "$alone/clockhand");
chmod 0755, "$alone/clockhand";
($status, $out) = run_command('', 'tests/suites', $alone, $dir);
is("$status $out", "0 1 passed, 0 failed\n", 'suites: without a guest');

copy($seven, "$dir/deeper/seven");
copy($abc, "$dir/same.elf");
spew("$dir/same.reference_output", uc "$expected{4}\n");
copy($abc, "$dir/wide.elf");
spew("$dir/wide.sig", "$expected{8}\n");
copy($abc, "$dir/other.elf");
spew("$dir/other.reference_output", $expected{4} =~ s/feff/feef/r . "\n");
spew("$dir/notes.txt", "no program\n");
copy(build() . '/clockhand', "$dir/host"); # a program of another machine: ignored
my $wants = compile_bare('wants.S', <<'ASM', '-march=rv64gc_zba', '-Wl,-n');
    .globl _start, tohost, fromhost
_start:
    lla t0, trap
    csrw mtvec, t0
    li gp, 2
    sh1add a0, a0, a0
    li gp, 1
done:
    lla t0, tohost
    sd gp, 0(t0)
1:  j 1b
    .balign 4
trap:
    ori gp, gp, 1337
    j done
    .balign 64
tohost:
    .dword 0
    .balign 64
fromhost:
    .dword 0
ASM
copy($wants, "$dir/wants");
($status, $out) = suites($dir);
is($status, 1, 'suites: some fail');
is($out, <<"TEXT", 'suites: which, and why');
failed: $dir/deeper/seven: test 7
failed: $dir/other.elf: signature, line 3: feff0a09, expected feef0a09
3 signatures compared
4 passed, 2 failed
TEXT
($status, $out) = suites($dir, '--isa', 'rv64gc');
my ($said) = $out =~ m{^failed: \Q$dir\E/wants: (.*)$}m;
like($said // '', qr/^illegal instruction at 0x[0-9a-f]{8}, mtval 0x20a52533; /,
    'suites: an extension that is off: where the program uses it');
like($said // '', qr/; it was made for zba, which this machine lacks$/,
    'suites: an extension that is off: its name');
($status, $out) = suites($dir, '--cpu', 'rocket');
like($out, qr{^failed: \Q$dir\E/wants: .*; it was made for zba, which this machine lacks$}m,
    'suites: an extension that the core lacks: its name');
mkdir "$dir/none";
($status, $out) = suites("$dir/none");
is("$status $out", "1 0 passed, 0 failed\n", 'suites: a folder without a program is no pass');
($status, $out, $err) = suites("$dir/nowhere");
is("$status $err", "2 clockhand: make suites: DIR=... names no directory\n",
    'suites: no directory');

done_testing();
