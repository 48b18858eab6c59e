#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# `profile` gives every cycle to one function, cause and call stack, and its sums are
# exact. A program whose functions' shares are known must show them. Profiling must not
# change the machine. SOAK=1 also goes back in time with an exact profile.
use lib 'tests/lib';
use List::Util qw(sum0);
use Clockhand;

my @causes = qw(issue interlock branch icache dcache walk dram trap idle);

# Runs a script; returns the hash, `info profile`, and the folded stacks.
sub profiled {
    my ($name, $mode, $body, @args) = @_;
    my $folded = tmp("$name.folded");
    my $write  = $mode =~ /^profile/ ? "profile $folded\n" : '';
    my $script = spew(tmp("$name.ch"), "$mode\n$body\nhash\njson info profile\n$write");
    my ($out, $err) = succeeds("$name: ends well", clockhand('-x', $script, @args));
    my ($hash)  = $out =~ /^hash (\w{32})$/m;
    my ($facts) = $out =~ /^(\{"issue".*)$/m;
    return ($hash, json($facts // '{}'), $write ? slurp($folded) : '');
}

sub sums_are_exact {
    my ($name, $p, $folded) = @_;
    my @f = @{$p->{functions}};
    cmp_ok(scalar @f, '>', 2, "$name: functions");
    is(sum0(map { $_->{cycles} } @f), $p->{cycles}, "$name: functions add up to all cycles");
    is_deeply([map { my $c = $_; sum0(map { $_->{$c} } @f) } @causes],
        [@$p{@causes}], "$name: cause by cause, too");
    is(scalar(grep { sum0(@$_{@causes}) != $_->{cycles} } @f),
        0, "$name: and function by function");
    is(scalar(grep { $_->{total} < $_->{cycles} } @f),
        0, "$name: a function's total includes its callees");
    my @lines = split /\n/, $folded;
    is(scalar(grep { !/^[^ ;]+(;[^ ;]+)* [1-9]\d*$/ } @lines),
        0, "$name: folded stacks are well-formed");
    is(sum0(map { /(\d+)$/ } @lines), $p->{cycles}, "$name: and add up");
    my %seen;
    is(scalar(grep { /^(.*) / && $seen{$1}++ } @lines), 0, "$name: each stack once");
    return;
}

sub share {
    my ($p, $function, $of) = @_;
    my ($f) = grep { $_->{name} eq $function } @{$p->{functions}};
    return $f ? $f->{$of} / $p->{profiled} : 0;
}

# ---- a program of known shares: the same loop, 300 and 100 times ----

my $shares = <<'C';
__asm__(".globl _start\n_start: la sp, stack + 4096\n call main\n j .");
char stack[4096] __attribute__((aligned(16)));
static volatile unsigned long sink;
#define LOOP(n) for (unsigned i = 0; i < (n); i++) \
    __asm__ volatile("addi t0, t0, 1\n addi t0, t0, 1\n addi t0, t0, 1")
__attribute__((noinline, noclone)) static void three(void) { LOOP(300); }
__attribute__((noinline, noclone)) static void one(void) { LOOP(100); }
__attribute__((noinline, noclone)) static void work(void)
{
    for (unsigned k = 0; k < 30000; k++) {
        three();
        one();
        sink++;
    }
}
int main(void)
{
    work();
    return 0;
}
C

# -g gives call frame information, -g0 nothing but symbols.
my $elf;
for my $flag ('-g', '-g0') {
    $elf = compile_bare("shares$flag.c", $shares, $flag,
        '-fno-optimize-sibling-calls', '-fno-asynchronous-unwind-tables');
    # The outer loop takes 2016 cycles: samples every 1009 would keep step with it.
    shares_are_known($flag, $_) for 'echo off', 'profile on 997', 'profile exact';
}

my %hash;
sub shares_are_known {
    my ($flag, $mode) = @_;
    my $name = $mode =~ s/\W+/-/gr;
    my ($hash, $p, $folded) = profiled("bare-$name", $mode, "run-for 2000000",
        '--timing', 'cycle', $elf);
    $hash{$flag} //= $hash;
    is($hash, $hash{$flag}, "$mode: the same hash as without a profile");
    return if $mode eq 'echo off';
    sums_are_exact("bare $mode", $p, $folded);
    my ($three, $one) = map { share($p, $_, 'cycles') } qw(three one);
    my $close = $mode eq 'profile exact' ? .005 : .03;
    cmp_ok(abs($three / ($three + $one) - 300 / 400), '<', $close,
        "$mode: three() has three quarters of the loops: $three, $one");
    cmp_ok(share($p, 'work', 'total'), '>', .98, "$mode: work() and its callees have nearly all");
    cmp_ok(share($p, 'work', 'cycles'), '<', .05, "$mode: work() itself has little");
    like($folded, qr/^(\w+;)*main;work;three \d+$/m, "$mode, $flag: the callers");
    return;
}

# ---- the guest: kernel and user code ------------------------------------------

my $boot = qq(expect "# " 10s\nsend "forktree\\n"\nexpect "# " 10s);
my %guest;
for my $mode ('echo off', 'profile on', 'profile on 777', 'profile exact') {
    my $name = $mode =~ s/\W+/-/gr;
    my ($hash, $p, $folded) = profiled("guest-$name", $mode, $boot);
    $guest{$name} = {hash => $hash, profile => $p, folded => $folded};
    is($hash, $guest{'echo-off'}{hash}, "$mode: the guest's hash is the same");
    sums_are_exact("guest $mode", $p, $folded) if $mode ne 'echo off';
}

my ($some, $all) = map { $guest{$_}{profile} }
    qw(profile-on-777 profile-exact);
for my $f (grep { $_->{cycles} > 300000 } @{$all->{functions}}) {
    my ($other) = grep { $_->{name} eq $f->{name} } @{$some->{functions}};
    my $ratio = $other ? $other->{cycles} / $f->{cycles} : 0;
    cmp_ok(abs($ratio - 1), '<', .15, "$f->{name}: sampled/exact $ratio");
}
like($guest{$_}{folded},
    qr/^forktree;\[kernel\];[\w;]*syscall_dispatch;[\w;]*proc_fork[; ]/m,
    "$_: a system call's stack, from its process down")
    for qw(profile-on-777 profile-exact);
like($guest{$_}{folded},
    qr/^forktree;_start;tiny_start;main;grow;[\w;]*page_fill \d+$/m,
    "$_: our programs' functions, though stripped on the disk")
    for qw(profile-on-777 profile-exact);
like($guest{'profile-exact'}{folded}, qr/^sh;(\S+;)?busybox\+0x\w+ \d+$/m,
    'user code without symbols: file and offset');
my ($idle) = grep { $_->{idle} == $all->{idle} } @{$all->{functions}};
ok($idle, 'the waiting function has all idle cycles: ' . ($idle ? $idle->{name} : ''));

# ---- the past: a moment has one profile, however the machine comes there -------

for my $mode ('profile on 777', $ENV{SOAK} ? 'profile exact' : ()) {
    my $save = tmp('profile.sav');
    my $script = spew(tmp('past.ch'), join "\n", 'expect "# " 10s', 'send "hog 1.2x 0\\n"',
        'run-for 20ms', 'mark before', 'run-for 5ms', $mode, 'run-for 10ms', 'mark here',
        map({ ($_, 'json info profile') } 'echo here', 'run-for 10ms', 'goto here',
            'goto before', 'goto here', 'run-for 10ms', "save $save", "load $save",
            'run-for 3ms', "load $save", 'run-for 2ms', 'mark there', 'run-for 9ms',
            'goto there'), '');
    my ($out, $err) = succeeds("$mode: there and back", clockhand('--ram', '8M', '-x', $script));
    my ($here, $later, $back, $before, $again, $later_again, undef, $loaded, $on, undef, undef,
        $there, undef, $there_again) = map { json($_) } grep { /^\{"issue"/ } split /\n/, $out;
    for ($here, $later, $on, $there) {
        is(sum0(map { $_->{cycles} } @{ $_->{functions} }), $_->{profiled},
            "$mode: the sum is $_->{profiled} cycles");
    }
    is_deeply([ $back, $again, $later_again, $there_again ], [ $here, $here, $later, $there ],
        '... the same after going back, also to before the profile began');
    is_deeply([ $before->{profiled}, $before->{functions} ], [ 0, [] ],
        '... a moment before the profile began has none');
    is_deeply([ $loaded->{profiled}, $on->{profiled} ], [ 0, $on->{cycles} - $loaded->{cycles} ],
        '... and the profile begins anew in a loaded machine');
}

# ---- a user program with symbols, put onto the guest's disk --------------------

my $source = spew(tmp('user.c'), <<'C');
#include <stdio.h>
#define LOOP(n) for (unsigned i = 0; i < (n); i++) \
    __asm__ volatile("addi t0, t0, 1\n addi t0, t0, 1" ::: "t0")
__attribute__((noinline)) static void user_three(void) { LOOP(3000000); }
__attribute__((noinline)) static void user_one(void) { LOOP(1000000); }
__attribute__((noinline)) static void user_work(void)
{
    user_three();
    user_one();
    __asm__ volatile("");
}
int main(void)
{
    user_work();
    puts("shares done");
    return 0;
}
C
my ($root, $user) = (tmp('root.img'), tmp('user'));
system('riscv64-linux-gnu-gcc', '-O2', '-static', '-o', $user, $source) == 0
    or die 'cannot compile';
spew($root, slurp(build() . '/guest/root.img'));
my ($debugfs) = grep { -x } map { "$_/debugfs" } split(/:/, $ENV{PATH}), '/sbin', '/usr/sbin';
run_command('', $debugfs, '-w', '-R', "write $user usershares", $root);
run_command('', $debugfs, '-w', '-R', 'set_inode_field usershares mode 0100755', $root);
my (undef, $p, $folded) = profiled('user', 'profile on 1009',
    qq(expect "# " 10s\nsend "/usershares\\n"\nexpect "shares done" 10s),
    '--drive', "$root,overlay");
my ($three, $one) = map { share($p, $_, 'cycles') } qw(user_three user_one);
cmp_ok($three, '>', .02, "user code by its file's symbols: $three");
cmp_ok(abs($three / (($three + $one) || 1) - .75), '<', .01, '... and in its known shares');
like($folded, qr/^usershares;(\w+;)*main;user_work;user_three \d+$/m,
    'under the name of its process, with the callers');

# A program of ours that somebody has changed does not get our symbols' names.
my $changed = slurp(build() . '/guest/user/era/forktree');
like($changed, qr/forktree: mmap/, 'a string to change');
$changed =~ s/forktree: mmap/forktree: nmap/;
run_command('', $debugfs, '-w', '-R', "write $_->[0] $_->[1]", $root),
    run_command('', $debugfs, '-w', '-R',
        "set_inode_field $_->[1] mode 0100755", $root)
    for [spew(tmp('changed'), $changed), 'changed'],
        [build() . '/guest/user/era/forktree', 'copied'];
(undef, $p, $folded) = profiled('changed', 'profile on 997',
    qq(expect "# " 10s\nsend "/changed 2; /copied 2; echo do''ne\\n"\n)
    . 'expect "done" 10s', '--drive', "$root,overlay");
like($folded, qr/^changed;changed\+0x\w+ \d+$/m, 'a changed program has no names');
unlike($folded, qr/^changed;_start/m, '... none at all');
like($folded, qr/^copied;_start;tiny_start;main[; ]/m, 'an unchanged copy has names');

# ---- mistakes ------------------------------------------------------------------

refuses([], $elf, ['profile x', qr/it is off/], ['profile on 5', qr/from 100/],
    ['profile', qr/on, exact, off or a file/]);
refuses(['profile on'], $elf, ['profile /nowhere/x', qr/No such file/]);

done_testing;
