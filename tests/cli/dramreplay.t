#!/usr/bin/perl
# SPDX-License-Identifier: MIT
# Tests dramreplay's command line, and compares its figures with those of two simulators.
use lib 'tests/lib';
use Clockhand;

my $tool = build() . '/dramreplay';

sub replay {
    my ($file, @options) = @_;
    my ($out, $err) = succeeds("status of @options", run_command('', $tool, @options, $file));
    return json($out);
}

sub near {
    my ($got, $low, $high, $part, $what) = @_;
    ok($got >= $low * (1 - $part) && $got <= $high * (1 + $part), $what)
        or diag("$got, not in $low to $high");
}

# Each trace runs on DDR4-2400R with one access outstanding. Its row has the least and
# the greatest latency in clocks that two simulators give, then row hits and GB/s.
my $seed = 7;
sub step { $seed = ($seed * 1103515245 + 12345) % 2**31; return $seed }
my @traces = (
    ['sequential', sub { $_[0] * 64 },               22.18, 22.19, .990, 3.46],
    ['random',     sub { (step() >> 8) % 2**20 * 64 }, 54.13, 54.31, .002, 1.42],
    ['one row',    sub { $_[0] % 128 * 64 },         22.06, 22.06, .997, 3.48],
    ['one bank',   sub { $_[0] * 2**20 % 2**33 },    57.58, 57.68, 0,    1.33],
);
for my $t (@traces) {
    my ($name, $at, $low, $high, $hits, $gbps) = @$t;
    my $file = spew(tmp("$name.trc"),
        join '', "# $name\n", map { sprintf "R 0x%x\n", $at->($_) } 0 .. 99_999);
    my $r = replay($file, '--part', 'ddr4-2400r', '--mode', 'serial:0');
    is($r->{accesses}, 100_000, "$name: accesses");
    near($r->{mean_latency_clocks}, $low, $high, .01, "$name: latency");
    near($r->{gbps}, $gbps, $gbps, .01, "$name: GB/s");
    ok(abs($r->{row_hit_rate} - $hits) <= .003, "$name: row hits") or diag($r->{row_hit_rate});
    # DRAM is refreshed every 9360 clocks; the run takes the mean latency times the accesses.
    near($r->{refreshes}, $r->{mean_latency_clocks} * 1e5 / 9360 - 2,
        $r->{mean_latency_clocks} * 1e5 / 9360 + 2, 0, "$name: refreshes");
}

my $gap = replay(tmp('random.trc'), '--part=ddr4-2400r', '--mode=serial:100');
ok($gap->{gbps} < .55 * 1.42, 'serial:100 leaves gaps');

# Runs STREAM's triad on DDR3-1600. Each row, from emu/time/accuracy.md, has for both
# modes the latencies of DRAMsim3, of Ramulator and of dramreplay. In the simulators a
# read comes one clock after a write (serial) or GAP clocks after it, at least one (paced).
my @start = (16_000_000, 32_000_000, 0);
my $triad = spew(tmp('triad.trc'), join '',
    map { sprintf "%s %x\n", $_ % 3 == 2 ? 'W' : 'R', $start[$_ % 3] + int($_ / 3) * 64 }
        0 .. 19_999);
my @table = slurp('emu/time/accuracy.md') =~ /^\| (\d+) \| ([\d.]+ \|.*[\d.]) \|$/mg;
is(@table, 12, 'six gaps');
while (my ($gap, $row) = splice @table, 0, 2) {
    my @is = split / \| /, $row;
    for my $mode (qw(serial paced)) {
        my ($dramsim3, $ramulator, $ours) = splice @is, 0, 3;
        my $r = replay($triad, '--part', 'ddr3-1600k', '--mode', "$mode:$gap");
        is(sprintf('%.2f', $r->{mean_latency_clocks}), $ours, "triad, $mode:$gap");
        near($ours, sort({ $a <=> $b } $dramsim3, $ramulator), .01, '... near the simulators');
    }
}
is(replay($triad, '--part', 'ddr3-1600k', '--mode', 'paced:0')->{clocks},
    replay($triad, '--part', 'ddr3-1600k', '--mode', 'serial:0')->{clocks},
    'paced:0 takes as long as serial:0, for after a write a clock passes in both');
my $writes = spew(tmp('w.trc'), "R 0\nW 40\nR 40\nR 80000040\n" x 100);
is(replay($writes, '--part', $_)->{accesses}, 400, $_) for `$tool --part list` =~ /^(\S+) +\d+ MHz/mg;
my (undef, $stdin) = run_command("R 40\n", $tool, '--part', 'ddr3-1600k', '-');
is(json($stdin)->{mean_latency_clocks} + 0, 27, 'standard input: one access, to a closed bank');

is(system("$tool $_ >/dev/full 2>/dev/null") >> 8, 2, "$_: a full disk") for '--part list', '--help';
sub refused {
    my ($what, $pattern, @args) = @_;
    my ($status, $out, $err) = run_command('', $tool, @args);
    ok($status == 2 && $out eq '' && $err =~ /^dramreplay: [^\n]*$pattern[^\n]*\n\z/,
        $what) or diag("status $status: $err");
}
refused('no part', 'missing', $writes);
refused('unknown part', 'no such DRAM', '--part', 'core', $writes);
refused('bad mode', 'serial:GAP', '--part', 'ddr4-2400r', '--mode', 'serial', $writes);
refused('bad gap', 'serial:GAP', '--part', 'ddr4-2400r', '--mode', 'serial:-1', $writes);
refused('no trace', 'missing', '--part', 'ddr4-2400r');
refused('two traces', 'one trace', '--part', 'ddr4-2400r', $writes, $writes);
refused('unknown option', 'unknown option', '--frob');
refused('no file', 'No such file', '--part', 'ddr4-2400r', tmp('nowhere'));
refused('a directory', 'directory', '--part', 'ddr4-2400r', '/tmp');
refused('a bad line', 'line 2', '--part', 'ddr4-2400r', spew(tmp('bad'), "R 10\nX 20\n"));
refused('two addresses on a line', 'line 1', '--part', 'ddr4-2400r', spew(tmp('bad'), "R 10 20\n"));
refused('a bad line behind 64 KiB', 'line 40002:', '--part', 'ddr4-2400r',
    spew(tmp('bad'), "# many\n" . "R 10\n" x 40000 . "R 1g\n"));
refused('an address of 65 bits', 'line 1', '--part', 'ddr4-2400r',
    spew(tmp('bad'), "W 0x10000000000000000\n"));
refused('no address', 'line 1', '--part', 'ddr4-2400r', spew(tmp('bad'), 'R'));

# dramreplay must understand lines that a read of the file cuts in two, blank lines,
# long comments, \r, and a last line without \n.
my @lines = map { ('R 0x1f40', "W\t  1F80  ", '', '# ' . 'x' x 300, "R 0040\r") } 1 .. 700;
my $r = replay(spew(tmp('lines'), join "\n", @lines), '--part', 'ddr4-2400r');
is("$r->{reads} $r->{writes}", '1400 700', 'lines of all kinds');

ok(slurp('emu/time/accuracy.md') =~ /\b$_\b/, "accuracy.md, which says what judges each part, names $_")
    for slurp('emu/time/dram/dram_parts.def') =~ /^PART\("([^"]+)/mg;
done_testing();
