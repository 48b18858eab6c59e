#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests what scripts rely on. The promised options and verbs exist and are listed, --stats and --events
# have the promised names, a run ends with the promised status, and it ends if its output pipe is
# closed early. SOAK=1 also follows make's targets into the makes that these call.
use lib 'tests/lib';
use Clockhand;

my $b = build();

# ---- options ----
my @options = qw(run x policy set ram swap drive kernel initrd append bios dtb
    dump-dtb timing pace cpu clock isa dram disk-model tlb tlb2 asid ad engine
    epoch seed panel letters theme monitor gdb S record replay save load
    max-instructions max-sim-time stats events counters counters-every refs trace screenshot commit-log
    signature signature-granularity hash config);
my ($status, $help) = clockhand('--help');
is($status, 0, '--help');
my $man = qx(tools/mkman clockhand emu/config/options.def)
    . qx(tools/mkman monitor emu/monitor/verbs/commands.def emu/monitor/verbs/infos.def);
for my $o (@options) {
    my $name = length $o > 1 ? "--$o" : "-$o";
    like($help, qr/^  (-\w+, )?\Q$name\E\b/m, "$name is in --help");
    (my $roff = $name) =~ s/-/\\-/g;
    like($man, qr/^\.B .*\Q$roff\E\b/m, "$name is in the man page");
}
is(scalar(grep { length > 79 } split /\n/, $help), 0, '--help stays within a terminal');

# ---- verbs ----
my @verbs = qw(stepi gdb bt print x break watch continue
    info run-for run-until timing pace page why pmap walk catch step-walk mark
    goto reverse-stepi reverse-continue last-write first-touch next-event previous-event branch
    explain sysrq set save load hash screenshot record send expect assert echo source
    list help quit json);
my @infos = infos();
sub script {
    return run_command(join("\n", @_, ''), "$b/clockhand", '--monitor');
}
($status, my $out, my $err) = script(map { "help $_" } @verbs);
is($status, 0, 'help has every verb') or diag($err);
for my $v (@verbs) {
    (my $roff = $v) =~ s/-/\\-/g;
    like($man, qr/^\.B \Q$roff\E( |$)/m, "$v is in the man page");
}
($status, $out, $err) = script('expect "# " 60s',
    map { ("echo = $_", "info $_", "echo = json $_", "json info $_") } @infos);
is("$status$err", '0', 'every info of a guest at its prompt');
my %said = $out =~ /^= ((?:json )?\w+)\n(.*?)(?=^= |\z)/msg;
for my $i (@infos) {
    like($said{$i} // '', qr/\w/, "info $i");
    ok(eval { json($said{"json $i"}); 1 }, "json info $i") or diag($said{"json $i"});
}

# ---- numbers ----
my ($stats, $events) = (tmp('stats'), tmp('events'));
($status, $out) = guest('ls /', '--stats', $stats, '--events', $events);
is($status, 0, 'a run with --stats and --events');
my $s = json(slurp($stats));
ok(defined $s->{$_}, "--stats: $_")
    for qw(instructions cycles simulated_seconds host_seconds startup_seconds
        mips ipc tlb walker icache dcache l2 branch dram disks kernel cycles_by);
my %inside = (
    walker => [qw(walks pte_reads cycles)],
    icache => [qw(accesses misses writebacks)],
    dcache => [qw(accesses misses writebacks)],
    l2 => [qw(accesses misses writebacks)],
    dram => [qw(reads writes row_hits row_conflicts refreshes
        mean_latency_clocks)],
    kernel => [qw(pgfault pgmajfault forks execs)],
    cycles_by => [qw(issue interlock branch icache dcache walk dram trap
        idle)]);
for my $part (sort keys %inside) {
    ok(defined $s->{$part}{$_}, "--stats: $part.$_") for @{$inside{$part}};
}
for my $tlb (values %{$s->{tlb}}) {
    ok(defined $tlb->{$_}, "--stats: a TLB's $_") for qw(accesses misses flushes);
}
for my $n (qw(reads writes bytes seek_ms busy_ms)) {
    ok(defined $_->{$n}, "--stats: disks' $n") for $s->{disks}[0];
}
my $sum = 0;
$sum += $_ for values %{$s->{cycles_by}};
is($sum, $s->{cycles}, '--stats: cycles_by adds up to cycles');
like(slurp($events), qr/^cycle,pid,pfn,from,to,reason,actor\n/, '--events: its first line');
is(scalar(grep { tr/,// != 6 } split /\n/, slurp($events)), 0, '--events: seven fields a line');
($status, $out) = guest('echo first', '--stats', '-');
my ($first, $last) = split /\n/, $out, 2;
is($first, 'first', '--stats -: after everything else');
ok(eval { json($last); 1 }, '--stats -: JSON');

# ---- ends of runs ----
my $spin = compile_bare('spin.s', ".globl _start\n_start: j _start\n");
my $traps = compile_bare('traps.s',
    ".globl _start\n_start: la t0, 1f\ncsrw mtvec, t0\n.align 2\n1: ecall\n");
for my $elf ($spin, $traps) {
    for my $timing ('fast', 'cycle') {
        ($status) = clockhand($elf, '--timing', $timing,
            '--max-instructions', 100_000, '--stats', $stats);
        is($status, 124, "$timing: --max-instructions ends it");
        cmp_ok(json(slurp($stats))->{instructions}, '<=', 100_000, "$timing: ... at that count");
        ($status) = clockhand($elf, '--timing', $timing, '--max-sim-time',
            '1ms', '--stats', $stats);
        is($status, 124, "$timing: --max-sim-time ends it");
        cmp_ok(json(slurp($stats))->{cycles}, '<', 1_001_000, "$timing: ... at that time");
    }
}
# A trap counts as a step: stepi stops at the handler, and does not hang in a
# program that does nothing but trap.
($status, $out) = run_command("stepi 3\nstepi\nstepi 5\nassert instret == 3\n"
        . "assert \$pc == 0x8000000c\n", "$b/clockhand", $traps, '--monitor');
is($status, 0, 'stepi where every instruction traps') or diag($out);
($status, $out, $err) = guest('');
is("$status $out$err", '0 ', '--run with nothing to run');
($status, $out, $err) = guest('echo ' . 'x' x 60_000);
is($out, 'x' x 60_000 . "\n", '--run with a long command');
($status, $out, $err) = guest('x' x 65_536);
is($status, 2, '--run with a longer one is not cut short');
like($err, qr/^clockhand: --run: longer than 65535 bytes\n\z/, 'but refused');
($status, $out, $err) = guest('echo no', '--drive',
    spew(tmp('short.img'), substr slurp("$b/guest/root.img"), 0, 1 << 20));
is($status, 1, 'a root that cannot be mounted');
like($err, qr/\AKernel panic: .*blocks.*\n\z/, 'is reported without -v, too');
is(qx('$b/clockhand' --run 'cat | wc -c' <&-), "0\n", 'a closed standard input is empty');
spew(tmp('disk'), "\0" x 4096);
system("'$b/clockhand' --drive $b/guest/root.img,overlay --drive "
        . tmp('disk') . " --run 'echo here' >&-");
is(slurp(tmp('disk')), "\0" x 4096, 'what goes to a closed standard output reaches no disk');
$out = qx('$b/clockhand' --run 'echo here' 2>&1 >/dev/full);
is($out, "clockhand: standard output: No space left on device\n",
    'a full disk as standard output is reported');
is($? >> 8, 2, '... with status 2');
is(qx('$b/clockhand' --run 'yes' | head -1), "y\n",
    'a reader that closes the pipe ends an endless command');
# ---- a test that is ended early leaves nothing in /tmp ----
my $early = open my $says, '-|', $^X, '-Itests/lib', '-MClockhand', '-e',
    '$| = 1; print tmp(), "\n"; sleep 100' or die;
chomp(my $its = <$says>);
ok(-d $its, 'a test has a folder of its own');
kill TERM => $early;
close $says;
ok(!-e $its, '... and the folder is gone after a signal');

# ---- targets of make ----
my @targets = qw(all test bench experiments pressure soak suites clean install);
($status, $out, $err) = run_command('', qw(env -u MAKEFLAGS -u MAKELEVEL make -n), "B=$b",
    $ENV{SOAK} ? () : 'MAKE=:', @targets, qw(guest-lib debian web check));
is("$status $err", '0 ', "make -n @targets");

# cmocka prints "not ok 1 # SKIP" for a test that is skipped (if no guest is built).
mkdir $_ for map { tmp($_) } qw(b b/tests b/tests/unit);
for (['skips', 'not ok 1 # SKIP later', 0, qr/^skipped: \S*test_dram: later\n0 passed, 0 failed, 1 skipped$/m],
    ['fails', 'not ok 1 - sum', 0, qr/^0 passed, 1 failed, 0 skipped$/m],
    ['dies',  'ok 1 - sum',     3, qr/^1 passed, 1 failed, 0 skipped$/m]) {
    my ($what, $tap, $status, $like) = @$_;
    my $file = spew(tmp('b/tests/unit/test_dram'),
        "#!/bin/sh\necho 1..1\necho '$tap'\nexit $status\n");
    chmod 0755, $file;
    my (undef, $out) = run_command('', 'tests/run', tmp('b'), $file);
    like($out, $like, "a unit test that $what is counted so");
}
done_testing;
