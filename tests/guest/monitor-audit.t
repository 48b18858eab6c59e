#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# The audit of the running guest must hold at any instruction at which the lens is not
# busy. It must fail as soon as this test plants a wrong reference count, a lost event
# or a stray mapping. The rows of --events must agree with the kernel's tables.
use lib 'tests/lib';
use Clockhand;
no warnings "portable"; # 64-bit numbers in hex
use Planted;

sub session {
    my ($commands, @options) = @_;
    my $file = spew(tmp('audit.ch'), join "\n", 'expect "# " 5s', @$commands,
        '');
    my ($status, $out, $err) = clockhand(@options, '-x', $file);
    return ($status, $err, map { json($_) } grep { /^[{\[]/ }
            split /\n/, $out);
}

# ---- audits at many moments ------------------------------------------------------
# Processes fork, exec, fault and use pipes; the run stops at random moments. If the
# lens is busy, the audit waits: the next stop is a few instructions later.
srand 11;
my @run = ('send "ls -l /bin | sort | tail -3; (echo a; echo b) | wc\n"');
for (1 .. 150) {
    push @run, 'run-for ' . int(rand 200_000), 'run-until !lens.busy', 'json audit';
}
my ($status, $err, @audits) = session(\@run);
is($status, 0, '150 audits hold') or diag($err);
is(scalar(grep { $_->{ran} && !$_->{errors} && $_->{frames} == 4096 } @audits),
    150, 'each has checked all 4,096 frames');

# The same command, run for 100 ms without a stop, must create processes and copy pages.
my ($s2, undef, $vm0, $vm1) = session(['json info vm', $run[0], 'run-for 100ms', 'json info vm']);
cmp_ok($vm1->{forks}, '>', $vm0->{forks}, 'processes were created');
cmp_ok($vm1->{cow_copied}, '>', $vm0->{cow_copied}, 'pages were copied');

# ---- planted faults -----------------------------------------------------------------
# Finds the frame of the shell's stack and its row in the kernel's frame table.
my (undef, undef, $lens, $walk) = session(['json info lens', 'json walk $sp', 'json print $sp']);
my (undef, undef, $ps) = session(['json info ps']);
my ($sh) = grep { $_->{name} eq 'sh' } @$ps;
my (undef, undef, $map) = session(["json pmap $sh->{pid}"]);
my ($stack) = grep { $_->{name} eq '[stack]' } @{ $map->{mappings} };
my $top = hex($stack->{end}) - 4096;
my @at;
for (my $va = $top; $va >= hex $stack->{start} && !@at; $va -= 4096) {
    my (undef, undef, $w) = session(["json walk $va $sh->{pid}"]);
    @at = ($w->{pfn}, $w->{levels}[-1]{pte_pa}, $w->{levels}[-1]{pte}) if $w->{verdict} eq 'ok';
}
my ($pfn, $pte_pa, $pte) = @at;
ok(defined $pfn, "the shell's stack is frame $pfn");
my $row = hex($lens->{frames_pa}) + $pfn * $lens->{frame_stride};

sub planted {
    my ($what, $pattern, @plant) = @_;
    my ($st, $e, $before, $after) = session(['json audit', @plant, 'json audit']);
    is($before->{errors}, 0, "$what: the audit holds before");
    is($st, 1, "$what: the audit fails after");
    cmp_ok($after->{errors}, '>', 0, "$what: an error is counted");
    like($after->{first}, $pattern, "$what: the error is named: $after->{first}");
    like($e, qr/audit\.ch:\d+: audit: \d+ errors?, first: /, "$what: with file and line");
}
# struct lens_frame: state at 0, refs at 4.
planted('a wrong reference count', qr/frame $pfn .*counts 2, 1 PTEs/,
    sprintf 'set u32[pa:0x%x] = 2', $row + 4);
planted('a lost event', qr/frame $pfn: the table says shared-memory, its/,
    sprintf 'set u8[pa:0x%x] = 10', $row);
planted('a mapping taken away', qr/frame $pfn .*counts 1, 0 PTEs/, "set u64[pa:$pte_pa] = 0");
planted('two maps of one frame', qr/frame $pfn .*counts 1, 2 PTEs/,
    sprintf 'set u64[pa:%s] = %s', sprintf('0x%x', hex($pte_pa) - 64), $pte);
planted('a state that does not exist', qr/frame $pfn: .*no state/,
    sprintf 'set u8[pa:0x%x] = 200', $row);

# An event is lost: this machine's lens drops one event that makes a free frame file-clean, and the
# frame stays so. The page tables and the kernel's table are right; only the events differ.
my $deaf = planted_program('lens_write', <<'C');
#include "dev/lens.h"
bool __real_lens_write(struct lens *l, u64 offset, unsigned bytes, u64 now,
                       u64 value);
bool __wrap_lens_write(struct lens *l, u64 offset, unsigned bytes, u64 now,
                       u64 value);
bool __wrap_lens_write(struct lens *l, u64 offset, unsigned bytes, u64 now,
                       u64 value)
{
    static unsigned frames;
    if (offset == LENS_EVENT && (value & LENS_NO_PFN) != LENS_NO_PFN &&
        (value >> 28 & 15) == FS_FREE &&
        (value >> 32 & 15) == FS_FILE_CLEAN && ++frames == 40)
        return true;
    return __real_lens_write(l, offset, bytes, now, value);
}
C
ok($deaf, 'a machine that loses an event builds');
my ($st0, $out0, $err0) = run_command('', $deaf, '-x', spew(tmp('deaf.ch'),
    "expect \"# \" 5s\nrun-until !lens.busy\naudit\n"));
is($st0, 1, '... its audit fails');
like($err0, qr/frame \d+: the table says [\w-]+, its events say [\w-]+/,
    '... and names the frame') or diag("$out0$err0");

# Clockhand must survive garbage in the guest's tables: strides, chains and trees that lead nowhere.
my @wild;
srand 5;
for (1 .. 60) {
    push @wild, sprintf('set u64[pa:0x%x] = 0x%x%08x',
        0x80000000 + (int rand(1 << 21)) * 8, rand(1 << 32), rand(1 << 32));
}
push @wild, map {
    sprintf('set u64[pa:0x%x] = 0x%x%08x', $row - $pfn * $lens->{frame_stride}
            + int(rand 4096 * 8) * 8, rand(1 << 32), rand(1 << 32))
} 1 .. 60;
push @wild, map {
    sprintf('set u64[pa:0x%x] = 0x%x%08x', hex($lens->{procs_pa})
            + int(rand 300) * 8, rand(1 << 32), rand(1 << 32))
} 1 .. 100;
my ($st3, $e3, @answers) = session([@wild, 'json page 5', map({ "json info $_" } infos()),
        "json pmap $sh->{pid}"]);
ok($st3 == 0 || $st3 == 2, 'garbage in the tables is survived') or diag($e3);
cmp_ok(scalar @answers, '>=', 4, '... and queries are answered');

# ---- --events ------------------------------------------------------------------------
my $csv = tmp('events.csv');
my ($st4, $e4, $frames, $events) = session(
    ['send "ls | wc -l\n"', 'run-for 60ms', 'run-until !lens.busy',
        'json info frames', 'json info events 50'],
    '--events', $csv);
is($st4, 0, '--events: the script runs') or diag($e4);
my @rows = events($csv);
cmp_ok(scalar @rows, '>', 500, scalar(@rows) . ' events');
my (%state, %reason, $last);
my $ordered = 1;
for my $r (@rows) {
    $ordered &&= !defined $last || $r->{cycle} >= $last;
    $last = $r->{cycle};
    $reason{ $r->{reason} }++;
    next if $r->{pfn} eq '';
    my $was = $state{ $r->{pfn} } // 'free';
    if ($was ne $r->{from}) {
        fail("frame $r->{pfn} at $r->{cycle}: from $r->{from}, was $was");
        last;
    }
    $state{ $r->{pfn} } = $r->{to};
}
ok($ordered, 'the events are in order of time');
my %count;
$count{$_}++ for values %state;
for my $word (sort keys %count) {
    next if $word eq 'free';
    is($count{$word}, $frames->{$word}, "$word: events and table agree");
}
ok($reason{$_}, "there are events of reason $_")
    for qw(boot demand-zero page-in cow-share cow-copy fork exec proc-exit);
ok(!$reason{none}, 'no event without a reason');
is($events->[0]{cycle}, $rows[-1]{cycle}, 'info events shows the latest first');

# At a catch the kernel is in the midst of a change: audit's message says how to go on.
my @catch = ('expect "# " 5s', 'send "ls /\n"', 'catch cow', 'continue');
my ($st5, undef, $e5) = clockhand('-x', spew(tmp('catch.ch'), join "\n", @catch, 'audit', ''));
is($st5, 1, 'audit at a catch: the sums have not settled');
like($e5, qr/their sums do not settle before it is done: (run-until lens\.busy == 0), and ask again$/,
    '... and the message gives a command');
my ($go_on) = $e5 =~ /: (run-until [^,]+),/;
my ($st6, $o6, $e6) = clockhand('-x', spew(tmp('settled.ch'), join "\n", @catch, $go_on, 'audit', ''));
is("$st6$e6", '0', '... after that command the audit holds');
like($o6, qr/states, references and events agree$/m, '... and says that all agree');

done_testing();
